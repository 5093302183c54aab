use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const NOW: i64 = 1_800_000_000;
const USER: &str = "2b1e9c1e-5a44-4c53-9d0e-0a4c1e0b8f11";
const SID: &str = "7d0c4a58-7ad0-4f3b-8f7b-6d5b3a7f2c22";

fn jwt() -> Jwt {
    Jwt::hs256(SECRET, "portcullis")
}

fn now() -> Timestamp {
    Timestamp::from_secs(NOW)
}

/// Polls a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the strategy waits for something"),
    }
}

fn read(token: &str) -> Result<ReadToken, TokenRejected> {
    ready(jwt().read(token, now()))
}

fn claims() -> Value {
    json!({"sub": USER, "aud": ["fastapi-users:auth"], "iss": "portcullis", "iat": NOW, "exp": NOW + 60, "jti": SID, "sid": SID})
}

fn with(member: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[member] = value;
    claims
}

fn without(member: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("an object").remove(member);
    claims
}

/// Signs whatever header and payload, as an attacker with the secret could.
fn forge_raw(header: &str, payload: &str, secret: &[u8]) -> String {
    let message = format!("{}.{}", B64.encode(header), B64.encode(payload));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    let tag = aws_lc_rs::hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", B64.encode(tag.as_ref()))
}

fn forge(claims: &Value) -> String {
    forge_raw(r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string(), SECRET)
}

#[test]
fn what_is_issued_reads_back() {
    let claims = AccessClaims {
        user_id: UserId(USER.parse().unwrap()),
        session_id: SessionId(SID.parse().unwrap()),
        token_id: TokenId(SID.parse().unwrap()),
        issued_at: now(),
        expires_at: Timestamp::from_secs(NOW + 60),
        impersonator: Some(UserId(SID.parse().unwrap())),
        generation: Some(3),
    };
    let token = ready(jwt().issue(&claims)).unwrap();
    assert_eq!(read(&token), Ok(ReadToken::Session(claims)));
    let payload = B64.decode(token.split('.').nth(1).unwrap()).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["aud"], json!(["fastapi-users:auth"]));
    assert_eq!(payload["impersonated_by"], SID);
    assert_eq!(payload["act"], json!({"sub": SID}));
    assert_eq!(payload.get("nbf"), None, "PyJWT allows no leeway for it");
}

#[test]
fn a_token_of_the_seed_is_a_legacy_token() {
    let login = json!({"sub": USER, "aud": ["fastapi-users:auth"], "exp": NOW + 60});
    let minted = json!({"sub": USER, "aud": "fastapi-users:auth", "iat": NOW, "exp": NOW + 60, "impersonated_by": SID});
    let device = json!({"sub": USER, "aud": "fastapi-users:auth", "iat": NOW, "exp": NOW + 60});
    let legacy = |claims: Value| match read(&forge(&claims)) {
        Ok(ReadToken::Legacy(legacy)) => legacy,
        other => panic!("{other:?}"),
    };
    assert_eq!(legacy(login.clone()).issued_at, None);
    assert!(!legacy(login).device);
    assert_eq!(legacy(minted.clone()).impersonator, Some(UserId(SID.parse().unwrap())));
    assert!(!legacy(minted).device);
    assert!(legacy(device).device);
    // Another program that shares the secret names its tokens as it likes.
    let named = json!({"sub": USER, "aud": "fastapi-users:auth", "exp": NOW + 60, "jti": "no uuid"});
    assert_eq!(legacy(named).issued_at, None);
}

#[test]
fn claims_that_are_missing_or_mistyped_are_refused() {
    use TokenRejected::{Audience, Claims, Expired, NotYet};
    let cases = [
        (without("exp"), Claims),
        (without("aud"), Claims),
        (without("sub"), Claims),
        (without("jti"), Claims),
        (without("iat"), Claims),
        (with("jti", json!("no uuid")), Claims),
        (with("jti", json!(7)), Claims),
        (with("exp", json!("9999999999")), Claims),
        (with("exp", json!(null)), Claims),
        (with("exp", json!([])), Claims),
        (with("exp", json!(1e300)), Claims),
        (with("exp", json!(-1)), Expired),
        (with("exp", json!(NOW)), Expired),
        (with("exp", json!(NOW - 1)), Expired),
        (with("aud", json!([])), Audience),
        (with("aud", json!(1)), Claims),
        (with("aud", json!({})), Claims),
        (with("aud", json!("somebody:else")), Audience),
        (with("aud", json!("fastapi-users:reset")), Audience),
        (with("nbf", json!(NOW + 3600)), NotYet),
        (with("nbf", json!((NOW + 3600).to_string())), Claims),
        (with("iat", json!(NOW + 3600)), NotYet),
        (with("iat", json!("soon")), Claims),
        (with("sub", json!("admin")), Claims),
        (with("sub", json!(7)), Claims),
        (with("sid", json!("x")), Claims),
    ];
    for (claims, expected) in cases {
        assert_eq!(read(&forge(&claims)), Err(expected), "{claims}");
    }
    for (skewed, member) in [(NOW + 5, "iat"), (NOW + 5, "nbf")] {
        assert!(read(&forge(&with(member, json!(skewed)))).is_ok(), "a replica's clock may be ahead by five seconds");
    }
}

#[test]
fn numbers_beyond_the_type_and_repeated_members_are_refused() {
    let header = r#"{"alg":"HS256"}"#;
    for payload in [
        format!(r#"{{"sub":"{USER}","aud":"fastapi-users:auth","exp":18446744073709551616}}"#),
        format!(r#"{{"sub":"{USER}","aud":"fastapi-users:auth","exp":NaN}}"#),
        format!(r#"{{"sub":"{USER}","aud":"fastapi-users:auth","exp":1,"exp":{}}}"#, NOW + 60),
        format!(r#"{{"sub":"{SID}","sub":"{USER}","aud":"fastapi-users:auth","exp":{}}}"#, NOW + 60),
    ] {
        assert_eq!(read(&forge_raw(header, &payload, SECRET)), Err(TokenRejected::Claims), "{payload}");
    }
}

#[test]
fn headers_that_ask_for_something_else_are_refused() {
    let payload = claims().to_string();
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"None"}"#,
        r#"{"alg":"nOnE"}"#,
        r#"{"alg":""}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"RS256"}"#,
        r#"{"alg":"HS256","crit":["x"]}"#,
        r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"typ":"JWT"}"#,
    ] {
        let refused = read(&forge_raw(header, &payload, SECRET));
        assert!(matches!(refused, Err(TokenRejected::Header | TokenRejected::Malformed)), "{header}: {refused:?}");
    }
    let unsigned = format!("{}.{}.", B64.encode(r#"{"alg":"none"}"#), B64.encode(payload.as_bytes()));
    assert!(read(&unsigned).is_err());
}

#[test]
fn other_keys_open_nothing_and_neither_does_a_changed_token() {
    for key in ["CHANGE-ME-IN-PRODUCTION", "CHANGE-ME-IN-PRODUCTION-SECRET!", "secret", "x"] {
        let forged = forge_raw(r#"{"alg":"HS256"}"#, &claims().to_string(), key.as_bytes());
        assert_eq!(read(&forged), Err(TokenRejected::Signature), "{key}");
    }
    let good = forge(&claims());
    assert!(read(&good).is_ok());
    for (at, byte) in good.bytes().enumerate() {
        let mut changed = good.clone().into_bytes();
        changed[at] = if byte == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        // The last character of the signature carries two bits that mean nothing; the decoder refuses them too.
        assert!(read(&changed).is_err(), "byte {at}");
    }
    for cut in 0..good.len() {
        assert!(read(&good[..cut]).is_err(), "cut at {cut}");
    }
    assert_eq!(read(&"a".repeat(8192)), Err(TokenRejected::Malformed));
    assert_eq!(read(""), Err(TokenRejected::Malformed));
}

mod any_bytes {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_pass(text in ".{0,300}") {
            prop_assert!(read(&text).is_err());
        }

        #[test]
        fn no_payload_makes_it_panic(payload in ".{0,300}") {
            let _either = read(&forge_raw(r#"{"alg":"HS256"}"#, &payload, SECRET));
        }
    }
}

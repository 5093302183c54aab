//! Tokens that nobody should accept (RFC 8725).

use crate::support::ME;
use portcullis_testkit::{Bearer, Identity, Person, SECRET, TestApp, forge};
use serde_json::{Value, json};
use std::time::Duration;

/// The claims of a token of ours that works.
fn claims(person: &Person) -> Value {
    forge::claims_of(person.bearer().text())
}

/// The same token with one claim changed, rightly signed.
fn with(person: &Person, name: &str, value: Value) -> Bearer {
    let mut claims = claims(person);
    claims[name] = value;
    person.app().bearer(forge::signed(&forge::plain_header(), &claims, SECRET.as_bytes()))
}

fn without(person: &Person, name: &str) -> Bearer {
    let mut claims = claims(person);
    claims.as_object_mut().unwrap().remove(name);
    person.app().bearer(forge::signed(&forge::plain_header(), &claims, SECRET.as_bytes()))
}

#[tokio::test]
async fn a_token_signed_by_hand_with_the_right_key_works_so_these_tests_can_fail() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let same = forge::signed(&forge::plain_header(), &claims(&ada), SECRET.as_bytes());
    app.bearer(same).get(ME).await.expect(200);
    with(&ada, "aud", json!("fastapi-users:auth")).get(ME).await.expect(200);
    with(&ada, "aud", json!(["another", "fastapi-users:auth"])).get(ME).await.expect(200);
    with(&ada, "extra", json!({"harmless": true})).get(ME).await.expect(200);
}

#[tokio::test]
async fn no_algorithm_is_no_signature() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for alg in ["none", "None", "nOnE", "NONE", ""] {
        let header = json!({"alg": alg, "typ": "JWT"});
        app.bearer(forge::unsigned(&header, &claims(&admin))).get(ME).await.refused(401, "Unauthorized");
        app.bearer(forge::signed(&header, &claims(&admin), SECRET.as_bytes()))
            .get(ME)
            .await
            .refused(401, "Unauthorized");
    }
    let unsigned = forge::unsigned(&forge::plain_header(), &claims(&admin));
    app.bearer(unsigned.clone()).get(ME).await.refused(401, "Unauthorized");
    app.bearer(unsigned.trim_end_matches('.')).get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn published_keys_sign_nothing() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let published = [
        "CHANGE-ME-IN-PRODUCTION",
        "CHANGE-ME-IN-PRODUCTION-SECRET!",
        "CHANGE-ME-RESET",
        "CHANGE-ME-VERIFY",
        "SECRET",
        "secret",
        "",
    ];
    for (peer, key) in (0..).zip(published) {
        let forged = app.bearer(forge::signed(&forge::plain_header(), &claims(&admin), key.as_bytes()));
        let answer = forged.get(ME).from(std::net::Ipv4Addr::new(198, 51, 100, peer)).await;
        assert_eq!(answer.trail().await, ["session.token_refused refused TOKEN_SIGNATURE"], "an attack leaves a row");
        answer.refused(401, "Unauthorized");
    }
}

#[tokio::test]
async fn a_token_without_an_end_or_with_a_strange_one_is_refused() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    without(&ada, "exp").get(ME).await.refused(401, "Unauthorized");
    for exp in [
        json!("9999999999"),
        json!(null),
        json!(1e300),
        json!(-1),
        json!([]),
        json!({}),
        json!(true),
        json!(9_999_999_999.5),
    ] {
        with(&ada, "exp", exp.clone()).get(ME).await.refused(401, "Unauthorized");
    }
    for raw in ["NaN", "18446744073709551616", "1e999"] {
        let text = claims(&ada).to_string().replacen(
            &format!("\"exp\":{}", claims(&ada)["exp"]),
            &format!("\"exp\":{raw}"),
            1,
        );
        assert!(text.contains(raw));
        let token = forge::signed_text(&forge::plain_header().to_string(), &text, SECRET.as_bytes());
        app.bearer(token).get(ME).await.refused(401, "Unauthorized");
    }
    let twice = claims(&ada).to_string().replacen('{', "{\"exp\":1,", 1);
    let token = forge::signed_text(&forge::plain_header().to_string(), &twice, SECRET.as_bytes());
    app.bearer(token).get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn a_later_end_than_the_sessions_own_wins_nothing() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let longer = with(&ada, "exp", json!(claims(&ada)["exp"].as_i64().unwrap() + 86_400));
    longer.get(ME).await.expect(200);
    app.clock().advance(Duration::from_secs(3600));
    longer.get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn a_token_for_somebody_else_is_refused() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    without(&ada, "aud").get(ME).await.refused(401, "Unauthorized");
    for aud in [
        json!([]),
        json!(1),
        json!({}),
        json!(null),
        json!("another"),
        json!(["another"]),
        json!([1]),
        json!("fastapi-users:reset"),
    ] {
        with(&ada, "aud", aud).get(ME).await.refused(401, "Unauthorized");
    }
}

#[tokio::test]
async fn a_token_is_over_without_leeway_and_has_not_begun_before_its_time() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let now = claims(&ada)["iat"].as_i64().unwrap();
    for ago in [0, 1, 6, 31, 59, 61] {
        with(&ada, "exp", json!(now - ago)).get(ME).await.refused(401, "Unauthorized");
    }
    with(&ada, "nbf", json!(now + 3600)).get(ME).await.refused(401, "Unauthorized");
    with(&ada, "nbf", json!((now + 3600).to_string())).get(ME).await.refused(401, "Unauthorized");
    with(&ada, "iat", json!(now + 3600)).get(ME).await.refused(401, "Unauthorized");
    with(&ada, "iat", json!("now")).get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn what_a_header_asks_for_is_not_done() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let signed = |header: Value| app.bearer(forge::signed(&header, &claims(&ada), SECRET.as_bytes()));
    for extension in
        [json!({"crit": ["x"]}), json!({"crit": ["b64"], "b64": false}), json!({"crit": []}), json!({"crit": "x"})]
    {
        let mut header = forge::plain_header();
        header.as_object_mut().unwrap().extend(extension.as_object().unwrap().clone());
        signed(header).get(ME).await.refused(401, "Unauthorized");
    }
    for alg in ["HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256"] {
        signed(json!({"alg": alg, "typ": "JWT"})).get(ME).await.refused(401, "Unauthorized");
    }
    // A name or a place of a key is not followed: the one key of the deployment decides.
    let wrong_key =
        |header: Value| app.bearer(forge::signed(&header, &claims(&ada), b"another key of thirty-two bytes!"));
    for place in [
        json!({"kid": "../../../dev/null"}),
        json!({"kid": "' OR 1=1--"}),
        json!({"jku": "https://evil.example/jwks"}),
        json!({"x5u": "https://evil.example/x5u"}),
        json!({"jwk": {"kty": "oct", "k": "AAAA"}}),
    ] {
        let mut header = forge::plain_header();
        header.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
        wrong_key(header).get(ME).await.refused(401, "Unauthorized");
    }
}

#[tokio::test]
async fn what_only_looks_like_a_token_is_refused() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let token = ada.bearer().text().to_owned();
    let parts: Vec<_> = token.split('.').collect();
    let end = if token.ends_with('A') { "B" } else { "A" };
    for odd in [
        parts[..2].join("."),
        format!("{token}.{}", parts[0]),
        format!(".{}.", parts[1]),
        "..".into(),
        "a.b.c".into(),
        format!("{}.{}.{}", parts[0], parts[0], parts[2]),
        "x".repeat(8192),
        format!("{}{end}", &token[..token.len() - 5]),
    ] {
        app.bearer(odd).get(ME).await.refused(401, "Unauthorized");
    }
}

#[tokio::test]
async fn a_token_of_one_person_opens_nobody_else() {
    let app = TestApp::new().await;
    let (ada, admin) = (app.user("ada").await, app.admin().await);
    // Whoever has the key can sign anything; but a session is a row, and it names its owner.
    with(&ada, "sub", json!(admin.id().to_string())).get(ME).await.refused(401, "Unauthorized");
    with(&ada, "sid", json!(claims(&admin)["sid"])).get(ME).await.refused(401, "Unauthorized");
    with(&ada, "sid", json!("00000000-0000-4000-8000-000000000000")).get(ME).await.refused(401, "Unauthorized");
    with(&ada, "act", json!({"sub": admin.id().to_string()})).get(ME).await.refused(401, "Unauthorized");
    without(&ada, "sid").get(ME).await.refused(401, "Unauthorized");
    for sub in [json!(null), json!(1), json!("ada"), json!([])] {
        with(&ada, "sub", sub).get(ME).await.refused(401, "Unauthorized");
    }
    let minted = admin.mint(&ada).await;
    let mut stripped = forge::claims_of(minted.text());
    stripped.as_object_mut().unwrap().remove("act");
    stripped.as_object_mut().unwrap().remove("impersonated_by");
    let stripped = forge::signed(&forge::plain_header(), &stripped, SECRET.as_bytes());
    app.bearer(stripped).get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn a_value_of_one_purpose_opens_no_other() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let nobody = app.anonymous();
    nobody.post_json("/auth/forgot-password", &json!({"email": ada.email()})).await.expect(202);
    let reset = app.mailbox().token(ada.email());
    nobody.post_json("/auth/request-verify-token", &json!({"email": ada.email()})).await.expect(202);
    let verify = app.mailbox().token(ada.email());
    let started = nobody.post("/auth/cli-login").await.expect(200).json();
    let secret = started["secret"].as_str().unwrap().to_owned();
    let access = ada.bearer().text().to_owned();

    for value in [&reset, &verify, &secret] {
        app.bearer(value.as_str()).get(ME).await.refused(401, "Unauthorized");
    }
    for value in [&reset, &secret, &access] {
        nobody.post_json("/auth/verify", &json!({"token": value})).await.refused(400, "VERIFY_USER_BAD_TOKEN");
    }
    for value in [&verify, &secret, &access] {
        let body = json!({"token": value, "password": "another passphrase"});
        nobody.post_json("/auth/reset-password", &body).await.refused(400, "RESET_PASSWORD_BAD_TOKEN");
    }
    for value in [&reset, &verify, &access] {
        let poll = format!("/auth/cli-login/{}?secret={value}", started["code"].as_str().unwrap());
        nobody.get(&poll).await.refused(404, "Challenge not found");
    }
    assert_eq!(ada.get(ME).await.expect(200).json()["is_verified"], false);
}

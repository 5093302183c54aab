//! Which access tokens are taken: the acceptance rules of a deployment that shares its secret, tried with forged tokens.
//!
//! The tokens have no session, as those of the seed have none, so the server under test is told to take such tokens. Each is sent
//! to `GET /users/me`.

use std::sync::Arc;

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::exchange::{Exchange, get, person};
use super::forge;
use super::world::World;

/// The exchanges, in order.
pub fn script() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["tokens.register-pia", "tokens.login-pia", "pia_id", "pia"], "pia@example.com"));
    script.extend(as_made());
    script.extend(audience());
    script.extend(expiry());
    script.extend(not_before());
    script.extend(subject());
    script.extend(headers());
    script.extend(signatures());
    script.extend(shapes());
    script
}

/// The exchange that shows what a fresh server makes of a token without a session.
pub fn on_a_fresh_database() -> Vec<Exchange> {
    let mut script = Vec::from(person(["tokens.register-leo", "tokens.login-leo", "leo_id", "leo"], "leo@example.com"));
    script.push(get("tokens.without-session-on-fresh-database", "/users/me").bearer_made(|world| {
        let claims = json!({"sub": world.value("leo_id"), "aud": ["fastapi-users:auth"], "exp": forge::now() + 600});
        forge::signed(&forge::plain_header(), &claims, world.peer.secret().as_bytes())
    }));
    script
}

/// Claims as a login of the seed makes them.
fn login_claims(world: &World) -> Value {
    json!({"sub": world.value("pia_id"), "aud": ["fastapi-users:auth"], "exp": forge::now() + 600})
}

fn sign(world: &World, claims: &Value) -> String {
    forge::signed(&forge::plain_header(), claims, world.peer.secret().as_bytes())
}

fn me(id: &'static str, make: impl Fn(&World) -> String + Send + Sync + 'static) -> Exchange {
    get(id, "/users/me").bearer_made(make)
}

/// A login's claims with these members set; a `null` removes one.
fn with(id: &'static str, changes: impl Fn() -> Value + Send + Sync + 'static) -> Exchange {
    me(id, move |world| sign(world, &changed(login_claims(world), &changes())))
}

fn changed(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().expect("changes are an object") {
        if value.is_null() {
            claims.as_object_mut().expect("claims are an object").remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn as_made() -> Vec<Exchange> {
    vec![
        with("tokens.as-login", || json!({})),
        with("tokens.as-device", || json!({"aud": "fastapi-users:auth", "iat": forge::now()})),
        me("tokens.as-minted", |world| {
            let claims =
                json!({"aud": "fastapi-users:auth", "iat": forge::now(), "impersonated_by": world.value("admin_id")});
            sign(world, &changed(login_claims(world), &claims))
        }),
        with("tokens.extra-claims", || json!({"jti": "x", "name": "Pia", "roles": ["admin"], "is_superuser": true})),
    ]
}

fn audience() -> Vec<Exchange> {
    vec![
        with("tokens.aud-string", || json!({"aud": "fastapi-users:auth"})),
        with("tokens.aud-among-others", || json!({"aud": ["other", "fastapi-users:auth"]})),
        with("tokens.aud-missing", || json!({"aud": null})),
        with("tokens.aud-other", || json!({"aud": "other"})),
        with("tokens.aud-reset", || json!({"aud": "fastapi-users:reset"})),
        with("tokens.aud-verify", || json!({"aud": ["fastapi-users:verify"]})),
        with("tokens.aud-empty", || json!({"aud": []})),
        with("tokens.aud-number", || json!({"aud": 1})),
        with("tokens.aud-object", || json!({"aud": {"fastapi-users:auth": true}})),
        with("tokens.aud-list-with-number", || json!({"aud": ["fastapi-users:auth", 1]})),
    ]
}

fn expiry() -> Vec<Exchange> {
    vec![
        with("tokens.exp-missing", || json!({"exp": null})),
        with("tokens.exp-numeric-string", || json!({"exp": (forge::now() + 600).to_string()})),
        with(
            "tokens.exp-float",
            || json!({"exp": format!("{}.5", forge::now() + 600).parse::<f64>().expect("a number")}),
        ),
        with("tokens.exp-word", || json!({"exp": "soon"})),
        with("tokens.exp-list", || json!({"exp": []})),
        with("tokens.exp-true", || json!({"exp": true})),
        with("tokens.exp-zero", || json!({"exp": 0})),
        with("tokens.exp-negative", || json!({"exp": -1})),
        with("tokens.exp-past-an-hour", || json!({"exp": forge::now() - 3600})),
        with("tokens.exp-past-10", || json!({"exp": forge::now() - 10})),
        with("tokens.exp-2-to-64", || json!({"exp": 18_446_744_073_709_551_616.0_f64})),
        with("tokens.exp-far-away", || json!({"exp": 9_999_999_999_u64})),
    ]
}

fn not_before() -> Vec<Exchange> {
    vec![
        with("tokens.nbf-past", || json!({"nbf": forge::now() - 10})),
        with("tokens.nbf-future", || json!({"nbf": forge::now() + 300})),
        with("tokens.nbf-future-string", || json!({"nbf": (forge::now() + 300).to_string()})),
        with("tokens.nbf-word", || json!({"nbf": "now"})),
        with("tokens.iat-past", || json!({"iat": forge::now() - 10})),
        with("tokens.iat-future", || json!({"iat": forge::now() + 300})),
        with("tokens.iat-word", || json!({"iat": "now"})),
        with("tokens.iat-numeric-string", || json!({"iat": (forge::now() - 10).to_string()})),
        with(
            "tokens.iat-float",
            || json!({"iat": format!("{}.5", forge::now() - 10).parse::<f64>().expect("a number")}),
        ),
        with("tokens.iss-other", || json!({"iss": "https://elsewhere.example.com"})),
        with("tokens.iss-number", || json!({"iss": 7})),
    ]
}

fn subject() -> Vec<Exchange> {
    let spelt = |id, spell: fn(String) -> String| {
        let spell = Arc::new(spell);
        me(id, move |world| sign(world, &changed(login_claims(world), &json!({"sub": spell(world.value("pia_id"))}))))
    };
    vec![
        spelt("tokens.sub-upper-case", |id| id.to_uppercase()),
        spelt("tokens.sub-without-hyphens", |id| id.replace('-', "")),
        spelt("tokens.sub-braces", |id| format!("{{{id}}}")),
        spelt("tokens.sub-urn", |id| format!("urn:uuid:{id}")),
        spelt("tokens.sub-with-space", |id| format!(" {id}")),
        with("tokens.sub-missing", || json!({"sub": null})),
        with("tokens.sub-empty", || json!({"sub": ""})),
        with("tokens.sub-number", || json!({"sub": 7})),
        with("tokens.sub-list", || json!({"sub": []})),
        with("tokens.sub-word", || json!({"sub": "pia@example.com"})),
        with("tokens.sub-unknown", || json!({"sub": "00000000-0000-4000-8000-000000000000"})),
        with("tokens.jti-number", || json!({"jti": 7})),
    ]
}

fn headers() -> Vec<Exchange> {
    let headed = |id, header: Value| {
        me(id, move |world| forge::signed(&header, &login_claims(world), world.peer.secret().as_bytes()))
    };
    vec![
        headed("tokens.no-typ", json!({"alg": "HS256"})),
        headed("tokens.other-typ", json!({"alg": "HS256", "typ": "at+jwt"})),
        headed("tokens.kid", json!({"alg": "HS256", "typ": "JWT", "kid": "../../../dev/null"})),
        headed("tokens.kid-number", json!({"alg": "HS256", "typ": "JWT", "kid": 7})),
        headed("tokens.kid-sql", json!({"alg": "HS256", "typ": "JWT", "kid": "' OR 1=1--"})),
        headed("tokens.crit-unknown", json!({"alg": "HS256", "typ": "JWT", "crit": ["x"], "x": true})),
        headed("tokens.jku", json!({"alg": "HS256", "typ": "JWT", "jku": "http://127.0.0.1:9/"})),
        headed("tokens.alg-lower-case", json!({"alg": "hs256", "typ": "JWT"})),
        headed("tokens.alg-missing", json!({"typ": "JWT"})),
        headed("tokens.alg-says-hs512", json!({"alg": "HS512", "typ": "JWT"})),
        headed("tokens.alg-says-rs256", json!({"alg": "RS256", "typ": "JWT"})),
        me("tokens.hs384", |world| {
            let (header, claims) = (json!({"alg": "HS384", "typ": "JWT"}), login_claims(world).to_string());
            forge::signed_by(hmac::HMAC_SHA384, &header, &claims, world.peer.secret().as_bytes())
        }),
        me("tokens.hs512", |world| {
            let (header, claims) = (json!({"alg": "HS512", "typ": "JWT"}), login_claims(world).to_string());
            forge::signed_by(hmac::HMAC_SHA512, &header, &claims, world.peer.secret().as_bytes())
        }),
        me("tokens.alg-none", |world| forge::unsigned(&json!({"alg": "none"}), &login_claims(world))),
        me("tokens.alg-none-mixed-case", |world| forge::unsigned(&json!({"alg": "nOnE"}), &login_claims(world))),
        me("tokens.alg-empty", |world| forge::unsigned(&json!({"alg": ""}), &login_claims(world))),
        me("tokens.hs256-unsigned", |world| forge::unsigned(&forge::plain_header(), &login_claims(world))),
    ]
}

fn signatures() -> Vec<Exchange> {
    let keyed =
        |id, key: &'static [u8]| me(id, move |world| forge::signed(&forge::plain_header(), &login_claims(world), key));
    vec![
        keyed("tokens.other-key", b"another-secret-of-thirty-two-bytes!!"),
        keyed("tokens.published-key", b"CHANGE-ME-IN-PRODUCTION-SECRET!"),
        keyed("tokens.readme-key", b"CHANGE-ME-IN-PRODUCTION"),
        keyed("tokens.key-of-reset", b"CHANGE-ME-RESET"),
        keyed("tokens.empty-key", b""),
        me("tokens.signature-padded", |world| sign(world, &login_claims(world)) + "="),
        me("tokens.signature-changed", |world| {
            let token = sign(world, &login_claims(world));
            let (signed, signature) = token.rsplit_once('.').expect("three parts");
            let first = if signature.starts_with('A') { 'B' } else { 'A' };
            format!("{signed}.{first}{}", &signature[1..])
        }),
        me("tokens.signature-cut", |world| {
            let mut token = sign(world, &login_claims(world));
            token.truncate(token.len() - 4);
            token
        }),
        me("tokens.claims-changed", |world| {
            let good = sign(world, &login_claims(world));
            let other = sign(world, &changed(login_claims(world), &json!({"sub": world.value("admin_id")})));
            let (good, other): (Vec<_>, Vec<_>) = (good.split('.').collect(), other.split('.').collect());
            format!("{}.{}.{}", good[0], other[1], good[2])
        }),
    ]
}

fn shapes() -> Vec<Exchange> {
    let raw = |id, claims: &'static str| {
        me(id, move |world| {
            forge::signed_by(hmac::HMAC_SHA256, &forge::plain_header(), claims, world.peer.secret().as_bytes())
        })
    };
    vec![
        raw("tokens.claims-not-json", "x"),
        raw("tokens.claims-list", "[]"),
        raw("tokens.claims-empty-object", "{}"),
        raw("tokens.claims-string", "\"x\""),
        me("tokens.two-parts", |world| {
            sign(world, &login_claims(world)).rsplit_once('.').expect("three parts").0.into()
        }),
        me("tokens.four-parts", |world| sign(world, &login_claims(world)) + ".x"),
        me("tokens.only-dots", |_| "..".into()),
        me("tokens.claims-twice-sub", |world| {
            let claims = format!(
                r#"{{"sub":"{}","sub":"{}","aud":["fastapi-users:auth"],"exp":{}}}"#,
                world.value("admin_id"),
                world.value("pia_id"),
                forge::now() + 600
            );
            forge::signed_by(hmac::HMAC_SHA256, &forge::plain_header(), &claims, world.peer.secret().as_bytes())
        }),
    ]
}

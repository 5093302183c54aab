//! Forgotten passwords and address verification: the two routers the package configures and leaves unmounted.

use super::exchange::{Exchange, PASSWORD, get, patch, person, post};
use super::forge;

/// The exchanges, in order. `${admin}` is a superuser's token.
pub fn script() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["reset.register-rea", "reset.login-rea", "rea_id", "rea"], "rea@example.com"));
    script.extend(person(["reset.register-off", "reset.login-off", "off_id", "off"], "off@example.com"));
    script.push(patch("reset.deactivate-off", "/users/${off_id}").bearer("admin").json(r#"{"is_active":false}"#));
    script.extend(forgot());
    script.extend(reset());
    script.extend(request_verify());
    script.extend(verify());
    script
}

fn forgot() -> Vec<Exchange> {
    let forgot = |id| post(id, "/auth/forgot-password");
    vec![
        forgot("forgot.unknown").json(r#"{"email":"nobody@example.com"}"#),
        forgot("forgot.inactive").json(r#"{"email":"off@example.com"}"#),
        forgot("forgot.malformed").json(r#"{"email":"x"}"#),
        forgot("forgot.null").json(r#"{"email":null}"#),
        forgot("forgot.number").json(r#"{"email":7}"#),
        forgot("forgot.missing").json("{}"),
        forgot("forgot.no-body"),
        forgot("forgot.array").json("[]"),
        forgot("forgot.cut-off").json("{"),
        forgot("forgot.bare-string").json(r#""rea@example.com""#),
        forgot("forgot.form").form("email=rea%40example.com"),
        forgot("forgot.known").json(r#"{"email":"rea@example.com"}"#).save_delivered(
            "reset_1",
            "reset",
            "rea@example.com",
        ),
        forgot("forgot.known-other-case").json(r#"{"email":"REA@example.com"}"#).save_delivered(
            "reset_2",
            "reset",
            "rea@example.com",
        ),
    ]
}

fn reset() -> Vec<Exchange> {
    let reset = |id, body: &str| post(id, "/auth/reset-password").json(body);
    let login = |id, password: &str| {
        post(id, "/auth/jwt/login").form(&format!("username=rea%40example.com&password={password}"))
    };
    vec![
        reset("reset.empty-token", r#"{"token":"","password":"copper-harbour-52"}"#),
        reset("reset.garbage-token", r#"{"token":"garbage","password":"copper-harbour-52"}"#),
        reset("reset.long-token", &format!(r#"{{"token":"{}","password":"copper-harbour-52"}}"#, "a".repeat(10_000))),
        reset("reset.null-token", r#"{"token":null,"password":"copper-harbour-52"}"#),
        reset("reset.number-token", r#"{"token":7,"password":"copper-harbour-52"}"#),
        reset("reset.without-token", r#"{"password":"copper-harbour-52"}"#),
        reset("reset.without-password", r#"{"token":"x"}"#),
        reset("reset.null-password", r#"{"token":"x","password":null}"#),
        reset("reset.empty-object", "{}"),
        reset("reset.array", "[]"),
        reset("reset.cut-off", "{"),
        post("reset.no-body", "/auth/reset-password"),
        post("reset.form", "/auth/reset-password").form("token=x&password=y"),
        post("reset.access-token", "/auth/reset-password").json(r#"{"token":"${rea}","password":"copper-harbour-52"}"#),
        reset("reset.short-password", r#"{"token":"${reset_2}","password":"abc"}"#),
        login("reset.login-unchanged-or-short", PASSWORD),
        post("reset.forgot-again", "/auth/forgot-password").json(r#"{"email":"rea@example.com"}"#).save_delivered(
            "reset_3",
            "reset",
            "rea@example.com",
        ),
        reset("reset.good", r#"{"token":"${reset_3}","password":"copper-harbour-52"}"#),
        reset("reset.again", r#"{"token":"${reset_3}","password":"copper-harbour-53"}"#),
        reset("reset.older-token", r#"{"token":"${reset_1}","password":"copper-harbour-53"}"#),
        login("reset.login-old-password", PASSWORD),
        login("reset.login-new-password", "copper-harbour-52").save("rea_new", "/access_token"),
        get("reset.token-from-before", "/users/me").bearer("rea"),
        get("reset.token-as-bearer", "/users/me").bearer("reset_3"),
        post("reset.forgot-then-change", "/auth/forgot-password")
            .json(r#"{"email":"rea@example.com"}"#)
            .save_delivered("reset_4", "reset", "rea@example.com"),
        patch("reset.change-password", "/users/me").bearer("rea_new").json(&format!(r#"{{"password":"{PASSWORD}"}}"#)),
        reset("reset.after-change", r#"{"token":"${reset_4}","password":"copper-harbour-54"}"#),
        login("reset.login-at-the-end", PASSWORD).save("rea", "/access_token"),
    ]
}

fn request_verify() -> Vec<Exchange> {
    let request = |id| post(id, "/auth/request-verify-token");
    vec![
        request("request-verify.unknown").json(r#"{"email":"nobody@example.com"}"#),
        request("request-verify.inactive").json(r#"{"email":"off@example.com"}"#),
        request("request-verify.malformed").json(r#"{"email":"x"}"#),
        request("request-verify.missing").json("{}"),
        request("request-verify.no-body"),
        request("request-verify.cut-off").json("{"),
        request("request-verify.known").json(r#"{"email":"rea@example.com"}"#).save_delivered(
            "verify_1",
            "verify",
            "rea@example.com",
        ),
        request("request-verify.known-again").json(r#"{"email":"rea@example.com"}"#).save_delivered(
            "verify_2",
            "verify",
            "rea@example.com",
        ),
    ]
}

fn verify() -> Vec<Exchange> {
    let verify = |id, body: &str| post(id, "/auth/verify").json(body);
    vec![
        verify("verify.empty-token", r#"{"token":""}"#),
        verify("verify.garbage-token", r#"{"token":"garbage"}"#),
        verify("verify.null-token", r#"{"token":null}"#),
        verify("verify.number-token", r#"{"token":7}"#),
        verify("verify.missing", "{}"),
        verify("verify.array", "[]"),
        verify("verify.cut-off", "{"),
        post("verify.no-body", "/auth/verify"),
        verify("verify.access-token", r#"{"token":"${rea}"}"#),
        verify("verify.reset-token", r#"{"token":"${reset_4}"}"#),
        get("verify.token-as-bearer", "/users/me").bearer("verify_2"),
        verify("verify.good", r#"{"token":"${verify_2}"}"#),
        verify("verify.again", r#"{"token":"${verify_2}"}"#),
        get("verify.me", "/users/me").bearer("rea"),
        post("request-verify.already", "/auth/request-verify-token").json(r#"{"email":"rea@example.com"}"#),
        patch("verify.change-address", "/users/me").bearer("rea").json(r#"{"email":"rea2@example.com"}"#),
        verify("verify.older-token-of-other-address", r#"{"token":"${verify_1}"}"#),
        // A verification token as the seed makes it, under the published default of its verification secret.
        post("verify.forged-with-published-secret", "/auth/verify").body_made("application/json", |world| {
            let claims = serde_json::json!({
                "sub": world.value("rea_id"), "email": "rea2@example.com", "aud": "fastapi-users:verify", "exp": forge::now() + 600,
            });
            let token = forge::signed(&forge::plain_header(), &claims, b"CHANGE-ME-VERIFY");
            serde_json::json!({ "token": token }).to_string()
        }),
    ]
}

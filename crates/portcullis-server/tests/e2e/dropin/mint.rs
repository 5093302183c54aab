//! `POST /admin/users/{user_id}/token`: a superuser makes a token in somebody's name.

use super::exchange::{Exchange, delete, get, patch, person, post};

/// The exchanges, in order. `${admin}` is a superuser's token.
pub fn script() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["mint.register-max", "mint.login-max", "max_id", "max"], "max@example.com"));
    script.extend(person(["mint.register-sue", "mint.login-sue", "sue_id", "sue"], "sue@example.com"));
    script.extend(who_may());
    script.extend(what_it_opens());
    script.extend(when_it_ends());
    script
}

fn who_may() -> Vec<Exchange> {
    let unknown = "/admin/users/00000000-0000-4000-8000-000000000000/token";
    vec![
        post("mint.anonymous", "/admin/users/${max_id}/token"),
        post("mint.anonymous-malformed", "/admin/users/zzz/token"),
        post("mint.garbage-token", "/admin/users/${max_id}/token").header("authorization", "Bearer garbage"),
        post("mint.as-user", "/admin/users/${max_id}/token").bearer("max"),
        post("mint.as-user-unknown", unknown).bearer("max"),
        post("mint.as-user-malformed", "/admin/users/zzz/token").bearer("max"),
        post("mint.unknown", unknown).bearer("admin"),
        post("mint.malformed", "/admin/users/zzz/token").bearer("admin"),
        post("mint.not-utf8", "/admin/users/%FF/token").bearer("admin"),
        post("mint.not-utf8-anonymous", "/admin/users/%FF/token"),
        post("mint.upper-case-id", "/admin/users/${max_id|upper}/token").bearer("admin"),
        post("mint.plain-id", "/admin/users/${max_id|plain}/token").bearer("admin"),
        post("mint.urn-id", "/admin/users/urn:uuid:${max_id}/token").bearer("admin"),
        post("mint.with-body", "/admin/users/${max_id}/token")
            .bearer("admin")
            .json(r#"{"expires_in":1000000000,"sub":"x"}"#),
        post("mint.with-garbage", "/admin/users/${max_id}/token").bearer("admin").json("{"),
        post("mint.good", "/admin/users/${max_id}/token").bearer("admin").save("minted", "/access_token"),
        get("mint.admin-me", "/users/me").bearer("admin").save("admin_id", "/id"),
        post("mint.self", "/admin/users/${admin_id}/token").bearer("admin"),
    ]
}

fn what_it_opens() -> Vec<Exchange> {
    vec![
        get("mint.me", "/users/me").bearer("minted"),
        post("mint.start-device", "/auth/cli-login").save("mc", "/code").save("ms", "/secret"),
        patch("mint.approves-device", "/auth/cli-login/${mc}").bearer("minted"),
        post("mint.start-device-2", "/auth/cli-login").save("mc2", "/code"),
        delete("mint.rejects-device", "/auth/cli-login/${mc2}").bearer("minted"),
        patch("mint.changes-nothing", "/users/me").bearer("minted").json("{}"),
        patch("mint.changes-email", "/users/me").bearer("minted").json(r#"{"email":"max2@example.com"}"#),
        patch("mint.changes-password", "/users/me").bearer("minted").json(r#"{"password":"willow-cinder-74"}"#),
        // The seed changed what ours refused; from here on both have the same account again.
        patch("mint.restore", "/users/${max_id}")
            .bearer("admin")
            .json(r#"{"email":"max3@example.com","is_verified":true}"#),
        get("mint.minted-reads-users", "/users/${sue_id}").bearer("minted"),
        patch("mint.promote-sue", "/users/${sue_id}").bearer("admin").json(r#"{"is_superuser":true}"#),
        post("mint.other-superuser", "/admin/users/${sue_id}/token")
            .bearer("admin")
            .save("minted_sue", "/access_token"),
        post("mint.chained", "/admin/users/${max_id}/token").bearer("minted_sue"),
        get("mint.minted-superuser-reads", "/users/${max_id}").bearer("minted_sue"),
        patch("mint.minted-superuser-changes", "/users/${max_id}").bearer("minted_sue").json(r#"{"is_verified":true}"#),
    ]
}

fn when_it_ends() -> Vec<Exchange> {
    vec![
        post("mint.by-sue", "/admin/users/${max_id}/token").bearer("sue").save("minted_by_sue", "/access_token"),
        get("mint.by-sue-works", "/users/me").bearer("minted_by_sue"),
        patch("mint.demote-sue", "/users/${sue_id}").bearer("admin").json(r#"{"is_superuser":false}"#),
        get("mint.by-demoted", "/users/me").bearer("minted_by_sue"),
        post("mint.logout", "/auth/jwt/logout").bearer("minted"),
        get("mint.after-logout", "/users/me").bearer("minted"),
        patch("mint.deactivate-max", "/users/${max_id}").bearer("admin").json(r#"{"is_active":false}"#),
        post("mint.inactive", "/admin/users/${max_id}/token").bearer("admin"),
        get("mint.token-of-inactive", "/users/me").bearer("minted"),
    ]
}

//! `/users/me` and `/users/{id}`: reading, changing, deactivating and deleting, and the order of the checks.

use super::exchange::{Exchange, PASSWORD, delete, get, patch, person, post};

/// An id nobody has.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The exchanges, in order. `${admin}` is a superuser's token.
pub fn script() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["users.register-uma", "users.login-uma", "uma_id", "uma"], "uma@example.com"));
    script.extend(person(["users.register-ben", "users.login-ben", "ben_id", "ben"], "ben@example.com"));
    script.extend(me());
    script.extend(me_password());
    script.extend(access());
    script.extend(ids());
    script.extend(changes());
    script.extend(deactivation());
    script.extend(deletion());
    script.extend(superusers());
    script
}

fn me() -> Vec<Exchange> {
    let change = |id, body: &str| patch(id, "/users/me").bearer("uma").json(body);
    vec![
        get("me.read", "/users/me").bearer("uma"),
        get("me.read-with-query", "/users/me?x=1").bearer("uma"),
        change("me.empty-object", "{}"),
        change("me.flags-ignored", r#"{"is_superuser":true,"is_verified":true,"is_active":false}"#),
        change("me.flag-wrong", r#"{"is_superuser":"maybe"}"#),
        change("me.unknown-field", r#"{"id":"x","hashed_password":"x","roles":["admin"]}"#),
        change("me.password-null", r#"{"password":null}"#),
        change("me.email-null", r#"{"email":null}"#),
        change("me.active-null", r#"{"is_active":null}"#),
        change("me.superuser-null", r#"{"is_superuser":null}"#),
        change("me.email-wrong", r#"{"email":"x"}"#),
        change("me.email-number", r#"{"email":7}"#),
        change("me.password-number", r#"{"password":7}"#),
        change(
            "me.everything-wrong",
            r#"{"email":"x","password":7,"is_active":"maybe","is_superuser":2,"is_verified":[]}"#,
        ),
        change("me.email-taken", r#"{"email":"ben@example.com"}"#),
        change("me.email-taken-other-case", r#"{"email":"BEN@example.com"}"#),
        change("me.email-same", r#"{"email":"uma@example.com"}"#),
        change("me.email-own-other-case", r#"{"email":"Uma@example.com"}"#),
        change("me.email-own-back", r#"{"email":"uma@example.com"}"#),
        change("me.email-new", r#"{"email":"uma2@example.com"}"#),
        post("me.login-old-address", "/auth/jwt/login")
            .form(&format!("username=uma%40example.com&password={PASSWORD}")),
        post("me.login-new-address", "/auth/jwt/login")
            .form(&format!("username=uma2%40example.com&password={PASSWORD}"))
            .save("uma", "/access_token"),
        change("me.email-back", r#"{"email":"uma@example.com"}"#),
        patch("me.no-body", "/users/me").bearer("uma"),
        change("me.array", "[]"),
        change("me.null", "null"),
        change("me.cut-off", "{"),
        patch("me.form", "/users/me").bearer("uma").form("email=x"),
        patch("me.no-token-good-body", "/users/me").json("{}"),
        patch("me.no-token-bad-field", "/users/me").json(r#"{"email":"x"}"#),
        patch("me.no-token-cut-off", "/users/me").json("{"),
        patch("me.no-token-no-body", "/users/me"),
        delete("me.delete-as-user", "/users/me").bearer("uma"),
        delete("me.delete-as-superuser", "/users/me").bearer("admin"),
        delete("me.delete-anonymous", "/users/me"),
        get("me.other-case", "/users/ME").bearer("uma"),
        get("me.percent-encoded", "/users/%6de").bearer("uma"),
    ]
}

fn me_password() -> Vec<Exchange> {
    let login = |id, password: &str| {
        post(id, "/auth/jwt/login").form(&format!("username=uma%40example.com&password={password}"))
    };
    vec![
        login("me.password-login-other", PASSWORD).save("uma_other", "/access_token"),
        patch("me.password-change", "/users/me").bearer("uma").json(r#"{"password":"copper-harbour-52"}"#),
        login("me.password-old-refused", PASSWORD),
        get("me.password-this-token", "/users/me").bearer("uma"),
        get("me.password-other-token", "/users/me").bearer("uma_other"),
        login("me.password-new", "copper-harbour-52").save("uma", "/access_token"),
        patch("me.password-empty", "/users/me").bearer("uma").json(r#"{"password":""}"#),
        patch("me.password-short", "/users/me").bearer("uma").json(r#"{"password":"abc"}"#),
        patch("me.password-surrogate", "/users/me").bearer("uma").json(r#"{"password":"copper-harbour-\ud800"}"#),
        patch("me.password-set", "/users/me").bearer("uma").json(&format!(r#"{{"password":"{PASSWORD}"}}"#)),
        login("me.password-set-login", PASSWORD).save("uma", "/access_token"),
        patch("me.password-and-email", "/users/me")
            .bearer("uma")
            .json(r#"{"email":"uma3@example.com","password":"copper-harbour-53"}"#),
        post("me.password-and-email-login", "/auth/jwt/login")
            .form("username=uma3%40example.com&password=copper-harbour-53")
            .save("uma", "/access_token"),
        get("me.after-all", "/users/me").bearer("uma"),
    ]
}

fn access() -> Vec<Exchange> {
    vec![
        get("users.read-anonymous", "/users/${uma_id}"),
        get("users.read-garbage-token", "/users/${uma_id}").header("authorization", "Bearer garbage"),
        get("users.read-self-as-user", "/users/${ben_id}").bearer("ben"),
        get("users.read-other-as-user", "/users/${uma_id}").bearer("ben"),
        get("users.read-unknown-as-user", format!("/users/{NOBODY}")).bearer("ben"),
        get("users.read-malformed-as-user", "/users/x").bearer("ben"),
        patch("users.change-as-user", "/users/${uma_id}").bearer("ben").json(r#"{"is_superuser":true}"#),
        patch("users.change-as-user-bad-field", "/users/${uma_id}").bearer("ben").json(r#"{"email":"x"}"#),
        patch("users.change-as-user-cut-off", "/users/${uma_id}").bearer("ben").json("{"),
        patch("users.change-anonymous", "/users/${uma_id}").json("{}"),
        patch("users.change-anonymous-cut-off", "/users/${uma_id}").json("{"),
        delete("users.delete-as-user", "/users/${uma_id}").bearer("ben"),
        delete("users.delete-self-as-user", "/users/${ben_id}").bearer("ben"),
        delete("users.delete-anonymous", "/users/${uma_id}"),
    ]
}

fn ids() -> Vec<Exchange> {
    vec![
        get("users.read", "/users/${uma_id}").bearer("admin"),
        get("users.read-braces", "/users/{${uma_id}}").bearer("admin"),
        get("users.read-urn", "/users/urn:uuid:${uma_id}").bearer("admin"),
        get("users.read-upper-case", "/users/${uma_id|upper}").bearer("admin"),
        get("users.read-without-hyphens", "/users/${uma_id|plain}").bearer("admin"),
        get("users.read-unknown", format!("/users/{NOBODY}")).bearer("admin"),
        get("users.read-malformed", "/users/x").bearer("admin"),
        get("users.read-number", "/users/0").bearer("admin"),
        get("users.read-trailing-space", "/users/${uma_id}%20").bearer("admin"),
        get("users.read-nul", "/users/%00").bearer("admin"),
        get("users.read-encoded-slash", "/users/..%2fme").bearer("admin"),
        get("users.read-long", format!("/users/{}", "a".repeat(4000))).bearer("admin"),
        get("users.read-not-utf8", "/users/%FF").bearer("admin"),
        get("users.read-not-utf8-anonymous", "/users/%FF"),
        patch("users.change-not-utf8", "/users/%FF").bearer("admin").json("{}"),
        delete("users.delete-not-utf8", "/users/%FF").bearer("admin"),
    ]
}

fn changes() -> Vec<Exchange> {
    let change = |id, body: &str| patch(id, "/users/${uma_id}").bearer("admin").json(body);
    vec![
        change("users.change-nothing", "{}"),
        change("users.change-verified", r#"{"is_verified":true}"#),
        change("users.change-email-unverifies", r#"{"email":"uma4@example.com"}"#),
        change("users.change-email-and-verified", r#"{"email":"uma5@example.com","is_verified":true}"#),
        change("users.change-email-taken", r#"{"email":"Ben@Example.com"}"#),
        change("users.change-email-null", r#"{"email":null}"#),
        change("users.change-password-null", r#"{"password":null}"#),
        change("users.change-active-null", r#"{"is_active":null}"#),
        change("users.change-superuser-null", r#"{"is_superuser":null}"#),
        change("users.change-verified-null", r#"{"is_verified":null}"#),
        change("users.change-bad-field", r#"{"email":"x"}"#),
        change("users.change-flag-word", r#"{"is_verified":"no"}"#),
        change("users.change-flag-wrong", r#"{"is_verified":"maybe"}"#),
        change("users.change-cut-off", "{"),
        patch("users.change-no-body", "/users/${uma_id}").bearer("admin"),
        patch("users.change-unknown", format!("/users/{NOBODY}")).bearer("admin").json("{}"),
        patch("users.change-unknown-bad-field", format!("/users/{NOBODY}")).bearer("admin").json(r#"{"email":"x"}"#),
        patch("users.change-unknown-cut-off", format!("/users/{NOBODY}")).bearer("admin").json("{"),
        patch("users.change-malformed", "/users/x").bearer("admin").json("{}"),
        change("users.change-password", r#"{"password":"marble-orchard-63"}"#),
        get("users.token-after-password-by-admin", "/users/me").bearer("uma"),
        post("users.login-after-password-by-admin", "/auth/jwt/login")
            .form("username=uma5%40example.com&password=marble-orchard-63")
            .save("uma", "/access_token"),
        change("users.change-password-short", r#"{"password":"abc"}"#),
        change("users.promote", r#"{"is_superuser":true}"#),
        get("users.promoted-reads-at-once", "/users/${ben_id}").bearer("uma"),
        patch("users.demotes-itself", "/users/${uma_id}").bearer("uma").json(r#"{"is_superuser":false}"#),
        get("users.demoted-at-once", "/users/${ben_id}").bearer("uma"),
    ]
}

fn deactivation() -> Vec<Exchange> {
    let login = |id| post(id, "/auth/jwt/login").form(&format!("username=ben%40example.com&password={PASSWORD}"));
    vec![
        patch("users.deactivate", "/users/${ben_id}").bearer("admin").json(r#"{"is_active":false}"#),
        get("users.deactivated-me", "/users/me").bearer("ben"),
        post("users.deactivated-logout", "/auth/jwt/logout").bearer("ben"),
        login("users.deactivated-login"),
        post("users.deactivated-wrong-password", "/auth/jwt/login")
            .form("username=ben%40example.com&password=wrong-password-1"),
        post("users.deactivated-register", "/auth/register")
            .json(&format!(r#"{{"email":"ben@example.com","password":"{PASSWORD}"}}"#)),
        get("users.deactivated-read", "/users/${ben_id}").bearer("admin"),
        patch("users.reactivate", "/users/${ben_id}").bearer("admin").json(r#"{"is_active":true}"#),
        get("users.reactivated-old-token", "/users/me").bearer("ben"),
        login("users.reactivated-login").save("ben", "/access_token"),
    ]
}

fn deletion() -> Vec<Exchange> {
    vec![
        delete("users.delete-unknown", format!("/users/{NOBODY}")).bearer("admin"),
        delete("users.delete-malformed", "/users/x").bearer("admin"),
        delete("users.delete", "/users/${ben_id}").bearer("admin"),
        get("users.deleted-me", "/users/me").bearer("ben"),
        get("users.deleted-read", "/users/${ben_id}").bearer("admin"),
        delete("users.delete-again", "/users/${ben_id}").bearer("admin"),
        post("users.deleted-login", "/auth/jwt/login").form(&format!("username=ben%40example.com&password={PASSWORD}")),
        post("users.deleted-register-again", "/auth/register")
            .json(&format!(r#"{{"email":"ben@example.com","password":"{PASSWORD}"}}"#)),
    ]
}

fn superusers() -> Vec<Exchange> {
    vec![
        get("users.admin-me", "/users/me").bearer("admin").save("admin_id", "/id"),
        patch("users.admin-flags-on-me", "/users/me")
            .bearer("admin")
            .json(r#"{"is_superuser":false,"is_active":false}"#),
        get("users.admin-still", "/users/${admin_id}").bearer("admin"),
        get("users.sample-route", "/protected").bearer("admin"),
        get("users.sample-route-anonymous", "/protected"),
    ]
}

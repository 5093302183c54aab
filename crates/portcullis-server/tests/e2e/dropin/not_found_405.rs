//! What no route answers: unknown paths, wrong methods, trailing slashes, and the routes the seed does not have.

use super::exchange::{Exchange, delete, get, other, patch, person, post};

/// The exchanges, in order.
pub fn script() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["paths.register-ned", "paths.login-ned", "ned_id", "ned"], "ned@example.com"));
    script.push(post("paths.start", "/auth/cli-login").save("pc", "/code").save("ps", "/secret"));
    script.extend(unknown());
    script.extend(of_zndraw());
    script.extend(methods());
    script.extend(slashes());
    script
}

fn unknown() -> Vec<Exchange> {
    vec![
        get("paths.root", "/"),
        get("paths.nothing", "/nothing"),
        get("paths.nothing-with-token", "/nothing").bearer("ned"),
        post("paths.nothing-posted", "/nothing").json("{"),
        get("paths.auth", "/auth"),
        get("paths.users", "/users"),
        get("paths.users-as-superuser", "/users").bearer("admin"),
        get("paths.admin", "/admin"),
        post("paths.admin-token", "/admin/users/token").bearer("admin"),
        post("paths.jwt-refresh", "/auth/jwt/refresh"),
        get("paths.beyond-me", "/users/me/x"),
        get("paths.beyond-code", "/auth/cli-login/${pc}/x?secret=${ps}"),
        get("paths.upper-case", "/AUTH/jwt/login"),
        get("paths.double-slash", "//users/me").bearer("ned"),
        get("paths.beyond-user", "/users/${ned_id}/x").bearer("admin"),
        get("paths.dot-segment", "/users/%2e%2e/users/me").bearer("ned"),
    ]
}

/// Routes that the seed leaves to ZnDraw, or does not have.
fn of_zndraw() -> Vec<Exchange> {
    vec![
        post("zndraw.guest", "/auth/guest"),
        get("zndraw.list-anonymous", "/admin/users"),
        get("zndraw.list-as-user", "/admin/users").bearer("ned"),
        get("zndraw.list-as-superuser", "/admin/users?limit=1&offset=1").bearer("admin"),
        patch("zndraw.change", "/admin/users/${ned_id}").bearer("admin").json(r#"{"is_superuser":false}"#),
        delete("zndraw.delete-as-user", "/admin/users/${ned_id}").bearer("ned"),
        get("zndraw.audit-anonymous", "/admin/audit"),
        get("zndraw.health", "/healthz"),
    ]
}

fn methods() -> Vec<Exchange> {
    vec![
        get("methods.get-login", "/auth/jwt/login"),
        other("methods.put-login", "PUT", "/auth/jwt/login"),
        patch("methods.patch-login", "/auth/jwt/login"),
        delete("methods.delete-login", "/auth/jwt/login"),
        other("methods.head-login", "HEAD", "/auth/jwt/login"),
        other("methods.options-login", "OPTIONS", "/auth/jwt/login"),
        other("methods.preflight-login", "OPTIONS", "/auth/jwt/login")
            .header("origin", "https://elsewhere.example.com")
            .header("access-control-request-method", "POST"),
        get("methods.get-logout", "/auth/jwt/logout").bearer("ned"),
        other("methods.head-logout", "HEAD", "/auth/jwt/logout").bearer("ned"),
        get("methods.get-register", "/auth/register"),
        other("methods.put-register", "PUT", "/auth/register").json("{"),
        other("methods.head-me", "HEAD", "/users/me").bearer("ned"),
        other("methods.options-me", "OPTIONS", "/users/me"),
        post("methods.post-me", "/users/me").bearer("ned"),
        other("methods.put-me", "PUT", "/users/me").bearer("ned").json("{}"),
        post("methods.post-user", "/users/${ned_id}").bearer("admin"),
        other("methods.put-user", "PUT", "/users/${ned_id}").bearer("admin").json("{}"),
        other("methods.head-user", "HEAD", "/users/${ned_id}").bearer("admin"),
        get("methods.get-start", "/auth/cli-login"),
        patch("methods.patch-start", "/auth/cli-login").bearer("ned"),
        delete("methods.delete-start", "/auth/cli-login").bearer("ned"),
        other("methods.head-start", "HEAD", "/auth/cli-login"),
        post("methods.post-code", "/auth/cli-login/${pc}").bearer("ned"),
        other("methods.put-code", "PUT", "/auth/cli-login/${pc}").bearer("ned"),
        other("methods.head-code", "HEAD", "/auth/cli-login/${pc}?secret=${ps}"),
        other("methods.options-code", "OPTIONS", "/auth/cli-login/${pc}"),
        get("methods.get-mint", "/admin/users/${ned_id}/token").bearer("admin"),
        delete("methods.delete-mint", "/admin/users/${ned_id}/token").bearer("admin"),
        other("methods.head-mint", "HEAD", "/admin/users/${ned_id}/token").bearer("admin"),
        get("methods.get-forgot", "/auth/forgot-password"),
        get("methods.get-reset", "/auth/reset-password"),
        get("methods.get-request-verify", "/auth/request-verify-token"),
        get("methods.get-verify", "/auth/verify"),
        other("methods.trace", "TRACE", "/users/me").bearer("ned"),
        other("methods.invented", "FOO", "/users/me").bearer("ned"),
        other("methods.invented-on-nothing", "FOO", "/nothing"),
    ]
}

fn slashes() -> Vec<Exchange> {
    vec![
        post("slashes.login", "/auth/jwt/login/").form("username=x&password=y"),
        post("slashes.logout", "/auth/jwt/logout/").bearer("ned"),
        post("slashes.register", "/auth/register/").json("{}"),
        get("slashes.me", "/users/me/").bearer("ned"),
        get("slashes.me-with-query", "/users/me/?a=1&b=%20").bearer("ned"),
        patch("slashes.patch-me", "/users/me/").bearer("ned").json("{}"),
        get("slashes.user", "/users/${ned_id}/").bearer("admin"),
        post("slashes.start", "/auth/cli-login/"),
        get("slashes.poll", "/auth/cli-login/${pc}/?secret=${ps}"),
        post("slashes.mint", "/admin/users/${ned_id}/token/").bearer("admin"),
        post("slashes.forgot", "/auth/forgot-password/").json("{}"),
        post("slashes.verify", "/auth/verify/").json("{}"),
        get("slashes.wrong-method", "/auth/register/"),
        get("slashes.nothing", "/nothing/"),
        get("slashes.two", "/users/me//").bearer("ned"),
        get("slashes.anonymous", "/users/me/"),
    ]
}

//! Without a configured administrator: every account is a superuser from its registration on.

use super::exchange::{Exchange, delete, get, patch, person, post};

/// The exchanges, in order.
pub fn script() -> Vec<Exchange> {
    let mut script = Vec::new();
    script.extend(person(["dev.register-ann", "dev.login-ann", "ann_id", "ann"], "ann@example.com"));
    script.extend(person(["dev.register-bea", "dev.login-bea", "bea_id", "bea"], "bea@example.com"));
    script.extend([
        get("dev.me", "/users/me").bearer("ann"),
        get("dev.read-other", "/users/${bea_id}").bearer("ann"),
        post("dev.mint-superuser", "/admin/users/${bea_id}/token").bearer("ann"),
        patch("dev.demote-other", "/users/${bea_id}").bearer("ann").json(r#"{"is_superuser":false}"#),
        get("dev.demoted", "/users/${ann_id}").bearer("bea"),
        delete("dev.delete-other", "/users/${bea_id}").bearer("ann"),
        patch("dev.demote-last", "/users/${ann_id}").bearer("ann").json(r#"{"is_superuser":false}"#),
        patch("dev.promote-again", "/users/${ann_id}").bearer("ann").json(r#"{"is_superuser":true}"#),
    ]);
    script
}

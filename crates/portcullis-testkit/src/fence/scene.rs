//! What a request needs to be right: people, a device login, a mailed token.

use super::Kind;
use crate::{Bearer, Call, Identity, Person, Response, TestApp};
use portcullis::RouteInfo;
use portcullis_core::account::User;
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};

/// So that no two scenes speak of the same address.
static SCENES: AtomicU64 = AtomicU64::new(0);

/// One caller, and the account that the request is about.
pub(super) struct Scene {
    app: TestApp,
    number: u64,
    kind: Kind,
    /// `None` is nobody.
    caller: Option<Bearer>,
    /// Whose things are asked for.
    owner: Person,
}

/// Either somebody with a token or nobody.
pub(super) struct Caller<'a>(&'a Scene);

impl Identity for Caller<'_> {
    fn app(&self) -> &TestApp {
        &self.0.app
    }

    fn token(&self) -> Option<&str> {
        self.0.caller.as_ref().and_then(Identity::token)
    }
}

impl Scene {
    pub(super) async fn set(app: &TestApp, kind: Kind) -> Self {
        let number = SCENES.fetch_add(1, Ordering::Relaxed);
        let name = format!("caller{number}");
        let owner = format!("owner{number}");
        let (caller, owner) = match kind {
            Kind::Anonymous => (None, app.user(&owner).await),
            Kind::Garbage => (Some(app.bearer("garbage")), app.user(&owner).await),
            Kind::Expired => {
                let owner = app.user(&owner).await;
                (Some(app.expired(&owner).await), owner)
            }
            Kind::SignedOut => {
                let owner = app.signed_out(&owner).await;
                (Some(owner.bearer()), owner)
            }
            Kind::Deactivated => (Some(app.deactivated(&name).await.bearer()), app.user(&owner).await),
            Kind::OtherUser => (Some(app.user(&name).await.bearer()), app.user(&owner).await),
            Kind::User => {
                let owner = app.user(&owner).await;
                (Some(owner.bearer()), owner)
            }
            Kind::Superuser => (Some(app.superuser(&name).await.bearer()), app.user(&owner).await),
            Kind::Minted => {
                let owner = app.user(&owner).await;
                (Some(app.minted_for(&owner).await), owner)
            }
            Kind::Device => {
                let owner = app.user(&owner).await;
                (Some(app.device_token(&owner).await), owner)
            }
        };
        Self { app: app.clone(), number, kind, caller, owner }
    }

    pub(super) fn caller(&self) -> Caller<'_> {
        Caller(self)
    }

    /// A path of which the ids are the owner's.
    pub(super) fn fill(&self, template: &str) -> String {
        let id = self.owner.id().to_string();
        template.replace("{id}", &id).replace("{user_id}", &id).replace("{code}", "BCDFGHJK")
    }

    /// Makes what the route needs, and calls it.
    pub(super) async fn call(&self, route: &RouteInfo) -> Response {
        let call = |path: &str| self.caller().call(route.method.clone(), path);
        let path = self.fill(&route.path);
        let owner = &self.owner;
        let fresh_password = format!("a fresh passphrase, number {}", self.number);
        let call: Call = match route.operation {
            "login_jwt" => call(&path).form(&[("username", owner.email()), ("password", owner.password())]),
            "login" => call(&path).json(&json!({"username": owner.email(), "password": owner.password()})),
            "refresh_session" => call(&path).json(&json!({"refresh_token": self.refresh_token().await})),
            "end_session" => call(&route.path.replace("{id}", &self.session().await)),
            "register_user" => {
                let email = format!("registered{}@example.com", self.number);
                call(&path).json(&json!({"email": email, "password": fresh_password}))
            }
            "update_me" => call(&path).json(&json!({"password": fresh_password})),
            "update_user" | "update_user_as_admin" => call(&path).json(&json!({"is_verified": true})),
            "request_password_reset" | "request_verify_token" => call(&path).json(&json!({"email": owner.email()})),
            "reset_password" => {
                let token = self.mailed(true).await;
                call(&path).json(&json!({"token": token, "password": fresh_password}))
            }
            "verify_email" => call(&path).json(&json!({"token": self.mailed(false).await})),
            "poll_device" | "approve_device" | "reject_device" => {
                let (code, secret) = self.device().await;
                let path = route.path.replace("{code}", &code);
                match route.operation {
                    "poll_device" => call(&format!("{path}?secret={secret}")),
                    _ => call(&path),
                }
            }
            "logout_jwt"
            | "logout"
            | "list_sessions"
            | "end_other_sessions"
            | "create_guest"
            | "get_me"
            | "delete_user_me"
            | "get_user"
            | "delete_user"
            | "start_device"
            | "mint_token"
            | "list_users"
            | "delete_user_as_admin"
            | "list_audit"
            | "get_openapi"
            | "get_docs"
            | "get_docs_style"
            | "get_docs_script" => call(&path),
            other => panic!("the fence does not know {other}: say in fence/scene.rs what a right request is"),
        };
        let response = call.await;
        // Whatever mails it caused are not what is looked at here.
        self.app.mailbox().take();
        response
    }

    /// A token that was mailed to the owner.
    async fn mailed(&self, reset: bool) -> String {
        let users = self.app.auth().users();
        let user: &User = self.owner.user();
        let sent = if reset { users.forgot_password(user).await } else { users.request_verify(user).await };
        sent.unwrap_or_else(|error| panic!("no token was mailed: {error}"));
        self.app.deliver().await;
        self.app.mailbox().token(self.owner.email())
    }

    /// Signs the owner in once more, if they may.
    async fn tokens(&self) -> serde_json::Value {
        let owner = json!({"username": self.owner.email(), "password": self.owner.password()});
        let path = format!("{}/login", self.app.paths().auth);
        self.app.anonymous().post_json(&path, &owner).await.expect(200).json()
    }

    /// A refresh token of the owner's.
    async fn refresh_token(&self) -> String {
        self.tokens().await["refresh_token"].as_str().unwrap_or_default().to_owned()
    }

    /// The id of another session of the owner's.
    async fn session(&self) -> String {
        let claims = crate::forge::claims_of(self.tokens().await["access_token"].as_str().unwrap_or_default());
        claims["sid"].as_str().unwrap_or_default().to_owned()
    }

    /// A pending device login; for another user's eyes one that the owner approved already.
    async fn device(&self) -> (String, String) {
        let path = format!("{}/cli-login", self.app.paths().auth);
        let started = self.app.anonymous().post(&path).await.expect(200).json();
        let text = |name: &str| started[name].as_str().unwrap_or_default().to_owned();
        let (code, secret) = (text("code"), text("secret"));
        if self.kind == Kind::OtherUser {
            self.owner.patch(&format!("{path}/{code}")).await.expect(200);
        }
        (code, secret)
    }
}

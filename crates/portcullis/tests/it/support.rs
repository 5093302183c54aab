//! What several modules need.

use futures_util::future::join_all;
use portcullis::core::account::{NewUser, User};
use portcullis::core::audit::{AuditEntry, AuditEvent};
use portcullis::core::password_hasher::PasswordHash;
use portcullis::core::store::{CreateUser, NoHook};
use portcullis_core::testing::fixture;
use portcullis_testkit::{Call, Identity, Response, StoreKind, TestApp};
use serde_json::{Value, json};

pub const LOGIN: &str = "/auth/jwt/login";
pub const LOGOUT: &str = "/auth/jwt/logout";
pub const REGISTER: &str = "/auth/register";
pub const ME: &str = "/users/me";

/// A password that the policy takes.
pub const PASSWORD: &str = "four unrelated words here";

/// An app on a store that really has transactions, without limits: for races.
pub async fn racing() -> TestApp {
    TestApp::builder()
        .store(StoreKind::durable())
        .config(|config| config.allow_unlimited = true)
        .ignore_mails()
        .build()
        .await
}

/// Sends all calls at the same instant, each from a task of its own.
pub async fn race(calls: impl IntoIterator<Item = Call>) -> Vec<Response> {
    let tasks: Vec<_> = calls.into_iter().map(|call| tokio::spawn(call.into_future())).collect();
    join_all(tasks).await.into_iter().map(|answer| answer.expect("a call panicked")).collect()
}

/// How many answers have this status.
pub fn count(answers: &[Response], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status().as_u16() == status).count()
}

pub async fn login(app: &TestApp, username: &str, password: &str) -> Response {
    app.anonymous().form(LOGIN, &[("username", username), ("password", password)]).await
}

pub async fn register(app: &TestApp, email: &str, password: &str) -> Response {
    app.anonymous().post_json(REGISTER, &json!({"email": email, "password": password})).await
}

/// An account as an older program may have left it.
pub async fn stored(app: &TestApp, new: NewUser) -> User {
    let audit = AuditEntry::success(
        &app.auth().core().context(),
        portcullis::core::actor::Actor::System,
        AuditEvent::AccountCreated,
    );
    match app.auth().core().store.create_user(new, audit, &NoHook).await.expect("the store works") {
        CreateUser::Created(user) => user,
        other => panic!("not created: {other:?}"),
    }
}

/// The same with this text where the hash should be.
pub async fn stored_with_hash(app: &TestApp, email: &str, hash: &str) -> User {
    stored(app, NewUser { password: PasswordHash::from_stored(hash), ..fixture::new_user(email) }).await
}

/// The stored hash of an account.
pub async fn hash_of(app: &TestApp, user: &User) -> String {
    let found = app.auth().core().store.find_credentials(user.id).await.expect("the store works");
    found.expect("the account is there").password.into_string()
}

/// The account as it is now.
pub async fn user_now(app: &TestApp, user: &User) -> User {
    app.auth().users().find(user.id).await.expect("the store works").expect("the account is there")
}

/// Type and place of each error of a 422.
pub fn errors(answer: &Response) -> Vec<String> {
    let detail = answer.detail();
    let list = detail.as_array().unwrap_or_else(|| panic!("no list: {detail}")).clone();
    let place = |error: &Value| {
        let loc = error["loc"].as_array().expect("a place");
        loc.iter()
            .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(".")
    };
    list.iter().map(|error| format!("{}@{}", error["type"].as_str().unwrap_or("?"), place(error))).collect()
}

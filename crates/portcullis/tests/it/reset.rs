//! `{auth}/forgot-password` and `{auth}/reset-password`.

use crate::support::{ME, PASSWORD, count, errors, hash_of, login, race, racing};
use portcullis::core::mail::Mail;
use portcullis_testkit::{Call, Identity, Person, TestApp};
use serde_json::{Value, json};
use std::time::Duration;

const FORGOT: &str = "/auth/forgot-password";
const RESET: &str = "/auth/reset-password";

fn forgot(app: &TestApp, email: &str) -> Call {
    app.anonymous().post_json(FORGOT, &json!({"email": email}))
}

fn reset(app: &TestApp, token: &str) -> Call {
    app.anonymous().post_json(RESET, &json!({"token": token, "password": PASSWORD}))
}

/// The token that was mailed.
async fn mailed(app: &TestApp, person: &Person) -> String {
    forgot(app, person.email()).await.expect(202);
    app.mailbox().token(person.email())
}

async fn bad(call: Call) {
    call.await.refused(400, "RESET_PASSWORD_BAD_TOKEN");
}

#[tokio::test]
async fn whoever_asks_is_told_the_same_and_only_the_owner_gets_mail() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let gone = app.deactivated("gone").await;
    let mut told = Vec::new();
    for email in [ada.email(), gone.email(), "nobody@example.com"] {
        let answer = forgot(&app, email).await.expect(202);
        assert_eq!(answer.json(), Value::Null);
        assert_eq!(answer.audit().await.len(), 1, "{email}: each leaves one row");
        told.push(format!("{:?} {}", answer.headers(), answer.text()));
    }
    told.dedup();
    assert_eq!(told.len(), 1);
    assert_eq!(app.mailbox().kinds(), [("ada@example.com".to_owned(), "reset_password")]);
}

#[tokio::test]
async fn a_mailed_token_sets_a_password_once_and_ends_every_session() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let (device, minted) = (app.device_token(&ada).await, app.minted_for(&ada).await);
    let elsewhere = app.again(&ada).await;
    let token = mailed(&app, &ada).await;
    let answer = reset(&app, &token).await.expect(200);
    assert_eq!(answer.json(), Value::Null);
    assert!(answer.header("set-cookie").is_none());
    let rows = answer.audit().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].event.as_str(), rows[0].subject_id), ("password.reset", Some(ada.id())));
    for dead in [ada.bearer(), elsewhere.bearer(), device, minted] {
        dead.get(ME).await.refused(401, "Unauthorized");
    }
    login(&app, ada.email(), ada.password()).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    login(&app, ada.email(), PASSWORD).await.expect(200);
    assert_eq!(app.mailbox().only(ada.email()), Mail::PasswordChanged);
    bad(reset(&app, &token)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_resets_with_one_token_one_wins() {
    let app = racing().await;
    let ada = app.user("ada").await;
    for _ in 0..3 {
        let token = mailed(&app, &ada).await;
        let answers = race((0..8).map(|_| reset(&app, &token))).await;
        assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 7));
        bad(reset(&app, &token)).await;
        app.mailbox().take();
    }
}

#[tokio::test]
async fn a_token_dies_of_time_of_a_newer_one_and_of_every_change_that_matters() {
    let app = TestApp::builder().config(|config| config.allow_unlimited = true).build().await;
    let ada = app.user("ada").await;
    let admin = app.admin().await;

    let token = mailed(&app, &ada).await;
    app.clock().advance(Duration::from_secs(1800));
    bad(reset(&app, &token)).await;

    let older = mailed(&app, &ada).await;
    let newer = mailed(&app, &ada).await;
    bad(reset(&app, &older)).await;

    let ada = app.again(&ada).await;
    ada.patch_json(ME, &json!({"password": "a passphrase of another kind"})).await.expect(200);
    bad(reset(&app, &newer)).await;
    app.mailbox().take();

    let token = mailed(&app, &ada).await;
    ada.patch_json(ME, &json!({"email": "lovelace@example.com"})).await.expect(200);
    bad(reset(&app, &token)).await;
    ada.patch_json(ME, &json!({"email": "ada@example.com"})).await.expect(200);
    bad(reset(&app, &token)).await;
    app.mailbox().take();

    let admin = app.again(&admin).await;
    let token = mailed(&app, &ada).await;
    admin.patch_json(&ada.path(), &json!({"is_active": false})).await.expect(200);
    bad(reset(&app, &token)).await;
    admin.patch_json(&ada.path(), &json!({"is_active": true})).await.expect(200);
    bad(reset(&app, &token)).await;
}

#[tokio::test]
async fn a_weak_password_leaves_the_token_as_it_is() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let hash = hash_of(&app, ada.user()).await;
    let token = mailed(&app, &ada).await;
    for weak in ["1234567", "password1", "ada@example.com"] {
        let answer = app.anonymous().post_json(RESET, &json!({"token": token, "password": weak})).await.expect(400);
        assert_eq!(answer.detail()["code"], "RESET_PASSWORD_INVALID_PASSWORD");
        assert_eq!(answer.trail().await, ["password.reset refused RESET_PASSWORD_INVALID_PASSWORD"]);
    }
    assert_eq!(hash_of(&app, ada.user()).await, hash);
    ada.get(ME).await.expect(200);
    reset(&app, &token).await.expect(200);
    app.mailbox().take();
}

#[tokio::test]
async fn what_is_no_token_matches_nothing() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let token = mailed(&app, &ada).await;
    bad(reset(&app, "")).await;
    for odd in [json!(null), json!([]), json!({}), json!(1)] {
        let answer = app.anonymous().post_json(RESET, &json!({"token": odd, "password": PASSWORD})).await.expect(422);
        assert_eq!(errors(&answer).len(), 1);
    }
    app.anonymous().post_json(RESET, &json!({"token": "x".repeat(1 << 20), "password": PASSWORD})).await.expect(413);
    bad(reset(&app, &"x".repeat(60_000))).await;
    bad(reset(&app, &format!("{token} "))).await;
    bad(reset(&app, &token.to_uppercase())).await;
    let before = app.hashes().get();
    bad(reset(&app, "unknown")).await;
    assert_eq!(app.hashes().get(), before, "a wrong token costs no hash");
    reset(&app, &token).await.expect(200);
    app.mailbox().take();
}

#[tokio::test]
async fn a_mail_holds_nothing_that_the_request_claims() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let call = forgot(&app, "ADA@example.com")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "javascript")
        .header("forwarded", "host=evil.example");
    call.await.expect(202);
    let letters = app.mailbox().take();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, ada.email(), "as it is stored, not as it was typed");
    assert!(matches!(&letters[0].mail, Mail::ResetPassword { token, .. } if token.len() == 43));
}

#[tokio::test]
async fn mails_wait_for_a_mail_server_that_is_down() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.mailbox().close(true);
    forgot(&app, ada.email()).await.expect(202);
    assert!(app.mailbox().take().is_empty());
    app.mailbox().close(false);
    assert_eq!(app.deliver().await, 0, "not before its pause is over");
    app.clock().advance(Duration::from_secs(60));
    assert_eq!(app.deliver().await, 1);
    let token = app.mailbox().token(ada.email());
    reset(&app, &token).await.expect(200);
    assert_eq!(app.deliver().await, 0);
    app.mailbox().take();
}

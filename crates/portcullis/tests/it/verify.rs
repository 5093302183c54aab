//! `{auth}/request-verify-token` and `{auth}/verify`.

use crate::support::{ME, count, errors, race, racing};
use portcullis_testkit::{Call, Identity, Person, TestApp};
use serde_json::{Value, json};
use std::time::Duration;

fn request(app: &TestApp, email: &str) -> Call {
    app.anonymous().post_json("/auth/request-verify-token", &json!({"email": email}))
}

fn verify(app: &TestApp, token: &str) -> Call {
    app.anonymous().post_json("/auth/verify", &json!({"token": token}))
}

async fn mailed(app: &TestApp, person: &Person) -> String {
    request(app, person.email()).await.expect(202);
    app.mailbox().token(person.email())
}

async fn bad(call: Call) {
    call.await.refused(400, "VERIFY_USER_BAD_TOKEN");
}

#[tokio::test]
async fn whoever_asks_is_told_the_same_and_only_an_unproved_address_gets_mail() {
    let app = TestApp::new().await;
    let (ada, done) = (app.user("ada").await, app.verified("done").await);
    let gone = app.deactivated("gone").await;
    for email in [ada.email(), done.email(), gone.email(), "nobody@example.com"] {
        let answer = request(&app, email).await.expect(202);
        assert_eq!(answer.json(), Value::Null);
        assert_eq!(answer.audit().await.len(), 1, "{email}: each leaves one row");
    }
    assert_eq!(app.mailbox().kinds(), [("ada@example.com".to_owned(), "verify_email")]);
}

#[tokio::test]
async fn a_mailed_token_proves_the_address_once() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let token = mailed(&app, &ada).await;
    let answer = verify(&app, &token).await.expect(200);
    assert_eq!(answer.json()["is_verified"], true);
    assert_eq!(answer.json()["id"], ada.id().to_string());
    let rows = answer.audit().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].event.as_str(), rows[0].subject_id), ("email.verified", Some(ada.id())));
    verify(&app, &token).await.refused(400, "VERIFY_USER_ALREADY_VERIFIED");
    assert_eq!(ada.get(ME).await.expect(200).json()["is_verified"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_tries_with_one_token_one_wins() {
    let app = racing().await;
    let ada = app.user("ada").await;
    let token = mailed(&app, &ada).await;
    let answers = race((0..8).map(|_| verify(&app, &token))).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 7));
}

#[tokio::test]
async fn a_token_for_one_address_proves_no_other() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let token = mailed(&app, &ada).await;
    ada.patch_json(ME, &json!({"email": "lovelace@example.com"})).await.expect(200);
    bad(verify(&app, &token)).await;
    ada.patch_json(ME, &json!({"email": "ada@example.com"})).await.expect(200);
    bad(verify(&app, &token)).await;
    assert_eq!(ada.get(ME).await.expect(200).json()["is_verified"], false);
    app.mailbox().take();
}

#[tokio::test]
async fn a_token_dies_of_time_and_of_a_newer_one_but_not_of_a_new_password() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let older = mailed(&app, &ada).await;
    let newer = mailed(&app, &ada).await;
    bad(verify(&app, &older)).await;
    ada.patch_json(ME, &json!({"password": "a passphrase of another kind"})).await.expect(200);
    app.mailbox().take();
    app.clock().advance(Duration::from_secs(86_399));
    verify(&app, &newer).await.expect(200);

    let bob = app.user("bob").await;
    let token = mailed(&app, &bob).await;
    app.clock().advance(Duration::from_secs(86_400));
    bad(verify(&app, &token)).await;
}

#[tokio::test]
async fn a_deactivated_account_proves_nothing() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let token = mailed(&app, &ada).await;
    app.admin().await.patch_json(&ada.path(), &json!({"is_active": false})).await.expect(200);
    bad(verify(&app, &token)).await;
}

#[tokio::test]
async fn what_is_no_token_matches_nothing() {
    let app = TestApp::new().await;
    app.user("ada").await;
    bad(verify(&app, "")).await;
    bad(verify(&app, "unknown")).await;
    for odd in [json!(null), json!([]), json!({}), json!(1)] {
        let answer = app.anonymous().post_json("/auth/verify", &json!({"token": odd})).await.expect(422);
        assert_eq!(errors(&answer).len(), 1);
    }
    verify(&app, &"x".repeat(1 << 20)).await.expect(413);
}

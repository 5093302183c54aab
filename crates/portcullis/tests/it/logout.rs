//! `POST {auth}/jwt/logout`.

use crate::support::{LOGOUT, ME};
use portcullis_testkit::{Identity, TestApp};

#[tokio::test]
async fn logout_ends_the_session_of_this_token_and_no_other() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let elsewhere = app.again(&ada).await;
    let bob = app.user("bob").await;
    let answer = ada.post(LOGOUT).await.expect(204);
    assert_eq!(answer.bytes(), b"");
    assert_eq!(answer.header("content-type"), None);
    assert_eq!(answer.trail().await, ["session.ended success"]);
    ada.get(ME).await.refused(401, "Unauthorized");
    elsewhere.get(ME).await.expect(200);
    bob.get(ME).await.expect(200);
}

#[tokio::test]
async fn a_token_logs_out_once() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    ada.post(LOGOUT).await.expect(204);
    let again = ada.post(LOGOUT).await.refused(401, "Unauthorized");
    assert_eq!(again.header("www-authenticate"), Some("Bearer"));
    assert_eq!(again.trail().await, ["session.token_refused refused SESSION_ENDED"]);
}

#[tokio::test]
async fn a_session_that_ended_stays_ended_on_another_replica() {
    let app = TestApp::new().await;
    let replica = TestApp::builder().beside(&app).build().await;
    let ada = app.user("ada").await;
    let there = replica.bearer(ada.bearer().text());
    there.get(ME).await.expect(200);
    ada.post(LOGOUT).await.expect(204);
    there.get(ME).await.refused(401, "Unauthorized");
}

//! `POST {auth}/guest`.

use crate::support::{LOGOUT, ME, PASSWORD, login};
use portcullis::jobs::{Retention, purge};
use portcullis_testkit::{Identity, TestApp, forge};
use serde_json::json;
use std::time::Duration;

const GUEST: &str = "/auth/guest";

async fn hosting_guests() -> TestApp {
    TestApp::builder().config(|config| config.allow_guests = true).build().await
}

#[tokio::test]
async fn there_are_no_guests_unless_they_are_allowed() {
    let app = TestApp::new().await;
    app.anonymous().post(GUEST).await.refused(404, "Not Found");
    assert_eq!(app.auth().users().list(0, 10).await.unwrap().total, 1, "the admin");
}

#[tokio::test]
async fn a_guest_is_an_account_of_its_own_without_a_password() {
    let app = hosting_guests().await;
    let answer = app.anonymous().post(GUEST).await.expect(200);
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["access_token", "email", "token_type"]);
    let email = body["email"].as_str().unwrap();
    assert!(email.ends_with("@guest.user") && email.len() == 19, "{email}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.trail().await, ["account.guest_created success", "session.created success"]);
    let guest = app.bearer(body["access_token"].as_str().unwrap());
    let me = guest.get(ME).await.expect(200).json();
    assert_eq!((me["email"].as_str(), me["is_superuser"].as_bool()), (Some(email), Some(false)));
    for guess in ["zndraw", "", "guest", PASSWORD] {
        assert_ne!(login(&app, email, guess).await.status(), 200);
    }
    let other = app.anonymous().post(GUEST).await.expect(200).json();
    assert_ne!(other["email"], body["email"]);
    let sub = |token: &serde_json::Value| forge::claims_of(token["access_token"].as_str().unwrap())["sub"].clone();
    assert_ne!(sub(&other), sub(&body));
    guest.post(LOGOUT).await.expect(204);
    guest.get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn a_guest_without_a_live_session_is_purged_after_a_day() {
    let app = hosting_guests().await;
    let token = app.anonymous().post(GUEST).await.expect(200).json();
    let person = app.user("ada").await;
    let retention = Retention::default();
    app.clock().advance(Duration::from_secs(23 * 3600));
    assert_eq!(purge(app.auth().core(), retention).await.unwrap().guests, 0);
    app.clock().advance(Duration::from_secs(2 * 3600));
    assert_eq!(purge(app.auth().core(), retention).await.unwrap().guests, 1);
    app.bearer(token["access_token"].as_str().unwrap()).get(ME).await.refused(401, "Unauthorized");
    assert!(app.auth().users().find_by_email(token["email"].as_str().unwrap()).await.unwrap().is_none());
    assert!(app.auth().users().find(person.id()).await.unwrap().is_some(), "people stay");
}

#[tokio::test]
async fn a_guest_may_become_a_person() {
    let app = hosting_guests().await;
    let token = app.anonymous().post(GUEST).await.expect(200).json();
    let guest = app.bearer(token["access_token"].as_str().unwrap());
    guest.patch_json(ME, &json!({"email": "kim@example.com", "password": PASSWORD})).await.expect(200);
    login(&app, "kim@example.com", PASSWORD).await.expect(200);
    app.mailbox().take();
}

#[tokio::test]
async fn guests_count_against_the_same_limit_as_registrations() {
    let app = hosting_guests().await;
    for _ in 0..30 {
        app.anonymous().post(GUEST).await.expect(200);
    }
    app.anonymous().post(GUEST).await.refused(429, "Too Many Requests");
    let body = json!({"email": "kim@example.com", "password": PASSWORD});
    app.anonymous().post_json("/auth/register", &body).await.refused(429, "Too Many Requests");
    app.anonymous().post(GUEST).from(std::net::Ipv4Addr::new(198, 51, 100, 7)).await.expect(200);
}

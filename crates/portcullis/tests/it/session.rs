//! `POST {auth}/login`, `POST {auth}/refresh`, and the sessions of a user.

use portcullis_testkit::{Identity, Person, TestApp, forge};
use serde_json::{Value, json};
use std::time::Duration;

const LOGIN: &str = "/auth/login";
const REFRESH: &str = "/auth/refresh";
const SESSIONS: &str = "/auth/sessions";
const ME: &str = "/users/me";

async fn sign_in(app: &TestApp, person: &Person) -> Value {
    let body = json!({"username": person.email(), "password": person.password()});
    app.anonymous().post_json(LOGIN, &body).await.expect(200).json()
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("no {name} in {tokens}"))
}

async fn refresh(app: &TestApp, token: &str) -> Value {
    app.anonymous().post_json(REFRESH, &json!({"refresh_token": token})).await.expect(200).json()
}

async fn refused(app: &TestApp, token: &str, code: &str) {
    let answer = app.anonymous().post_json(REFRESH, &json!({"refresh_token": token})).await.expect(401);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json()["code"], code);
}

#[tokio::test]
async fn a_login_answers_in_the_words_of_rfc_6749_and_opens() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let tokens = sign_in(&app, &ada).await;
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(3600)));
    app.bearer(text(&tokens, "access_token")).get(ME).await.expect(200);
    let form = [("username", ada.email()), ("password", ada.password())];
    app.anonymous().form(LOGIN, &form).await.expect(200);
}

#[tokio::test]
async fn a_wrong_password_is_a_401_problem_with_the_requests_id() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    for (username, password) in [(ada.email(), "wrong"), ("nobody@example.com", "wrong")] {
        let body = json!({"username": username, "password": password});
        let answer = app.anonymous().post_json(LOGIN, &body).await.expect(401);
        let problem = answer.json();
        assert_eq!(problem["code"], "LOGIN_BAD_CREDENTIALS");
        assert_eq!(answer.trail().await, ["password.login refused LOGIN_BAD_CREDENTIALS"]);
    }
}

#[tokio::test]
async fn refreshing_goes_on_and_each_token_is_exchanged_for_the_same_next_one() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let first = sign_in(&app, &ada).await;
    let second = refresh(&app, text(&first, "refresh_token")).await;
    app.clock().advance(Duration::from_secs(3600));
    let again = refresh(&app, text(&first, "refresh_token")).await;
    assert_eq!(second["refresh_token"], again["refresh_token"], "a lost answer is given again, an hour later too");
    let third = refresh(&app, text(&again, "refresh_token")).await;
    assert_ne!(third["refresh_token"], second["refresh_token"]);
    app.bearer(text(&third, "access_token")).get(ME).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_tabs_that_refresh_at_once_all_go_on_with_one_token() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let first = sign_in(&app, &ada).await;
    let token = text(&first, "refresh_token");
    let tabs = futures_util::future::join_all((0..20).map(|_| refresh(&app, token))).await;
    let next: std::collections::BTreeSet<_> = tabs.iter().map(|tab| text(tab, "refresh_token")).collect();
    assert_eq!(next.len(), 1, "one live leaf");
    for tab in &tabs {
        app.bearer(text(tab, "access_token")).get(ME).await.expect(200);
    }
}

#[tokio::test]
async fn a_token_that_comes_back_after_its_successor_was_used_ends_the_session_for_everybody() {
    let app = TestApp::new().await;
    let replica = TestApp::builder().beside(&app).build().await;
    let ada = app.user("ada").await;
    let first = sign_in(&app, &ada).await;
    let second = refresh(&app, text(&first, "refresh_token")).await;
    let third = refresh(&app, text(&second, "refresh_token")).await;
    refused(&app, text(&first, "refresh_token"), "REFRESH_TOKEN_REUSED").await;
    for at in [&app, &replica] {
        at.bearer(text(&third, "access_token")).get(ME).await.refused(401, "Unauthorized");
        refused(at, text(&third, "refresh_token"), "REFRESH_TOKEN_INVALID").await;
    }
    app.deliver().await;
    assert_eq!(app.mailbox().kinds(), [(ada.email().to_owned(), "session_ended_by_reuse")], "the owner is told");
    app.mailbox().take();
    let trail = app.audit().await;
    assert!(trail.iter().any(|row| row.event == "session.refresh_reused" && row.subject_id == Some(ada.id())));
}

#[tokio::test]
async fn an_old_token_dies_a_minute_after_the_new_access_token_was_used() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let first = sign_in(&app, &ada).await;
    let second = refresh(&app, text(&first, "refresh_token")).await;
    app.bearer(text(&second, "access_token")).get(ME).await.expect(200);
    // The first use is noted outside the request: it is there when it can be read.
    let session = forge::claims_of(text(&second, "access_token"))["sid"].as_str().unwrap().parse().unwrap();
    loop {
        let store = &app.auth().core().store;
        let state = store.find_session(portcullis::core::ids::SessionId(session)).await.unwrap().unwrap();
        if state.refresh.is_some_and(|refresh| refresh.used_at.is_some()) {
            break;
        }
        tokio::task::yield_now().await;
    }
    app.clock().advance(Duration::from_secs(59));
    refresh(&app, text(&first, "refresh_token")).await;
    app.clock().advance(Duration::from_secs(2));
    refused(&app, text(&first, "refresh_token"), "REFRESH_TOKEN_REUSED").await;
    app.deliver().await;
    app.mailbox().take();
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_for_two_weeks_and_after_thirty_days_at_the_latest() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let day = Duration::from_secs(24 * 3600);
    let idle = sign_in(&app, &ada).await;
    let mut daily = sign_in(&app, &ada).await;
    for _ in 0..29 {
        app.clock().advance(day);
        daily = refresh(&app, text(&daily, "refresh_token")).await;
    }
    refused(&app, text(&idle, "refresh_token"), "REFRESH_TOKEN_INVALID").await;
    app.clock().advance(day);
    refused(&app, text(&daily, "refresh_token"), "REFRESH_TOKEN_INVALID").await;
}

#[tokio::test]
async fn tokens_of_one_kind_open_nothing_of_another() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let tokens = sign_in(&app, &ada).await;
    app.bearer(text(&tokens, "refresh_token")).get(ME).await.refused(401, "Unauthorized");
    refused(&app, text(&tokens, "access_token"), "REFRESH_TOKEN_INVALID").await;
    let whole = text(&tokens, "refresh_token");
    for wrong in [&whole[..whole.len() - 1], "pcr_", "%", "\0", ""] {
        refused(&app, wrong, "REFRESH_TOKEN_INVALID").await;
    }
    refresh(&app, whole).await;
}

#[tokio::test]
async fn signing_out_a_new_password_and_deactivation_end_the_refresh_token_too() {
    let app = TestApp::builder().ignore_mails().build().await;
    let admin = app.admin().await;
    let ada = app.user("ada").await;
    let signed_out = sign_in(&app, &ada).await;
    app.bearer(text(&signed_out, "access_token")).post("/auth/logout").await.expect(204);
    refused(&app, text(&signed_out, "refresh_token"), "REFRESH_TOKEN_INVALID").await;

    let (this, other) = (sign_in(&app, &ada).await, sign_in(&app, &ada).await);
    let change = json!({"password": "another purple heron"});
    app.bearer(text(&this, "access_token")).patch_json(ME, &change).await.expect(200);
    refused(&app, text(&other, "refresh_token"), "REFRESH_TOKEN_INVALID").await;
    let this = refresh(&app, text(&this, "refresh_token")).await;

    admin.patch_json(&ada.path(), &json!({"is_active": false})).await.expect(200);
    refused(&app, text(&this, "refresh_token"), "REFRESH_TOKEN_INVALID").await;
    admin.patch_json(&ada.path(), &json!({"is_active": true})).await.expect(200);
    refused(&app, text(&this, "refresh_token"), "REFRESH_TOKEN_INVALID").await;
}

#[tokio::test]
async fn a_user_sees_and_ends_their_own_sessions_and_nobody_elses() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let other = app.again(&ada).await;
    let listed = ada.get(SESSIONS).await.expect(200).json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items.iter().filter(|item| item["current"] == true).count(), 1);
    let id = items.iter().find(|item| item["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("{SESSIONS}/{id}");
    let refused = bob.delete(&path).await.expect(404);
    assert_eq!(refused.trail().await, ["session.ended refused SESSION_NOT_FOUND"]);
    other.get(ME).await.expect(200);
    let ended = ada.delete(&path).await.expect(204);
    assert_eq!(ended.trail().await, ["session.ended success"]);
    other.get(ME).await.refused(401, "Unauthorized");
    ada.delete(&path).await.expect(404);
    for odd in ["nonsense", "%ff", "%00"] {
        let answer = ada.delete(&format!("{SESSIONS}/{odd}")).await.expect(404);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{odd}");
    }
}

#[tokio::test]
async fn all_other_sessions_end_together_and_a_minted_token_ends_none() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let elsewhere = [app.again(&ada).await, app.again(&ada).await];
    let minted = app.minted_for(&ada).await;
    minted.delete(SESSIONS).await.expect(403);
    ada.delete(SESSIONS).await.expect(204);
    ada.get(ME).await.expect(200);
    for other in &elsewhere {
        other.get(ME).await.refused(401, "Unauthorized");
    }
    assert_eq!(ada.get(SESSIONS).await.expect(200).json()["items"].as_array().unwrap().len(), 1);
}

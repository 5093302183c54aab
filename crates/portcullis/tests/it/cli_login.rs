//! `{auth}/cli-login`: a tool signs in through a person in another place.

use crate::support::{ME, PASSWORD, count, errors, race, racing, user_now};
use portcullis::core::account::UpdateAccount;
use portcullis::core::device::{DeviceStatus, USER_CODE_ALPHABET};
use portcullis::jobs::{Retention, purge};
use portcullis_testkit::{Call, Identity, Response, TestApp, forge};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::time::Duration;

const START: &str = "/auth/cli-login";

/// A device login, as the tool knows it.
struct Started {
    app: TestApp,
    code: String,
    secret: String,
}

impl Started {
    async fn new(app: &TestApp) -> Self {
        let body = app.anonymous().post(START).await.expect(200).json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Self { app: app.clone(), code: text("code"), secret: text("secret") }
    }

    fn path(&self) -> String {
        format!("{START}/{}", self.code)
    }

    fn poll(&self) -> Call {
        self.app.anonymous().get(&format!("{}?secret={}", self.path(), self.secret))
    }

    async fn status(&self) -> DeviceStatus {
        let core = self.app.auth().core();
        let found = core.store.find_device(&core.keys.code_digest(&self.code)).await.unwrap();
        found.expect("the login is there").status
    }
}

fn pending() -> Value {
    json!({"status": "pending", "token": null})
}

async fn not_found(call: Call) -> Response {
    call.await.refused(404, "Challenge not found")
}

#[tokio::test]
async fn a_tool_gets_a_short_code_for_the_person_and_a_long_secret_for_itself() {
    let app = TestApp::new().await;
    let answer = app.anonymous().post(START).body("text/plain", "ignored").await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    let (code, secret) = (body["code"].as_str().unwrap(), body["secret"].as_str().unwrap());
    assert_eq!(code.len(), 8);
    assert!(code.bytes().all(|letter| USER_CODE_ALPHABET.contains(&letter)), "{code}");
    assert_eq!(secret.len(), 43);
    assert_eq!(body["approve_url"], format!("/auth/cli-login/{code}"));
    assert_eq!(body.as_object().unwrap().len(), 3);
    assert_eq!(answer.trail().await, ["device.started success"]);
}

#[tokio::test]
async fn the_first_poll_after_the_approval_gets_the_token_and_no_other() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let login = Started::new(&app).await;
    assert_eq!(login.poll().await.expect(200).json(), pending());
    assert_eq!(login.poll().await.expect(200).json(), pending());
    let approved = ada.patch(&login.path()).await.expect(200);
    assert_eq!(approved.json(), json!({"status": "approved"}));
    assert_eq!(approved.trail().await, ["device.approved success"]);
    not_found(ada.patch(&login.path())).await;

    let redeemed = login.poll().await.expect(200);
    assert_eq!(redeemed.json()["status"], "approved");
    let rows = redeemed.audit().await;
    assert_eq!((rows[0].event.as_str(), rows[0].subject_id), ("device.redeemed", Some(ada.id())));
    let token = app.bearer(redeemed.json()["token"].as_str().unwrap());
    assert_eq!(token.get(ME).await.expect(200).json()["email"], "ada@example.com");
    assert_eq!(forge::claims_of(token.text())["sub"], ada.id().to_string());

    not_found(login.poll()).await;
    not_found(ada.patch(&login.path())).await;
    not_found(ada.delete(&login.path())).await;
    assert_eq!(login.status().await, DeviceStatus::Redeemed, "a used login stays as a row");
    token.get(ME).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_polls_at_once_one_gets_the_token() {
    let app = racing().await;
    let ada = app.user("ada").await;
    for _ in 0..4 {
        let login = Started::new(&app).await;
        ada.patch(&login.path()).await.expect(200);
        let answers = race((0..50).map(|_| login.poll())).await;
        assert_eq!((count(&answers, 200), count(&answers, 404)), (1, 49));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_replicas_that_redeem_at_once_one_gets_the_token() {
    let app = racing().await;
    let replica = TestApp::builder().beside(&app).config(|config| config.allow_unlimited = true).build().await;
    let ada = app.user("ada").await;
    let login = Started::new(&app).await;
    ada.patch(&login.path()).await.expect(200);
    let there = Started { app: replica, code: login.code.clone(), secret: login.secret.clone() };
    let answers = race((0..10).flat_map(|_| [login.poll(), there.poll()])).await;
    assert_eq!((count(&answers, 200), count(&answers, 404)), (1, 19));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_approvals_by_two_users_one_wins_and_the_token_is_the_winners() {
    let app = racing().await;
    let people = [app.user("ada").await, app.user("bob").await];
    for _ in 0..5 {
        let login = Started::new(&app).await;
        let answers = race((0..20).map(|number| people[number % 2].patch(&login.path()))).await;
        assert_eq!((count(&answers, 200), count(&answers, 404)), (1, 19));
        let winner = &people[answers.iter().position(|answer| answer.status() == 200).unwrap() % 2];
        let token = login.poll().await.expect(200).json();
        let claims = forge::claims_of(token["token"].as_str().unwrap());
        assert_eq!(claims["sub"], winner.id().to_string());
    }
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_code_are_told_the_same() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let login = Started::new(&app).await;
    let mut told = Vec::new();
    for path in [
        format!("{}?secret=wrong", login.path()),
        format!("{}?secret=", login.path()),
        format!("{START}/BCDFGHJK?secret={}", login.secret),
        format!("{START}/{}?secret={}", login.code.to_lowercase(), login.secret),
        format!("{START}/%00?secret=%00"),
        format!("{START}/%ff?secret=%ff"),
    ] {
        let answer = not_found(app.anonymous().get(&path)).await;
        told.push((answer.headers().clone(), answer.text()));
    }
    told.dedup();
    assert_eq!(told.len(), 1);
    assert_eq!(errors(&app.anonymous().get(&login.path()).await.expect(422)), ["missing@query.secret"]);
    app.anonymous().patch(&login.path()).await.refused(401, "Unauthorized");
    app.anonymous().patch(&format!("{START}/BCDFGHJK")).await.refused(401, "Unauthorized");
    not_found(ada.patch(&format!("{START}/{}", login.code.to_lowercase()))).await;
    assert_eq!(login.poll().await.expect(200).json(), pending());
}

#[tokio::test]
async fn the_secret_may_come_in_a_header() {
    let app = TestApp::new().await;
    let login = Started::new(&app).await;
    let poll = |secret: &str| app.anonymous().get(&login.path()).header("x-cli-login-secret", secret);
    assert_eq!(poll(&login.secret).await.expect(200).json(), pending());
    not_found(poll("wrong")).await;
}

#[tokio::test]
async fn guessing_secrets_ends_in_a_429_that_a_right_one_never_gets() {
    let app = TestApp::new().await;
    let login = Started::new(&app).await;
    let wrong = || app.anonymous().get(&format!("{}?secret=wrong", login.path()));
    for _ in 0..20 {
        not_found(wrong()).await;
    }
    let limited = wrong().await.refused(429, "Too Many Requests");
    assert!(limited.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    login.poll().await.expect(200);
    not_found(wrong().from(Ipv4Addr::new(198, 51, 100, 1))).await;
}

#[tokio::test]
async fn a_tool_may_poll_every_second_until_the_end() {
    let app = TestApp::new().await;
    let login = Started::new(&app).await;
    for _ in 0..299 {
        app.clock().advance(Duration::from_secs(1));
        assert_eq!(login.poll().await.expect(200).json(), pending());
    }
    app.clock().advance(Duration::from_secs(1));
    login.poll().await.refused(410, "Challenge expired");
}

#[tokio::test]
async fn guessing_codes_while_signed_in_ends_in_a_429_and_a_row() {
    let app = TestApp::new().await;
    let (eve, ada) = (app.user("eve").await, app.user("ada").await);
    for _ in 0..5 {
        not_found(eve.patch(&format!("{START}/BCDFGHJK"))).await;
    }
    let limited = eve.patch(&format!("{START}/BCDFGHJK")).await.refused(429, "Too Many Requests");
    assert_eq!(limited.trail().await, ["throttle.limited refused TOO_MANY_REQUESTS"]);
    eve.delete(&format!("{START}/BCDFGHJK")).await.refused(429, "Too Many Requests");
    let login = Started::new(&app).await;
    ada.patch(&login.path()).await.expect(200);
}

#[tokio::test]
async fn nothing_is_opened_after_the_time_is_over() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let (waiting, approved) = (Started::new(&app).await, Started::new(&app).await);
    ada.patch(&approved.path()).await.expect(200);
    app.clock().advance(Duration::from_secs(300));
    for login in [&waiting, &approved] {
        login.poll().await.refused(410, "Challenge expired");
        not_found(app.anonymous().get(&format!("{}?secret=wrong", login.path()))).await;
    }
    ada.patch(&waiting.path()).await.refused(410, "Challenge expired");
    not_found(ada.patch(&approved.path())).await;
    ada.delete(&waiting.path()).await.expect(204);
    not_found(waiting.poll()).await;
    assert!(app.audit().await.iter().all(|row| row.event != "device.redeemed" || row.result == "refused"));
}

#[tokio::test]
async fn any_user_may_reject_what_nobody_claimed_and_the_row_stays() {
    let app = TestApp::new().await;
    let bob = app.user("bob").await;
    let login = Started::new(&app).await;
    let answer = bob.delete(&login.path()).await.expect(204);
    assert_eq!(answer.trail().await, ["device.rejected success"]);
    not_found(login.poll()).await;
    not_found(bob.delete(&login.path())).await;
    not_found(bob.patch(&login.path())).await;
    assert_eq!(login.status().await, DeviceStatus::Rejected);
}

#[tokio::test]
async fn only_the_approver_takes_an_approval_back() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let login = Started::new(&app).await;
    ada.patch(&login.path()).await.expect(200);
    for refused in [bob.delete(&login.path()), bob.patch(&login.path()), app.admin().await.delete(&login.path())] {
        let answer = not_found(refused).await;
        assert_eq!(answer.trail().await.len(), 1);
        assert!(answer.trail().await[0].ends_with("refused CHALLENGE_NOT_FOUND"));
    }
    assert_eq!(login.status().await, DeviceStatus::Approved);
    ada.delete(&login.path()).await.expect(204);
    not_found(login.poll()).await;

    let login = Started::new(&app).await;
    ada.patch(&login.path()).await.expect(200);
    let token = login.poll().await.expect(200).json();
    not_found(bob.delete(&login.path())).await;
    not_found(ada.delete(&login.path())).await;
    app.bearer(token["token"].as_str().unwrap()).get(ME).await.expect(200);
}

#[tokio::test]
async fn whoever_looked_at_the_page_first_decides() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let login = Started::new(&app).await;
    let core = app.auth().core();
    let principal = core.authenticate(&core.context(), ada.bearer().text()).await.unwrap();
    let shown = core.view_device(&core.context(), &principal, &login.code).await.unwrap();
    assert_eq!(shown.peer.as_deref(), Some("192.0.2.1"));
    not_found(bob.patch(&login.path())).await;
    not_found(bob.delete(&login.path())).await;
    ada.patch(&login.path()).await.expect(200);
    login.poll().await.expect(200);
}

#[tokio::test]
async fn a_minted_token_and_one_of_a_device_approve_nothing() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let (minted, device) = (app.minted_for(&ada).await, app.device_token(&ada).await);
    let login = Started::new(&app).await;
    for token in [&minted, &device] {
        let answer = token.patch(&login.path()).await.refused(403, "Forbidden");
        assert_eq!(answer.trail().await, ["device.approved refused FORBIDDEN"]);
    }
    let answer = minted.delete(&login.path()).await.refused(403, "Forbidden");
    let rows = answer.audit().await;
    assert_eq!(rows[0].impersonator_id, Some(app.admin().await.id()));
    assert_eq!(login.poll().await.expect(200).json(), pending());
    ada.patch(&login.path()).await.expect(200);
}

#[tokio::test]
async fn an_approval_dies_with_what_it_was_made_with() {
    let app = TestApp::new().await;
    let update = |update: UpdateAccount| update;
    for (name, change) in [
        ("gone", update(UpdateAccount { is_active: Some(false), ..UpdateAccount::default() })),
        ("changed", update(UpdateAccount { password: Some(PASSWORD.to_owned().into()), ..UpdateAccount::default() })),
    ] {
        let person = app.user(name).await;
        let login = Started::new(&app).await;
        person.patch(&login.path()).await.expect(200);
        app.auth().users().update(person.id(), change).await.unwrap();
        not_found(login.poll()).await;
        app.auth()
            .users()
            .update(person.id(), UpdateAccount { is_active: Some(true), ..UpdateAccount::default() })
            .await
            .unwrap();
        not_found(login.poll()).await;
        assert!(user_now(&app, person.user()).await.is_active);
    }
    app.deliver().await;
    app.mailbox().take();
}

#[tokio::test]
async fn old_logins_are_purged() {
    let app = TestApp::new().await;
    let login = Started::new(&app).await;
    app.clock().advance(Duration::from_secs(29 * 86_400));
    assert_eq!(purge(app.auth().core(), Retention::default()).await.unwrap().devices, 0);
    app.clock().advance(Duration::from_secs(2 * 86_400));
    assert_eq!(purge(app.auth().core(), Retention::default()).await.unwrap().devices, 1);
    not_found(login.poll()).await;
}

#[tokio::test]
async fn looking_with_head_redeems_nothing() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let login = Started::new(&app).await;
    ada.patch(&login.path()).await.expect(200);
    app.anonymous().head(&format!("{}?secret={}", login.path(), login.secret)).await.expect(405);
    assert_eq!(login.status().await, DeviceStatus::Approved);
    assert_eq!(login.poll().await.expect(200).json()["status"], "approved");
}

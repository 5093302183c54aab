//! How often things may be tried.

use crate::support::{LOGIN, PASSWORD, REGISTER, login};
use portcullis_testkit::{Call, Identity, Response, TestApp};
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

fn peer(number: u8) -> IpAddr {
    Ipv4Addr::new(198, 51, 100, number).into()
}

fn limited(answer: Response) -> u64 {
    let answer = answer.refused(429, "Too Many Requests");
    answer.header("retry-after").expect("when to come back").parse().expect("in seconds")
}

fn register(app: &TestApp, number: usize) -> Call {
    app.anonymous().post_json(REGISTER, &json!({"email": format!("u{number}@example.com"), "password": PASSWORD}))
}

#[tokio::test]
async fn wrong_passwords_for_one_account_end_in_a_429_in_whatever_spelling_and_from_wherever() {
    let app = TestApp::new().await;
    let (victim, other) = (app.user("victim").await, app.user("other").await);
    let spellings = [
        "Victim@Example.com",
        "victim@EXAMPLE.COM",
        "VICTIM@example.com",
        "\u{ff56}ictim@example.com",
        "victim@example.com",
    ];
    for number in 0..10u8 {
        let username = spellings[usize::from(number) % spellings.len()];
        let call = app.anonymous().form(LOGIN, &[("username", username), ("password", "a guess")]);
        call.from(peer(number)).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    }
    let before = app.hashes().get();
    let right = [("username", victim.email()), ("password", victim.password())];
    let wait = limited(app.anonymous().form(LOGIN, &right).from(peer(99)).await);
    assert_eq!(app.hashes().get(), before, "what is refused is not hashed");
    assert!(wait <= 30, "{wait}");
    login(&app, other.email(), other.password()).await.expect(200);
    app.clock().advance(Duration::from_secs(wait));
    login(&app, victim.email(), victim.password()).await.expect(200);
    // A right one empties the count.
    for _ in 0..10 {
        login(&app, victim.email(), "a guess").await.expect(400);
    }
    limited(login(&app, victim.email(), "a guess").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_the_same_instant_do_not_slip_through() {
    let app = TestApp::builder().store(portcullis_testkit::StoreKind::durable()).build().await;
    let ada = app.user("ada").await;
    let before = app.hashes().get();
    let call = || app.anonymous().form(LOGIN, &[("username", ada.email()), ("password", "a guess")]);
    let answers = crate::support::race((0..50).map(|_| call())).await;
    assert_eq!(crate::support::count(&answers, 400), 10);
    assert_eq!(crate::support::count(&answers, 429), 40);
    assert_eq!(app.hashes().get() - before, 10);
}

#[tokio::test]
async fn logins_from_one_place_are_limited_over_all_accounts() {
    let app = TestApp::new().await;
    let guess = |number: u32, from| {
        let name = format!("u{number}@example.com");
        app.anonymous().form(LOGIN, &[("username", &name), ("password", "a guess")]).from(from)
    };
    for number in 0..60 {
        guess(number, peer(1)).await.expect(400);
    }
    limited(guess(60, peer(1)).await);
    guess(60, peer(2)).await.expect(400);
    app.clock().advance(Duration::from_secs(2));
    guess(61, peer(1)).await.expect(400);
}

#[tokio::test]
async fn registrations_from_one_place_are_limited_after_a_burst() {
    let app = TestApp::new().await;
    for number in 0..30 {
        register(&app, number).await.expect(201);
    }
    assert!(limited(register(&app, 30).await) <= 60);
    assert_eq!(app.auth().users().list(0, 1).await.unwrap().total, 31, "and the admin");
    app.clock().advance(Duration::from_secs(60));
    register(&app, 31).await.expect(201);
    limited(register(&app, 32).await);
    register(&app, 33).from(peer(1)).await.expect(201);
}

#[tokio::test]
async fn a_customer_with_a_whole_ipv6_network_is_one_place() {
    let app = TestApp::new().await;
    let from = |text: &str| text.parse::<IpAddr>().unwrap();
    for number in 0..30 {
        register(&app, number).from(from(&format!("2001:db8:1:2::{number:x}"))).await.expect(201);
    }
    limited(register(&app, 30).from(from("2001:db8:1:2:ffff::1")).await);
    register(&app, 31).from(from("2001:db8:1:3::1")).await.expect(201);
    // An IPv4 address in IPv6's clothes is the same place.
    for number in 40..70 {
        register(&app, number).from(peer(7)).await.expect(201);
    }
    limited(register(&app, 70).from(from("::ffff:198.51.100.7")).await);
}

#[tokio::test]
async fn more_mails_than_anybody_needs_are_not_sent_and_nobody_is_told() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    for _ in 0..10 {
        app.anonymous().post_json("/auth/forgot-password", &json!({"email": "ADA@example.com"})).await.expect(202);
    }
    assert_eq!(app.mailbox().take_for(ada.email()).len(), 3);
    for number in 0..20 {
        let body = json!({"email": format!("u{number}@example.com")});
        app.anonymous().post_json("/auth/forgot-password", &body).await.expect(202);
    }
    limited(app.anonymous().post_json("/auth/request-verify-token", &json!({"email": ada.email()})).await);
}

#[tokio::test]
async fn mailed_tokens_cannot_be_guessed() {
    let app = TestApp::new().await;
    for _ in 0..20 {
        app.anonymous().post_json("/auth/verify", &json!({"token": "a guess"})).await.expect(400);
    }
    limited(app.anonymous().post_json("/auth/verify", &json!({"token": "a guess"})).await);
    limited(
        app.anonymous().post_json("/auth/reset-password", &json!({"token": "a guess", "password": PASSWORD})).await,
    );
}

#[tokio::test]
async fn new_device_logins_from_one_place_are_limited() {
    let app = TestApp::new().await;
    for _ in 0..30 {
        app.anonymous().post("/auth/cli-login").await.expect(200);
    }
    limited(app.anonymous().post("/auth/cli-login").await);
    app.anonymous().post("/auth/cli-login").from(peer(1)).await.expect(200);
}

#[tokio::test]
async fn a_deployment_may_switch_limits_off_and_is_warned() {
    let app = TestApp::builder().config(|config| config.allow_unlimited = true).build().await;
    assert!(app.auth().warnings().iter().any(|warning| warning.contains("PORTCULLIS_ALLOW_UNLIMITED")));
    for number in 0..70 {
        register(&app, number).await.expect(201);
        login(&app, "u0@example.com", "a guess").await.expect(400);
    }
    assert_eq!(app.audit().await.iter().filter(|row| row.event == "throttle.limited").count(), 0);
}

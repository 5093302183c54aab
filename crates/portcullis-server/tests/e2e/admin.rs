//! The configured admin: each case of what zndraw-auth does with one, and what ours does instead.

use crate::operator::{ADMIN, Http, production, refused, run};
use portcullis_testkit::process::Launch;
use serde_json::{Value, json};

const BOB: (&str, &str) = ("bob@example.com", "four unrelated words");

/// The same deployment with Bob's address as the admin's, and the admin's password.
fn with_bob(launch: &Launch) -> Launch {
    launch.clone().env("PORTCULLIS_DEFAULT_ADMIN_EMAIL", BOB.0)
}

/// Starts, lets Bob register, changes his account as the admin, and stops.
async fn bob(launch: &Launch, change: Option<Value>) {
    let server = launch.start().await;
    let http = Http::to(&server);
    let bob = http.register(BOB.0, BOB.1).await;
    if let Some(change) = change {
        let token = http.login(ADMIN.0, ADMIN.1).await.expect("the admin");
        http.change(&token, bob["id"].as_str().unwrap(), change).await;
    }
    assert!(server.terminate().await.success());
}

async fn account(launch: &Launch, email: &str) -> Value {
    let users: Value = serde_json::from_str(&run(launch, &["user", "list", "--json"], 0).await).unwrap();
    let items = users["items"].as_array().unwrap();
    items.iter().find(|user| user["email"] == email).unwrap_or_else(|| panic!("no {email} in {users}")).clone()
}

#[tokio::test]
async fn it_is_made_active_verified_and_superuser_and_can_do_what_superusers_do() {
    let launch = production();
    let server = launch.start().await;
    let http = Http::to(&server);
    let token = http.login(ADMIN.0, ADMIN.1).await.expect("a login");
    let me = http.me(&token).await.expect("signed in");
    assert_eq!((&me["is_active"], &me["is_superuser"], &me["is_verified"]), (&json!(true), &json!(true), &json!(true)));
    assert_eq!(http.register(BOB.0, BOB.1).await["is_superuser"], false);
}

#[tokio::test]
async fn another_configured_password_changes_nothing_and_is_said() {
    let launch = production();
    assert!(launch.start().await.terminate().await.success());
    let launch = launch.env("PORTCULLIS_DEFAULT_ADMIN_PASSWORD", "another configured password");
    let server = launch.start().await;
    assert!(server.output().contains("another password than PORTCULLIS_DEFAULT_ADMIN_PASSWORD"), "{}", server.output());
    let http = Http::to(&server);
    assert!(http.login(ADMIN.0, ADMIN.1).await.is_some());
    assert!(http.login(ADMIN.0, "another configured password").await.is_none());
}

#[tokio::test]
async fn half_an_admin_or_one_that_could_not_log_in_is_refused() {
    let (email, password) = ("PORTCULLIS_DEFAULT_ADMIN_EMAIL", "PORTCULLIS_DEFAULT_ADMIN_PASSWORD");
    let launch = production();
    for (launch, named) in [
        (launch.clone().without_env(password), email),
        (launch.clone().without_env(email), password),
        (launch.clone().env(email, ""), email),
        (launch.clone().env(email, "admin"), email),
        (launch.clone().env(email, "admin@zndraw.local"), email),
        (launch.clone().env(password, "short"), password),
    ] {
        let output = refused(&launch).await;
        assert!(output.contains(&format!("error: {named} (environment)")), "{output}");
    }
    assert_eq!(std::fs::read_dir(launch.folder()).unwrap().count(), 0);
}

#[tokio::test]
async fn whoever_registered_the_address_first_does_not_become_superuser() {
    let launch = production();
    bob(&launch, None).await;
    let output = refused(&with_bob(&launch)).await;
    let id = account(&launch, BOB.0).await["id"].as_str().unwrap().to_owned();
    assert!(output.contains(&format!("portcullis user promote {id}")), "{output}");
    assert_eq!(account(&launch, BOB.0).await["is_superuser"], false);
    // The operator knows that it is Bob's.
    run(&launch, &["user", "promote", &id], 0).await;
    let server = with_bob(&launch).start().await;
    let http = Http::to(&server);
    let token = http.login(BOB.0, BOB.1).await.expect("his own password");
    assert_eq!(http.me(&token).await.expect("signed in")["is_superuser"], true);
    assert!(http.login(BOB.0, ADMIN.1).await.is_none());
}

#[tokio::test]
async fn a_verified_account_with_the_address_is_promoted_and_keeps_its_password() {
    let launch = production();
    bob(&launch, Some(json!({ "is_verified": true }))).await;
    let server = with_bob(&launch).start().await;
    let http = Http::to(&server);
    let token = http.login(BOB.0, BOB.1).await.expect("his own password");
    assert_eq!(http.me(&token).await.expect("signed in")["is_superuser"], true);
}

#[tokio::test]
async fn a_deactivated_admin_stays_deactivated_and_that_is_said() {
    let launch = production();
    bob(&launch, Some(json!({ "is_verified": true, "is_superuser": true, "is_active": false }))).await;
    let server = with_bob(&launch).start().await;
    assert!(server.output().contains("the configured admin is deactivated"), "{}", server.output());
    assert!(Http::to(&server).login(BOB.0, BOB.1).await.is_none());
    assert_eq!(account(&launch, BOB.0).await["is_active"], false);
}

#[tokio::test]
async fn another_letter_case_is_the_same_account() {
    let launch = production();
    assert!(launch.start().await.terminate().await.success());
    let launch = launch.env("PORTCULLIS_DEFAULT_ADMIN_EMAIL", "Admin@Example.COM");
    let server = launch.start().await;
    assert!(Http::to(&server).login("ADMIN@example.com", ADMIN.1).await.is_some());
    let users: Value = serde_json::from_str(&run(&launch, &["user", "list"], 0).await).unwrap();
    assert_eq!(users["total"], 1);
}

#[tokio::test]
async fn the_last_superuser_is_not_demoted_from_the_console_either() {
    let launch = production();
    assert!(launch.start().await.terminate().await.success());
    let output = run(&launch, &["user", "demote", ADMIN.0], 1).await;
    assert!(output.contains("last active superuser"), "{output}");
}

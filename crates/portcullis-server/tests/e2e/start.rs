//! Starting: nothing to set up on a developer's machine, nothing unsafe anywhere else.

use crate::operator::{ADMIN, Http, SECRET, launch, production, refused, run, with_admin};
use portcullis_testkit::postgres;
use portcullis_testkit::process::Launch;
use reqwest::Method;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

#[tokio::test]
async fn without_any_setting_it_serves_a_developer() {
    let launch = launch();
    let server = launch.start().await;
    let output = server.output();
    for said in
        ["listening on http://127.0.0.1:", "sqlite://portcullis.db", "\"mode\":\"dev\"", "try: curl http://127.0.0.1:"]
    {
        assert!(output.contains(said), "{said} in {output}");
    }
    let http = Http::to(&server);
    let health: Value = http.get("/healthz").await.json().await.unwrap();
    assert_eq!(health, json!({ "status": "ok", "mode": "dev" }));
    assert_eq!(http.register("ada@example.com", "four unrelated words").await["is_superuser"], true);
    let token = http.login("ada@example.com", "four unrelated words").await.expect("a login");

    // The secret was made once: the developer's token outlives a restart, even one by SIGKILL.
    let server = server.kill_and_restart().await;
    let me = Http::to(&server).me(&token).await.expect("still signed in");
    assert_eq!(me["email"], "ada@example.com");
}

#[tokio::test]
async fn files_are_their_owners_whatever_the_umask() {
    let command = format!("umask 000 && exec {} serve", env!("CARGO_BIN_EXE_portcullis"));
    let launch = Launch::new("/bin/sh").arguments(["-c", command.as_str()]);
    let server = launch.start().await;
    Http::to(&server).register("ada@example.com", "four unrelated words").await;
    let mut seen = 0;
    for entry in std::fs::read_dir(launch.folder()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert!(seen >= 2, "the database and the secret");
}

#[tokio::test]
async fn mails_of_dev_mode_are_found_and_their_tokens_work() {
    let server = launch().start().await;
    let http = Http::to(&server);
    http.register("ada@example.com", "four unrelated words").await;
    assert_eq!(http.post("/auth/request-verify-token", json!({ "email": "ada@example.com" })).await.status(), 202);
    server.wait_for_line("a mail, verify_email").await;
    let mails: Value = http.get("/dev/mails").await.json().await.unwrap();
    let mail = mails.as_array().unwrap().iter().find(|mail| mail["kind"] == "verify_email").expect("the mail");
    assert_eq!(mail["to"], "ada@example.com");
    assert_eq!(mail["link"], format!("{}/auth/verify", server.url()));
    let verified = http.post("/auth/verify", json!({ "token": mail["token"] })).await;
    assert_eq!(verified.status(), 200);
    assert_eq!(verified.json::<Value>().await.unwrap()["is_verified"], true);
}

#[tokio::test]
async fn dev_mode_does_not_answer_to_a_strangers_name() {
    let server = launch().start().await;
    let http = Http::to(&server);
    for (host, status) in [("evil.example", 421), ("localhost:1", 200), ("127.0.0.1", 200), ("[::1]:80", 200)] {
        let answer = http.request(Method::GET, "/healthz").header("host", host).send().await.unwrap();
        assert_eq!(answer.status(), status, "{host}");
    }
}

#[tokio::test]
async fn dev_mode_is_refused_wherever_others_could_come() {
    for (name, value) in [
        ("PORTCULLIS_LISTEN", "0.0.0.0:0"),
        ("PORTCULLIS_LISTEN", "[::]:0"),
        ("PORTCULLIS_DATABASE_URL", "postgres://ada:hunter2@127.0.0.1:1/db"),
        ("PORTCULLIS_TRUSTED_PROXIES", "127.0.0.1"),
        ("PORTCULLIS_PUBLIC_URL", "https://auth.example.com"),
    ] {
        let launch = launch().env(name, value);
        let output = refused(&launch).await;
        assert!(output.contains(name) && output.contains("PORTCULLIS_DEFAULT_ADMIN_EMAIL"), "{output}");
        // It was refused before anything was made.
        assert_eq!(std::fs::read_dir(launch.folder()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn production_needs_a_secret_that_nobody_knows() {
    let launch = production().without_env("PORTCULLIS_SECRET_KEY");
    for secret in [
        None,
        Some(""),
        Some("hunter2"),
        Some("CHANGE-ME-IN-PRODUCTION"),
        Some("CHANGE-ME-IN-PRODUCTION-SECRET!"),
        Some("CHANGE-ME-RESET"),
        Some("CHANGE-ME-VERIFY"),
    ] {
        for name in ["PORTCULLIS_SECRET_KEY", "ZNDRAW_AUTH_SECRET_KEY"] {
            let launch = secret.map_or_else(|| launch.clone(), |secret| launch.clone().env(name, secret));
            let begun = Instant::now();
            let output = refused(&launch).await;
            assert!(begun.elapsed() < Duration::from_secs(20), "a refusal does not take its time");
            let named = if secret.is_some() { name } else { "PORTCULLIS_SECRET_KEY" };
            assert!(output.contains(named) && output.contains("portcullis keygen"), "{output}");
            assert!(!secret.is_some_and(|secret| !secret.is_empty() && output.contains(secret)), "{output}");
        }
    }
}

#[tokio::test]
async fn superusers_of_dev_mode_must_be_settled_before_production() {
    let launch = launch();
    let server = launch.start().await;
    let http = Http::to(&server);
    let kept = http.register("kept@example.com", "four unrelated words").await;
    http.register("demoted@example.com", "four unrelated words").await;
    assert!(server.terminate().await.success());

    let production = with_admin(&launch);
    let output = refused(&production).await;
    for named in ["kept@example.com", "demoted@example.com", "portcullis user promote", "portcullis user demote"] {
        assert!(output.contains(named), "{named} in {output}");
    }
    // The commands need nothing but the database.
    run(&launch, &["user", "promote", kept["id"].as_str().unwrap()], 0).await;
    let output = refused(&production).await;
    assert!(!output.contains("kept@example.com") && output.contains("demoted@example.com"), "{output}");
    run(&launch, &["user", "demote", "Demoted@Example.com"], 0).await;

    let server = production.start().await;
    let http = Http::to(&server);
    for (email, superuser) in [("kept@example.com", true), ("demoted@example.com", false)] {
        let token = http.login(email, "four unrelated words").await.expect("a login");
        assert_eq!(http.me(&token).await.expect("signed in")["is_superuser"], superuser, "{email}");
    }
    assert_eq!(http.register("new@example.com", "four unrelated words").await["is_superuser"], false);
    run(&launch, &["user", "promote", "nobody@example.com"], 1).await;
}

#[tokio::test]
async fn two_servers_that_start_at_once_on_nothing_share_one_schema_and_one_admin() {
    nothing_becomes_one_deployment(&production()).await;
}

#[tokio::test]
async fn two_servers_that_start_at_once_on_nothing_share_one_postgres_database() {
    let Some(fresh) = postgres::fresh_database().await else { return };
    nothing_becomes_one_deployment(&production().env("PORTCULLIS_DATABASE_URL", fresh.url())).await;
}

async fn nothing_becomes_one_deployment(launch: &Launch) {
    let (one, other) = tokio::join!(launch.start(), launch.start());
    for server in [&one, &other] {
        let http = Http::to(server);
        assert_eq!(http.get("/readyz").await.status(), 200);
        assert!(http.login(ADMIN.0, ADMIN.1).await.is_some());
    }
    let users: Value = serde_json::from_str(&run(launch, &["user", "list"], 0).await).unwrap();
    assert_eq!(users["total"], 1);
}

#[tokio::test]
async fn an_address_in_use_and_a_database_that_does_not_answer_have_codes_of_their_own() {
    let server = launch().start().await;
    let taken = server.address().to_string();
    let output = run(&launch().env("PORTCULLIS_LISTEN", &taken), &["serve"], 71).await;
    assert!(output.contains("PORTCULLIS_LISTEN") && output.contains(&taken), "{output}");
    let nowhere = production().env("PORTCULLIS_DATABASE_URL", "postgres://ada:hunter2@127.0.0.1:1/db");
    run(&nowhere, &["serve"], 69).await;
    let folder = launch().env("PORTCULLIS_DATABASE_URL", "sqlite://no/such/folder/a.db");
    assert!(refused(&folder).await.contains("no/such/folder"));
    assert!(!server.output().contains(SECRET));
}

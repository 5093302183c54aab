//! Drives the program as its header does.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use portcullis_testkit::process::Launch;
use portcullis_testkit::shell::{Shell, curl_lines};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

const PROGRAM: &str = include_str!("../src/main.rs");
const README: &str = include_str!("../../../README.md");
const SECRET: &str = "a secret of the test, at least thirty-two bytes long";

fn program() -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_example-minimal")).arguments(["127.0.0.1:0"])
}

#[tokio::test]
async fn who_registers_and_logs_in_is_greeted_also_after_a_restart() {
    let server = program().env("PORTCULLIS_SECRET_KEY", SECRET).start().await;
    let client = Client::new();
    let ada = json!({ "email": "ada@example.com", "password": "correct horse battery" });
    let registered = client.post(format!("{}/auth/register", server.url())).json(&ada).send().await;
    assert_eq!(registered.expect("an answer").status(), StatusCode::CREATED);

    let form = [("username", "ada@example.com"), ("password", "correct horse battery")];
    let login = client.post(format!("{}/auth/jwt/login", server.url())).form(&form).send().await;
    let login: Value = login.expect("an answer").json().await.expect("JSON");
    let token = login["access_token"].as_str().expect("a token");

    let server = server.kill_and_restart().await;
    let hello = client.get(format!("{}/hello", server.url())).bearer_auth(token).send().await;
    assert_eq!(hello.expect("an answer").text().await.expect("text"), "Hello ada@example.com!");
    let stranger = client.get(format!("{}/hello", server.url())).send().await;
    assert_eq!(stranger.expect("an answer").status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_secret_it_says_what_to_do() {
    let ended = program().run().await;
    assert!(!ended.status.success());
    assert!(ended.output.contains("PORTCULLIS_SECRET_KEY is missing"), "{}", ended.output);
}

#[test]
fn it_is_short_and_what_the_readme_shows() {
    let code = &PROGRAM[PROGRAM.find("use axum").expect("code")..];
    assert!(code.lines().filter(|line| !line.trim().is_empty()).count() <= 20);
    assert!(README.contains(&format!("```rust,no_run\n{code}```\n")), "the README shows another program");
}

#[tokio::test]
async fn the_lines_of_the_header_do_what_they_promise() {
    let server = program().env("PORTCULLIS_SECRET_KEY", SECRET).start().await;
    let mut shell = Shell::new(&server);
    let statuses: Vec<_> = curl_lines(PROGRAM).into_iter().map(|line| shell.run(line).status).collect();
    assert_eq!(statuses, [201, 200, 200]);
}

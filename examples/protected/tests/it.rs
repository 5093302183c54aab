//! Drives the program as its header does.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use portcullis_testkit::process::{Launch, ServerProcess};
use portcullis_testkit::shell::{Shell, curl_lines};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

async fn start() -> ServerProcess {
    Launch::new(env!("CARGO_BIN_EXE_example-protected")).arguments(["127.0.0.1:0"]).start().await
}

/// Asks `path` with the value of an `Authorization` header.
async fn get(server: &ServerProcess, path: &str, authorization: Option<&str>) -> (StatusCode, Value) {
    let mut request = Client::new().get(format!("{}{path}", server.url()));
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn sign_in(server: &ServerProcess) -> String {
    let client = Client::new();
    let ada = json!({ "email": "ada@example.com", "password": "correct horse battery" });
    let registered = client.post(format!("{}/auth/register", server.url())).json(&ada).send().await;
    assert_eq!(registered.expect("an answer").status(), StatusCode::CREATED);
    let form = [("username", "ada@example.com"), ("password", "correct horse battery")];
    let login = client.post(format!("{}/auth/jwt/login", server.url())).form(&form).send().await;
    let login: Value = login.expect("an answer").json().await.expect("JSON");
    format!("Bearer {}", login["access_token"].as_str().expect("a token"))
}

#[tokio::test]
async fn the_protected_route_greets_who_is_signed_in() {
    let server = start().await;
    let ada = sign_in(&server).await;
    let hello = json!({ "message": "Hello ada@example.com!" });
    assert_eq!(get(&server, "/protected", Some(&ada)).await, (StatusCode::OK, hello));
    let unauthorized = (StatusCode::UNAUTHORIZED, json!({ "detail": "Unauthorized" }));
    assert_eq!(get(&server, "/protected", None).await, unauthorized);
    assert_eq!(get(&server, "/protected", Some("Bearer nonsense")).await, unauthorized);
}

#[tokio::test]
async fn only_who_sends_no_credential_is_a_stranger() {
    let server = start().await;
    let ada = sign_in(&server).await;
    let stranger = json!({ "message": "Hello stranger!" });
    assert_eq!(get(&server, "/", None).await, (StatusCode::OK, stranger));
    assert_eq!(get(&server, "/", Some(&ada)).await.1["message"], "Hello ada@example.com!");
    assert_eq!(get(&server, "/", Some("Bearer nonsense")).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_lacks_a_right_is_refused() {
    let server = start().await;
    let ada = sign_in(&server).await;
    let forbidden = (StatusCode::FORBIDDEN, json!({ "detail": "Forbidden" }));
    for path in ["/verified", "/superuser"] {
        assert_eq!(get(&server, path, Some(&ada)).await, forbidden, "{path}");
        assert_eq!(get(&server, path, None).await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn the_lines_of_the_header_do_what_they_promise() {
    let server = start().await;
    let mut shell = Shell::new(&server);
    let statuses: Vec<_> =
        curl_lines(include_str!("../src/main.rs")).into_iter().map(|line| shell.run(line).status).collect();
    assert_eq!(statuses, [201, 200, 200, 200]);
}

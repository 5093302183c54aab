//! Stopping: what was begun is finished, unless somebody insists.

use crate::operator::{Http, launch};
use portcullis_testkit::process::ServerProcess;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Begins a registration and leaves its body unfinished.
async fn begin(server: &ServerProcess) -> (TcpStream, &'static str) {
    let body = r#"{"email":"ada@example.com","password":"four unrelated words"}"#;
    let (first, rest) = body.split_at(20);
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = format!(
        "POST /auth/register HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{first}",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    // A second request on a connection of its own: when it is answered, the first one has been taken up.
    assert_eq!(Http::to(server).get("/healthz").await.status(), 200);
    (connection, rest)
}

#[tokio::test]
async fn it_is_not_ready_first_then_answers_what_was_begun_and_ends_with_zero() {
    let mut server = launch().env("PORTCULLIS_DRAIN_SECONDS", "2").start().await;
    let (mut connection, rest) = begin(&server).await;
    server.send_terminate();
    server.wait_for_line("no longer ready").await;
    assert_eq!(Http::to(&server).get("/readyz").await.status(), 503);
    assert_eq!(Http::to(&server).get("/healthz").await.status(), 200);
    server.wait_for_line("new ones are not accepted").await;
    connection.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 ") && answer.contains("ada@example.com"), "{answer}");
    assert_eq!(server.exited().await.code(), Some(0));
    assert!(server.output().contains("stopped"));
}

#[tokio::test]
async fn a_second_signal_stops_at_once() {
    let mut server = launch().start().await;
    let (_connection, _) = begin(&server).await;
    server.send_terminate();
    server.wait_for_line("new ones are not accepted").await;
    let begun = Instant::now();
    server.send_terminate();
    assert_eq!(server.exited().await.code(), Some(1));
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(server.output().contains("a second signal came"));
}

#[tokio::test]
async fn an_idle_connection_keeps_nobody_waiting() {
    let server = launch().start().await;
    let _silent = TcpStream::connect(server.address()).await.unwrap();
    let http = Http::to(&server);
    assert_eq!(http.get("/healthz").await.status(), 200);
    let begun = Instant::now();
    assert!(server.terminate().await.success());
    assert!(begun.elapsed() < Duration::from_secs(15));
}

//! A shell stands in for the server: these tests are about the harness.

use super::*;

fn shell(script: &str) -> Launch {
    Launch::new("/bin/sh").arguments(["-c", script])
}

#[test]
fn the_address_is_found_however_the_line_goes_on() {
    let expected = "127.0.0.1:4711".parse().ok();
    for line in [
        "portcullis listening on http://127.0.0.1:4711",
        "INFO listening on 127.0.0.1:4711.",
        r#"{"message":"listening on http://127.0.0.1:4711/","mode":"dev"}"#,
        "listening on http://127.0.0.1:4711 (dev)",
    ] {
        assert_eq!(address_in(line), expected, "{line}");
    }
    assert_eq!(address_in("listening on http://[::1]:80"), "[::1]:80".parse().ok());
    assert_eq!(address_in("listening on a socket"), None);
}

#[tokio::test]
async fn a_server_starts_where_it_says_and_stops_when_asked() {
    let script = "trap 'echo stopping; exit 7' TERM; echo \"$PORTCULLIS_LISTEN\" >&2; \
                  echo listening on http://127.0.0.1:4711; while :; do :; done";
    let server = shell(script).start().await;
    assert_eq!(server.url(), "http://127.0.0.1:4711");
    assert_eq!(server.wait_for_line("127.0.0.1:0").await, "127.0.0.1:0");
    assert_eq!(server.terminate().await.code(), Some(7));
}

#[tokio::test]
async fn a_killed_server_starts_again_in_its_folder() {
    let script = "echo run >> runs; echo runs: $(wc -l < runs); echo listening on 127.0.0.1:4711; [ -p pipe ] || mkfifo pipe; exec cat pipe";
    let server = shell(script).start().await;
    assert!(server.output().contains("runs: 1"));
    let folder = server.launch().folder().to_owned();
    let server = server.kill_and_restart().await;
    assert!(server.output().contains("runs: 2"));
    drop(server);
    assert!(!folder.exists());
}

#[tokio::test]
#[should_panic(expected = "PORTCULLIS_SECRET_KEY is missing")]
async fn a_server_that_ends_fails_the_test_with_its_words() {
    shell("echo PORTCULLIS_SECRET_KEY is missing >&2; exit 78").start().await;
}

#[tokio::test]
async fn a_command_sees_only_the_environment_it_is_given() {
    let finished = shell("env; exit 3").env("PORTCULLIS_PROFILE", "strict").run().await;
    assert_eq!(finished.status.code(), Some(3));
    assert!(finished.output.contains("PORTCULLIS_PROFILE=strict"));
    assert!(!finished.output.contains("CARGO"), "{}", finished.output);
}

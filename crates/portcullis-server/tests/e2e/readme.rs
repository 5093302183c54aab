//! The README's way to the server, command by command as it stands there.

use portcullis_testkit::process::{Launch, ServerProcess};
use serde_json::Value;
use std::process::Command;

const README: &str = include_str!("../../../../README.md");

/// The commands of the block under a heading.
fn commands(heading: &str) -> Vec<&'static str> {
    let (_, section) = README.split_once(heading).expect("the heading");
    let (_, block) = section.split_once("```sh\n").expect("a block of commands");
    block.split_once("```").expect("its end").0.lines().collect()
}

/// Runs a command in a shell, against this server instead of one on port 8000.
fn run(command: &str, server: &ServerProcess) -> Value {
    let command = command.replace("localhost:8000", &server.address().to_string());
    let ended = Command::new("sh").args(["-c", &format!("{command} --silent --show-error --fail")]).output();
    let ended = ended.expect("a shell");
    let output = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{command}\n{output}{}", String::from_utf8_lossy(&ended.stderr));
    serde_json::from_str(&output).unwrap_or_else(|error| panic!("{command}\n{error}: {output}"))
}

#[tokio::test]
async fn three_commands_lead_to_a_token_that_works() {
    let [serve, register, login] = commands("## As a server\n")[..] else { panic!("there are three commands") };
    let arguments = serve.strip_prefix("cargo run --release -- ").expect("the binary that cargo runs by default");
    let launch = Launch::new(env!("CARGO_BIN_EXE_portcullis")).arguments(arguments.split(' '));
    let server = launch.start().await;

    assert_eq!(run(register, &server)["email"], "ada@example.com");
    let token = run(login, &server)["access_token"].as_str().expect("a token").to_owned();
    let me = format!("curl localhost:8000/users/me -H 'Authorization: Bearer {token}'");
    assert_eq!(run(&me, &server)["email"], "ada@example.com");
    assert!(launch.folder().join("portcullis.db").exists());
}

#[test]
fn the_two_commands_on_top_are_the_ones_that_are_tested() {
    let [serve, test] = commands("# Portcullis\n")[..] else { panic!("there are two commands") };
    assert_eq!(serve.split('#').next().expect("a command").trim_end(), commands("## As a server\n")[0]);
    let continuous = include_str!("../../../../.ci/run");
    let test = test.split('#').next().expect("a command").trim_end();
    assert!(continuous.contains(test), "continuous integration runs something else than `{test}`");
}

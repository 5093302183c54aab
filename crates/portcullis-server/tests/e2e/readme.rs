//! The README's way to the server, command by command as it stands there.

use portcullis_testkit::process::Launch;
use portcullis_testkit::shell::Shell;

const README: &str = include_str!("../../../../README.md");

/// The commands of the block under a heading.
fn commands(heading: &str) -> Vec<&'static str> {
    let (_, section) = README.split_once(heading).expect("the heading");
    let (_, block) = section.split_once("```sh\n").expect("a block of commands");
    block.split_once("```").expect("its end").0.lines().collect()
}

#[tokio::test]
async fn three_commands_lead_to_a_token_that_works() {
    let [serve, register, login] = commands("## As a server\n")[..] else { panic!("there are three commands") };
    let arguments = serve.strip_prefix("cargo run --release -- ").expect("the binary that cargo runs by default");
    let launch = Launch::new(env!("CARGO_BIN_EXE_portcullis")).arguments(arguments.split(' '));
    let server = launch.start().await;

    let mut shell = Shell::new(&server);
    assert_eq!(shell.run(register).status, 201);
    assert_eq!(shell.run(login).status, 200);
    let me = shell.run("curl localhost:8000/users/me -H 'Authorization: Bearer …'");
    assert_eq!((me.status, me.body["email"].as_str()), (200, Some("ada@example.com")));
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

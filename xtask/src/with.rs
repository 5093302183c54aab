//! `cargo xtask with -- <command>`: one command with the suite's services at hand.

use std::process::Command;

use clap::Args;

use crate::{Result, process, services, test};

/// What to run.
#[derive(Args)]
pub struct Options {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// Starts the services, runs the command, stops the services.
pub fn run(options: &Options) -> Result {
    let services = services::find()?.start()?;
    let [program, arguments @ ..] = options.command.as_slice() else {
        return Err("no command".into());
    };
    let mut command = Command::new(program);
    test::forget_cargo(&mut command);
    services.tell(command.args(arguments));
    process::run(&mut command)
}

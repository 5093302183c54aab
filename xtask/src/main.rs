//! The project's chores, run as `cargo xtask <command>`.
//!
//! One module per command (`test`, `with`, `tidy`); beneath them [`needs`] finds or installs what the
//! machine must have, [`services`] starts private instances of it, and [`process`] runs a step in a process
//! group of its own so that nothing outlives us, not even after Ctrl-C.

mod interrupt;
mod needs;
mod postgres;
mod process;
mod services;
mod test;
mod tidy;
mod with;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What every chore returns: failures are sentences for the person at the terminal.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's chores")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The whole test suite: finds or installs what it needs, starts private services, never skips
    Test(test::Options),
    /// Run one command with the services of the suite at hand, for example
    /// `cargo xtask with -- cargo test -p portcullis-sqlx`
    With(with::Options),
    /// Check the house rules that the compiler cannot see
    Tidy,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = interrupt::watch().and_then(|()| process::adopt_orphans()).and_then(|()| match cli.command {
        Command::Test(options) => test::run(&options),
        Command::With(options) => with::run(&options),
        Command::Tidy => tidy::run(),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

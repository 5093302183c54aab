//! The command line: one file for each command.

mod completions;
mod config;
mod doctor;
mod flags;
mod keygen;
mod migrate;
mod routes;
mod serve;
mod user;

use crate::exit::Failure;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Sign-in as a server: passwords, device login, audit, on SQLite or PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 refused, 2 wrong command line, 69 the database does not answer, 70 a defect,
71 the operating system refuses, 78 something must be settled first (the message says what).";

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    #[command(subcommand)]
    Config(config::Config),
    Keygen(keygen::Keygen),
    Routes(routes::Routes),
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    User(user::User),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
}

impl Cli {
    /// Does what was asked for.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let done = match self.command {
            Command::Serve(serve) => return serve.run(),
            Command::Doctor(doctor) => return doctor.run(),
            Command::Config(config) => config.run(),
            Command::Keygen(keygen) => {
                keygen.run();
                Ok(())
            }
            Command::Routes(routes) => routes.run(),
            Command::Migrate(migrate) => migrate.run(),
            Command::User(user) => user.run(),
            Command::Completions(completions) => {
                completions.run();
                Ok(())
            }
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}

/// The threads that a command waits on.
fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::system(format!("the threads that serve cannot be started: {error}")))
}

/// Writes to standard output. A reader that went away (`| head`) is not an error.
fn say(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Whether to write for a program instead of for a person.
fn for_programs(json: bool) -> bool {
    use std::io::IsTerminal;
    json || !std::io::stdout().is_terminal()
}

/// JSON with a line end.
fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Failure::defect(format!("this cannot be written as JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }
}

//! The Portcullis server: the library as one binary.
//!
//! 1. [`config`] finds the settings (flags, environment, `.env`, file) and decides between dev mode and production.
//! 2. [`serve`] opens the database, builds the library's `Auth`, puts [`edge`] around its routes, and serves until it
//!    is asked to stop.
//! 3. [`cli`] has one file for each command. Commands call the same flows as the routes.
//! 4. [`telemetry`] writes logs, without ever making a request wait, and counts for Prometheus.
//!
//! How it ends, for scripts: [`exit`].

mod cli;
mod config;
mod edge;
mod exit;
mod mail;
mod serve;
mod store;
mod telemetry;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            failure.exit_code()
        }
    }
}

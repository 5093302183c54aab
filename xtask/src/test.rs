//! `cargo xtask test`: the whole suite, one step after the other.
//!
//! Cheap checks come first, so that a slip is found before the long build. The steps of cargo share one target
//! folder, and each test binary runs after the other: two cores are enough.

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Args;

use crate::services::Services;
use crate::{Result, interrupt, process, services, tidy, workspace};

/// How to run the suite.
#[derive(Args)]
pub struct Options {
    /// Run the remaining steps after one has failed
    #[arg(long)]
    keep_going: bool,
}

struct Step {
    name: &'static str,
    run: fn(&Services, &Options) -> Result,
}

const STEPS: [Step; 6] = [
    Step { name: "house rules", run: |_, _| tidy::run() },
    Step { name: "format", run: |_, _| process::run(cargo("fmt").args(["--all", "--check"])) },
    Step {
        name: "clippy",
        run: |_, _| {
            process::run(cargo("clippy").args(["--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))
        },
    },
    Step {
        name: "documentation",
        run: |_, _| {
            process::run(cargo("doc").args(["--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))
        },
    },
    Step { name: "tests", run: tests },
    Step { name: "routes on SQLite", run: routes_on_sqlite },
];

/// The library's routes once more, on a real database instead of memory.
fn routes_on_sqlite(services: &Services, options: &Options) -> Result {
    let mut test = cargo("test");
    test.args(["--package", "portcullis", "--test", "it"]).env("PORTCULLIS_TEST_DB", "sqlite");
    if options.keep_going {
        test.arg("--no-fail-fast");
    }
    services.tell(&mut test);
    process::run(&mut test)
}

fn tests(services: &Services, options: &Options) -> Result {
    let mut test = cargo("test");
    test.arg("--workspace");
    if options.keep_going {
        test.arg("--no-fail-fast");
    }
    services.tell(&mut test);
    process::run(&mut test)
}

/// Runs every step and prints what each took.
///
/// # Errors
///
/// When a need is missing or a step fails.
pub fn run(options: &Options) -> Result {
    let started = Instant::now();
    heading("What the suite needs");
    let services = services::find()?.start()?;
    let mut report = vec![("needs", started.elapsed(), true)];
    for step in &STEPS {
        heading(step.name);
        let started = Instant::now();
        let outcome = (step.run)(&services, options);
        report.push((step.name, started.elapsed(), outcome.is_ok()));
        if let Err(failure) = outcome {
            eprintln!("error: {failure}");
            if !options.keep_going || interrupt::check().is_err() {
                break;
            }
        }
    }
    drop(services);

    heading("Summary");
    for (name, took, passed) in &report {
        println!("  {:<16} {:>8}  {}", name, seconds(*took), if *passed { "ok" } else { "FAILED" });
    }
    for step in STEPS.iter().skip(report.len() - 1) {
        println!("  {:<16} {:>8}  not run", step.name, "");
    }
    println!("  {:<16} {:>8}", "total", seconds(started.elapsed()));
    interrupt::check()?;
    let failed: Vec<_> = report.iter().filter(|(_, _, passed)| !passed).map(|(name, _, _)| *name).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}

fn heading(name: &str) {
    println!("\n== {name}");
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new(workspace::cargo());
    forget_cargo(&mut command);
    command.arg(subcommand).current_dir(workspace::root());
    command
}

/// Takes out what `cargo run` told us about ourselves: an inner cargo would pass it on to build scripts, and
/// build what it built before once more.
pub fn forget_cargo(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let ours =
            name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if ours {
            command.env_remove(name);
        }
    }
}

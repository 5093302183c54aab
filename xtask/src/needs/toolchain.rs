//! The parts of the Rust toolchain that a minimal installation leaves out.

use std::process::Command;

use super::{Install, Need};
use crate::{Result, process, workspace};

/// The need for rustfmt and clippy.
pub struct Components;

impl Need for Components {
    type Found = String;

    fn name(&self) -> String {
        "rustfmt and clippy".to_owned()
    }

    fn find(&self) -> std::result::Result<String, String> {
        let version = |tool: &str| {
            process::output(Command::new(workspace::cargo()).args([tool, "--version"]))
                .map_err(|_| format!("`cargo {tool}` does not run"))
        };
        Ok(format!("{}, {}", version("fmt")?, version("clippy")?))
    }

    fn describe(&self, found: &String) -> String {
        found.clone()
    }

    fn install(&self) -> Install {
        Install::Components(&["rustfmt", "clippy"])
    }
}

/// Adds components to the toolchain in use.
///
/// # Errors
///
/// Without rustup, with the command that someone has to run.
pub fn install(what: &str, components: &[&str]) -> Result {
    let by_hand = format!("rustup component add {}", components.join(" "));
    println!("  installing {what}: {by_hand}");
    process::output(Command::new("rustup").args(["component", "add"]).args(components))
        .map_err(|error| format!("{what} could not be installed with `{by_hand}`: {error}"))?;
    Ok(())
}

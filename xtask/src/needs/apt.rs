//! Installing Debian packages, when we may.

use std::path::Path;
use std::process::Command;
use std::sync::Once;

use crate::{Result, process};

/// Installs `packages`, after updating the package lists once per run.
///
/// # Errors
///
/// Without apt or without the right to use it, with the command that someone else has to run.
pub fn install(what: &str, packages: &[&str]) -> Result {
    let by_hand = format!("apt-get install {}", packages.join(" "));
    if !Path::new("/usr/bin/apt-get").exists() {
        return Err(format!("{what} is missing, and this system has no apt-get; on Debian it is `{by_hand}`").into());
    }
    let sudo = if rustix::process::geteuid().is_root() {
        false
    } else if process::output(Command::new("sudo").args(["-n", "true"])).is_ok() {
        true
    } else {
        return Err(
            format!("{what} is missing, and we are neither root nor allowed to sudo; run `sudo {by_hand}`").into()
        );
    };

    static UPDATED: Once = Once::new();
    let mut update = Ok(());
    UPDATED.call_once(|| {
        println!("  updating   the package lists");
        update = process::output(apt_get(sudo).arg("update")).map(drop);
    });
    update?;
    println!("  installing {what}: {by_hand}");
    process::output(apt_get(sudo).args(["install", "--yes", "--no-install-recommends"]).args(packages))
        .map_err(|error| format!("{what} could not be installed: {error}"))?;
    Ok(())
}

fn apt_get(sudo: bool) -> Command {
    // `env` carries the variables through sudo. RUNLEVEL=1 keeps packages from starting system services: ours
    // are private instances.
    let mut command = if sudo { Command::new("sudo") } else { Command::new("env") };
    if sudo {
        command.args(["-n", "env"]);
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "--quiet"]);
    command
}

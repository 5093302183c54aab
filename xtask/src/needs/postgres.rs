//! The programs of a PostgreSQL server, version 15 or later.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Install, Need};
use crate::process;

const OLDEST: u32 = 15;

/// The need for a PostgreSQL server.
pub struct PostgresServer;

/// Where the server's programs are.
pub struct PostgresPrograms {
    /// The folder of `initdb` and `postgres`.
    pub folder: PathBuf,
    version: String,
}

impl Need for PostgresServer {
    type Found = PostgresPrograms;

    fn name(&self) -> String {
        format!("PostgreSQL {OLDEST} or later")
    }

    fn find(&self) -> Result<PostgresPrograms, String> {
        // Debian keeps them off the PATH, one folder per major version.
        let debian =
            fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
        let path = env::var_os("PATH").unwrap_or_default();
        debian
            .chain(env::split_paths(&path).collect::<Vec<_>>())
            .filter_map(|folder| look(&folder))
            .filter(|(major, _)| *major >= OLDEST)
            // The first of the newest: `max_by_key` would take the last.
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map(|(_, programs)| programs)
            .ok_or_else(|| "no `initdb` and `postgres` under /usr/lib/postgresql or on the PATH".to_owned())
    }

    fn describe(&self, found: &PostgresPrograms) -> String {
        format!("{} in {}", found.version, found.folder.display())
    }

    fn install(&self) -> Install {
        Install::Packages(&["postgresql"])
    }
}

fn look(folder: &Path) -> Option<(u32, PostgresPrograms)> {
    if !folder.join("initdb").exists() || !folder.join("postgres").exists() {
        return None;
    }
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
    let line = process::output(Command::new(folder.join("postgres")).arg("--version")).ok()?;
    let version = line.split_whitespace().nth(2)?.to_owned();
    let major = version.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()?;
    Some((major, PostgresPrograms { folder: folder.to_owned(), version }))
}

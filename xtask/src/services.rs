//! The services that tests may use, and the environment variables that tell them where.
//!
//! | variable | what it holds |
//! |---|---|
//! | `PORTCULLIS_TEST_POSTGRES` | URL of a PostgreSQL superuser; a test makes a database of its own |
//! | `PORTCULLIS_TEST_PYTHON` | a Python interpreter that has zndraw-auth |
//! | `TMPDIR` | a folder that goes with the run, with whatever a killed test left in it |
//! | `PORTCULLIS_TEST_REQUIRED` | `1`: a test that misses one of the above fails instead of passing by |

use std::ffi::OsString;
use std::process::Command;

use crate::Result;
use crate::needs::curl::Curl;
use crate::needs::postgres::{PostgresPrograms, PostgresServer};
use crate::needs::python::{self, Python};
use crate::needs::{self, toolchain};
use crate::postgres::Cluster;
use crate::workspace::TemporaryFolder;

/// What the machine has, before anything is started.
pub struct Found {
    postgres: PostgresPrograms,
    python: OsString,
}

/// Running services; dropping them stops them.
pub struct Services {
    postgres: Cluster,
    python: OsString,
    scratch: TemporaryFolder,
}

/// Finds or installs everything the suite needs.
pub fn find() -> Result<Found> {
    needs::require(&toolchain::Components)?;
    needs::require(&Curl)?;
    let postgres = needs::require(&PostgresServer)?;
    let python = python::environment(&needs::require(&Python)?)?.into_os_string();
    Ok(Found { postgres, python })
}

impl Found {
    /// Starts private instances.
    pub fn start(self) -> Result<Services> {
        let postgres = Cluster::start(&self.postgres)?;
        Ok(Services { postgres, python: self.python, scratch: TemporaryFolder::new("scratch")? })
    }
}

impl Services {
    /// Tells `command` where the services are.
    pub fn tell(&self, command: &mut Command) {
        command
            .env("PORTCULLIS_TEST_POSTGRES", self.postgres.url())
            .env("PORTCULLIS_TEST_PYTHON", &self.python)
            .env("TMPDIR", self.scratch.path())
            .env("PORTCULLIS_TEST_REQUIRED", "1");
    }
}

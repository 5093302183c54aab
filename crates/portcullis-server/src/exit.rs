//! How the program ends.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done; for `serve`: stopped after the last request was answered |
//! | 1 | refused: no such account, the last superuser; for `serve`: stopped before the last request was answered |
//! | 2 | the command line is wrong |
//! | 69 | the database does not answer; the same command may work later |
//! | 70 | a defect |
//! | 71 | the operating system refuses: an address in use, no threads |
//! | 78 | the settings, or the state of the database, must be settled first; the message says how |
//!
//! The numbers from 69 on are those of `sysexits.h`, which service managers know: 78 is not worth a restart, 69 is.

use portcullis::BuildError;
use portcullis::config::ConfigError;
use portcullis::core::bootstrap::AdminError;
use portcullis::core::store::{MigrateError, StoreError};
use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// It cannot be done, and nothing is broken.
    pub fn refused(text: impl Into<String>) -> Self {
        Self { code: 1, text: text.into() }
    }

    /// The database does not answer.
    pub fn unavailable(text: impl Into<String>) -> Self {
        Self { code: 69, text: text.into() }
    }

    /// A defect of ours.
    pub fn defect(text: impl Into<String>) -> Self {
        Self { code: 70, text: text.into() }
    }

    /// The operating system refuses.
    pub fn system(text: impl Into<String>) -> Self {
        Self { code: 71, text: text.into() }
    }

    /// Something must be settled by the operator first.
    pub fn config(text: impl Into<String>) -> Self {
        Self { code: 78, text: text.into() }
    }

    /// The code for the shell.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    #[cfg(test)]
    pub fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::config(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let text = with_causes(&error);
        if error.is_unavailable() { Self::unavailable(text) } else { Self::defect(text) }
    }
}

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Store(error) => error.into(),
            settle => Self::config(settle.to_string()),
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Store(error) | BuildError::Admin(AdminError::Store(error)) => error.into(),
            BuildError::Migrate(error) => error.into(),
            BuildError::Secret(_) | BuildError::DevSuperusers(_) | BuildError::Admin(AdminError::Unverified(_)) => {
                Self::config(error.to_string())
            }
            BuildError::Hashing(_) | BuildError::Admin(AdminError::Hash(_)) => Self::system(with_causes(&error)),
            BuildError::NoConfig | BuildError::NoStore => Self::defect(error.to_string()),
        }
    }
}

/// An error with what lies behind it, as one line.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

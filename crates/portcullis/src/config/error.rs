//! What is wrong with the settings.

use super::Origin;
use std::fmt;

/// A setting cannot be used. The text is a sentence for the operator: which setting, where it comes from, what is
/// wrong, what to do. It never holds the value of a secret.
///
/// `Debug` is the sentence too: it is what a `main` that returns the error prints.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    name: String,
    origin: Option<Origin>,
    problem: String,
}

impl ConfigError {
    /// The value that `origin` gives for `name` is wrong. `problem` continues the sentence "NAME …".
    pub fn invalid(name: &str, origin: &Origin, problem: impl Into<String>) -> Self {
        Self { name: name.to_owned(), origin: Some(origin.clone()), problem: problem.into() }
    }

    /// Nobody gave a value for `name`. `problem` continues the sentence "NAME …".
    pub fn missing(name: &str, problem: impl Into<String>) -> Self {
        Self { name: name.to_owned(), origin: None, problem: problem.into() }
    }

    /// The name of the setting (`SECRET_KEY`), or of the file that cannot be read.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(origin) => write!(f, "{origin} {}", self.problem),
            None => write!(f, "{} {}", super::variable(&self.name), self.problem),
        }
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}

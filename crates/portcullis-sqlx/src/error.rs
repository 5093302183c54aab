//! What can go wrong before a store is there, and which failures of a statement may pass.

#[cfg(any(feature = "sqlite", feature = "postgres"))]
use portcullis_core::store::StoreError;
use sqlx::Error;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use sqlx::error::DatabaseError;
use std::fmt;
use std::path::PathBuf;

/// Why a database could not be opened. Says what to do, and never repeats a password out of a URL.
///
/// `Debug` is the sentence too, with its cause: it is what a `main` that returns the error prints.
#[derive(thiserror::Error)]
pub enum OpenError {
    /// The URL is not one that this store understands.
    #[error("the database URL cannot be used: {problem}")]
    BadUrl {
        /// What is wrong with it, as a sentence.
        problem: String,
    },
    /// The folder that shall hold the database file is not there.
    #[error("the folder {} does not exist: create it, or choose another place for the database", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The database file could not be created.
    #[error("the database file {} cannot be created", path.display())]
    CannotCreate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not an SQLite database, or is damaged. It was left as it is.
    #[error("{} is not an SQLite database or is damaged: restore a backup, or choose another file", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// None of the listed servers is a primary that answers.
    #[error("no PostgreSQL server can be used: {}", problems.join("; "))]
    NoPrimary {
        /// For each server, what is wrong with it.
        problems: Vec<String>,
    },
    /// The database refused for another reason.
    #[error("the database cannot be opened: {0}")]
    Refused(#[source] Error),
}

impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CannotCreate { source, .. } => write!(f, "{self}: {source}"),
            other => fmt::Display::fmt(other, f),
        }
    }
}

/// Sorts a failure: may the same call work later, or not.
///
/// `passes` is the dialect's judgement over an error that the database itself reported.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn sorted(error: Error, passes: fn(&dyn DatabaseError) -> bool) -> StoreError {
    let may_pass = match &error {
        Error::Database(reported) => passes(reported.as_ref()),
        Error::Io(_)
        | Error::Tls(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => true,
        _ => false,
    };
    if may_pass { StoreError::unavailable(error) } else { StoreError::broken(error) }
}

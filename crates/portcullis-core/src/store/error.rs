//! What can go wrong below the promises.

use std::error::Error;
use std::fmt;

/// A store could not do its work.
///
/// Everything that a caller may act on is an outcome of the method; this is the rest. It says only what the caller
/// can do about it ([`StoreError::is_unavailable`]: try later); the cause is for the log and never for a client.
#[derive(Debug)]
pub struct StoreError {
    kind: Kind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unavailable,
    WrongTransaction,
    Broken,
}

impl StoreError {
    /// The database does not answer, is locked or full: the same call may work later.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: Kind::Unavailable, source: Some(source.into()) }
    }

    /// The data or the statement is not as it should be: the same call will fail again.
    pub fn broken(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: Kind::Broken, source: Some(source.into()) }
    }

    /// The transaction that was handed in belongs to another kind of database.
    pub fn wrong_transaction() -> Self {
        Self { kind: Kind::WrongTransaction, source: None }
    }

    /// Whether trying later may help.
    pub fn is_unavailable(&self) -> bool {
        self.kind == Kind::Unavailable
    }

    /// Whether a transaction of another database was handed in: a mistake in the host's code.
    pub fn is_wrong_transaction(&self) -> bool {
        self.kind == Kind::WrongTransaction
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Unavailable => "the database is not available at the moment",
            Kind::WrongTransaction => "the transaction belongs to another kind of database than the store",
            Kind::Broken => "the database does not hold what it should",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn Error + 'static))
    }
}

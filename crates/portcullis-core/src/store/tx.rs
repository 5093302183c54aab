//! The host's statements in our transaction, and ours in the host's.

use super::StoreError;
use async_trait::async_trait;
use std::any::Any;

/// An open transaction of a store, handed to host code.
///
/// The SQL stores hand out their connection; `portcullis_sqlx` turns it into `&mut SqliteConnection` or
/// `&mut PgConnection`. Every `'static + Send` type is one, so a host hands in `&mut *tx` of its own transaction.
pub trait StoreTx: Any + Send {
    /// For the store that knows its type.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<T: Any + Send> StoreTx for T {
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// Host code that runs inside a transaction of the store, after its own statements and before the commit.
///
/// It has two seconds; then the transaction is rolled back and the request answered with 503. On SQLite, code that
/// writes through a pool of its own instead of the given transaction waits for a lock that we hold: until it gives up.
#[async_trait]
pub trait InTx: Send + Sync {
    /// Adds the host's statements.
    ///
    /// # Errors
    ///
    /// A [`Veto`] rolls everything back.
    async fn run(&self, tx: &mut dyn StoreTx) -> Result<(), Veto>;
}

/// Nothing to add.
#[derive(Clone, Copy, Debug)]
pub struct NoHook;

#[async_trait]
impl InTx for NoHook {
    async fn run(&self, _tx: &mut dyn StoreTx) -> Result<(), Veto> {
        Ok(())
    }
}

/// Why host code refused.
#[derive(Debug)]
pub enum Veto {
    /// For a reason that the caller shall see.
    Refused {
        /// A stable code.
        code: String,
        /// A sentence for a person.
        reason: String,
    },
    /// Because its own statements failed.
    Failed(StoreError),
}

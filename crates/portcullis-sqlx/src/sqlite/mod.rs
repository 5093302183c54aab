//! The store on SQLite.
//!
//! One connection writes and a few read (write-ahead log: readers never wait for the writer). A write starts with
//! `BEGIN IMMEDIATE`, so that it waits for its turn at the beginning and cannot fail in the middle because another
//! program wrote first. Every commit is on the disk before it is acknowledged (`synchronous=FULL`).
//!
//! A database in memory has exactly one connection, which is never given up: with it the database would go.

#[macro_use]
mod dialect;
mod open;

#[path = "../store/row.rs"]
#[macro_use]
mod row;
#[path = "../store/account.rs"]
mod account;
#[path = "../store/account_write.rs"]
mod account_write;
#[path = "../store/audit.rs"]
mod audit;
#[path = "../store/device.rs"]
mod device;
#[path = "../store/email.rs"]
mod email;
#[path = "../store/event.rs"]
mod event;
#[path = "../store/foreign.rs"]
mod foreign;
#[path = "../store/held.rs"]
mod held;
#[path = "../store/lifecycle.rs"]
mod lifecycle;
#[path = "../store/migrate.rs"]
mod migrate;
#[path = "../store/one_time.rs"]
mod one_time;
#[path = "../store/outbox.rs"]
mod outbox;
#[path = "../store/plan.rs"]
mod plan;
#[path = "../store/purge.rs"]
mod purge;
#[path = "../store/refresh.rs"]
mod refresh;
#[path = "../store/session.rs"]
mod session;
#[path = "../store/throttle.rs"]
mod throttle;

pub use dialect::sqlite_connection;

use portcullis_core::store::StoreError;
use sqlx::SqlitePool;
use sqlx::pool::PoolConnection;

/// The store on SQLite: a file, or memory.
///
/// Cheap to clone; clones share the connections.
///
/// # Examples
///
/// ```
/// use portcullis_core::clock::{Clock, SystemClock};
/// use portcullis_core::store::Lifecycle;
/// use portcullis_sqlx::Sqlite;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Sqlite::open("sqlite::memory:").await?;
/// let done = store.migrate(SystemClock.now()).await?;
/// assert!(done.applied > 0);
///
/// let elsewhere = Sqlite::open("no/such/folder/app.db").await;
/// assert!(elsewhere.is_err(), "a folder is never made up");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
    /// What was noticed while opening, for [`Migrated::warnings`](portcullis_core::store::Migrated::warnings).
    warnings: Vec<String>,
}

impl Sqlite {
    /// A store on a pool of the host's, for reading and writing.
    ///
    /// The host's options hold: foreign keys should be enforced (sqlx's default) and the journal be a write-ahead log.
    /// A pool for `sqlite::memory:` must have exactly one connection that is neither idled out nor recycled.
    pub fn from_pool(pool: SqlitePool) -> Self {
        Self { writer: pool.clone(), readers: pool, warnings: Vec::new() }
    }

    /// The pool for reading. In a store that was opened by its path, its connections cannot write.
    pub fn pool(&self) -> &SqlitePool {
        &self.readers
    }

    /// The pool for writing: one connection, so hold it shortly. Start transactions with `BEGIN IMMEDIATE`.
    pub fn write_pool(&self) -> &SqlitePool {
        &self.writer
    }

    async fn begin(&self) -> Result<dialect::Tx, StoreError> {
        dialect::ask(self.writer.begin_with("BEGIN IMMEDIATE")).await
    }

    async fn begin_migration(&self) -> Result<dialect::Tx, StoreError> {
        self.begin().await
    }

    async fn reader(&self) -> Result<PoolConnection<dialect::Db>, StoreError> {
        dialect::ask(self.readers.acquire()).await
    }

    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
}

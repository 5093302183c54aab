//! The store on PostgreSQL, for any number of replicas.
//!
//! Transactions run at READ COMMITTED. What must not be decided twice is decided by a conditional statement, or under
//! the lock of the account's row; unique keys are taken with `ON CONFLICT DO NOTHING`, because an error would spoil
//! the transaction. Every transaction carries its time-outs (`dialect::BEGIN`), and nothing is kept in a session, so a
//! pooler in transaction mode may stand between (with prepared statements: PgBouncer 1.21 or newer).

#[macro_use]
mod dialect;
mod connect;

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

pub use dialect::postgres_connection;

use portcullis_core::store::StoreError;
use sqlx::PgPool;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnectOptions;
use std::sync::Arc;

/// One process migrates, the others wait: for a minute, then they say that the database is not available.
const BEGIN_MIGRATION: &str = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 60000; SELECT pg_advisory_xact_lock(31635047218446338)";

/// The store on PostgreSQL.
///
/// Cheap to clone; clones share the connections.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: PgPool,
    /// The servers that were named, for when the one in use is no longer the primary.
    servers: Arc<[PgConnectOptions]>,
}

impl Postgres {
    /// A store on a pool of the host's. Its acquire time-out should be a few seconds.
    pub fn from_pool(pool: PgPool) -> Self {
        Self { pool, servers: Arc::new([]) }
    }

    /// The pool.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Begins a transaction. A connection that died while it lay idle shows here, where nothing has been done yet, so
    /// another one is tried.
    async fn begin(&self) -> Result<dialect::Tx, StoreError> {
        self.start(dialect::BEGIN).await
    }

    async fn begin_migration(&self) -> Result<dialect::Tx, StoreError> {
        self.start(BEGIN_MIGRATION).await
    }

    async fn start(&self, statement: &'static str) -> Result<dialect::Tx, StoreError> {
        let mut tries = self.pool.size() + 1;
        loop {
            match dialect::attempt(self.pool.begin_with(statement)).await {
                Err(error) if tries > 0 && connect::is_lost(&error) => {
                    tries -= 1;
                    self.follow_primary().await;
                }
                other => return other.map_err(dialect::failed),
            }
        }
    }

    async fn reader(&self) -> Result<PoolConnection<dialect::Db>, StoreError> {
        match dialect::attempt(self.pool.acquire()).await {
            Err(error) if self.servers.len() > 1 && connect::is_lost(&error) => {
                self.follow_primary().await;
                dialect::ask(self.pool.acquire()).await
            }
            other => other.map_err(dialect::failed),
        }
    }

    #[expect(clippy::unused_self, reason = "the store on SQLite has something to say")]
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

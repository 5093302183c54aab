//! The SQL stores of Portcullis: [`Sqlite`] and [`Postgres`].
//!
//! Both keep the contract of [`portcullis_core::store`], and the same conformance suite runs over both.
//!
//! # How this crate is built
//!
//! 1. A feature is one file in `src/store/`, and that file is compiled twice: as `sqlite::session` with the names of
//!    `sqlite/dialect.rs` around it, and as `postgres::session` with those of `postgres/dialect.rs`. So each statement
//!    stands once, in the words that both databases understand (`$1`, `ON CONFLICT`, `RETURNING`); where they differ,
//!    a macro of the dialect stands in its place (`for_update!`). The reasons are in
//!    `docs/decisions/0002-one-sql-text-two-databases.md`.
//! 2. An operation is one transaction. It first holds the rows of the accounts it speaks of, then reads what it
//!    decides by, then writes with conditions. The order (account, one-time value or device, session) is the same
//!    everywhere, so that two operations wait for each other but never in a circle.
//! 3. Times are whole microseconds, ids are UUIDs (text with hyphens on SQLite, as fastapi-users writes them),
//!    secrets are digests.
//! 4. The account table `"user"` is shared with other programs. Triggers keep our side rows and the feed of changes
//!    right whoever writes it, and each start checks that they are there (`migrations/*/guards.sql`).

// A statement that stands twice would have to be changed twice.
#![cfg_attr(
    all(feature = "sqlite", feature = "postgres"),
    expect(clippy::duplicate_mod, reason = "the files in src/store are compiled once for each database, on purpose")
)]

mod error;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use error::OpenError;
#[cfg(feature = "postgres")]
pub use postgres::{Postgres, postgres_connection};
#[cfg(feature = "sqlite")]
pub use sqlite::{Sqlite, sqlite_connection};

/// How the database goes about a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryPlan {
    /// Which operation of the store it is.
    pub operation: &'static str,
    /// The steps, in the database's own words.
    pub steps: Vec<String>,
}

//! The SQL stores, on real databases.
//!
//! What every store must do is the conformance suite; here is what only databases do: other programs on the same table,
//! adoption, files, query plans, the host's transaction, outages.
//!
//! SQLite needs nothing. PostgreSQL is found by `PORTCULLIS_TEST_POSTGRES=postgres://…` (a role that may create
//! databases) and the feature `postgres`; each test makes a database of its own.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod adopt;
mod audit;
mod conformance;
mod guards;
mod host;
mod neighbour;
mod replicas;
mod support;
mod text;

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

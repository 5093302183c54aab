//! The SQL stores, on real databases.
//!
//! SQLite needs nothing. PostgreSQL is found by `PORTCULLIS_TEST_POSTGRES=postgres://…` (a role that may create
//! databases) and the feature `postgres`; each test makes a database of its own.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod account;
mod conformance;
mod device;
mod housekeeping;
mod one_time;
mod session;
mod support;

#[cfg(feature = "sqlite")]
mod sqlite;

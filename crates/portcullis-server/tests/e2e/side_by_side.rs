//! A Python process and ours on one database, at the same time.
//!
//! The way a deployment moves over: zndraw-auth has made the database and filled it, ours is started on it and takes it over,
//! and both go on serving. Each side registers, logs in, changes and deletes the accounts that the other made, and each takes
//! the other's tokens and password hashes. Told once for an SQLite file and once per driver for PostgreSQL.
//!
//! On PostgreSQL the seed's own command-line login works only with one of the two drivers (psycopg, in UTC), so the accounts that
//! approved one are told about only there and on SQLite.

mod database;
mod story;

use portcullis_testkit::{postgres, services};

use self::database::Database;

#[tokio::test]
async fn one_sqlite_file() {
    let Some(python) = services::python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    story::tell(&Database::sqlite(&python, folder.path())).await;
}

#[tokio::test]
async fn one_postgres_database_with_psycopg() {
    let Some(python) = services::python() else { return };
    let Some(fresh) = postgres::fresh_database().await else { return };
    story::tell(&Database::postgres(&python, &fresh, "psycopg")).await;
}

#[tokio::test]
async fn one_postgres_database_with_asyncpg() {
    let Some(python) = services::python() else { return };
    let Some(fresh) = postgres::fresh_database().await else { return };
    story::tell(&Database::postgres(&python, &fresh, "asyncpg")).await;
}

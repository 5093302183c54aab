//! A PostgreSQL database of one's own.
//!
//! Each test makes an empty one, so that tests run side by side and none sees what another left. It is dropped
//! when the handle is, with whoever is still connected to it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::process;
use std::thread;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::services;

/// An empty database; dropping this drops it, soon.
#[derive(Debug)]
pub struct FreshDatabase {
    /// The URL up to and without the name of the database.
    server: String,
    name: String,
}

/// Makes an empty database, or gives `None` where the suite's services are absent (see [`services`]).
///
/// # Panics
///
/// When services are required and PostgreSQL is missing, or when it cannot make a database.
pub async fn fresh_database() -> Option<FreshDatabase> {
    let superuser = services::postgres()?;
    let (server, _) = superuser.rsplit_once('/').unwrap_or_else(|| panic!("a PostgreSQL URL names a database"));
    // Unique without asking anyone, also beside another run on the same server.
    let name = format!("portcullis_{}_{:016x}", process::id(), RandomState::new().build_hasher().finish());
    let database = FreshDatabase { server: server.to_owned(), name };
    administer(&database.server, format!(r#"CREATE DATABASE "{}""#, database.name)).await.unwrap_or_else(|error| {
        panic!("cannot make a database: {error}");
    });
    Some(database)
}

impl FreshDatabase {
    /// The URL of the database, as its owner and superuser.
    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// The same for SQLAlchemy, with `driver` one of `asyncpg` and `psycopg`.
    pub fn sqlalchemy_url(&self, driver: &str) -> String {
        let (_, rest) = self.server.split_once("://").unwrap_or_default();
        format!("postgresql+{driver}://{rest}/{}", self.name)
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for FreshDatabase {
    /// Drops the database on a thread of its own and does not wait for it.
    ///
    /// `DROP DATABASE` waits for every connection of the server to answer, also for one that this test's runtime is
    /// about to make: if the runtime waited here, it would answer only when PostgreSQL gave it up, a minute later.
    fn drop(&mut self) {
        let statement = format!(r#"DROP DATABASE IF EXISTS "{}" WITH (FORCE)"#, self.name);
        let server = std::mem::take(&mut self.server);
        // What is not dropped when the process ends goes with the server of the suite.
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(administer(&server, statement)).ok()
        });
    }
}

/// Runs a statement about a database, which cannot be run in it.
async fn administer(server: &str, statement: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(&format!("{server}/postgres")).await?;
    // The name in the statement is made of letters and digits by `fresh_database`.
    connection.execute(AssertSqlSafe(statement)).await?;
    connection.close().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn exists(name: &str) -> bool {
        let url = services::postgres().expect("a server");
        let mut connection = PgConnection::connect(&url).await.expect("a connection");
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .expect("an answer")
    }

    #[tokio::test]
    async fn a_database_is_ones_own_and_goes_with_its_handle() {
        let (Some(one), Some(other)) = (fresh_database().await, fresh_database().await) else { return };
        assert_ne!(one.name(), other.name());
        let mut still_connected = PgConnection::connect(&one.url()).await.expect("a connection");
        let current: String = sqlx::query_scalar("SELECT current_database()::text")
            .fetch_one(&mut still_connected)
            .await
            .expect("an answer");
        assert_eq!(current, one.name());

        let name = one.name().to_owned();
        assert!(exists(&name).await);
        drop(one);
        while exists(&name).await {}
        assert!(exists(other.name()).await);
    }
}

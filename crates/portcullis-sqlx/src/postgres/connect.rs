//! Finding the primary, and staying with it.

use super::Postgres;
use super::dialect::attempt;
use crate::error::OpenError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection};
use std::str::FromStr;
use std::time::Duration;

/// How many connections at most.
const CONNECTIONS: u32 = 16;

/// How long an operation waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(3);

/// A connection that lay idle for longer is asked whether it is still there.
const FRESH: Duration = Duration::from_secs(1);

impl Postgres {
    /// Connects to a database: `postgres://user@host/name`, or several such URLs with commas between them, of which the
    /// first that is a primary and answers is used, now and whenever it is lost.
    ///
    /// # Errors
    ///
    /// * [`OpenError::BadUrl`] for a URL that is not one of PostgreSQL,
    /// * [`OpenError::NoPrimary`] when no server answers, or none is a primary.
    pub async fn connect(urls: impl AsRef<str>) -> Result<Self, OpenError> {
        let servers = urls.as_ref().split(',').map(parse).collect::<Result<Vec<_>, _>>()?;
        let primary = find_primary(&servers).await.map_err(|problems| OpenError::NoPrimary { problems })?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(primary.clone());
        Ok(Self { pool, servers: servers.into() })
    }

    /// Looks for the primary again, after a connection failed.
    pub(super) async fn follow_primary(&self) {
        if self.servers.len() < 2 {
            return;
        }
        match find_primary(&self.servers).await {
            Ok(primary) => self.pool.set_connect_options(primary.clone()),
            Err(problems) => tracing::warn!(problems = problems.join("; "), "no PostgreSQL server can be used"),
        }
    }
}

fn parse(url: &str) -> Result<PgConnectOptions, OpenError> {
    let url = url.trim();
    let bad = |problem: &str| OpenError::BadUrl { problem: problem.to_owned() };
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(bad("it does not begin with postgres://"));
    }
    // The cause may repeat a part of the URL, and a password stands in it.
    let options = PgConnectOptions::from_str(url).map_err(|_| bad("it cannot be read as postgres://USER@HOST/NAME"))?;
    Ok(if options.get_application_name().is_none() { options.application_name("portcullis") } else { options })
}

/// The first server that is a primary and answers, or what is wrong with each.
async fn find_primary(servers: &[PgConnectOptions]) -> Result<&PgConnectOptions, Vec<String>> {
    let mut problems = Vec::new();
    for server in servers {
        match tokio::time::timeout(ACQUIRE, is_standby(server)).await {
            Ok(Ok(false)) => return Ok(server),
            Ok(Ok(true)) => problems.push(format!("{} is a standby", name(server))),
            Ok(Err(error)) => problems.push(format!("{}: {error}", name(server))),
            Err(_) => problems.push(format!("{} does not answer", name(server))),
        }
    }
    Err(problems)
}

async fn is_standby(server: &PgConnectOptions) -> sqlx::Result<bool> {
    let mut connection = PgConnection::connect_with(server).await?;
    let standby = attempt(sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(&mut connection)).await?;
    connection.close().await?;
    Ok(standby)
}

/// Which server, for a message: without user and password.
fn name(server: &PgConnectOptions) -> String {
    format!("{}:{}", server.get_host(), server.get_port())
}

/// Whether the connection is gone: cut, or closed by a server that goes down. A time-out is not that, and trying again
/// would only double it.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(cause) => cause.kind() != std::io::ErrorKind::TimedOut,
        sqlx::Error::Database(reported) => {
            reported.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P"))
        }
        _ => false,
    }
}

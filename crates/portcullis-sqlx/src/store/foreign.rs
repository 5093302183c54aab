//! Tables of others that speak of accounts.

use super::dialect::{Conn, ask, failed, id};
use portcullis_core::ids::UserId;
use portcullis_core::store::StoreError;
use sqlx::{AssertSqlSafe, Row as _, query, query_scalar};

const TABLE_EXISTS: &str = table_exists!();

const CLEAR_CHALLENGES: &str = clear_challenges!();

const REFERENCES: &str = references!();

/// Whether a table is there.
pub(super) async fn table_exists(conn: &mut Conn, name: &str) -> Result<bool, StoreError> {
    ask(query_scalar(TABLE_EXISTS).bind(name.to_owned()).fetch_one(conn)).await
}

/// Removes the account's rows in zndraw-auth's `cliloginchallenge`, which would keep PostgreSQL from deleting it.
pub(super) async fn clear_challenges(conn: &mut Conn, user: UserId) -> Result<(), StoreError> {
    if table_exists(conn, "cliloginchallenge").await? {
        ask(query(CLEAR_CHALLENGES).bind(id(user)).execute(conn)).await?;
    }
    Ok(())
}

/// A foreign table whose rows still refer to the account and would not go with it.
///
/// Asked before deleting, because SQLite's own error does not name the table, and a deferred constraint speaks only at
/// the commit.
pub(super) async fn dependent(conn: &mut Conn, user: UserId) -> Result<Option<String>, StoreError> {
    for row in ask(query(REFERENCES).fetch_all(&mut *conn)).await? {
        let table: String = row.try_get("quoted_table").map_err(failed)?;
        let column: String = row.try_get("quoted_column").map_err(failed)?;
        // Names of the host's own schema, quoted by the database.
        let refers = AssertSqlSafe(format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} = $1)"));
        if ask(query_scalar(refers).bind(id(user)).fetch_one(&mut *conn)).await? {
            return row.try_get("name").map(Some).map_err(failed);
        }
    }
    Ok(None)
}

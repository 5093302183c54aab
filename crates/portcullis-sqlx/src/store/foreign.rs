//! Tables of others that speak of accounts.

use super::dialect::{Conn, ask, clear_challenges_of};
use portcullis_core::ids::UserId;
use portcullis_core::store::StoreError;
use sqlx::query_scalar;

pub(super) use super::dialect::dependent;

const TABLE_EXISTS: &str = table_exists!();

/// Whether a table is there, in the schema in which ours are.
pub(super) async fn table_exists(conn: &mut Conn, name: &str) -> Result<bool, StoreError> {
    ask(query_scalar(TABLE_EXISTS).bind(name.to_owned()).fetch_one(conn)).await
}

/// Removes the account's rows in zndraw-auth's `cliloginchallenge`, which would keep PostgreSQL from deleting it.
pub(super) async fn clear_challenges(conn: &mut Conn, user: UserId) -> Result<(), StoreError> {
    if table_exists(conn, "cliloginchallenge").await? {
        clear_challenges_of(conn, user).await?;
    }
    Ok(())
}

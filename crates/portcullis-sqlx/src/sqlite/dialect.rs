//! What SQLite calls things, for the files of `src/store`.

use crate::error::sorted;
use portcullis_core::store::{StoreError, StoreTx};
use sqlx::error::DatabaseError;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection, Transaction};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

pub(super) use super::Sqlite as Backend;

/// Holds the rows that a `SELECT` finds. There is one writer, so nothing has to be said.
macro_rules! for_update {
    () => {
        ""
    };
}

/// Holds the rows that a `SELECT` finds and passes over those that others hold.
macro_rules! skip_locked {
    () => {
        ""
    };
}

/// The larger of two values.
macro_rules! greatest {
    () => {
        "MAX"
    };
}

/// The columns of a table: name, declared type, and whether an insert must name it.
macro_rules! table_columns {
    () => {
        "SELECT name, type AS decl, (\"notnull\" <> 0 AND dflt_value IS NULL AND hidden = 0) AS required
         FROM pragma_table_xinfo($1)"
    };
}

/// Whether a table is there.
macro_rules! table_exists {
    () => {
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1)"
    };
}

/// The names of the triggers and the index that `guards.sql` makes, as far as they are there.
macro_rules! guards_present {
    () => {
        "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'index') AND name LIKE 'portcullis!_%' ESCAPE '!'"
    };
}

/// Asks for the plan of a statement, a row per step.
macro_rules! explain {
    () => {
        "EXPLAIN QUERY PLAN "
    };
}

/// The column with the step.
macro_rules! explained {
    () => {
        "detail"
    };
}

/// Foreign tables with a reference to an account that would not go with it.
macro_rules! references {
    () => {
        r#"SELECT DISTINCT m.name, '"' || replace(m.name, '"', '""') || '"' AS quoted_table,
                '"' || replace(f."from", '"', '""') || '"' AS quoted_column
            FROM sqlite_master m, pragma_foreign_key_list(m.name) f
            WHERE m.type = 'table' AND lower(f."table") = 'user' AND COALESCE(lower(f."to"), 'id') = 'id'
                AND f.on_delete IN ('NO ACTION', 'RESTRICT')"#
    };
}

/// Removes the rows of an account in zndraw-auth's table, where its ids stand without hyphens.
macro_rules! clear_challenges {
    () => {
        "DELETE FROM cliloginchallenge WHERE user_id IN ($1, replace($1, '-', ''))"
    };
}

/// What of the feed a reader at `$1` has not seen: rows are numbered in the order of their commits.
macro_rules! feed_after {
    () => {
        "SELECT e.kind, e.user_id, e.session_id, COALESCE(e.seq, MAX(purged.place, $1)) AS place,
                purged.place > $1 AS missed
         FROM (SELECT COALESCE((SELECT value FROM portcullis_meta WHERE key = 'feed_purged'), 0) AS place) purged
         LEFT JOIN portcullis_event e ON e.seq > $1 ORDER BY e.seq LIMIT 10000"
    };
}

/// Where the feed ends.
macro_rules! feed_end {
    () => {
        "SELECT COALESCE((SELECT MAX(seq) FROM portcullis_event),
                         (SELECT value FROM portcullis_meta WHERE key = 'feed_purged'), 0)"
    };
}

/// What of a row in the feed is compared with a cursor.
macro_rules! feed_place {
    () => {
        "seq"
    };
}

pub(super) type Db = sqlx::Sqlite;
pub(super) type Conn = SqliteConnection;
pub(super) type Row = SqliteRow;
pub(super) type Tx = Transaction<'static, Db>;
/// How an id is bound and read: as fastapi-users writes it on SQLite.
pub(super) type Id = Hyphenated;

/// Whether rows must be held by name: here the writer's lock holds everything.
pub(super) const HOLDS_ROWS: bool = false;

/// An id as a parameter.
pub(super) fn id(value: impl Into<Uuid>) -> Id {
    value.into().hyphenated()
}

/// An id as read.
pub(super) fn uuid_of(id: Id) -> Uuid {
    id.into_uuid()
}

/// A failure of a statement, sorted.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    sorted(error, passes)
}

/// Busy, locked, read-only, input or output failed, full, cannot open: what may pass.
fn passes(error: &dyn DatabaseError) -> bool {
    let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or(0);
    matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14)
}

/// Carries a statement out. SQLite's busy time-out bounds the waiting.
pub(super) async fn ask<T>(statement: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreError> {
    statement.await.map_err(failed)
}

/// Carries out what may take long.
pub(super) async fn patiently<T>(work: impl Future<Output = T>) -> T {
    work.await
}

/// As [`ask`], for a statement whose failure is looked at.
pub(super) async fn attempt<T>(statement: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    statement.await
}

/// The savepoint of an operation inside the host's transaction; a transaction if the host has none open.
pub(super) async fn nested(conn: &mut Conn) -> Result<Transaction<'_, Db>, StoreError> {
    if conn.is_in_transaction() { ask(conn.begin()).await } else { ask(conn.begin_with("BEGIN IMMEDIATE")).await }
}

/// The connection of a transaction that was handed in.
///
/// In a hook this is the connection on which Portcullis works; in `*_in` it is whatever the host handed in.
pub fn sqlite_connection(tx: &mut dyn StoreTx) -> Option<&mut SqliteConnection> {
    let tx = tx.as_any_mut();
    if tx.is::<SqliteConnection>() {
        return tx.downcast_mut::<SqliteConnection>();
    }
    if tx.is::<Tx>() {
        return tx.downcast_mut::<Tx>().map(|tx| &mut **tx);
    }
    tx.downcast_mut::<PoolConnection<Db>>().map(|connection| &mut **connection)
}

/// The connection of the host's transaction, or the reason why there is none.
pub(super) fn host_connection(tx: &mut dyn StoreTx) -> Result<&mut Conn, StoreError> {
    sqlite_connection(tx).ok_or_else(StoreError::wrong_transaction)
}

/// Last-superuser decisions one after the other: the writer's lock does it.
pub(super) async fn hold_superusers(_conn: &mut Conn) -> Result<(), StoreError> {
    Ok(())
}

/// Why a declared type of `"user".id` is not one whose ids we can read.
pub(super) fn id_problem(decl: &str) -> Option<String> {
    let decl = decl.to_ascii_uppercase().replace(' ', "");
    let is_text = decl.contains("CHAR") || decl.contains("TEXT");
    (!is_text || decl == "CHAR(32)").then(|| format!("its id is {decl}, not CHAR(36), a UUID with hyphens"))
}

/// The steps, in order.
pub(super) const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "account", include_str!("../../migrations/sqlite/0001_account.sql")),
    (2, "session", include_str!("../../migrations/sqlite/0002_session.sql")),
    (3, "one_time", include_str!("../../migrations/sqlite/0003_one_time.sql")),
    (4, "device", include_str!("../../migrations/sqlite/0004_device.sql")),
    (5, "audit", include_str!("../../migrations/sqlite/0005_audit.sql")),
    (6, "event", include_str!("../../migrations/sqlite/0006_event.sql")),
    (7, "throttle", include_str!("../../migrations/sqlite/0007_throttle.sql")),
    (8, "outbox", include_str!("../../migrations/sqlite/0008_outbox.sql")),
    (9, "refresh", include_str!("../../migrations/sqlite/0009_refresh.sql")),
];

/// The account table of an empty database.
pub(super) const USER_TABLE: &str = include_str!("../../migrations/sqlite/user.sql");

/// What we put on `"user"`.
pub(super) const GUARDS: &str = include_str!("../../migrations/sqlite/guards.sql");

/// Which database this is, for the log.
pub(super) const KIND: &str = "sqlite";

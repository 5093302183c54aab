//! What PostgreSQL calls things, for the files of `src/store`.

use crate::error::sorted;
use portcullis_core::store::{StoreError, StoreTx};
use sqlx::error::DatabaseError;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection, Transaction};
use std::time::Duration;
use uuid::Uuid;

pub(super) use super::Postgres as Backend;

/// Holds the rows that a `SELECT` finds. Weaker than `FOR UPDATE` by as much as lets a host insert rows that refer to
/// an account meanwhile.
macro_rules! for_update {
    () => {
        " FOR NO KEY UPDATE"
    };
}

/// Holds the rows that a `SELECT` finds and passes over those that others hold.
macro_rules! skip_locked {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

/// The larger of two values.
macro_rules! greatest {
    () => {
        "GREATEST"
    };
}

/// The columns of a table: name, declared type, and whether an insert must name it.
macro_rules! table_columns {
    () => {
        "SELECT attname::text AS name, format_type(atttypid, NULL) AS decl,
            (attnotnull AND NOT atthasdef AND attidentity = '') AS required
         FROM pg_attribute
         WHERE attrelid = to_regclass(quote_ident($1)) AND attnum > 0 AND NOT attisdropped"
    };
}

/// Whether a table is there.
macro_rules! table_exists {
    () => {
        "SELECT to_regclass(quote_ident($1)) IS NOT NULL"
    };
}

/// The names of the triggers and the index that `guards.sql` makes, as far as they are there and work.
macro_rules! guards_present {
    () => {
        r#"SELECT tgname::text FROM pg_trigger
           WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgrelid IN
             (to_regclass('"user"'), to_regclass('portcullis_account'), to_regclass('portcullis_session'))
           UNION ALL
           SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
           WHERE i.indrelid = to_regclass('"user"') AND i.indisvalid"#
    };
}

/// Asks for the plan of a statement, a row per step.
macro_rules! explain {
    () => {
        "EXPLAIN "
    };
}

/// The column with the step.
macro_rules! explained {
    () => {
        "QUERY PLAN"
    };
}

/// Foreign tables with a reference to an account that would not go with it.
macro_rules! references {
    () => {
        r#"SELECT c.relname::text AS name, k.conrelid::regclass::text AS quoted_table,
                quote_ident(a.attname) AS quoted_column
            FROM pg_constraint k
            JOIN pg_class c ON c.oid = k.conrelid
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
            JOIN pg_attribute u ON u.attrelid = k.confrelid AND u.attnum = k.confkey[1]
            WHERE k.contype = 'f' AND k.confrelid = to_regclass('"user"') AND cardinality(k.conkey) = 1
                AND u.attname = 'id' AND k.confdeltype IN ('a', 'r')"#
    };
}

/// Removes the rows of an account in zndraw-auth's table.
macro_rules! clear_challenges {
    () => {
        "DELETE FROM cliloginchallenge WHERE user_id = $1"
    };
}

/// What of the feed a reader at `$1` has not seen: every row of a transaction that was not over then. Rows and the
/// place to go on from come from one snapshot.
macro_rules! feed_after {
    () => {
        "SELECT e.kind, e.user_id, e.session_id, s.place,
                COALESCE((SELECT value FROM portcullis_meta WHERE key = 'feed_purged'), -1) >= $1 AS missed
         FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS place) s
         LEFT JOIN portcullis_event e ON e.xid >= $1::text::xid8 ORDER BY e.seq"
    };
}

/// Where the feed ends: the oldest transaction that is not over.
macro_rules! feed_end {
    () => {
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    };
}

/// What of a row in the feed is compared with a cursor.
macro_rules! feed_place {
    () => {
        "xid::text::bigint"
    };
}

pub(super) type Db = sqlx::Postgres;
pub(super) type Conn = PgConnection;
pub(super) type Row = PgRow;
pub(super) type Tx = Transaction<'static, Db>;
/// How an id is bound and read.
pub(super) type Id = Uuid;

/// Whether rows must be held by name: many write at once.
pub(super) const HOLDS_ROWS: bool = true;

/// One statement that begins a transaction and bounds it. `SET LOCAL` ends with the transaction, so it is right
/// behind a pooler that gives the connection to somebody else next.
pub(super) const BEGIN: &str = "BEGIN; SET LOCAL statement_timeout = 5000; SET LOCAL lock_timeout = 2000; \
    SET LOCAL idle_in_transaction_session_timeout = 15000";

/// How long a server may be silent. A little more than it gives itself, for when it is not there any more.
const PATIENCE: Duration = Duration::from_secs(7);

/// The same while the schema is made or a large table is adopted.
const PATIENCE_TO_MIGRATE: Duration = Duration::from_secs(600);

/// Decisions over the last superuser take place one after the other, under this lock of the database.
const SUPERUSERS: i64 = 0x0070_6f72_7463_0001;

tokio::task_local! {
    static MIGRATES: ();
}

/// An id as a parameter.
pub(super) fn id(value: impl Into<Uuid>) -> Id {
    value.into()
}

/// An id as read.
pub(super) fn uuid_of(id: Id) -> Uuid {
    id
}

/// A failure of a statement, sorted.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    sorted(error, passes)
}

/// No connection (08), resources (53), intervention and time-outs (57), the system (58), a lock that was not given, a
/// conflict with another transaction, a server that became a standby: what may pass.
fn passes(error: &dyn DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    matches!(code.get(..2), Some("08" | "53" | "57" | "58"))
        || matches!(&*code, "55P03" | "40001" | "40P01" | "25006" | "25P03")
}

/// Carries a statement out, and gives up when the server does not answer.
///
/// The server's own time-outs bound what it does in a transaction of ours; this bounds the rest: a single
/// statement outside of one, and a server or a network that is gone without a word.
pub(super) async fn ask<T>(statement: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreError> {
    attempt(statement).await.map_err(failed)
}

/// As [`ask`], for a statement whose failure is looked at.
pub(super) async fn attempt<T>(statement: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let patience = MIGRATES.try_with(|()| PATIENCE_TO_MIGRATE).unwrap_or(PATIENCE);
    tokio::time::timeout(patience, statement)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}

/// Carries out what may take long.
pub(super) async fn patiently<T>(work: impl Future<Output = T>) -> T {
    MIGRATES.scope((), work).await
}

/// The savepoint of an operation inside the host's transaction; a transaction if the host has none open.
pub(super) async fn nested(conn: &mut Conn) -> Result<Transaction<'_, Db>, StoreError> {
    if conn.is_in_transaction() { ask(conn.begin()).await } else { ask(conn.begin_with(BEGIN)).await }
}

/// The connection of a transaction that was handed in.
///
/// In a hook this is the connection on which Portcullis works; in `*_in` it is whatever the host handed in.
pub fn postgres_connection(tx: &mut dyn StoreTx) -> Option<&mut PgConnection> {
    let tx = tx.as_any_mut();
    if tx.is::<PgConnection>() {
        return tx.downcast_mut::<PgConnection>();
    }
    if tx.is::<Tx>() {
        return tx.downcast_mut::<Tx>().map(|tx| &mut **tx);
    }
    tx.downcast_mut::<PoolConnection<Db>>().map(|connection| &mut **connection)
}

/// The connection of the host's transaction, or the reason why there is none.
pub(super) fn host_connection(tx: &mut dyn StoreTx) -> Result<&mut Conn, StoreError> {
    postgres_connection(tx).ok_or_else(StoreError::wrong_transaction)
}

/// Last-superuser decisions one after the other: whoever comes second sees what the first has done.
pub(super) async fn hold_superusers(conn: &mut Conn) -> Result<(), StoreError> {
    ask(sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SUPERUSERS).execute(conn)).await.map(|_| ())
}

/// Why a declared type of `"user".id` is not one whose ids we can read.
pub(super) fn id_problem(decl: &str) -> Option<String> {
    (decl != "uuid").then(|| format!("its id is {decl}, not uuid"))
}

/// The steps, in order.
pub(super) const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "account", include_str!("../../migrations/postgres/0001_account.sql")),
    (2, "session", include_str!("../../migrations/postgres/0002_session.sql")),
    (3, "one_time", include_str!("../../migrations/postgres/0003_one_time.sql")),
    (4, "device", include_str!("../../migrations/postgres/0004_device.sql")),
    (5, "audit", include_str!("../../migrations/postgres/0005_audit.sql")),
    (6, "event", include_str!("../../migrations/postgres/0006_event.sql")),
    (7, "throttle", include_str!("../../migrations/postgres/0007_throttle.sql")),
    (8, "outbox", include_str!("../../migrations/postgres/0008_outbox.sql")),
    (9, "refresh", include_str!("../../migrations/postgres/0009_refresh.sql")),
];

/// The account table of an empty database.
pub(super) const USER_TABLE: &str = include_str!("../../migrations/postgres/user.sql");

/// What we put on `"user"`.
pub(super) const GUARDS: &str = include_str!("../../migrations/postgres/guards.sql");

/// Which database this is, for the log.
pub(super) const KIND: &str = "postgres";

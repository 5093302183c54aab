//! The schema: made on an empty database, adopted on one that fastapi-users has used.
//!
//! Everything happens in one transaction that keeps other starters waiting; it ends with the present schema or with
//! nothing changed.
//!
//! 1. A step that this program does not know was written by a newer one: refused.
//! 2. A database without any of our steps and with a table `"user"` is adopted: its columns are looked at, and every
//!    address is turned into its key. Two accounts with one key are for an operator to settle: refused, with all of
//!    them listed.
//! 3. The steps are applied (`migrations/*/NNNN_feature.sql`). Nothing of others is altered.
//! 4. The guards (triggers and one index on `"user"`) are put on, now and whenever one is missing, and side rows
//!    that were missed meanwhile are made up for.

use super::dialect::{Conn, Db, GUARDS, MIGRATIONS, USER_TABLE, ask, failed, id, id_problem};
use super::email;
use super::foreign::table_exists;
use super::row::{text, uuid};
use portcullis_core::clock::Timestamp;
use portcullis_core::email_address::EmailKey;
use portcullis_core::ids::UserId;
use portcullis_core::store::{EmailCollision, MigrateError, Migrated, StoreError};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{QueryBuilder, Row as _, SqlSafeStr, query, query_scalar, raw_sql};
use std::collections::BTreeMap;

/// Where sqlx notes which steps were applied. The host's own `_sqlx_migrations` is another table.
const STEPS: &str = "portcullis_migration";

const LATEST: &str = "SELECT COALESCE(MAX(version), 0) FROM portcullis_migration";

const APPLIED: &str = "SELECT COUNT(*) FROM portcullis_migration";

const COLUMNS: &str = table_columns!();

const GUARDS_PRESENT: &str = guards_present!();

const GUARD_NAMES: [&str; 6] = [
    "portcullis_user_email",
    "portcullis_user_insert",
    "portcullis_user_update",
    "portcullis_user_delete",
    "portcullis_account_epoch",
    "portcullis_session_end",
];

const ADDRESSES: &str = r#"SELECT id, email FROM "user" ORDER BY id"#;

const NOTE_ADOPTION: &str = "INSERT INTO portcullis_meta (key, value) VALUES ('adopted_at', $1)";

/// What belongs to accounts that were deleted while the triggers were away.
const ORPHANS: [&str; 4] = [
    r#"DELETE FROM portcullis_session WHERE user_id NOT IN (SELECT id FROM "user")"#,
    r#"DELETE FROM portcullis_one_time WHERE user_id NOT IN (SELECT id FROM "user")"#,
    r#"DELETE FROM portcullis_email WHERE user_id NOT IN (SELECT id FROM "user")"#,
    r#"DELETE FROM portcullis_account WHERE user_id NOT IN (SELECT id FROM "user")"#,
];

/// No address is trusted to be the one that its key was made of.
const DROP_KEYS: &str = "DELETE FROM portcullis_email";

/// Accounts that were missed come after those that are known.
const LAST_CREATED: &str = "SELECT COALESCE(MAX(created_at), 0) FROM portcullis_account";

/// An event of a kind that nobody knows: caches forget everything.
const MISSED_EVENT: &str = "INSERT INTO portcullis_event (kind, at) VALUES ('missed', $1)";

const FORGET_CLASHES: &str = "UPDATE portcullis_email SET clash = FALSE WHERE clash";
const CLASHES: &str = "SELECT COUNT(*) FROM portcullis_email WHERE clash";

/// Brings the schema to the present version.
pub(super) async fn run(conn: &mut Conn, now: Timestamp) -> Result<Migrated, MigrateError> {
    let mut done = Migrated::default();
    let (latest, applied) = steps(conn).await?;
    if latest > newest() {
        return Err(MigrateError::FromTheFuture { version: latest });
    }
    let has_users = table_exists(conn, "user").await?;
    if applied > 0 && !has_users {
        return Err(StoreError::broken("the table \"user\" is gone").into());
    }
    let adopted = if applied == 0 && has_users { adoptable(conn).await? } else { Vec::new() };
    if !has_users {
        ask(raw_sql(USER_TABLE).execute(&mut *conn)).await?;
    }
    migrator().run_direct(None, &mut *conn, false).await.map_err(step_failed)?;
    done.applied = MIGRATIONS.iter().map(|(version, ..)| u32::from(*version > latest)).sum();

    if applied == 0 {
        ask(raw_sql(GUARDS).execute(&mut *conn)).await?;
        attend(conn, &adopted, now).await?;
        if has_users {
            done.adopted = Some(adopted.len() as u64);
        }
        if !adopted.is_empty() {
            ask(query(NOTE_ADOPTION).bind(now.as_micros()).execute(&mut *conn)).await?;
        }
    } else {
        done.warnings = put_guards_back(conn).await?;
        ask(query(FORGET_CLASHES).execute(&mut *conn)).await?;
    }
    while email::fill_missing(conn).await? > 0 {}
    let clashes: i64 = ask(query_scalar(CLASHES).fetch_one(conn)).await?;
    if clashes > 0 {
        done.warnings.push(format!(
            "another program gave {clashes} account(s) an address that is, in another spelling, taken: \
             `portcullis migrate collisions` lists them"
        ));
    }
    Ok(done)
}

/// Whether the schema is at least the one that this program knows.
pub(super) async fn check_version(conn: &mut Conn) -> Result<(), StoreError> {
    if steps(conn).await?.0 < newest() { Err(StoreError::broken("the database is not migrated")) } else { Ok(()) }
}

/// Which of our triggers and indexes are missing.
pub(super) async fn missing_guards(conn: &mut Conn) -> Result<Vec<&'static str>, StoreError> {
    let present: Vec<String> = ask(query_scalar(GUARDS_PRESENT).fetch_all(conn)).await?;
    Ok(GUARD_NAMES.into_iter().filter(|name| !present.iter().any(|it| it == name)).collect())
}

/// Puts missing guards back, makes up for what they missed, and says so.
pub(super) async fn put_guards_back(conn: &mut Conn) -> Result<Vec<String>, MigrateError> {
    let missing = missing_guards(conn).await?;
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let rows = ask(query(ADDRESSES).fetch_all(&mut *conn)).await?;
    let addresses = rows.iter().map(address).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    refuse_collisions(&addresses)?;
    ask(raw_sql(GUARDS).execute(&mut *conn)).await?;
    for orphans in ORPHANS {
        ask(query(orphans).execute(&mut *conn)).await?;
    }
    ask(query(DROP_KEYS).execute(&mut *conn)).await?;
    let last = ask(query_scalar(LAST_CREATED).fetch_one(&mut *conn)).await?;
    attend(conn, &addresses, Timestamp::from_micros(last)).await?;
    ask(query(MISSED_EVENT).bind(last).execute(conn)).await?;
    Ok(vec![format!(
        "{} had been dropped from the database (by a migration that rebuilds the table \"user\"?) and are back; \
         sessions were not ended by passwords that another program changed meanwhile",
        missing.join(", ")
    )])
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

/// The newest step in the database, and how many there are.
async fn steps(conn: &mut Conn) -> Result<(i64, i64), StoreError> {
    if !table_exists(conn, STEPS).await? {
        return Ok((0, 0));
    }
    let latest = ask(query_scalar(LATEST).fetch_one(&mut *conn)).await?;
    Ok((latest, ask(query_scalar(APPLIED).fetch_one(conn)).await?))
}

/// The caller holds the lock that keeps other starters waiting; sqlx's own is none on SQLite, and on PostgreSQL
/// it outlives an error.
fn migrator() -> Migrator {
    let steps = MIGRATIONS.iter().map(|(version, name, sql)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, (*sql).into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(steps.collect());
    migrator.set_locking(false);
    migrator.dangerous_set_table_name(STEPS);
    migrator
}

fn step_failed(error: sqlx::migrate::MigrateError) -> MigrateError {
    use sqlx::migrate::MigrateError as E;
    match error {
        E::Execute(error) | E::ExecuteMigration(error, _) => failed(error).into(),
        other => StoreError::broken(other).into(),
    }
}

/// The accounts of a `user` table that is about to be adopted.
async fn adoptable(conn: &mut Conn) -> Result<Vec<(UserId, String)>, MigrateError> {
    let accounts = addresses(conn).await?;
    refuse_collisions(&accounts)?;
    Ok(accounts)
}

/// The accounts whose addresses are one address, in a database that is ours, or is to be adopted, or is empty.
pub(super) async fn collisions(conn: &mut Conn) -> Result<Vec<EmailCollision>, MigrateError> {
    if !table_exists(conn, "user").await? {
        return Ok(Vec::new());
    }
    Ok(colliding(&addresses(conn).await?))
}

async fn addresses(conn: &mut Conn) -> Result<Vec<(UserId, String)>, MigrateError> {
    check_columns(conn).await?;
    let rows = ask(query(ADDRESSES).fetch_all(conn)).await?;
    rows.iter().map(address).collect::<Result<_, _>>().map_err(|_| MigrateError::ForeignUserTable {
        problem: "an id is not a UUID with hyphens, or an address is not text".into(),
    })
}

fn address(row: &super::dialect::Row) -> sqlx::Result<(UserId, String)> {
    Ok((UserId(uuid(row, "id")?), row.try_get("email")?))
}

async fn check_columns(conn: &mut Conn) -> Result<(), MigrateError> {
    const OURS: [&str; 6] = ["id", "email", "hashed_password", "is_active", "is_superuser", "is_verified"];
    let refuse = |problem: String| Err(MigrateError::ForeignUserTable { problem });
    let rows = ask(query(COLUMNS).bind("user").fetch_all(conn)).await?;
    let mut columns = BTreeMap::new();
    for row in &rows {
        let name: String = row.try_get("name").map_err(failed)?;
        let decl: String = row.try_get("decl").map_err(failed)?;
        let required: bool = row.try_get("required").map_err(failed)?;
        columns.insert(name, (decl, required));
    }
    for name in OURS {
        if !columns.contains_key(name) {
            return refuse(format!("it has no column {name}"));
        }
    }
    for (name, (_, required)) in &columns {
        if *required && !OURS.contains(&name.as_str()) {
            return refuse(format!(
                "its column {name} must be given for every row and has no default, so no account could be created: \
                 give it a default, or allow NULL"
            ));
        }
    }
    match columns.get("id").and_then(|(decl, _)| id_problem(decl)) {
        Some(problem) => refuse(problem),
        None => Ok(()),
    }
}

/// Two accounts whose addresses are one address would make each other's login a matter of chance.
fn refuse_collisions(accounts: &[(UserId, String)]) -> Result<(), MigrateError> {
    match colliding(accounts) {
        none if none.is_empty() => Ok(()),
        collisions => Err(MigrateError::EmailCollisions(collisions)),
    }
}

fn colliding(accounts: &[(UserId, String)]) -> Vec<EmailCollision> {
    let mut by_key = BTreeMap::<EmailKey, Vec<(String, String)>>::new();
    for (user, email) in accounts {
        by_key.entry(EmailKey::of(email)).or_default().push((user.to_string(), email.clone()));
    }
    by_key.retain(|_, accounts| accounts.len() > 1);
    by_key.into_iter().map(|(key, accounts)| EmailCollision { key: key.as_str().to_owned(), accounts }).collect()
}

/// Makes the side rows of accounts that have none, many at a time.
async fn attend(conn: &mut Conn, accounts: &[(UserId, String)], now: Timestamp) -> Result<(), StoreError> {
    for some in accounts.chunks(400) {
        let mut rows = QueryBuilder::<Db>::new("INSERT INTO portcullis_account (user_id, created_at) ");
        rows.push_values(some, |mut row, (user, _)| {
            row.push_bind(id(*user)).push_bind(now.as_micros());
        });
        rows.push(" ON CONFLICT DO NOTHING");
        ask(rows.build().execute(&mut *conn)).await?;
        let mut keys = QueryBuilder::<Db>::new("INSERT INTO portcullis_email (user_id, key) ");
        keys.push_values(some, |mut row, (user, email)| {
            let key = EmailKey::of(email);
            row.push_bind(id(*user)).push_bind(email::storable(&key).then(|| text(key.as_str()).into_owned()));
        });
        keys.push(" ON CONFLICT DO NOTHING");
        ask(keys.build().execute(&mut *conn)).await?;
    }
    Ok(())
}

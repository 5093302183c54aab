//! Accounts: finding and listing. How they change is in `account_write.rs`.

use super::account_write as write;
use super::audit;
use super::dialect::{Backend, Conn, Row, ask, failed, host_connection, id, nested};
use super::email;
use super::held::held;
use super::row::{count, user};
use async_trait::async_trait;
use portcullis_core::account::{Credentials, NewUser, User, UserChange, UserPage};
use portcullis_core::audit::AuditEntry;
use portcullis_core::clock::Timestamp;
use portcullis_core::email_address::EmailKey;
use portcullis_core::ids::UserId;
use portcullis_core::outbox::NewMail;
use portcullis_core::password_hasher::PasswordHash;
use portcullis_core::store::{AccountStore, CreateUser, DeleteUser, InTx, StoreError, StoreTx, UpdateUser, Veto};
use sqlx::{query, query_scalar};
use std::collections::BTreeMap;
use std::time::Duration;

const FIND: &str = concat!("SELECT ", user_columns!(), r#" FROM "user" u WHERE u.id = $1"#);

const FIND_CREDENTIALS: &str = concat!(
    "SELECT ",
    user_columns!(),
    r#", u.hashed_password, COALESCE(a.epoch, 0) AS epoch, a.legacy_dead_before
    FROM "user" u LEFT JOIN portcullis_account a ON a.user_id = u.id WHERE u.id = $1"#
);

/// Each half is one look into a unique index. The first is fastapi-users' own comparison, and wins; what it does not
/// see (letters outside ASCII on SQLite, compatibility forms) the second finds.
pub(super) const FIND_BY_EMAIL: &str = concat!(
    "SELECT ",
    user_columns!(),
    r#", u.hashed_password, COALESCE(a.epoch, 0) AS epoch, a.legacy_dead_before
    FROM (
        SELECT id, 0 AS place FROM "user" WHERE lower(email) = lower($1)
        UNION ALL
        SELECT user_id AS id, 1 AS place FROM portcullis_email WHERE key = $2
    ) found
    JOIN "user" u ON u.id = found.id
    LEFT JOIN portcullis_account a ON a.user_id = u.id
    ORDER BY found.place LIMIT 1"#
);

const LIST: &str = concat!(
    "SELECT ",
    user_columns!(),
    r#" FROM portcullis_account a JOIN "user" u ON u.id = a.user_id
    ORDER BY a.created_at, a.user_id LIMIT $2 OFFSET $1"#
);

const COUNT: &str = r#"SELECT COUNT(*) FROM "user""#;

const HAS_SUPERUSER: &str = r#"SELECT EXISTS (SELECT 1 FROM "user" WHERE is_active AND is_superuser)"#;

const LIST_DEV: &str = concat!(
    "SELECT ",
    user_columns!(),
    r#" FROM portcullis_account a JOIN "user" u ON u.id = a.user_id
    WHERE a.dev_superuser AND u.is_active AND u.is_superuser ORDER BY a.created_at, a.user_id"#
);

const KEEP_DEV: &str = "UPDATE portcullis_account SET dev_superuser = FALSE WHERE user_id = $1 AND dev_superuser";

/// Ids are random, so the first by id are a random sample.
const SAMPLE: &str = r#"SELECT hashed_password FROM "user" ORDER BY id LIMIT 5000"#;

/// How long host code may take inside our transaction.
const HOOK_LIMIT: Duration = Duration::from_secs(2);

fn credentials(row: &Row) -> Result<Credentials, StoreError> {
    let held = held(row).map_err(failed)?;
    Ok(Credentials { user: held.user, password: held.password, epoch: held.epoch })
}

fn users(rows: &[Row]) -> Result<Vec<User>, StoreError> {
    rows.iter().map(user).collect::<Result<_, _>>().map_err(failed)
}

async fn by_email(conn: &mut Conn, typed: &str, key: &EmailKey) -> Result<Option<Credentials>, StoreError> {
    let found = query(FIND_BY_EMAIL).bind(typed.to_owned()).bind(key.as_str().to_owned());
    ask(found.fetch_optional(conn)).await?.as_ref().map(credentials).transpose()
}

#[async_trait]
impl AccountStore for Backend {
    async fn find_user(&self, user_id: UserId) -> Result<Option<User>, StoreError> {
        let mut conn = self.reader().await?;
        let row = ask(query(FIND).bind(id(user_id)).fetch_optional(&mut *conn)).await?;
        row.as_ref().map(user).transpose().map_err(failed)
    }

    async fn find_credentials_by_email(&self, typed: &str, key: &EmailKey) -> Result<Option<Credentials>, StoreError> {
        if typed.contains('\0') || key.as_str().contains('\0') {
            return Ok(None);
        }
        let mut conn = self.reader().await?;
        if let Some(found) = by_email(&mut conn, typed, key).await? {
            return Ok(Some(found));
        }
        if !email::any_missing(&mut conn).await? {
            return Ok(None);
        }
        // Another program added accounts whose keys nobody has computed yet; one of them may be the one.
        drop(conn);
        let mut tx = self.begin().await?;
        email::fill_missing(&mut tx).await?;
        let found = by_email(&mut tx, typed, key).await?;
        ask(tx.commit()).await?;
        Ok(found)
    }

    async fn find_credentials(&self, user_id: UserId) -> Result<Option<Credentials>, StoreError> {
        let mut conn = self.reader().await?;
        let row = ask(query(FIND_CREDENTIALS).bind(id(user_id)).fetch_optional(&mut *conn)).await?;
        row.as_ref().map(credentials).transpose()
    }

    async fn create_user(&self, new: NewUser, audit: AuditEntry, hook: &dyn InTx) -> Result<CreateUser, StoreError> {
        let mut tx = self.begin().await?;
        let done = write::create(&mut tx, new, &audit).await?;
        if !matches!(done, CreateUser::Created(_)) {
            ask(tx.rollback()).await?;
            return Ok(done);
        }
        let veto = match tokio::time::timeout(HOOK_LIMIT, hook.run(&mut *tx)).await {
            Ok(Ok(())) => None,
            Ok(Err(veto)) => Some(veto),
            Err(_) => Some(Veto::Failed(StoreError::unavailable("the host's code took longer than two seconds"))),
        };
        if let Some(veto) = veto {
            // The refusal stands whether or not the database hears of it: without a commit nothing is kept.
            if let Err(error) = ask(tx.rollback()).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a refused account was not rolled back at once"
                );
            }
            return Ok(CreateUser::Vetoed(veto));
        }
        ask(tx.commit()).await?;
        Ok(done)
    }

    async fn create_user_in(
        &self,
        tx: &mut dyn StoreTx,
        new: NewUser,
        audit: AuditEntry,
    ) -> Result<CreateUser, StoreError> {
        let mut tx = nested(host_connection(tx)?).await?;
        let done = write::create(&mut tx, new, &audit).await?;
        let keep = matches!(done, CreateUser::Created(_));
        ask(async { if keep { tx.commit().await } else { tx.rollback().await } }).await?;
        Ok(done)
    }

    async fn update_user(
        &self,
        user_id: UserId,
        change: UserChange,
        mails: Vec<NewMail>,
        audit: AuditEntry,
    ) -> Result<UpdateUser, StoreError> {
        let mut tx = self.begin().await?;
        let done = write::update(&mut tx, user_id, change, &mails, audit).await?;
        let keep = matches!(done, UpdateUser::Updated(_));
        ask(async { if keep { tx.commit().await } else { tx.rollback().await } }).await?;
        Ok(done)
    }

    async fn update_user_in(
        &self,
        tx: &mut dyn StoreTx,
        user_id: UserId,
        change: UserChange,
        audit: AuditEntry,
    ) -> Result<UpdateUser, StoreError> {
        let mut tx = nested(host_connection(tx)?).await?;
        let done = write::update(&mut tx, user_id, change, &[], audit).await?;
        let keep = matches!(done, UpdateUser::Updated(_));
        ask(async { if keep { tx.commit().await } else { tx.rollback().await } }).await?;
        Ok(done)
    }

    async fn delete_user(&self, user_id: UserId, at: Timestamp, audit: AuditEntry) -> Result<DeleteUser, StoreError> {
        let mut tx = self.begin().await?;
        let done = write::delete(&mut tx, user_id, at, &audit).await?;
        let keep = done == DeleteUser::Deleted;
        ask(async { if keep { tx.commit().await } else { tx.rollback().await } }).await?;
        Ok(done)
    }

    async fn delete_user_in(
        &self,
        tx: &mut dyn StoreTx,
        user_id: UserId,
        at: Timestamp,
        audit: AuditEntry,
    ) -> Result<DeleteUser, StoreError> {
        let mut tx = nested(host_connection(tx)?).await?;
        let done = write::delete(&mut tx, user_id, at, &audit).await?;
        let keep = done == DeleteUser::Deleted;
        ask(async { if keep { tx.commit().await } else { tx.rollback().await } }).await?;
        Ok(done)
    }

    async fn list_users(&self, offset: u32, limit: u32) -> Result<UserPage, StoreError> {
        let mut conn = self.reader().await?;
        let rows = ask(query(LIST).bind(count(offset)).bind(count(limit)).fetch_all(&mut *conn)).await?;
        let total: i64 = ask(query_scalar(COUNT).fetch_one(&mut *conn)).await?;
        Ok(UserPage { items: users(&rows)?, total: total.try_into().unwrap_or(0) })
    }

    async fn has_superuser(&self) -> Result<bool, StoreError> {
        let mut conn = self.reader().await?;
        ask(query_scalar(HAS_SUPERUSER).fetch_one(&mut *conn)).await
    }

    async fn list_dev_superusers(&self) -> Result<Vec<User>, StoreError> {
        let mut conn = self.reader().await?;
        users(&ask(query(LIST_DEV).fetch_all(&mut *conn)).await?)
    }

    async fn keep_dev_superuser(&self, user_id: UserId, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if ask(query(KEEP_DEV).bind(id(user_id)).execute(&mut *tx)).await?.rows_affected() == 0 {
            ask(tx.rollback()).await?;
            return Ok(false);
        }
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(true)
    }

    async fn sample_hashes(&self) -> Result<Vec<(PasswordHash, u64)>, StoreError> {
        let mut conn = self.reader().await?;
        let hashes: Vec<String> = ask(query_scalar(SAMPLE).fetch_all(&mut *conn)).await?;
        let mut counts = BTreeMap::<&str, u64>::new();
        for hash in &hashes {
            *counts.entry(parameters(hash)).or_default() += 1;
        }
        Ok(counts.into_iter().map(|(prefix, count)| (PasswordHash::from_stored(prefix), count)).collect())
    }
}

/// The beginning of a hash up to the salt: what decides how long verifying takes, and nothing that could be attacked.
fn parameters(hash: &str) -> &str {
    // A PHC string ends in salt and digest, a bcrypt string in one piece that holds both.
    let pieces = if hash.starts_with("$2") { 1 } else { 2 };
    let cut = hash.rmatch_indices('$').nth(pieces - 1).map_or(0, |(at, _)| at);
    &hash[..cut]
}

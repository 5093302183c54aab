//! Values that work once.
//!
//! The account is held before the value is touched, as everywhere; the value itself is used up by a conditional
//! statement, so that of parallel tries one finds it open.

use super::audit;
use super::dialect::{Backend, Conn, Row, ask, failed, id};
use super::held::{self, Held};
use super::outbox;
use super::row::{text, time, user, uuid};
use async_trait::async_trait;
use portcullis_core::account::User;
use portcullis_core::audit::AuditEntry;
use portcullis_core::clock::Timestamp;
use portcullis_core::digest::Digest;
use portcullis_core::email_address::EmailKey;
use portcullis_core::ids::UserId;
use portcullis_core::one_time::{NewOneTime, Purpose};
use portcullis_core::outbox::NewMail;
use portcullis_core::password_hasher::PasswordHash;
use portcullis_core::revoke::{RevokingEvent, Sweep};
use portcullis_core::store::{OneTimeStore, StoreError, VerifyEmail};
use sqlx::{Row as _, query};

const KILL_OLDER: &str =
    "UPDATE portcullis_one_time SET life = 'dead' WHERE user_id = $1 AND purpose = $2 AND life = 'open'";

const INSERT: &str = "INSERT INTO portcullis_one_time (id, purpose, user_id, digest, email_key, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

const FIND: &str = concat!(
    "SELECT ",
    user_columns!(),
    r#", t.email_key, t.life, t.expires_at
    FROM portcullis_one_time t JOIN "user" u ON u.id = t.user_id WHERE t.digest = $1 AND t.purpose = $2"#
);

const OWNER: &str = "SELECT user_id FROM portcullis_one_time WHERE digest = $1 AND purpose = $2";

const CONSUME: &str = "UPDATE portcullis_one_time SET life = 'used'
    WHERE digest = $1 AND purpose = $2 AND life = 'open' AND expires_at > $3";

const SET_PASSWORD: &str = r#"UPDATE "user" SET hashed_password = $2 WHERE id = $1"#;

const SET_VERIFIED: &str = r#"UPDATE "user" SET is_verified = TRUE WHERE id = $1"#;

/// A value together with its account, as far as the account still is what the value was made for.
struct Found {
    user: User,
    life: String,
}

fn found(row: &Row, now: Timestamp) -> sqlx::Result<Option<Found>> {
    let user = user(row)?;
    let key: &str = row.try_get("email_key")?;
    let stands = user.is_active && time(row, "expires_at")? > now && EmailKey::of(&user.email).as_str() == key;
    let life = row.try_get("life")?;
    Ok(stands.then_some(Found { user, life }))
}

async fn find(conn: &mut Conn, purpose: Purpose, digest: &Digest, now: Timestamp) -> Result<Option<Found>, StoreError> {
    let row = ask(query(FIND).bind(digest.as_bytes().to_vec()).bind(purpose.as_str()).fetch_optional(conn)).await?;
    row.as_ref().map_or(Ok(None), |row| found(row, now)).map_err(failed)
}

/// Holds the account of a value and reads both.
async fn hold(
    conn: &mut Conn,
    purpose: Purpose,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<(Held, Found)>, StoreError> {
    let owner = query(OWNER).bind(digest.as_bytes().to_vec()).bind(purpose.as_str());
    let Some(row) = ask(owner.fetch_optional(&mut *conn)).await? else { return Ok(None) };
    let owner = UserId(uuid(&row, "user_id").map_err(failed)?);
    let Some(account) = held::hold_one(conn, owner).await? else { return Ok(None) };
    Ok(find(conn, purpose, digest, now).await?.map(|found| (account, found)))
}

async fn consume(conn: &mut Conn, purpose: Purpose, digest: &Digest, now: Timestamp) -> Result<bool, StoreError> {
    let consumed =
        query(CONSUME).bind(digest.as_bytes().to_vec()).bind(purpose.as_str()).bind(now.as_micros()).execute(conn);
    Ok(ask(consumed).await?.rows_affected() == 1)
}

async fn set_password(conn: &mut Conn, account: &Held, hash: &PasswordHash, at: Timestamp) -> Result<(), StoreError> {
    let user = account.user.id;
    let set = query(SET_PASSWORD).bind(id(user)).bind(text(hash.as_str()).into_owned());
    ask(set.execute(&mut *conn)).await?;
    held::sweep(conn, account, &Sweep::of(user, &[RevokingEvent::PasswordReset], None, at)).await
}

#[async_trait]
impl OneTimeStore for Backend {
    async fn create_one_time(&self, new: NewOneTime, mail: NewMail, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let account = held::hold_one(&mut tx, new.user_id).await?;
        let fits =
            account.is_some_and(|account| account.user.is_active && EmailKey::of(&account.user.email) == new.email_key);
        if !fits {
            ask(tx.rollback()).await?;
            return Ok(false);
        }
        ask(query(KILL_OLDER).bind(id(new.user_id)).bind(new.purpose.as_str()).execute(&mut *tx)).await?;
        let inserted = query(INSERT)
            .bind(id(new.id))
            .bind(new.purpose.as_str())
            .bind(id(new.user_id))
            .bind(new.digest.as_bytes().to_vec())
            .bind(text(new.email_key.as_str()).into_owned())
            .bind(new.created_at.as_micros())
            .bind(new.expires_at.as_micros());
        ask(inserted.execute(&mut *tx)).await?;
        outbox::write(&mut tx, &[mail]).await?;
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(true)
    }

    async fn find_one_time(
        &self,
        purpose: Purpose,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let mut conn = self.reader().await?;
        let found = find(&mut conn, purpose, digest, now).await?;
        Ok(found.filter(|found| found.life == "open").map(|found| found.user))
    }

    async fn reset_password(
        &self,
        digest: &Digest,
        password: PasswordHash,
        mails: Vec<NewMail>,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<Option<User>, StoreError> {
        let purpose = Purpose::ResetPassword;
        let mut tx = self.begin().await?;
        let user = match hold(&mut tx, purpose, digest, now).await? {
            Some((account, _)) if consume(&mut tx, purpose, digest, now).await? => {
                set_password(&mut tx, &account, &password, now).await?;
                account.user
            }
            _ => {
                ask(tx.rollback()).await?;
                return Ok(None);
            }
        };
        outbox::write(&mut tx, &mails).await?;
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(Some(user))
    }

    async fn verify_email(
        &self,
        digest: &Digest,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<VerifyEmail, StoreError> {
        let purpose = Purpose::VerifyEmail;
        let mut tx = self.begin().await?;
        let outcome = match hold(&mut tx, purpose, digest, now).await? {
            Some((_, found)) if found.user.is_verified && found.life != "dead" => {
                VerifyEmail::AlreadyVerified(found.user.id)
            }
            Some((account, _)) if consume(&mut tx, purpose, digest, now).await? => {
                VerifyEmail::Verified(User { is_verified: true, ..account.user })
            }
            _ => VerifyEmail::BadToken,
        };
        let VerifyEmail::Verified(user) = &outcome else {
            ask(tx.rollback()).await?;
            return Ok(outcome);
        };
        ask(query(SET_VERIFIED).bind(id(user.id)).execute(&mut *tx)).await?;
        audit::write(&mut tx, &audit.subject(user.id)).await?;
        ask(tx.commit()).await?;
        Ok(outcome)
    }
}

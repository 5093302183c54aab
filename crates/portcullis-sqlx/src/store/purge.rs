//! Housekeeping: small transactions, so that nobody waits behind a large one.

use super::account_write;
use super::dialect::{Backend, ask, failed, id};
use super::held;
use super::row::uuid;
use portcullis_core::clock::Timestamp;
use portcullis_core::ids::UserId;
use portcullis_core::store::{DeleteUser, PurgeBefore, Purged, StoreError};
use sqlx::query;
use uuid::Uuid;

/// How many rows one statement removes at most.
const BATCH: u32 = 500;

// Rows that an operation holds are passed over: they are not in a hurry, and waiting for several could be a circle.
const SESSIONS: &str = concat!(
    "DELETE FROM portcullis_session WHERE id IN (
    SELECT id FROM portcullis_session WHERE expires_at < $1 OR ended_at < $1 LIMIT $2",
    skip_locked!(),
    ")"
);

const ONE_TIMES: &str = concat!(
    "DELETE FROM portcullis_one_time WHERE id IN (
    SELECT id FROM portcullis_one_time WHERE expires_at < $1 LIMIT $2",
    skip_locked!(),
    ")"
);

const DEVICES: &str = concat!(
    "DELETE FROM portcullis_device WHERE id IN (
    SELECT id FROM portcullis_device WHERE expires_at < $1 LIMIT $2",
    skip_locked!(),
    ")"
);

const AUDIT: &str = "DELETE FROM portcullis_audit WHERE id IN (
    SELECT id FROM portcullis_audit WHERE at < $1 LIMIT $2)";

const EVENTS: &str = "DELETE FROM portcullis_event WHERE seq IN (
    SELECT seq FROM portcullis_event WHERE at < $1 ORDER BY seq LIMIT $2)";

/// How far the feed is going to be purged, noted before the rows go.
const NOTE_PURGED: &str = concat!(
    "INSERT INTO portcullis_meta AS old (key, value)
    SELECT 'feed_purged', MAX(",
    feed_place!(),
    ") FROM portcullis_event WHERE at < $1 HAVING COUNT(*) > 0
    ON CONFLICT (key) DO UPDATE SET value = ",
    greatest!(),
    "(old.value, excluded.value)"
);

const DENIALS: &str = "DELETE FROM portcullis_legacy_denial WHERE digest IN (
    SELECT digest FROM portcullis_legacy_denial WHERE expires_at <= $1 LIMIT $2)";

const BUCKETS: &str = "DELETE FROM portcullis_throttle WHERE key IN (
    SELECT key FROM portcullis_throttle WHERE full_at <= $1 LIMIT $2)";

/// A guest account that is old (`$1`) and has no live session (`$2`, now).
macro_rules! unused_guest {
    () => {
        "FROM portcullis_account a WHERE a.kind = 'guest' AND a.created_at < $1 AND NOT EXISTS (
            SELECT 1 FROM portcullis_session s
            WHERE s.user_id = a.user_id AND s.ended_at IS NULL AND s.expires_at > $2 AND s.epoch = a.epoch)"
    };
}

/// A page of them, after the id where the last one ended.
const GUESTS: &str = concat!("SELECT a.user_id ", unused_guest!(), " AND a.user_id > $3 ORDER BY a.user_id LIMIT $4");

/// Whether one of them still is one.
const STILL_UNUSED: &str = concat!("SELECT a.user_id ", unused_guest!(), " AND a.user_id = $3");

impl Backend {
    pub(super) async fn purge_all(&self, before: &PurgeBefore) -> Result<Purged, StoreError> {
        let guests = self.purge_guests(before).await?;
        self.purge_batches(DENIALS, before.now).await?;
        self.purge_batches(BUCKETS, before.now).await?;
        let mut tx = self.begin().await?;
        ask(query(NOTE_PURGED).bind(before.events.as_micros()).execute(&mut *tx)).await?;
        ask(tx.commit()).await?;
        Ok(Purged {
            guests,
            sessions: self.purge_batches(SESSIONS, before.sessions).await?,
            one_times: self.purge_batches(ONE_TIMES, before.one_times).await?,
            devices: self.purge_batches(DEVICES, before.devices).await?,
            events: self.purge_batches(EVENTS, before.events).await?,
            audit: self.purge_batches(AUDIT, before.audit).await?,
        })
    }

    async fn purge_batches(&self, statement: &'static str, before: Timestamp) -> Result<u64, StoreError> {
        let mut gone = 0;
        loop {
            let mut tx = self.begin().await?;
            let batch = query(statement).bind(before.as_micros()).bind(i64::from(BATCH)).execute(&mut *tx);
            let batch = ask(batch).await?.rows_affected();
            ask(tx.commit()).await?;
            gone += batch;
            if batch < u64::from(BATCH) {
                return Ok(gone);
            }
        }
    }

    async fn purge_guests(&self, before: &PurgeBefore) -> Result<u64, StoreError> {
        let mut gone = 0;
        let mut last = UserId(Uuid::nil());
        loop {
            let mut conn = self.reader().await?;
            let page = query(GUESTS)
                .bind(before.guests.as_micros())
                .bind(before.now.as_micros())
                .bind(id(last))
                .bind(i64::from(BATCH))
                .fetch_all(&mut *conn);
            let page = ask(page).await?;
            drop(conn);
            for row in &page {
                last = UserId(uuid(row, "user_id").map_err(failed)?);
                if self.purge_guest(last, before).await? {
                    gone += 1;
                }
            }
            if page.len() < BATCH as usize {
                return Ok(gone);
            }
        }
    }

    /// Deletes one guest, unless somebody signed in as it meanwhile or a foreign table refers to it.
    async fn purge_guest(&self, guest: UserId, before: &PurgeBefore) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        held::hold(&mut tx, guest, None).await?;
        let unused = query(STILL_UNUSED)
            .bind(before.guests.as_micros())
            .bind(before.now.as_micros())
            .bind(id(guest))
            .fetch_optional(&mut *tx);
        let gone = ask(unused).await?.is_some()
            && account_write::remove(&mut tx, guest, before.now).await? == DeleteUser::Deleted;
        ask(async { if gone { tx.commit().await } else { tx.rollback().await } }).await?;
        Ok(gone)
    }
}

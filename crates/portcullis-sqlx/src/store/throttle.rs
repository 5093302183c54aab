//! Limits: one conditional statement per try.

use super::dialect::{Backend, ask};
use super::row::text;
use async_trait::async_trait;
use portcullis_core::clock::Timestamp;
use portcullis_core::digest::Digest;
use portcullis_core::store::{StoreError, ThrottleStore};
use portcullis_core::throttle::{Limit, Verdict};
use sqlx::{query, query_scalar};

/// [`Limit::take`] in the words of the database: `$2` now, `$3` the refill, `$4` the moment at which an empty bucket
/// of now would be full.
const TAKE: &str = concat!(
    "INSERT INTO portcullis_throttle AS bucket (key, full_at) VALUES ($1, $2 + $3)
    ON CONFLICT (key) DO UPDATE SET full_at = ",
    greatest!(),
    "(bucket.full_at, $2) + $3 WHERE ",
    greatest!(),
    "(bucket.full_at, $2) + $3 <= $4 RETURNING full_at"
);

const READ: &str = "SELECT full_at FROM portcullis_throttle WHERE key = $1";

const FORGET: &str = "DELETE FROM portcullis_throttle WHERE key = $1";

/// How many bytes of a key are stored as they are.
const LONGEST_KEY: usize = 400;

/// The key as stored. A long one, which a stranger's typing may become part of, would not fit into an index.
fn stored(key: &str) -> String {
    if key.len() <= LONGEST_KEY {
        return text(key).into_owned();
    }
    let digest =
        Digest::of(key.as_bytes()).as_bytes().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("sha256:{digest}")
}

#[async_trait]
impl ThrottleStore for Backend {
    async fn take(&self, key: &str, limit: Limit, now: Timestamp) -> Result<Verdict, StoreError> {
        let key = stored(key);
        // A limit without any burst lets nobody through, not even the first.
        if let Err(retry_after) = limit.take(now, now) {
            return Ok(Verdict::Limited { retry_after });
        }
        let refill = i64::try_from(limit.refill.as_micros()).unwrap_or(i64::MAX / 4);
        let mut tx = self.begin().await?;
        let taken = query_scalar::<_, i64>(TAKE)
            .bind(key.clone())
            .bind(now.as_micros())
            .bind(refill)
            .bind((now + limit.window()).as_micros());
        if ask(taken.fetch_optional(&mut *tx)).await?.is_some() {
            ask(tx.commit()).await?;
            return Ok(Verdict::Allowed);
        }
        let full_at: Option<i64> = ask(query_scalar(READ).bind(key).fetch_optional(&mut *tx)).await?;
        ask(tx.rollback()).await?;
        let full_at = full_at.map_or(now, Timestamp::from_micros);
        // Only a bucket that somebody emptied between the two statements would allow it now: soon, then.
        let retry_after = limit.take(full_at, now).err().unwrap_or_default();
        Ok(Verdict::Limited { retry_after })
    }

    async fn forget(&self, key: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        ask(query(FORGET).bind(stored(key)).execute(&mut *tx)).await?;
        ask(tx.commit()).await
    }
}

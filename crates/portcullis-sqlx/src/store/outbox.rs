//! Mails that wait.

use super::dialect::{Backend, Conn, Row, ask, failed};
use super::row::{count, text, time};
use async_trait::async_trait;
use portcullis_core::clock::Timestamp;
use portcullis_core::outbox::{ClaimedMail, NewMail};
use portcullis_core::store::{OutboxStore, StoreError};
use sqlx::{Row as _, query};
use std::time::Duration;

const INSERT: &str = "INSERT INTO portcullis_outbox (recipient, kind, sealed, created_at, due_at)
    VALUES ($1, $2, $3, $4, $4)";

const CLAIM: &str = concat!(
    "UPDATE portcullis_outbox SET due_at = $2, attempts = attempts + 1 WHERE id IN (
        SELECT id FROM portcullis_outbox WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3",
    skip_locked!(),
    ") RETURNING id, recipient, sealed, created_at, attempts"
);

const SENT: &str = "DELETE FROM portcullis_outbox WHERE id = $1";

const FAILED: &str = "UPDATE portcullis_outbox SET due_at = $2 WHERE id = $1";

/// Writes mails in the transaction of the act that causes them.
pub(super) async fn write(conn: &mut Conn, mails: &[NewMail]) -> Result<(), StoreError> {
    for mail in mails {
        let inserted = query(INSERT)
            .bind(text(&mail.to).into_owned())
            .bind(mail.kind)
            .bind(mail.sealed.clone())
            .bind(mail.created_at.as_micros());
        ask(inserted.execute(&mut *conn)).await?;
    }
    Ok(())
}

fn read(row: &Row) -> sqlx::Result<ClaimedMail> {
    let attempts: i64 = row.try_get("attempts")?;
    Ok(ClaimedMail {
        id: row.try_get("id")?,
        to: row.try_get("recipient")?,
        sealed: row.try_get("sealed")?,
        created_at: time(row, "created_at")?,
        // The claim itself has been counted.
        attempts: (attempts - 1).try_into().unwrap_or(u32::MAX),
    })
}

#[async_trait]
impl OutboxStore for Backend {
    async fn claim_mails(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<ClaimedMail>, StoreError> {
        let mut tx = self.begin().await?;
        let claimed = query(CLAIM).bind(now.as_micros()).bind((now + lease).as_micros()).bind(count(limit));
        let rows = ask(claimed.fetch_all(&mut *tx)).await?;
        ask(tx.commit()).await?;
        let mut mails: Vec<_> = rows.iter().map(read).collect::<Result<_, _>>().map_err(failed)?;
        // The order of RETURNING is the database's own.
        mails.sort_by_key(|mail: &ClaimedMail| mail.id);
        Ok(mails)
    }

    async fn mail_sent(&self, id: i64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        ask(query(SENT).bind(id).execute(&mut *tx)).await?;
        ask(tx.commit()).await
    }

    async fn mail_failed(&self, id: i64, retry_at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        ask(query(FAILED).bind(id).bind(retry_at.as_micros()).execute(&mut *tx)).await?;
        ask(tx.commit()).await
    }
}

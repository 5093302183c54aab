//! Device logins.

use super::audit;
use super::dialect::{Backend, Conn, Row, ask, failed, id};
use super::held::{self, Held};
use super::row::{digest, text, time, unreadable, uuid, uuid_option};
use super::session;
use async_trait::async_trait;
use portcullis_core::account::Epoch;
use portcullis_core::audit::AuditEntry;
use portcullis_core::clock::Timestamp;
use portcullis_core::device::{Device, DeviceStatus, NewDevice};
use portcullis_core::digest::Digest;
use portcullis_core::ids::{DeviceId, UserId};
use portcullis_core::session::NewSession;
use portcullis_core::store::{DeviceStore, StoreError};
use sqlx::{Row as _, query, query_scalar};

/// A code is taken by a live row only. What a predecessor left behind expired gives way.
const RETIRE: &str = "UPDATE portcullis_device SET live = FALSE WHERE code = $1 AND live AND expires_at <= $2";

const INSERT: &str = "INSERT INTO portcullis_device (id, code, secret, created_at, expires_at, peer, agent)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

const FIND: &str = "SELECT id, secret, status, claimed_by, approved_by, approved_epoch, created_at, expires_at, peer,
        agent
    FROM portcullis_device WHERE code = $1 ORDER BY live DESC, created_at DESC, id LIMIT 1";

const CLAIM: &str = "UPDATE portcullis_device SET claimed_by = $2
    WHERE id = $1 AND status = 'pending' AND claimed_by IS NULL AND expires_at > $3";

const CLAIMANT: &str = "SELECT claimed_by IS NOT NULL AND claimed_by = $2 FROM portcullis_device WHERE id = $1";

const APPROVE: &str = "UPDATE portcullis_device
    SET status = 'approved', claimed_by = $2, approved_by = $2, approved_epoch = $4
    WHERE id = $1 AND status = 'pending' AND (claimed_by IS NULL OR claimed_by = $2) AND expires_at > $3";

const REJECT: &str = "UPDATE portcullis_device SET status = 'rejected', live = FALSE, claimed_by = $2
    WHERE id = $1 AND ((status = 'pending' AND (claimed_by IS NULL OR claimed_by = $2))
        OR (status = 'approved' AND approved_by = $2))";

const REDEEM: &str = "UPDATE portcullis_device SET status = 'redeemed', live = FALSE, session_id = $5
    WHERE id = $1 AND status = 'approved' AND approved_by = $2 AND approved_epoch = $3 AND expires_at > $4";

fn device(row: &Row) -> sqlx::Result<Device> {
    let status: &str = row.try_get("status")?;
    let approver = uuid_option(row, "approved_by")?.map(UserId);
    let epoch = row.try_get::<Option<i64>, _>("approved_epoch")?.map(Epoch);
    Ok(Device {
        id: DeviceId(uuid(row, "id")?),
        secret: digest(row, "secret")?,
        status: DeviceStatus::from_name(status).ok_or_else(|| unreadable("status"))?,
        claimed_by: uuid_option(row, "claimed_by")?.map(UserId),
        approved_by: approver.zip(epoch),
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
        peer: row.try_get("peer")?,
        agent: row.try_get("agent")?,
    })
}

/// Holds an account that is active; `None` for every other.
async fn hold_active(conn: &mut Conn, user: UserId) -> Result<Option<Held>, StoreError> {
    Ok(held::hold_one(conn, user).await?.filter(|account| account.user.is_active))
}

#[async_trait]
impl DeviceStore for Backend {
    async fn create_device(&self, new: NewDevice, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let code = new.code.as_bytes().to_vec();
        ask(query(RETIRE).bind(code.clone()).bind(new.created_at.as_micros()).execute(&mut *tx)).await?;
        let inserted = query(INSERT)
            .bind(id(new.id))
            .bind(code)
            .bind(new.secret.as_bytes().to_vec())
            .bind(new.created_at.as_micros())
            .bind(new.expires_at.as_micros())
            .bind(new.peer.map(|peer| peer.to_string()))
            .bind(new.agent.as_deref().map(|agent| text(agent).into_owned()));
        if ask(inserted.execute(&mut *tx)).await?.rows_affected() == 0 {
            ask(tx.rollback()).await?;
            return Ok(false);
        }
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(true)
    }

    async fn find_device(&self, code: &Digest) -> Result<Option<Device>, StoreError> {
        let mut conn = self.reader().await?;
        let row = ask(query(FIND).bind(code.as_bytes().to_vec()).fetch_optional(&mut *conn)).await?;
        row.as_ref().map(device).transpose().map_err(failed)
    }

    async fn claim_device(&self, device: DeviceId, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if hold_active(&mut tx, user).await?.is_some() {
            let claimed = query(CLAIM).bind(id(device)).bind(id(user)).bind(now.as_micros());
            ask(claimed.execute(&mut *tx)).await?;
        }
        let claimant = query_scalar(CLAIMANT).bind(id(device)).bind(id(user)).fetch_optional(&mut *tx);
        let claimant: Option<bool> = ask(claimant).await?;
        ask(tx.commit()).await?;
        Ok(claimant.unwrap_or(false))
    }

    async fn approve_device(
        &self,
        device: DeviceId,
        user: UserId,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let approved = match hold_active(&mut tx, user).await? {
            None => 0,
            Some(account) => {
                let approve =
                    query(APPROVE).bind(id(device)).bind(id(user)).bind(now.as_micros()).bind(account.epoch.0);
                ask(approve.execute(&mut *tx)).await?.rows_affected()
            }
        };
        if approved == 0 {
            ask(tx.rollback()).await?;
            return Ok(false);
        }
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(true)
    }

    async fn reject_device(
        &self,
        device: DeviceId,
        user: UserId,
        _now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if ask(query(REJECT).bind(id(device)).bind(id(user)).execute(&mut *tx)).await?.rows_affected() == 0 {
            ask(tx.rollback()).await?;
            return Ok(false);
        }
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(true)
    }

    async fn redeem_device(&self, device: DeviceId, new: NewSession, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let mut redeemed = 0;
        if session::hold_for(&mut tx, &new).await?.is_some() {
            let redeem = query(REDEEM)
                .bind(id(device))
                .bind(id(new.user_id))
                .bind(new.epoch.0)
                .bind(new.created_at.as_micros())
                .bind(id(new.id));
            redeemed = ask(redeem.execute(&mut *tx)).await?.rows_affected();
        }
        if redeemed == 0 {
            ask(tx.rollback()).await?;
            return Ok(false);
        }
        session::insert(&mut tx, &new).await?;
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(true)
    }
}

//! An account, held until the end of the transaction, and what an event does to what hangs on it.
//!
//! Holding and reading are two statements: on PostgreSQL a statement that waits for a row sees that row as it is after
//! the wait, but the rows it joins as they were before. An epoch read that way could be an old one.

use super::dialect::{Conn, HOLDS_ROWS, Row, ask, failed, id};
use super::row::{time_option, user};
use portcullis_core::account::{Epoch, User};
use portcullis_core::clock::Timestamp;
use portcullis_core::ids::UserId;
use portcullis_core::one_time::Purpose;
use portcullis_core::password_hasher::PasswordHash;
use portcullis_core::revoke::{Credential, Sweep};
use portcullis_core::store::StoreError;
use sqlx::{Row as _, query};

const HOLD: &str = concat!(r#"SELECT u.id FROM "user" u WHERE u.id IN ($1, $2) ORDER BY u.id"#, for_update!());

const READ: &str = concat!(
    "SELECT ",
    user_columns!(),
    r#", u.hashed_password, COALESCE(a.epoch, 0) AS epoch, a.legacy_dead_before
    FROM "user" u LEFT JOIN portcullis_account a ON a.user_id = u.id WHERE u.id = $1"#
);

const SETTLE: &str = "INSERT INTO portcullis_account (user_id, created_at, epoch, legacy_dead_before)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (user_id) DO UPDATE SET epoch = excluded.epoch, legacy_dead_before = excluded.legacy_dead_before";

const END_SESSIONS: &str = concat!(
    "UPDATE portcullis_session SET ended_at = $2, end_reason = $3 WHERE id IN (
        SELECT s.id FROM portcullis_session s WHERE s.ended_at IS NULL AND (
            (s.user_id = $1 AND s.id = $4 AND $5)
            OR (s.user_id = $1 AND ($4 IS NULL OR s.id <> $4) AND s.impersonator_id IS NULL AND $6)
            OR (s.user_id = $1 AND ($4 IS NULL OR s.id <> $4) AND s.impersonator_id IS NOT NULL AND $7)
            OR (s.impersonator_id = $1 AND $8))
        ORDER BY s.id",
    for_update!(),
    ")"
);

const END_CHILDREN: &str = concat!(
    "UPDATE portcullis_session SET ended_at = $2, end_reason = $3 WHERE id IN (
        SELECT s.id FROM portcullis_session s WHERE s.ended_at IS NULL AND s.impersonator_id = $1
            AND s.parent_session_id IN (SELECT p.id FROM portcullis_session p WHERE p.user_id = $1 AND p.ended_at IS NOT NULL)
        ORDER BY s.id",
    for_update!(),
    ")"
);

const KEEP_SESSION: &str = "UPDATE portcullis_session SET epoch = $3 WHERE id = $2 AND user_id = $1";

const KILL_ONE_TIMES: &str =
    "UPDATE portcullis_one_time SET life = 'dead' WHERE user_id = $1 AND purpose = $2 AND life = 'open'";

const VOID_DEVICES: &str =
    "UPDATE portcullis_device SET status = 'rejected', live = FALSE WHERE approved_by = $1 AND status = 'approved'";

/// An account as it stands inside the transaction.
pub(super) struct Held {
    pub(super) user: User,
    pub(super) password: PasswordHash,
    pub(super) epoch: Epoch,
    pub(super) legacy_dead_before: Option<Timestamp>,
}

/// Holds one or two accounts, always in the same order.
pub(super) async fn hold(conn: &mut Conn, one: UserId, other: Option<UserId>) -> Result<(), StoreError> {
    if HOLDS_ROWS {
        ask(query(HOLD).bind(id(one)).bind(id(other.unwrap_or(one))).fetch_all(conn)).await?;
    }
    Ok(())
}

/// Reads an account that is held.
pub(super) async fn read(conn: &mut Conn, user: UserId) -> Result<Option<Held>, StoreError> {
    let row = ask(query(READ).bind(id(user)).fetch_optional(conn)).await?;
    row.as_ref().map(held).transpose().map_err(failed)
}

/// Holds and reads one account.
pub(super) async fn hold_one(conn: &mut Conn, user: UserId) -> Result<Option<Held>, StoreError> {
    hold(conn, user, None).await?;
    read(conn, user).await
}

pub(super) fn held(row: &Row) -> sqlx::Result<Held> {
    Ok(Held {
        user: user(row)?,
        password: PasswordHash::from_stored(row.try_get::<String, _>("hashed_password")?),
        epoch: Epoch(row.try_get("epoch")?),
        legacy_dead_before: time_option(row, "legacy_dead_before")?,
    })
}

/// Carries a sweep out, from the account as it was before the event.
///
/// The triggers on `"user"` have raised the epoch already where they saw a change of their own; what is written
/// here is the exact value, so that no event counts twice.
pub(super) async fn sweep(conn: &mut Conn, before: &Held, sweep: &Sweep) -> Result<(), StoreError> {
    let user = sweep.user;
    let epoch = if sweep.raises_epoch() { Epoch(before.epoch.0 + 1) } else { before.epoch };
    let legacy = if sweep.kills(Credential::LegacyTokens) {
        before.legacy_dead_before.max(Some(sweep.at))
    } else {
        before.legacy_dead_before
    };
    settle(conn, user, epoch, legacy, sweep.at).await?;
    let Some(reason) = sweep.reason else { return Ok(()) };

    let ended = query(END_SESSIONS)
        .bind(id(user))
        .bind(sweep.at.as_micros())
        .bind(reason)
        .bind(sweep.this_session.map(id))
        .bind(sweep.kills(Credential::ThisSession))
        .bind(sweep.kills(Credential::OtherSessions))
        .bind(sweep.kills(Credential::MintedForUser))
        .bind(sweep.kills(Credential::MintedByUser));
    if ask(ended.execute(&mut *conn)).await?.rows_affected() > 0 {
        end_children(conn, user, reason, sweep.at).await?;
    }
    if let (true, Some(kept)) = (sweep.raises_epoch(), sweep.this_session) {
        ask(query(KEEP_SESSION).bind(id(user)).bind(id(kept)).bind(epoch.0).execute(&mut *conn)).await?;
    }
    for (purpose, credential) in
        [(Purpose::ResetPassword, Credential::ResetTokens), (Purpose::VerifyEmail, Credential::VerifyTokens)]
    {
        if sweep.kills(credential) {
            ask(query(KILL_ONE_TIMES).bind(id(user)).bind(purpose.as_str()).execute(&mut *conn)).await?;
        }
    }
    if sweep.kills(Credential::ApprovedDevices) {
        ask(query(VOID_DEVICES).bind(id(user)).execute(&mut *conn)).await?;
    }
    Ok(())
}

/// Writes the exact epoch and the exact death of legacy tokens.
pub(super) async fn settle(
    conn: &mut Conn,
    user: UserId,
    epoch: Epoch,
    legacy_dead_before: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let settled = query(SETTLE)
        .bind(id(user))
        .bind(at.as_micros())
        .bind(epoch.0)
        .bind(legacy_dead_before.map(Timestamp::as_micros));
    ask(settled.execute(conn)).await.map(|_| ())
}

/// Ends the sessions that were minted in a session of `user` that ended.
pub(super) async fn end_children(conn: &mut Conn, user: UserId, reason: &str, at: Timestamp) -> Result<(), StoreError> {
    ask(query(END_CHILDREN).bind(id(user)).bind(at.as_micros()).bind(reason).execute(conn)).await.map(|_| ())
}

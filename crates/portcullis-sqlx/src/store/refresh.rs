//! Refresh tokens.
//!
//! The account is held first, as everywhere, so that no credential event comes between the look at the session and
//! the new generation; then the family itself. What is decided is [`Family::judge`]'s.

use super::audit;
use super::dialect::{Backend, Conn, Row, ask, failed, id};
use super::held;
use super::outbox;
use super::row::{digest, time, time_option, unreadable, uuid};
use async_trait::async_trait;
use portcullis_core::account::Epoch;
use portcullis_core::clock::Timestamp;
use portcullis_core::digest::Digest;
use portcullis_core::ids::{SessionId, UserId};
use portcullis_core::refresh::{Family, NewFamily, Rotate, Rotation, Salt, Verdict};
use portcullis_core::store::{RefreshStore, StoreError};
use sqlx::{Row as _, query};

const INSERT: &str = "INSERT INTO portcullis_refresh
        (session_id, generation, salt, key_id, previous, newest, repeats, used_at, idle_expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const SAVE: &str = "UPDATE portcullis_refresh SET generation = $2, salt = $3, key_id = $4, previous = $5, newest = $6,
        repeats = $7, used_at = $8, idle_expires_at = $9
    WHERE session_id = $1";

const OWNER: &str = "SELECT user_id FROM portcullis_session WHERE id = $1";

const HOLD: &str = concat!(
    "SELECT f.generation, f.salt, f.key_id, f.previous, f.newest, f.repeats, f.used_at, f.idle_expires_at,
        s.expires_at, s.epoch AS session_epoch
    FROM portcullis_refresh f JOIN portcullis_session s ON s.id = f.session_id
    WHERE f.session_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2",
    for_update!()
);

const END: &str = "UPDATE portcullis_session SET ended_at = $2, end_reason = 'refresh_reused'
    WHERE id = $1 AND ended_at IS NULL";

const NOTE: &str = "UPDATE portcullis_refresh SET used_at = $3
    WHERE session_id = $1 AND generation = $2 AND used_at IS NULL";

/// A family with what decides whether its session may still be refreshed.
struct Held {
    family: Family,
    session_epoch: Epoch,
    session_expires_at: Timestamp,
}

fn held(row: &Row) -> sqlx::Result<Held> {
    let number = |column| row.try_get::<i64, _>(column)?.try_into().map_err(|_| unreadable(column));
    let salt: Vec<u8> = row.try_get("salt")?;
    let previous: Option<Vec<u8>> = row.try_get("previous")?;
    Ok(Held {
        family: Family {
            generation: number("generation")?,
            salt: Salt::try_from(salt).map_err(|_| unreadable("salt"))?,
            key_id: row.try_get("key_id")?,
            previous: previous.as_deref().and_then(Digest::from_stored),
            newest: digest(row, "newest")?,
            repeats: number("repeats")?,
            used_at: time_option(row, "used_at")?,
            idle_expires_at: time(row, "idle_expires_at")?,
        },
        session_epoch: Epoch(row.try_get("session_epoch")?),
        session_expires_at: time(row, "expires_at")?,
    })
}

/// Writes the family of a new session.
pub(super) async fn insert(conn: &mut Conn, session: SessionId, new: &NewFamily) -> Result<(), StoreError> {
    write(conn, INSERT, session, &Family::begin(new)).await
}

async fn write(
    conn: &mut Conn,
    statement: &'static str,
    session: SessionId,
    family: &Family,
) -> Result<(), StoreError> {
    let written = query(statement)
        .bind(id(session))
        .bind(i64::from(family.generation))
        .bind(family.salt.to_vec())
        .bind(family.key_id.as_str())
        .bind(family.previous.map(|previous| previous.as_bytes().to_vec()))
        .bind(family.newest.as_bytes().to_vec())
        .bind(i64::from(family.repeats))
        .bind(family.used_at.map(Timestamp::as_micros))
        .bind(family.idle_expires_at.as_micros());
    ask(written.execute(conn)).await.map(|_| ())
}

/// The owner of a session, with a family that may still be refreshed; both are held.
async fn hold(conn: &mut Conn, rotate: &Rotate) -> Result<Option<(UserId, Held)>, StoreError> {
    let row = ask(query(OWNER).bind(id(rotate.session_id)).fetch_optional(&mut *conn)).await?;
    let Some(row) = row else { return Ok(None) };
    let owner = UserId(uuid(&row, "user_id").map_err(failed)?);
    let Some(account) = held::hold_one(conn, owner).await?.filter(|account| account.user.is_active) else {
        return Ok(None);
    };
    let family = query(HOLD).bind(id(rotate.session_id)).bind(rotate.now.as_micros());
    let Some(row) = ask(family.fetch_optional(&mut *conn)).await? else { return Ok(None) };
    let family = held(&row).map_err(failed)?;
    Ok((family.session_epoch == account.epoch).then_some((owner, family)))
}

#[async_trait]
impl RefreshStore for Backend {
    async fn rotate_refresh(&self, rotate: Rotate) -> Result<Rotation, StoreError> {
        let mut tx = self.begin().await?;
        let Some((owner, Held { mut family, session_expires_at, .. })) = hold(&mut tx, &rotate).await? else {
            ask(tx.rollback()).await?;
            return Ok(Rotation::Over);
        };
        let session = rotate.session_id;
        match family.judge(&rotate.presented, rotate.now) {
            Verdict::Idle => {
                ask(tx.rollback()).await?;
                return Ok(Rotation::Over);
            }
            Verdict::Reuse => {
                ask(query(END).bind(id(session)).bind(rotate.now.as_micros()).execute(&mut *tx)).await?;
                held::end_children(&mut tx, owner, "refresh_reused", rotate.now).await?;
                outbox::write(&mut tx, &[rotate.notice]).await?;
                audit::write(&mut tx, &rotate.reused).await?;
                ask(tx.commit()).await?;
                return Ok(Rotation::Reused);
            }
            Verdict::Repeat => family.repeats += 1,
            Verdict::Advance => {
                family = family.advanced(&rotate);
                audit::write(&mut tx, &rotate.refreshed).await?;
            }
        }
        write(&mut tx, SAVE, session, &family).await?;
        ask(tx.commit()).await?;
        Ok(Rotation::Current { family, session_expires_at })
    }

    async fn note_generation(&self, session: SessionId, generation: u32, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let noted = query(NOTE).bind(id(session)).bind(i64::from(generation)).bind(at.as_micros());
        ask(noted.execute(&mut *tx)).await?;
        ask(tx.commit()).await
    }
}

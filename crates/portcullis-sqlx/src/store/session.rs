//! Sessions.

use super::audit;
use super::dialect::{Backend, Conn, Row, ask, failed, id};
use super::held::{self, Held};
use super::refresh;
use super::row::{text, time, time_option, unreadable, user, uuid, uuid_option};
use async_trait::async_trait;
use portcullis_core::account::Epoch;
use portcullis_core::audit::AuditEntry;
use portcullis_core::clock::Timestamp;
use portcullis_core::digest::Digest;
use portcullis_core::ids::{SessionId, UserId};
use portcullis_core::refresh::GenerationState;
use portcullis_core::session::{
    Impersonator, NewSession, ParentSession, PasswordCondition, Session, SessionKind, SessionState,
};
use portcullis_core::store::{CreateSession, LegacyState, SessionStore, StoreError};
use sqlx::{Row as _, query};

macro_rules! session_columns {
    () => {
        "s.id AS session_id, s.user_id, s.kind, s.created_at, s.last_seen_at, s.expires_at, s.peer, s.agent,
        s.epoch AS session_epoch, s.ended_at, s.end_reason, s.impersonator_id"
    };
}

const INSERT: &str = "INSERT INTO portcullis_session (id, user_id, kind, created_at, last_seen_at, expires_at, peer,
        agent, epoch, impersonator_id, impersonator_epoch, parent_session_id)
    VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Seven looks by primary key.
pub(super) const FIND: &str = concat!(
    "SELECT ",
    session_columns!(),
    ", s.impersonator_epoch, s.parent_session_id, ",
    user_columns!(),
    r#", COALESCE(a.epoch, 0) AS epoch,
        i.is_active AS admin_is_active, i.is_superuser AS admin_is_superuser,
        CASE WHEN i.id IS NOT NULL THEN COALESCE(ia.epoch, 0) END AS admin_epoch,
        p.ended_at AS parent_ended_at, p.expires_at AS parent_expires_at,
        f.generation, f.used_at AS generation_used_at
    FROM portcullis_session s
    JOIN "user" u ON u.id = s.user_id
    LEFT JOIN portcullis_account a ON a.user_id = s.user_id
    LEFT JOIN "user" i ON i.id = s.impersonator_id
    LEFT JOIN portcullis_account ia ON ia.user_id = s.impersonator_id
    LEFT JOIN portcullis_session p ON p.id = s.parent_session_id
    LEFT JOIN portcullis_refresh f ON f.session_id = s.id
    WHERE s.id = $1"#
);

const PARENT_STANDS: &str = "SELECT id FROM portcullis_session WHERE id = $1 AND ended_at IS NULL AND expires_at > $2";

const UPGRADE: &str = r#"UPDATE "user" SET hashed_password = $2 WHERE id = $1"#;

const TOUCH: &str = "UPDATE portcullis_session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2";

const END: &str = "UPDATE portcullis_session SET ended_at = $3, end_reason = $4
    WHERE id = $1 AND user_id = $2 AND ended_at IS NULL";

const END_ALL: &str = concat!(
    "UPDATE portcullis_session SET ended_at = $3, end_reason = $4 WHERE id IN (
        SELECT s.id FROM portcullis_session s
        WHERE s.user_id = $1 AND ($2 IS NULL OR s.id <> $2) AND s.ended_at IS NULL ORDER BY s.id",
    for_update!(),
    ")"
);

const LIST: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM portcullis_session s LEFT JOIN portcullis_account a ON a.user_id = s.user_id
    WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND s.epoch = COALESCE(a.epoch, 0)
    ORDER BY s.last_seen_at DESC, s.id"
);

const FIND_LEGACY: &str = concat!(
    "SELECT ",
    user_columns!(),
    r#", a.legacy_dead_before,
        EXISTS (SELECT 1 FROM portcullis_legacy_denial d WHERE d.digest = $2) AS denied
    FROM "user" u LEFT JOIN portcullis_account a ON a.user_id = u.id WHERE u.id = $1"#
);

const DENY_LEGACY: &str =
    "INSERT INTO portcullis_legacy_denial (digest, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";

/// There is no row whose end a trigger could see. An event of a kind that nobody knows makes caches forget everything.
const DENIED_EVENT: &str = "INSERT INTO portcullis_event (kind, user_id, at) VALUES ($1, $2, $3)";

fn session(row: &Row) -> sqlx::Result<Session> {
    let kind: &str = row.try_get("kind")?;
    Ok(Session {
        id: SessionId(uuid(row, "session_id")?),
        user_id: UserId(uuid(row, "user_id")?),
        kind: SessionKind::from_name(kind).ok_or_else(|| unreadable("kind"))?,
        created_at: time(row, "created_at")?,
        last_seen_at: time(row, "last_seen_at")?,
        expires_at: time(row, "expires_at")?,
        peer: row.try_get("peer")?,
        agent: row.try_get("agent")?,
        epoch: Epoch(row.try_get("session_epoch")?),
        ended_at: time_option(row, "ended_at")?,
        end_reason: row.try_get("end_reason")?,
        impersonator_id: uuid_option(row, "impersonator_id")?.map(UserId),
    })
}

fn impersonator(row: &Row) -> sqlx::Result<Option<Impersonator>> {
    let Some(epoch) = row.try_get::<Option<i64>, _>("admin_epoch")? else { return Ok(None) };
    let parent = uuid_option(row, "parent_session_id")?;
    let parent_expires_at = time_option(row, "parent_expires_at")?;
    let parent_ended = time_option(row, "parent_ended_at")?.is_some();
    Ok(Some(Impersonator {
        is_active: row.try_get("admin_is_active")?,
        is_superuser: row.try_get("admin_is_superuser")?,
        epoch: Epoch(epoch),
        minted_under: Epoch(row.try_get("impersonator_epoch")?),
        parent: parent.map(|_| match parent_expires_at {
            Some(expires_at) => ParentSession { ended: parent_ended, expires_at },
            // Its row was purged.
            None => ParentSession { ended: true, expires_at: Timestamp::from_micros(0) },
        }),
    }))
}

fn generation(row: &Row) -> sqlx::Result<Option<GenerationState>> {
    let Some(generation) = row.try_get::<Option<i64>, _>("generation")? else { return Ok(None) };
    Ok(Some(GenerationState {
        generation: generation.try_into().map_err(|_| unreadable("generation"))?,
        used_at: time_option(row, "generation_used_at")?,
    }))
}

fn state(row: &Row) -> sqlx::Result<SessionState> {
    Ok(SessionState {
        session: session(row)?,
        user: user(row)?,
        epoch: Epoch(row.try_get("epoch")?),
        impersonator: impersonator(row)?,
        refresh: generation(row)?,
    })
}

/// Holds whom a new session hangs on, and gives its user if the session may be created now.
pub(super) async fn hold_for(conn: &mut Conn, new: &NewSession) -> Result<Option<Held>, StoreError> {
    let admin = new.impersonator;
    held::hold(conn, new.user_id, admin.map(|admin| admin.user_id)).await?;
    let Some(user) = held::read(conn, new.user_id).await? else { return Ok(None) };
    if !user.user.is_active || user.epoch != new.epoch {
        return Ok(None);
    }
    if let Some(admin) = admin {
        let Some(now) = held::read(conn, admin.user_id).await? else { return Ok(None) };
        if !now.user.is_active || !now.user.is_superuser || now.epoch != admin.epoch {
            return Ok(None);
        }
        if let Some(parent) = admin.session_id {
            let stands = query(PARENT_STANDS).bind(id(parent)).bind(new.created_at.as_micros());
            if ask(stands.fetch_optional(conn)).await?.is_none() {
                return Ok(None);
            }
        }
    }
    Ok(Some(user))
}

/// Writes the row of a session that [`hold_for`] allowed.
pub(super) async fn insert(conn: &mut Conn, new: &NewSession) -> Result<(), StoreError> {
    let inserted = query(INSERT)
        .bind(id(new.id))
        .bind(id(new.user_id))
        .bind(new.kind.as_str())
        .bind(new.created_at.as_micros())
        .bind(new.expires_at.as_micros())
        .bind(new.peer.map(|peer| peer.to_string()))
        .bind(new.agent.as_deref().map(|agent| text(agent).into_owned()))
        .bind(new.epoch.0)
        .bind(new.impersonator.map(|admin| id(admin.user_id)))
        .bind(new.impersonator.map(|admin| admin.epoch.0))
        .bind(new.impersonator.and_then(|admin| admin.session_id).map(id));
    ask(inserted.execute(&mut *conn)).await?;
    match &new.refresh {
        Some(family) => refresh::insert(conn, new.id, family).await,
        None => Ok(()),
    }
}

/// Carries the condition of a password proof out; `false` if it does not hold any more.
async fn prove(conn: &mut Conn, user: &Held, condition: PasswordCondition, at: Timestamp) -> Result<bool, StoreError> {
    if user.password != condition.verified {
        return Ok(false);
    }
    if let Some(upgrade) = condition.upgrade {
        let hash = text(upgrade.as_str()).into_owned();
        ask(query(UPGRADE).bind(id(user.user.id)).bind(hash).execute(&mut *conn)).await?;
        // The same password: should the trigger have taken it for another one, that is taken back.
        held::settle(conn, user.user.id, user.epoch, user.legacy_dead_before, at).await?;
    }
    Ok(true)
}

#[async_trait]
impl SessionStore for Backend {
    async fn create_session(
        &self,
        new: NewSession,
        password: Option<PasswordCondition>,
        audit: AuditEntry,
    ) -> Result<CreateSession, StoreError> {
        let mut tx = self.begin().await?;
        let stands = match (hold_for(&mut tx, &new).await?, password) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(user), Some(condition)) => prove(&mut tx, &user, condition, new.created_at).await?,
        };
        if !stands {
            ask(tx.rollback()).await?;
            return Ok(CreateSession::StaleProof);
        }
        insert(&mut tx, &new).await?;
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(CreateSession::Created)
    }

    async fn find_session(&self, session: SessionId) -> Result<Option<SessionState>, StoreError> {
        let mut conn = self.reader().await?;
        let row = ask(query(FIND).bind(id(session)).fetch_optional(&mut *conn)).await?;
        row.as_ref().map(state).transpose().map_err(failed)
    }

    async fn touch_session(&self, session: SessionId, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        ask(query(TOUCH).bind(id(session)).bind(at.as_micros()).execute(&mut *tx)).await?;
        ask(tx.commit()).await
    }

    async fn end_session(
        &self,
        session: SessionId,
        user: UserId,
        reason: &'static str,
        at: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let ended = query(END).bind(id(session)).bind(id(user)).bind(at.as_micros()).bind(reason);
        if ask(ended.execute(&mut *tx)).await?.rows_affected() == 0 {
            ask(tx.rollback()).await?;
            return Ok(false);
        }
        held::end_children(&mut tx, user, reason, at).await?;
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(true)
    }

    async fn end_sessions(
        &self,
        user: UserId,
        keep: Option<SessionId>,
        reason: &'static str,
        at: Timestamp,
        audit: AuditEntry,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let ended = query(END_ALL).bind(id(user)).bind(keep.map(id)).bind(at.as_micros()).bind(reason);
        let count = ask(ended.execute(&mut *tx)).await?.rows_affected();
        if count == 0 {
            ask(tx.rollback()).await?;
            return Ok(0);
        }
        held::end_children(&mut tx, user, reason, at).await?;
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await?;
        Ok(count)
    }

    async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = ask(query(LIST).bind(id(user)).bind(now.as_micros()).fetch_all(&mut *conn)).await?;
        rows.iter().map(session).collect::<Result<_, _>>().map_err(failed)
    }

    async fn find_legacy(&self, user_id: UserId, token: &Digest) -> Result<Option<LegacyState>, StoreError> {
        let mut conn = self.reader().await?;
        let found = query(FIND_LEGACY).bind(id(user_id)).bind(token.as_bytes().to_vec());
        let Some(row) = ask(found.fetch_optional(&mut *conn)).await? else { return Ok(None) };
        let read = || -> sqlx::Result<_> {
            Ok(LegacyState {
                user: user(&row)?,
                dead_before: time_option(&row, "legacy_dead_before")?,
                denied: row.try_get("denied")?,
            })
        };
        read().map(Some).map_err(failed)
    }

    async fn deny_legacy(&self, token: &Digest, expires_at: Timestamp, audit: AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let denied = query(DENY_LEGACY).bind(token.as_bytes().to_vec()).bind(expires_at.as_micros());
        ask(denied.execute(&mut *tx)).await?;
        let user = audit.subject.or(audit.actor.user());
        let kind = if user.is_some() { "user" } else { "legacy" };
        let event = query(DENIED_EVENT).bind(kind).bind(user.map(id)).bind(audit.at.as_micros());
        ask(event.execute(&mut *tx)).await?;
        audit::write(&mut tx, &audit).await?;
        ask(tx.commit()).await
    }
}

//! The audit trail.

use super::dialect::{Backend, Conn, Db, Row, ask, failed, id};
use super::row::{count, text, time, uuid_option};
use async_trait::async_trait;
use portcullis_core::actor::Actor;
use portcullis_core::audit::{AuditEntry, AuditFilter, AuditRow};
use portcullis_core::ids::{SessionId, UserId};
use portcullis_core::store::{AuditStore, StoreError};
use sqlx::{QueryBuilder, Row as _, query};

const INSERT: &str = "INSERT INTO portcullis_audit (at, event, result, reason, actor_kind, actor_id, session_id,
        impersonator_id, subject_id, object_id, peer, agent, request_id, details)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

const SELECT: &str = "SELECT id, at, event, result, reason, actor_kind, actor_id, session_id, impersonator_id,
    subject_id, object_id, peer, agent, request_id, details FROM portcullis_audit WHERE TRUE";

/// Writes a row in the transaction of the act.
pub(super) async fn write(conn: &mut Conn, entry: &AuditEntry) -> Result<(), StoreError> {
    let session = match entry.actor {
        Actor::User { session, .. } => session,
        _ => None,
    };
    let details = entry.details.iter().map(|(name, fact)| ((*name).to_owned(), text(fact).into_owned().into()));
    let inserted = query(INSERT)
        .bind(entry.at.as_micros())
        .bind(entry.event.as_str())
        .bind(entry.result.as_str())
        .bind(entry.reason)
        .bind(entry.actor.kind())
        .bind(entry.actor.user().map(id))
        .bind(session.map(id))
        .bind(entry.actor.impersonator().map(id))
        .bind(entry.subject.map(id))
        .bind(entry.object.map(id))
        .bind(entry.peer.map(|peer| peer.to_string()))
        .bind(entry.agent.as_deref().map(|agent| text(agent).into_owned()))
        .bind(entry.request_id.to_string())
        .bind(serde_json::Value::Object(details.collect()).to_string());
    ask(inserted.execute(conn)).await.map(|_| ())
}

fn read(row: &Row) -> sqlx::Result<AuditRow> {
    Ok(AuditRow {
        id: row.try_get("id")?,
        at: time(row, "at")?,
        event: row.try_get("event")?,
        result: row.try_get("result")?,
        reason: row.try_get("reason")?,
        actor_kind: row.try_get("actor_kind")?,
        actor_id: uuid_option(row, "actor_id")?.map(UserId),
        session_id: uuid_option(row, "session_id")?.map(SessionId),
        impersonator_id: uuid_option(row, "impersonator_id")?.map(UserId),
        subject_id: uuid_option(row, "subject_id")?.map(UserId),
        object_id: uuid_option(row, "object_id")?,
        peer: row.try_get("peer")?,
        agent: row.try_get("agent")?,
        request_id: row.try_get("request_id")?,
        details: row.try_get("details")?,
    })
}

/// Only the conditions that were asked for, so that the index of each can be used.
fn filtered(filter: &AuditFilter) -> QueryBuilder<Db> {
    let mut statement = QueryBuilder::new(SELECT);
    if let Some(actor) = filter.actor {
        statement.push(" AND (actor_id = ").push_bind(id(actor));
        statement.push(" OR impersonator_id = ").push_bind(id(actor)).push(")");
    }
    if let Some(subject) = filter.subject {
        statement.push(" AND subject_id = ").push_bind(id(subject));
    }
    if let Some(event) = &filter.event {
        statement.push(" AND event = ").push_bind(text(event).into_owned());
    }
    if let Some(result) = filter.result {
        statement.push(" AND result = ").push_bind(result.as_str());
    }
    if let Some(since) = filter.since {
        statement.push(" AND at >= ").push_bind(since.as_micros());
    }
    if let Some(until) = filter.until {
        statement.push(" AND at < ").push_bind(until.as_micros());
    }
    if let Some(before) = filter.before_id {
        statement.push(" AND id < ").push_bind(before);
    }
    statement.push(" ORDER BY id DESC LIMIT ").push_bind(count(filter.limit));
    statement
}

#[async_trait]
impl AuditStore for Backend {
    async fn record(&self, audit: AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        write(&mut tx, &audit).await?;
        ask(tx.commit()).await
    }

    async fn list_audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = ask(filtered(filter).build().fetch_all(&mut *conn)).await?;
        rows.iter().map(read).collect::<Result<_, _>>().map_err(failed)
    }
}

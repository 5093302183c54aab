//! The audit trail in memory.

use super::{Memory, State};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditFilter, AuditRow};
use crate::store::{AuditStore, StoreError};
use async_trait::async_trait;

impl State {
    /// Adds a row; called where an operation has succeeded.
    pub(super) fn write_audit(&mut self, entry: AuditEntry) {
        self.last_audit += 1;
        let details = entry.details.iter().map(|(name, fact)| ((*name).to_owned(), fact.as_str().into()));
        self.audit.push(AuditRow {
            id: self.last_audit,
            at: entry.at,
            event: entry.event.as_str().to_owned(),
            result: entry.result.as_str().to_owned(),
            reason: entry.reason.map(str::to_owned),
            actor_kind: entry.actor.kind().to_owned(),
            actor_id: entry.actor.user(),
            session_id: match entry.actor {
                Actor::User { session, .. } => session,
                _ => None,
            },
            impersonator_id: entry.actor.impersonator(),
            subject_id: entry.subject,
            object_id: entry.object,
            peer: entry.peer.map(|peer| peer.to_string()),
            agent: entry.agent,
            request_id: entry.request_id.to_string(),
            details: serde_json::Value::Object(details.collect()).to_string(),
        });
    }
}

#[async_trait]
impl AuditStore for Memory {
    async fn record(&self, audit: AuditEntry) -> Result<(), StoreError> {
        self.lock().write_audit(audit);
        Ok(())
    }

    async fn list_audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        let state = self.lock();
        let rows = state.audit.iter().rev().filter(|row| {
            filter.before_id.is_none_or(|id| row.id < id)
                && filter.actor.is_none_or(|user| row.actor_id == Some(user) || row.impersonator_id == Some(user))
                && filter.subject.is_none_or(|user| row.subject_id == Some(user))
                && filter.event.as_ref().is_none_or(|event| row.event == *event)
                && filter.result.is_none_or(|result| row.result == result.as_str())
                && filter.since.is_none_or(|since| row.at >= since)
                && filter.until.is_none_or(|until| row.at < until)
        });
        Ok(rows.take(filter.limit as usize).cloned().collect())
    }
}

//! Mails that wait, in memory.

use super::{Memory, State};
use crate::clock::Timestamp;
use crate::outbox::{ClaimedMail, NewMail};
use crate::store::{OutboxStore, StoreError};
use async_trait::async_trait;
use std::time::Duration;

/// A mail with the moment from which somebody may claim it: a claim moves that moment by its lease.
pub(super) struct Row {
    mail: NewMail,
    due_at: Timestamp,
    attempts: u32,
}

impl State {
    /// Adds mails; called where an operation has succeeded.
    pub(super) fn queue_mails(&mut self, mails: impl IntoIterator<Item = NewMail>) {
        for mail in mails {
            self.last_mail += 1;
            let due_at = mail.created_at;
            self.outbox.insert(self.last_mail, Row { mail, due_at, attempts: 0 });
        }
    }
}

#[async_trait]
impl OutboxStore for Memory {
    async fn claim_mails(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<ClaimedMail>, StoreError> {
        let mut state = self.lock();
        let due = state.outbox.iter_mut().filter(|(_, row)| row.due_at <= now).take(limit as usize);
        Ok(due
            .map(|(id, row)| {
                let attempts = row.attempts;
                row.due_at = now + lease;
                row.attempts += 1;
                ClaimedMail {
                    id: *id,
                    to: row.mail.to.clone(),
                    sealed: row.mail.sealed.clone(),
                    created_at: row.mail.created_at,
                    attempts,
                }
            })
            .collect())
    }

    async fn mail_sent(&self, id: i64) -> Result<(), StoreError> {
        self.lock().outbox.remove(&id);
        Ok(())
    }

    async fn mail_failed(&self, id: i64, retry_at: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.lock().outbox.get_mut(&id) {
            row.due_at = retry_at;
        }
        Ok(())
    }
}

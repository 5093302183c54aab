//! Housekeeping in memory.

use super::{Memory, State};
use crate::account::AccountKind;
use crate::clock::Timestamp;
use crate::store::{EmailCollision, Lifecycle, MigrateError, Migrated, PurgeBefore, Purged, StoreError};
use async_trait::async_trait;

impl State {
    fn purge_guests(&mut self, before: &PurgeBefore) -> u64 {
        let unused: Vec<_> = self
            .accounts
            .values()
            .filter(|account| account.kind == AccountKind::Guest && account.created_at < before.guests)
            .map(|account| account.user.id)
            .filter(|id| self.live_sessions(*id, before.now).next().is_none())
            .collect();
        for id in &unused {
            self.remove_account(*id, before.now);
        }
        unused.len() as u64
    }
}

/// Keeps what `stays` says, and counts the rest.
macro_rules! purge {
    ($rows:expr, $stays:expr) => {{
        let present = $rows.len();
        $rows.retain($stays);
        (present - $rows.len()) as u64
    }};
}

#[async_trait]
impl Lifecycle for Memory {
    fn kind(&self) -> &'static str {
        "memory"
    }

    async fn migrate(&self, _now: Timestamp) -> Result<Migrated, MigrateError> {
        let done = std::mem::replace(&mut self.lock().migrated, true);
        Ok(Migrated { applied: u32::from(!done), ..Migrated::default() })
    }

    async fn ready(&self) -> Result<(), StoreError> {
        if self.lock().migrated { Ok(()) } else { Err(StoreError::broken("the store was not migrated")) }
    }

    async fn adopted_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    /// No other program writes here.
    async fn email_collisions(&self) -> Result<Vec<EmailCollision>, MigrateError> {
        Ok(Vec::new())
    }

    async fn purge(&self, before: &PurgeBefore) -> Result<Purged, StoreError> {
        let state = &mut *self.lock();
        let guests = state.purge_guests(before);
        state.denied.retain(|_, expires_at| *expires_at > before.now);
        state.buckets.retain(|_, full_at| *full_at > before.now);
        Ok(Purged {
            guests,
            sessions: purge!(state.sessions, |_, row| {
                let over =
                    row.session.ended_at.map_or(row.session.expires_at, |ended| ended.min(row.session.expires_at));
                over >= before.sessions
            }),
            one_times: purge!(state.one_times, |_, row| row.expires_at >= before.one_times),
            devices: purge!(state.devices, |row| row.device.expires_at >= before.devices),
            audit: purge!(state.audit, |row| row.at >= before.audit),
            events: state.feed.purge(before.events),
        })
    }
}

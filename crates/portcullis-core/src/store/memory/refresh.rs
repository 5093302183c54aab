//! Refresh tokens in memory.

use super::{Memory, State};
use crate::clock::Timestamp;
use crate::ids::SessionId;
use crate::refresh::{Family, Rotate, Rotation, Verdict};
use crate::store::{RefreshStore, StoreError};
use async_trait::async_trait;

impl State {
    /// The family of a session that may still be refreshed, with the session's end.
    fn refreshable(&self, id: SessionId, now: Timestamp) -> Option<(Family, Timestamp)> {
        let session = &self.sessions.get(&id)?.session;
        let account = self.accounts.get(&session.user_id)?;
        let stands = session.ended_at.is_none()
            && session.expires_at > now
            && account.user.is_active
            && session.epoch == account.epoch;
        Some((self.families.get(&id).filter(|_| stands)?.clone(), session.expires_at))
    }
}

#[async_trait]
impl RefreshStore for Memory {
    async fn rotate_refresh(&self, rotate: Rotate) -> Result<Rotation, StoreError> {
        let mut state = self.lock();
        let id = rotate.session_id;
        let Some((mut family, session_expires_at)) = state.refreshable(id, rotate.now) else {
            return Ok(Rotation::Over);
        };
        match family.judge(&rotate.presented, rotate.now) {
            Verdict::Idle => return Ok(Rotation::Over),
            Verdict::Reuse => {
                state.end(id, "refresh_reused", rotate.now);
                state.queue_mails([rotate.notice]);
                state.write_audit(rotate.reused);
                return Ok(Rotation::Reused);
            }
            Verdict::Repeat => family.repeats += 1,
            Verdict::Advance => {
                family = family.advanced(&rotate);
                state.write_audit(rotate.refreshed);
            }
        }
        state.families.insert(id, family.clone());
        Ok(Rotation::Current { family, session_expires_at })
    }

    async fn note_generation(&self, session: SessionId, generation: u32, at: Timestamp) -> Result<(), StoreError> {
        if let Some(family) = self.lock().families.get_mut(&session)
            && family.generation == generation
        {
            family.used_at.get_or_insert(at);
        }
        Ok(())
    }
}

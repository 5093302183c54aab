//! Sessions in memory.

use super::{Memory, State};
use crate::audit::AuditEntry;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::event::Event;
use crate::ids::{SessionId, UserId};
use crate::refresh::{Family, GenerationState};
use crate::session::{
    Impersonator, NewImpersonator, NewSession, ParentSession, PasswordCondition, Session, SessionState,
};
use crate::store::{CreateSession, LegacyState, SessionStore, StoreError};
use async_trait::async_trait;

/// A session with the superuser behind it, if it was minted.
pub(super) struct Row {
    pub(super) session: Session,
    pub(super) impersonator: Option<NewImpersonator>,
}

impl State {
    /// Whether a session may be created now: its user, and the superuser behind it, are what the proof said.
    pub(super) fn may_create(&self, new: &NewSession) -> bool {
        let user_stands = self.accounts.get(&new.user_id).is_some_and(|it| it.user.is_active && it.epoch == new.epoch);
        let admin_stands = new.impersonator.is_none_or(|admin| {
            let rights = self
                .accounts
                .get(&admin.user_id)
                .is_some_and(|it| it.user.is_active && it.user.is_superuser && it.epoch == admin.epoch);
            let parent = admin.session_id.is_none_or(|id| {
                self.sessions
                    .get(&id)
                    .is_some_and(|row| row.session.ended_at.is_none() && row.session.expires_at > new.created_at)
            });
            rights && parent
        });
        user_stands && admin_stands
    }

    /// Writes the row of a session for which [`State::may_create`] held.
    pub(super) fn insert_session(&mut self, new: NewSession) {
        if let Some(refresh) = &new.refresh {
            self.families.insert(new.id, Family::begin(refresh));
        }
        let session = Session {
            id: new.id,
            user_id: new.user_id,
            kind: new.kind,
            created_at: new.created_at,
            last_seen_at: new.created_at,
            expires_at: new.expires_at,
            peer: new.peer.map(|peer| peer.to_string()),
            agent: new.agent,
            epoch: new.epoch,
            ended_at: None,
            end_reason: None,
            impersonator_id: new.impersonator.map(|admin| admin.user_id),
        };
        self.sessions.insert(new.id, Row { session, impersonator: new.impersonator });
    }

    /// Ends a session and those that were minted in it; an ended one is left as it is.
    pub(super) fn end(&mut self, id: SessionId, reason: &str, at: Timestamp) {
        let Some(row) = self.sessions.get_mut(&id).filter(|row| row.session.ended_at.is_none()) else { return };
        row.session.ended_at = Some(at);
        row.session.end_reason = Some(reason.to_owned());
        self.feed.push(Event::Session(id), at);
        let minted: Vec<_> = self
            .sessions
            .values()
            .filter(|row| row.impersonator.is_some_and(|admin| admin.session_id == Some(id)))
            .map(|row| row.session.id)
            .collect();
        for child in minted {
            self.end(child, reason, at);
        }
    }

    /// The sessions of `user` that are neither ended, expired nor outdated.
    pub(super) fn live_sessions(&self, user: UserId, now: Timestamp) -> impl Iterator<Item = &Session> {
        let epoch = self.accounts.get(&user).map(|account| account.epoch);
        self.sessions.values().map(|row| &row.session).filter(move |session| {
            session.user_id == user
                && session.ended_at.is_none()
                && session.expires_at > now
                && Some(session.epoch) == epoch
        })
    }

    fn impersonator_now(&self, minted: NewImpersonator) -> Option<Impersonator> {
        let admin = self.accounts.get(&minted.user_id)?;
        Some(Impersonator {
            is_active: admin.user.is_active,
            is_superuser: admin.user.is_superuser,
            epoch: admin.epoch,
            minted_under: minted.epoch,
            parent: minted.session_id.map(|id| match self.sessions.get(&id) {
                Some(row) => {
                    ParentSession { ended: row.session.ended_at.is_some(), expires_at: row.session.expires_at }
                }
                None => ParentSession { ended: true, expires_at: Timestamp::from_micros(0) },
            }),
        })
    }
}

#[async_trait]
impl SessionStore for Memory {
    async fn create_session(
        &self,
        new: NewSession,
        password: Option<PasswordCondition>,
        audit: AuditEntry,
    ) -> Result<CreateSession, StoreError> {
        let mut state = self.lock();
        if !state.may_create(&new) {
            return Ok(CreateSession::StaleProof);
        }
        if let Some(condition) = password
            && let Some(account) = state.accounts.get_mut(&new.user_id)
        {
            if account.password != condition.verified {
                return Ok(CreateSession::StaleProof);
            }
            if let Some(upgrade) = condition.upgrade {
                account.password = upgrade;
                state.feed.push(Event::User(new.user_id), new.created_at);
            }
        }
        state.insert_session(new);
        state.write_audit(audit);
        Ok(CreateSession::Created)
    }

    async fn find_session(&self, id: SessionId) -> Result<Option<SessionState>, StoreError> {
        let state = self.lock();
        let Some(row) = state.sessions.get(&id) else { return Ok(None) };
        let Some(account) = state.accounts.get(&row.session.user_id) else { return Ok(None) };
        Ok(Some(SessionState {
            session: row.session.clone(),
            user: account.user.clone(),
            epoch: account.epoch,
            impersonator: row.impersonator.and_then(|minted| state.impersonator_now(minted)),
            refresh: state
                .families
                .get(&id)
                .map(|family| GenerationState { generation: family.generation, used_at: family.used_at }),
        }))
    }

    async fn touch_session(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.lock().sessions.get_mut(&id) {
            row.session.last_seen_at = row.session.last_seen_at.max(at);
        }
        Ok(())
    }

    async fn end_session(
        &self,
        id: SessionId,
        user: UserId,
        reason: &'static str,
        at: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let ours = |row: &Row| row.session.user_id == user && row.session.ended_at.is_none();
        if !state.sessions.get(&id).is_some_and(ours) {
            return Ok(false);
        }
        state.end(id, reason, at);
        state.write_audit(audit);
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
        let mut state = self.lock();
        let ending: Vec<_> = state
            .sessions
            .values()
            .map(|row| &row.session)
            .filter(|session| session.user_id == user && session.ended_at.is_none() && Some(session.id) != keep)
            .map(|session| session.id)
            .collect();
        for id in &ending {
            state.end(*id, reason, at);
        }
        if !ending.is_empty() {
            state.write_audit(audit);
        }
        Ok(ending.len() as u64)
    }

    async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let state = self.lock();
        let mut sessions: Vec<_> = state.live_sessions(user, now).cloned().collect();
        sessions.sort_by_key(|session| (std::cmp::Reverse(session.last_seen_at), session.id));
        Ok(sessions)
    }

    async fn find_legacy(&self, user: UserId, token: &Digest) -> Result<Option<LegacyState>, StoreError> {
        let state = self.lock();
        Ok(state.accounts.get(&user).map(|account| LegacyState {
            user: account.user.clone(),
            dead_before: account.legacy_dead_before,
            denied: state.denied.contains_key(token.as_bytes()),
        }))
    }

    async fn deny_legacy(&self, token: &Digest, expires_at: Timestamp, audit: AuditEntry) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.denied.insert(token.0, expires_at);
        state.write_audit(audit);
        Ok(())
    }
}

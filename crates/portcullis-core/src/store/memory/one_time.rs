//! Values that work once, in memory.

use super::{Memory, State};
use crate::account::User;
use crate::audit::AuditEntry;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::email_address::EmailKey;
use crate::event::Event;
use crate::ids::UserId;
use crate::one_time::{NewOneTime, Purpose};
use crate::outbox::NewMail;
use crate::password_hasher::PasswordHash;
use crate::revoke::{RevokingEvent, Sweep};
use crate::store::{OneTimeStore, StoreError, VerifyEmail};
use async_trait::async_trait;

/// A value, by its digest.
pub(super) struct Row {
    pub(super) purpose: Purpose,
    pub(super) user_id: UserId,
    pub(super) email_key: EmailKey,
    pub(super) expires_at: Timestamp,
    pub(super) life: Life,
}

/// Whether a value still works.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It waits to be used.
    Open,
    /// It did its work.
    Used,
    /// A newer one, or an event, killed it.
    Dead,
}

impl State {
    /// The value and its account, if the account is active, still has the address, and the time is not over.
    fn one_time(&self, purpose: Purpose, digest: &Digest, now: Timestamp) -> Option<(&Row, &User)> {
        let row = self.one_times.get(digest.as_bytes())?;
        let account = self.accounts.get(&row.user_id)?;
        let stands =
            row.purpose == purpose && row.expires_at > now && account.user.is_active && account.key == row.email_key;
        stands.then_some((row, &account.user))
    }

    fn open_one_time(&self, purpose: Purpose, digest: &Digest, now: Timestamp) -> Option<User> {
        let (row, user) = self.one_time(purpose, digest, now)?;
        (row.life == Life::Open).then(|| user.clone())
    }

    fn use_up(&mut self, digest: &Digest) {
        if let Some(row) = self.one_times.get_mut(digest.as_bytes()) {
            row.life = Life::Used;
        }
    }
}

#[async_trait]
impl OneTimeStore for Memory {
    async fn create_one_time(&self, new: NewOneTime, mail: NewMail, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let fits = state
            .accounts
            .get(&new.user_id)
            .is_some_and(|account| account.user.is_active && account.key == new.email_key);
        if !fits {
            return Ok(false);
        }
        state
            .one_times
            .values_mut()
            .filter(|row| row.user_id == new.user_id && row.purpose == new.purpose && row.life == Life::Open)
            .for_each(|row| row.life = Life::Dead);
        state.one_times.insert(
            new.digest.0,
            Row {
                purpose: new.purpose,
                user_id: new.user_id,
                email_key: new.email_key,
                expires_at: new.expires_at,
                life: Life::Open,
            },
        );
        state.queue_mails([mail]);
        state.write_audit(audit);
        Ok(true)
    }

    async fn find_one_time(
        &self,
        purpose: Purpose,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        Ok(self.lock().open_one_time(purpose, digest, now))
    }

    async fn reset_password(
        &self,
        digest: &Digest,
        password: PasswordHash,
        mails: Vec<NewMail>,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<Option<User>, StoreError> {
        let mut state = self.lock();
        let Some(user) = state.open_one_time(Purpose::ResetPassword, digest, now) else { return Ok(None) };
        state.use_up(digest);
        if let Some(account) = state.accounts.get_mut(&user.id) {
            account.password = password;
        }
        state.sweep(&Sweep::of(user.id, &[RevokingEvent::PasswordReset], None, now));
        state.feed.push(Event::User(user.id), now);
        state.queue_mails(mails);
        state.write_audit(audit);
        Ok(Some(user))
    }

    async fn verify_email(
        &self,
        digest: &Digest,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<VerifyEmail, StoreError> {
        let mut state = self.lock();
        let Some((row, user)) = state.one_time(Purpose::VerifyEmail, digest, now) else {
            return Ok(VerifyEmail::BadToken);
        };
        match (row.life, user.is_verified) {
            (Life::Open | Life::Used, true) => return Ok(VerifyEmail::AlreadyVerified(user.id)),
            (Life::Dead, _) | (Life::Used, false) => return Ok(VerifyEmail::BadToken),
            (Life::Open, false) => {}
        }
        let user = User { is_verified: true, ..user.clone() };
        state.use_up(digest);
        if let Some(account) = state.accounts.get_mut(&user.id) {
            account.user.is_verified = true;
        }
        state.feed.push(Event::User(user.id), now);
        state.write_audit(audit.subject(user.id));
        Ok(VerifyEmail::Verified(user))
    }
}

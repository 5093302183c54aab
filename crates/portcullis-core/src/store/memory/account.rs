//! Accounts in memory.

use super::{Memory, MemoryTx, State};
use crate::account::{AccountKind, Credentials, Epoch, NewUser, User, UserChange, UserPage};
use crate::audit::AuditEntry;
use crate::clock::Timestamp;
use crate::email_address::EmailKey;
use crate::event::Event;
use crate::ids::UserId;
use crate::outbox::NewMail;
use crate::password_hasher::PasswordHash;
use crate::revoke::{RevokingEvent, Sweep};
use crate::store::{AccountStore, CreateUser, DeleteUser, InTx, StoreError, StoreTx, UpdateUser};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// The rows `user` and `portcullis_account` in one.
pub(super) struct Account {
    pub(super) user: User,
    pub(super) key: EmailKey,
    pub(super) password: PasswordHash,
    pub(super) epoch: Epoch,
    pub(super) kind: AccountKind,
    pub(super) dev_superuser: bool,
    pub(super) created_at: Timestamp,
    pub(super) legacy_dead_before: Option<Timestamp>,
}

impl Account {
    fn credentials(&self) -> Credentials {
        Credentials { user: self.user.clone(), password: self.password.clone(), epoch: self.epoch }
    }

    fn is_admin(&self) -> bool {
        self.user.is_active && self.user.is_superuser
    }
}

impl State {
    fn insert_account(&mut self, new: NewUser, audit: AuditEntry) -> Result<CreateUser, StoreError> {
        if self.emails.contains_key(&new.email_key) {
            return Ok(CreateUser::EmailTaken);
        }
        if self.accounts.contains_key(&new.id) {
            return Err(StoreError::broken("an account with this id exists"));
        }
        let user = User {
            id: new.id,
            email: new.email,
            is_active: new.is_active,
            is_superuser: new.is_superuser,
            is_verified: new.is_verified,
        };
        self.emails.insert(new.email_key.clone(), new.id);
        self.accounts.insert(
            new.id,
            Account {
                user: user.clone(),
                key: new.email_key,
                password: new.password,
                epoch: Epoch(0),
                kind: new.kind,
                dev_superuser: new.dev_superuser,
                created_at: new.created_at,
                legacy_dead_before: None,
            },
        );
        self.feed.push(Event::User(new.id), new.created_at);
        self.write_audit(audit);
        Ok(CreateUser::Created(user))
    }

    fn update_account(&mut self, id: UserId, change: UserChange, mails: Vec<NewMail>, audit: AuditEntry) -> UpdateUser {
        let Some(before) = self.accounts.get(&id) else { return UpdateUser::NotFound };
        let plan = change.plan(&before.user, &before.key);
        let new_key = change.email.value().map(|(_, key)| key.clone());
        if let Some(key) = &new_key
            && self.emails.get(key).is_some_and(|owner| *owner != id)
        {
            return UpdateUser::EmailTaken;
        }
        if plan.removes_superuser && !self.has_other_admin(id) {
            return UpdateUser::LastSuperuser;
        }

        if let Some(account) = self.accounts.get_mut(&id) {
            if let Some(key) = new_key {
                self.emails.remove(&account.key);
                self.emails.insert(key.clone(), id);
                account.key = key;
            }
            if let Some(password) = change.password.value() {
                account.password = password.clone();
            }
            account.user = plan.after.clone();
            // Who is promoted again later was promoted by somebody, not by dev mode.
            account.dev_superuser &= plan.after.is_superuser;
        }
        self.sweep(&plan.sweep);
        self.feed.push(Event::User(id), change.at);
        self.queue_mails(mails);
        self.write_audit(plan.describe(audit));
        UpdateUser::Updated(plan.after)
    }

    /// Takes an account away with all that hangs on it.
    pub(super) fn remove_account(&mut self, id: UserId, at: Timestamp) {
        self.sweep(&Sweep::of(id, &[RevokingEvent::Deleted], None, at));
        if let Some(account) = self.accounts.remove(&id) {
            self.emails.remove(&account.key);
        }
        self.sessions.retain(|_, row| row.session.user_id != id);
        self.one_times.retain(|_, row| row.user_id != id);
        self.feed.push(Event::User(id), at);
    }

    fn has_other_admin(&self, id: UserId) -> bool {
        self.accounts.values().any(|account| account.user.id != id && account.is_admin())
    }
}

#[async_trait]
impl AccountStore for Memory {
    async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.lock().accounts.get(&id).map(|account| account.user.clone()))
    }

    /// Every account here has its key, and addresses that are equal by `lower` have the same one.
    async fn find_credentials_by_email(&self, _typed: &str, key: &EmailKey) -> Result<Option<Credentials>, StoreError> {
        let state = self.lock();
        Ok(state.emails.get(key).and_then(|id| state.accounts.get(id)).map(Account::credentials))
    }

    async fn find_credentials(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        Ok(self.lock().accounts.get(&id).map(Account::credentials))
    }

    /// The hook may wait, so it runs without the lock and before the row is there; the insert looks again. Nothing
    /// has to be undone when it refuses.
    async fn create_user(&self, new: NewUser, audit: AuditEntry, hook: &dyn InTx) -> Result<CreateUser, StoreError> {
        if self.lock().emails.contains_key(&new.email_key) {
            return Ok(CreateUser::EmailTaken);
        }
        if let Err(veto) = hook.run(&mut MemoryTx(())).await {
            return Ok(CreateUser::Vetoed(veto));
        }
        self.lock().insert_account(new, audit)
    }

    async fn create_user_in(
        &self,
        _tx: &mut dyn StoreTx,
        _new: NewUser,
        _audit: AuditEntry,
    ) -> Result<CreateUser, StoreError> {
        Err(StoreError::wrong_transaction())
    }

    async fn update_user(
        &self,
        id: UserId,
        change: UserChange,
        mails: Vec<NewMail>,
        audit: AuditEntry,
    ) -> Result<UpdateUser, StoreError> {
        Ok(self.lock().update_account(id, change, mails, audit))
    }

    async fn update_user_in(
        &self,
        _tx: &mut dyn StoreTx,
        _id: UserId,
        _change: UserChange,
        _audit: AuditEntry,
    ) -> Result<UpdateUser, StoreError> {
        Err(StoreError::wrong_transaction())
    }

    async fn delete_user(&self, id: UserId, at: Timestamp, audit: AuditEntry) -> Result<DeleteUser, StoreError> {
        let mut state = self.lock();
        let Some(account) = state.accounts.get(&id) else { return Ok(DeleteUser::NotFound) };
        if account.is_admin() && !state.has_other_admin(id) {
            return Ok(DeleteUser::LastSuperuser);
        }
        state.remove_account(id, at);
        state.write_audit(audit);
        Ok(DeleteUser::Deleted)
    }

    async fn delete_user_in(
        &self,
        _tx: &mut dyn StoreTx,
        _id: UserId,
        _at: Timestamp,
        _audit: AuditEntry,
    ) -> Result<DeleteUser, StoreError> {
        Err(StoreError::wrong_transaction())
    }

    async fn list_users(&self, offset: u32, limit: u32) -> Result<UserPage, StoreError> {
        let state = self.lock();
        let mut accounts: Vec<_> = state.accounts.values().collect();
        accounts.sort_by_key(|account| (account.created_at, account.user.id));
        let page = accounts.iter().skip(offset as usize).take(limit as usize);
        Ok(UserPage { items: page.map(|account| account.user.clone()).collect(), total: state.accounts.len() as u64 })
    }

    async fn has_superuser(&self) -> Result<bool, StoreError> {
        Ok(self.lock().accounts.values().any(Account::is_admin))
    }

    async fn list_dev_superusers(&self) -> Result<Vec<User>, StoreError> {
        let state = self.lock();
        let marked = state.accounts.values().filter(|account| account.dev_superuser && account.is_admin());
        Ok(marked.map(|account| account.user.clone()).collect())
    }

    async fn keep_dev_superuser(&self, id: UserId, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let Some(account) = state.accounts.get_mut(&id).filter(|account| account.dev_superuser) else {
            return Ok(false);
        };
        account.dev_superuser = false;
        state.write_audit(audit);
        Ok(true)
    }

    async fn sample_hashes(&self) -> Result<Vec<(PasswordHash, u64)>, StoreError> {
        let mut counts = BTreeMap::<String, u64>::new();
        for account in self.lock().accounts.values() {
            *counts.entry(parameters(account.password.as_str()).to_owned()).or_default() += 1;
        }
        Ok(counts.into_iter().map(|(prefix, count)| (PasswordHash::from_stored(prefix), count)).collect())
    }
}

/// The beginning of a hash up to the salt: what decides how long verifying takes.
fn parameters(hash: &str) -> &str {
    // A PHC string ends in salt and digest, a bcrypt string in one piece that holds both.
    let pieces = if hash.starts_with("$2") { 1 } else { 2 };
    let cut = hash.rmatch_indices('$').nth(pieces - 1).map_or(0, |(at, _)| at);
    &hash[..cut]
}

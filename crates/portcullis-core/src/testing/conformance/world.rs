//! What a case acts in: a store with nothing in it, and the few steps that most cases begin with.

use super::Spawner;
use crate::account::{Credentials, Epoch, NewUser, User, UserChange};
use crate::audit::{AuditEvent, AuditFilter, AuditRow};
use crate::clock::Timestamp;
use crate::device::Device;
use crate::digest::Digest;
use crate::email_address::EmailKey;
use crate::ids::{SessionId, UserId};
use crate::one_time::Purpose;
use crate::outbox::ClaimedMail;
use crate::session::{NewSession, Session};
use crate::store::{CreateSession, CreateUser, NoHook, Store, UpdateUser};
use crate::testing::fixture::{
    START, at, audit_entry, new_device, new_mail, new_one_time, new_session, new_superuser, new_user,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// A store to be tried, with what a case remembers of it.
pub struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) spawner: Arc<dyn Spawner>,
    /// The newest audit row that was looked at.
    seen_audit: AtomicI64,
    looks_at_outbox: AtomicU64,
}

/// Everything that a refused operation must not change.
#[derive(Debug, PartialEq)]
pub(super) struct Picture {
    accounts: Vec<(User, String, Epoch, Vec<Session>)>,
    audit: Vec<AuditRow>,
    mails: Vec<(i64, String)>,
}

impl Picture {
    /// How many audit rows there were.
    pub(super) fn audit_len(&self) -> usize {
        self.audit.len()
    }
}

impl World {
    /// A world around an empty store.
    pub fn new(store: Arc<dyn Store>, spawner: Arc<dyn Spawner>) -> Self {
        Self { store, spawner, seen_audit: AtomicI64::new(i64::MIN), looks_at_outbox: AtomicU64::new(0) }
    }

    /// Migrates the store. All cases but those about migrating begin here.
    pub(super) async fn open(self) -> Self {
        self.store.migrate(START).await.expect("an empty store can be migrated");
        self
    }

    /// Creates an account that is not what the case is about; its audit row counts as seen.
    pub(super) async fn create(&self, new: NewUser) -> User {
        let audit = audit_entry(AuditEvent::AccountCreated).subject(new.id);
        match self.store.create_user(new, audit, &NoHook).await.expect("create_user works") {
            CreateUser::Created(user) => {
                self.look_away().await;
                user
            }
            other => panic!("the account was not created: {other:?}"),
        }
    }

    /// An account of a person.
    pub(super) async fn person(&self, email: &str) -> User {
        self.create(new_user(email)).await
    }

    /// An account of a superuser.
    pub(super) async fn superuser(&self, email: &str) -> User {
        self.create(new_superuser(email)).await
    }

    /// An account with what a login reads of it.
    pub(super) async fn credentials(&self, user: UserId) -> Credentials {
        self.store.find_credentials(user).await.expect("find_credentials works").expect("the account is there")
    }

    /// The account that an address stands for.
    pub(super) async fn by_email(&self, typed: &str) -> Option<User> {
        let found = self.store.find_credentials_by_email(typed, &EmailKey::of(typed)).await;
        found.expect("find_credentials_by_email works").map(|credentials| credentials.user)
    }

    /// Opens a session that is not what the case is about, after `change` was made to it.
    pub(super) async fn sign_in_as(&self, user: UserId, change: impl FnOnce(&mut NewSession)) -> SessionId {
        let mut new = new_session(user, self.credentials(user).await.epoch);
        change(&mut new);
        let id = new.id;
        let done = self.store.create_session(new, None, audit_entry(AuditEvent::SessionCreated)).await;
        assert_eq!(done.expect("create_session works"), CreateSession::Created);
        self.look_away().await;
        id
    }

    /// Opens a session by password for an hour.
    pub(super) async fn sign_in(&self, user: UserId) -> SessionId {
        self.sign_in_as(user, |_| ()).await
    }

    /// Whether a session opens its account at `now`.
    pub(super) async fn opens_at(&self, session: SessionId, now: Timestamp) -> bool {
        let state = self.store.find_session(session).await.expect("find_session works");
        state.is_some_and(|state| state.standing(now).is_ok())
    }

    /// Whether a session opens its account two minutes after the start, when the cases have done what they do.
    pub(super) async fn opens(&self, session: SessionId) -> bool {
        self.opens_at(session, at(120)).await
    }

    /// Changes an account one minute after the start.
    pub(super) async fn update(&self, user: UserId, fill: impl FnOnce(&mut UserChange)) -> UpdateUser {
        let mut change = UserChange::nothing(at(60));
        fill(&mut change);
        let audit = audit_entry(AuditEvent::AccountUpdated).subject(user);
        self.store.update_user(user, change, Vec::new(), audit).await.expect("update_user works")
    }

    /// Changes an account, which must work.
    pub(super) async fn updated(&self, user: UserId, fill: impl FnOnce(&mut UserChange)) -> User {
        match self.update(user, fill).await {
            UpdateUser::Updated(user) => user,
            other => panic!("the account was not changed: {other:?}"),
        }
    }

    /// Stores a one-time value that is not what the case is about, with its mail. The word stands for the token.
    pub(super) async fn send_one_time(&self, purpose: Purpose, user: &User, word: &str) {
        let new = new_one_time(purpose, user, word);
        let audit = audit_entry(AuditEvent::ResetRequested);
        let done = self.store.create_one_time(new, new_mail(&user.email), audit).await;
        assert!(done.expect("create_one_time works"));
        self.look_away().await;
    }

    /// The newest device login with this code.
    pub(super) async fn device(&self, code: &str) -> Device {
        let found = self.store.find_device(&Digest::of(code.as_bytes())).await;
        found.expect("find_device works").expect("the device login is there")
    }

    /// A device login that `user` approved at the start.
    pub(super) async fn approved_device(&self, user: UserId, code: &str) -> Device {
        let new = new_device(code, "secret");
        let id = new.id;
        let started = self.store.create_device(new, audit_entry(AuditEvent::DeviceStarted)).await;
        assert!(started.expect("create_device works"));
        let approved = self.store.approve_device(id, user, START, audit_entry(AuditEvent::DeviceApproved)).await;
        assert!(approved.expect("approve_device works"));
        self.look_away().await;
        self.device(code).await
    }

    /// Every audit row, oldest first.
    pub(super) async fn trail(&self) -> Vec<AuditRow> {
        let filter = AuditFilter { limit: 10_000, ..AuditFilter::default() };
        let mut rows = self.store.list_audit(&filter).await.expect("list_audit works");
        rows.reverse();
        rows
    }

    /// Counts the audit rows so far as seen.
    pub(super) async fn look_away(&self) {
        self.news().await;
    }

    /// The audit rows since the last look, oldest first.
    pub(super) async fn news(&self) -> Vec<AuditRow> {
        let mut rows = self.trail().await;
        let seen = self.seen_audit.load(Ordering::SeqCst);
        rows.retain(|row| row.id > seen);
        if let Some(newest) = rows.last() {
            self.seen_audit.store(newest.id, Ordering::SeqCst);
        }
        rows
    }

    /// Asserts that exactly these audit rows were written since the last look.
    #[track_caller]
    pub(super) fn caused<'a>(&'a self, events: &'a [AuditEvent]) -> impl Future<Output = ()> + 'a {
        let place = std::panic::Location::caller();
        async move {
            let written: Vec<_> = self.news().await.into_iter().map(|row| row.event).collect();
            let expected: Vec<_> = events.iter().map(|event| event.as_str()).collect();
            assert_eq!(written, expected, "the audit rows since the last look, at {place}");
        }
    }

    /// Every mail that waits. Looking takes each for a microsecond, later than any case does.
    pub(super) async fn mails(&self) -> Vec<ClaimedMail> {
        let look = self.looks_at_outbox.fetch_add(1, Ordering::SeqCst);
        let now = at(1_000_000 + look);
        let mails = self.store.claim_mails(now, Duration::from_micros(1), 10_000).await;
        mails.expect("claim_mails works")
    }

    /// Everything that a refused operation must not change.
    pub(super) async fn picture(&self) -> Picture {
        let mut accounts = Vec::new();
        for user in self.store.list_users(0, 10_000).await.expect("list_users works").items {
            let credentials = self.credentials(user.id).await;
            let sessions = self.store.list_sessions(user.id, START).await.expect("list_sessions works");
            accounts.push((credentials.user, credentials.password.into_string(), credentials.epoch, sessions));
        }
        let mails = self.mails().await.into_iter().map(|mail| (mail.id, mail.to)).collect();
        Picture { accounts, audit: self.trail().await, mails }
    }

    /// Asserts that nothing changed since `before`.
    #[track_caller]
    pub(super) fn unchanged<'a>(&'a self, before: &'a Picture) -> impl Future<Output = ()> + 'a {
        let place = std::panic::Location::caller();
        async move { assert_eq!(&self.picture().await, before, "something changed, at {place}") }
    }
}

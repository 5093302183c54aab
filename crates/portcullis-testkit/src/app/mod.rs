//! A whole Portcullis in the test's own process.
//!
//! 1. [`TestApp::new`] puts it together: the store that `PORTCULLIS_TEST_DB` names (`memory`, `sqlite` or `postgres`;
//!    memory if it is not set) with a database of its own, a clock that stands still, cheap hashing, an admin.
//! 2. An [`Identity`] calls: `ada.get("/users/me").await`. The request goes straight into the router; its client
//!    address and its name are given to it as an edge would give them.
//! 3. The [`Response`] knows the audit rows that the request left: `response.audit().await`.
//! 4. After each request that changed something, its mails are put into the [`Mailbox`].
//!
//! What no test should have to say is checked by itself: no answer is a 5xx unless the call said
//! [`Call::may_fail`], every answer is one that the OpenAPI document tells of, no answer holds a password or a hash, and
//! no mail goes unseen.

mod builder;
mod call;
mod database;
mod documented;
mod hasher;
mod identity;
mod mailbox;
mod people;
mod response;
#[cfg(test)]
mod tests;

pub use builder::TestAppBuilder;
pub use call::Call;
pub use database::{Database, StoreKind};
pub use hasher::HashCount;
pub use identity::{Anonymous, Bearer, Identity, Person};
pub use mailbox::Mailbox;
pub use response::Response;

use axum::Router;
use documented::Documented;
use portcullis::config::Paths;
use portcullis::{Auth, jobs};
use portcullis_core::audit::{AuditFilter, AuditRow};
use portcullis_core::clock::ManualClock;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The secret with which the app signs.
pub const SECRET: &str = "a-secret-that-only-tests-know-000";

/// The address of the configured admin.
pub(crate) const ADMIN_EMAIL: &str = "admin@example.com";
/// The password of the configured admin.
pub(crate) const ADMIN_PASSWORD: &str = "the admin's own passphrase";

/// The app under test. Clones are handles on the same one.
#[derive(Clone)]
pub struct TestApp(Arc<Inner>);

struct Inner {
    auth: Auth,
    router: Router,
    documented: Option<Documented>,
    clock: Arc<ManualClock>,
    mailbox: Mailbox,
    hashes: HashCount,
    database: Database,
    checks_mail: bool,
    passwords: Mutex<Vec<String>>,
}

impl TestApp {
    /// An app with the defaults.
    pub async fn new() -> Self {
        Self::builder().build().await
    }

    /// An app to be put together.
    pub fn builder() -> TestAppBuilder {
        TestAppBuilder::default()
    }

    /// The handle, for what no route offers.
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// The clock. It stands still until a test advances it.
    pub fn clock(&self) -> &ManualClock {
        &self.0.clock
    }

    /// The same clock, for another app.
    pub fn shared_clock(&self) -> Arc<ManualClock> {
        Arc::clone(&self.0.clock)
    }

    /// The mails that were sent.
    pub fn mailbox(&self) -> &Mailbox {
        &self.0.mailbox
    }

    /// The database, for a second app on it or for a look from outside.
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// How many passwords were computed.
    pub fn hashes(&self) -> &HashCount {
        &self.0.hashes
    }

    /// Where the routes are mounted.
    pub fn paths(&self) -> &Paths {
        &self.0.auth.config().paths
    }

    /// Sends the mails that wait, into the mailbox, and says how many there were.
    ///
    /// Requests do this by themselves; it is for what the test did through [`TestApp::auth`].
    ///
    /// # Panics
    ///
    /// When the database fails.
    pub async fn deliver(&self) -> u32 {
        let mut sent = 0;
        loop {
            let round = jobs::deliver(self.auth().core(), &self.0.mailbox).await;
            match round.unwrap_or_else(|error| panic!("the outbox could not be read: {error}")) {
                0 => return sent,
                some => sent += some,
            }
        }
    }

    /// All rows of the audit trail, oldest first.
    ///
    /// # Panics
    ///
    /// When the database fails.
    pub async fn audit(&self) -> Vec<AuditRow> {
        let mut rows: Vec<AuditRow> = Vec::new();
        loop {
            let filter = AuditFilter { before_id: rows.last().map(|row| row.id), limit: 500, ..AuditFilter::default() };
            let page = self.auth().core().store.list_audit(&filter).await;
            let page = page.unwrap_or_else(|error| panic!("the audit trail could not be read: {error}"));
            if page.is_empty() {
                rows.reverse();
                return rows;
            }
            rows.extend(page);
        }
    }

    /// Remembers a password that no answer may hold.
    pub(crate) fn keep_from_answers(&self, password: &str) {
        self.0.passwords.lock().unwrap_or_else(PoisonError::into_inner).push(password.to_owned());
    }

    pub(crate) fn leaked_password(&self, text: &str) -> Option<String> {
        let passwords = self.0.passwords.lock().unwrap_or_else(PoisonError::into_inner);
        passwords.iter().find(|password| text.contains(password.as_str())).cloned()
    }

    fn documented(&self) -> Option<&Documented> {
        self.0.documented.as_ref()
    }

    pub(crate) fn router(&self) -> Router {
        self.0.router.clone()
    }
}

impl std::fmt::Debug for TestApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TestApp").field(&self.0.auth).finish()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if !self.checks_mail || thread::panicking() {
            return;
        }
        let unseen = self.mailbox.unseen();
        assert!(
            unseen.is_empty(),
            "no test looked at these mails: {unseen:?}. Take them with `app.mailbox().take()`, \
             or build the app with `.ignore_mails()`"
        );
    }
}

//! A store in memory: the contract in its plainest form, for tests.
//!
//! One lock guards one [`State`]. A method takes the lock, looks at everything that could refuse it, and only then
//! writes; so a refused operation leaves nothing behind, and every method is atomic by construction. The lock is
//! never held while something is awaited.
//!
//! It forgets everything when its last handle goes, and it has no transactions that a host could share: the `_in`
//! operations answer [`StoreError::wrong_transaction`](super::StoreError::wrong_transaction).

mod account;
mod audit;
mod device;
mod event;
mod lifecycle;
mod one_time;
mod outbox;
mod refresh;
mod revoke;
mod session;
#[cfg(test)]
mod tests;
mod throttle;

use crate::audit::AuditRow;
use crate::clock::Timestamp;
use crate::email_address::EmailKey;
use crate::ids::{SessionId, UserId};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store in memory. A clone is another handle on the same data, as a second process would be.
#[derive(Clone, Default)]
pub struct Memory {
    state: Arc<Mutex<State>>,
}

/// What a hook gets for a transaction: there is nothing in it, because nothing but the store's own data is here.
#[derive(Debug)]
pub struct MemoryTx(());

/// Everything that is stored.
#[derive(Default)]
struct State {
    migrated: bool,
    accounts: BTreeMap<UserId, account::Account>,
    /// The unique index: which account an address stands for.
    emails: HashMap<EmailKey, UserId>,
    sessions: HashMap<SessionId, session::Row>,
    /// Tokens from before sessions that were signed out, by digest, with the moment when they expire anyway.
    denied: HashMap<[u8; 32], Timestamp>,
    /// The refresh tokens of the sessions that have them.
    families: HashMap<SessionId, crate::refresh::Family>,
    one_times: HashMap<[u8; 32], one_time::Row>,
    devices: Vec<device::Row>,
    audit: Vec<AuditRow>,
    last_audit: i64,
    /// When each bucket is full again.
    buckets: HashMap<String, Timestamp>,
    outbox: BTreeMap<i64, outbox::Row>,
    last_mail: i64,
    feed: event::Feed,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A panic while the lock was held is a failed test already; the data behind it may still be read.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("accounts", &self.lock().accounts.len()).finish_non_exhaustive()
    }
}

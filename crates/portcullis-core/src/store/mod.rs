//! What the rules ask of a database.
//!
//! # How to read the contract
//!
//! * Each method is **one atomic operation**: it happens as a whole or not at all, also beside another replica that
//!   does the same at the same moment. There is no method that reads so that another may write.
//! * A method that takes an [`AuditEntry`] writes it **in the same transaction, if and only if** the operation
//!   succeeds. If the row cannot be written, nothing else is.
//! * A method that takes a mail writes it into the outbox under the same condition.
//! * Whatever a caller may act on is an outcome. [`StoreError`] is for the rest.
//! * Changes to an account, and the end of a session, leave an [`Event`] in the same transaction.
//! * Secrets come as digests. A store never sees a token, a code or a password.
//! * Times come as parameters. A store has no clock.
//!
//! The conformance suite in `portcullis_core::testing` (feature `testing`) is this contract as code: a store of
//! your own is right when it passes.

mod error;
#[cfg(any(test, feature = "testing"))]
pub mod memory;
mod outcome;
mod tx;

pub use error::StoreError;
pub use outcome::*;
pub use tx::{InTx, NoHook, StoreTx, Veto};

use crate::account::{Credentials, NewUser, User, UserChange, UserPage};
use crate::audit::{AuditEntry, AuditFilter, AuditRow};
use crate::clock::Timestamp;
use crate::device::{Device, NewDevice};
use crate::digest::Digest;
use crate::email_address::EmailKey;
use crate::event::{Event, FeedCursor};
use crate::ids::{DeviceId, SessionId, UserId};
use crate::one_time::{NewOneTime, Purpose};
use crate::outbox::{ClaimedMail, NewMail};
use crate::password_hasher::PasswordHash;
use crate::refresh::{Rotate, Rotation};
use crate::session::{NewSession, PasswordCondition, Session, SessionState};
use crate::throttle::{Limit, Verdict};
use async_trait::async_trait;
use std::time::Duration;

/// Everything together: what the flows hold.
pub trait Store:
    Lifecycle
    + AccountStore
    + SessionStore
    + RefreshStore
    + OneTimeStore
    + DeviceStore
    + AuditStore
    + ThrottleStore
    + OutboxStore
    + EventStore
{
}

impl<T> Store for T where
    T: Lifecycle
        + AccountStore
        + SessionStore
        + RefreshStore
        + OneTimeStore
        + DeviceStore
        + AuditStore
        + ThrottleStore
        + OutboxStore
        + EventStore
{
}

/// Schema, health, housekeeping.
#[async_trait]
pub trait Lifecycle: Send + Sync {
    /// Which database this is, for the log: `memory`, `sqlite`, `postgres`.
    fn kind(&self) -> &'static str;

    /// Brings the store's own tables to the present version and adopts an existing `user` table.
    ///
    /// Safe to call from two processes at once: one does it, the other waits and finds it done. Foreign tables are
    /// left alone.
    async fn migrate(&self, now: Timestamp) -> Result<Migrated, MigrateError>;

    /// Whether the database answers and the schema is the present one.
    async fn ready(&self) -> Result<(), StoreError>;

    /// When a database with accounts in it was adopted; `None` for one that was empty.
    async fn adopted_at(&self) -> Result<Option<Timestamp>, StoreError>;

    /// The accounts whose addresses are one address: before an adoption, and when another program made some since.
    /// Changes nothing.
    async fn email_collisions(&self) -> Result<Vec<EmailCollision>, MigrateError>;

    /// Removes what nobody needs any more, and says how much.
    async fn purge(&self, before: &PurgeBefore) -> Result<Purged, StoreError>;
}

/// Accounts.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// The account with this id.
    async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The account that an address stands for, by an index. `typed` is compared as fastapi-users does
    /// (`lower(email)`), `key` catches the spellings that this does not.
    async fn find_credentials_by_email(&self, typed: &str, key: &EmailKey) -> Result<Option<Credentials>, StoreError>;

    /// The account with this id, with what a login needs to know.
    async fn find_credentials(&self, id: UserId) -> Result<Option<Credentials>, StoreError>;

    /// Creates an account. Of any number of parallel calls for one address, in any spelling, one is
    /// [`CreateUser::Created`] and the others are [`CreateUser::EmailTaken`].
    ///
    /// `hook` runs inside the transaction after the row is there.
    async fn create_user(&self, new: NewUser, audit: AuditEntry, hook: &dyn InTx) -> Result<CreateUser, StoreError>;

    /// The same inside the host's transaction, which the host commits or rolls back.
    async fn create_user_in(
        &self,
        tx: &mut dyn StoreTx,
        new: NewUser,
        audit: AuditEntry,
    ) -> Result<CreateUser, StoreError>;

    /// Changes an account, planned by [`UserChange::plan`] against the row inside the transaction, and carries out
    /// the plan's sweep.
    async fn update_user(
        &self,
        id: UserId,
        change: UserChange,
        mails: Vec<NewMail>,
        audit: AuditEntry,
    ) -> Result<UpdateUser, StoreError>;

    /// The same inside the host's transaction.
    async fn update_user_in(
        &self,
        tx: &mut dyn StoreTx,
        id: UserId,
        change: UserChange,
        audit: AuditEntry,
    ) -> Result<UpdateUser, StoreError>;

    /// Deletes an account with all that is ours of it, and its rows in the seed's `cliloginchallenge`.
    async fn delete_user(&self, id: UserId, at: Timestamp, audit: AuditEntry) -> Result<DeleteUser, StoreError>;

    /// The same inside the host's transaction.
    async fn delete_user_in(
        &self,
        tx: &mut dyn StoreTx,
        id: UserId,
        at: Timestamp,
        audit: AuditEntry,
    ) -> Result<DeleteUser, StoreError>;

    /// A page of accounts, oldest first (then by id), with the total.
    async fn list_users(&self, offset: u32, limit: u32) -> Result<UserPage, StoreError>;

    /// Whether there is an active superuser.
    async fn has_superuser(&self) -> Result<bool, StoreError>;

    /// Active accounts that are superuser only because dev mode made them so, and that nobody has kept since.
    async fn list_dev_superusers(&self) -> Result<Vec<User>, StoreError>;

    /// Takes the dev mark off an account. Whether it stays superuser is a matter of [`AccountStore::update_user`].
    async fn keep_dev_superuser(&self, id: UserId, audit: AuditEntry) -> Result<bool, StoreError>;

    /// Stored hashes that stand for the algorithms and parameters in use, with how many accounts have such a one.
    /// A sample is enough; it is read at start and now and then.
    async fn sample_hashes(&self) -> Result<Vec<(PasswordHash, u64)>, StoreError>;
}

/// Sessions.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Creates a session, if its user is active and still has the epoch under which the proof was read and, for a
    /// password, still the hash that it was verified against (which is replaced by the better one, if given).
    /// For a minted session the superuser must still be an active one under the given epoch.
    async fn create_session(
        &self,
        new: NewSession,
        password: Option<PasswordCondition>,
        audit: AuditEntry,
    ) -> Result<CreateSession, StoreError>;

    /// The session with all that decides about it, in one statement by primary keys.
    async fn find_session(&self, id: SessionId) -> Result<Option<SessionState>, StoreError>;

    /// Notes that the session was used. Losing such a note harms nobody.
    async fn touch_session(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Ends a session of `user` and, with it, the sessions that were minted in it. Ending twice is `false`.
    async fn end_session(
        &self,
        id: SessionId,
        user: UserId,
        reason: &'static str,
        at: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError>;

    /// Ends every session of `user` but `keep`, and says how many.
    async fn end_sessions(
        &self,
        user: UserId,
        keep: Option<SessionId>,
        reason: &'static str,
        at: Timestamp,
        audit: AuditEntry,
    ) -> Result<u64, StoreError>;

    /// The sessions of `user` that are neither ended, expired nor outdated, the latest used first.
    async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// What decides about a token that was made before sessions existed.
    async fn find_legacy(&self, user: UserId, token: &Digest) -> Result<Option<LegacyState>, StoreError>;

    /// Refuses this one token until it expires anyway.
    async fn deny_legacy(&self, token: &Digest, expires_at: Timestamp, audit: AuditEntry) -> Result<(), StoreError>;
}

/// Refresh tokens.
#[async_trait]
pub trait RefreshStore: Send + Sync {
    /// Decides over a genuine refresh token by [`Family::judge`](crate::refresh::Family::judge), if its session is not
    /// ended, not expired and not outdated, and its user is active.
    ///
    /// A new generation is written with the row `refreshed`. A repetition is counted. A reuse ends the session, with
    /// those minted in it, and writes the row `reused` and the notice; that is **committed** like a success.
    /// Of any number of parallel calls with the newest token one makes the next generation, and the others get it.
    async fn rotate_refresh(&self, rotate: Rotate) -> Result<Rotation, StoreError>;

    /// Notes that an access token of the newest generation was accepted, the first time only.
    async fn note_generation(&self, session: SessionId, generation: u32, at: Timestamp) -> Result<(), StoreError>;
}

/// Values that work once.
#[async_trait]
pub trait OneTimeStore: Send + Sync {
    /// Stores a value and kills the older ones of the same user and purpose. `false` if the account is not there,
    /// not active, or has another address by now.
    async fn create_one_time(&self, new: NewOneTime, mail: NewMail, audit: AuditEntry) -> Result<bool, StoreError>;

    /// Whose value this is, if it still works. Looking does not use it up.
    async fn find_one_time(
        &self,
        purpose: Purpose,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;

    /// Uses a reset token up and sets the password. Of any number of parallel calls one wins. The account must be
    /// active and still have the address that the token was sent to. Sweeps
    /// [`PasswordReset`](crate::revoke::RevokingEvent::PasswordReset).
    async fn reset_password(
        &self,
        digest: &Digest,
        password: PasswordHash,
        mails: Vec<NewMail>,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<Option<User>, StoreError>;

    /// Uses a verification token up and marks the address as proved, if the account still has it. Whose it is shows
    /// only here, so the store names the account as the subject of the row.
    async fn verify_email(&self, digest: &Digest, now: Timestamp, audit: AuditEntry)
    -> Result<VerifyEmail, StoreError>;
}

/// Device logins.
#[async_trait]
pub trait DeviceStore: Send + Sync {
    /// Stores a device login; `false` if the code is taken by a live one.
    async fn create_device(&self, new: NewDevice, audit: AuditEntry) -> Result<bool, StoreError>;

    /// The device login with this code, whatever its status; the newest if an older one had the same code.
    async fn find_device(&self, code: &Digest) -> Result<Option<Device>, StoreError>;

    /// Lets `user` claim a pending login that nobody claimed, and says whether `user` is the claimant now.
    async fn claim_device(&self, id: DeviceId, user: UserId, now: Timestamp) -> Result<bool, StoreError>;

    /// Approves a pending login that nobody else claimed and that is not expired, if `user` is active: a
    /// compare-and-set. Of parallel calls by two users one wins.
    async fn approve_device(
        &self,
        id: DeviceId,
        user: UserId,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError>;

    /// Rejects a login: pending (also expired) and not claimed by somebody else, or approved by `user` and not
    /// redeemed.
    async fn reject_device(
        &self,
        id: DeviceId,
        user: UserId,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError>;

    /// Turns an approved login that is not expired into `session`, if the approver is still active under the epoch
    /// of the approval. Of any number of parallel calls one wins; the others, and a stale approval, are `false`.
    async fn redeem_device(&self, id: DeviceId, session: NewSession, audit: AuditEntry) -> Result<bool, StoreError>;
}

/// The audit trail.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Writes a row in a transaction of its own: for refusals.
    async fn record(&self, audit: AuditEntry) -> Result<(), StoreError>;

    /// Reads rows, newest first.
    async fn list_audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError>;
}

/// Limits.
#[async_trait]
pub trait ThrottleStore: Send + Sync {
    /// Takes one try from the bucket `key` by [`Limit::take`], atomically.
    async fn take(&self, key: &str, limit: Limit, now: Timestamp) -> Result<Verdict, StoreError>;

    /// Forgets a bucket: it is full again.
    async fn forget(&self, key: &str) -> Result<(), StoreError>;
}

/// Mails that wait.
#[async_trait]
pub trait OutboxStore: Send + Sync {
    /// Claims up to `limit` mails that are due at `now`, the longest due first, for `lease`. No two callers hold the
    /// same mail at a time.
    async fn claim_mails(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<ClaimedMail>, StoreError>;

    /// The mail was taken; its row goes.
    async fn mail_sent(&self, id: i64) -> Result<(), StoreError>;

    /// The mail was not taken; it is due again at `retry_at`.
    async fn mail_failed(&self, id: i64, retry_at: Timestamp) -> Result<(), StoreError>;
}

/// The feed of changes.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Where the feed ends now.
    async fn feed_end(&self) -> Result<FeedCursor, StoreError>;

    /// What was committed since `after`, possibly with repetitions, never with gaps, and where to go on.
    async fn read_feed(&self, after: FeedCursor) -> Result<(Vec<Event>, FeedCursor), StoreError>;
}

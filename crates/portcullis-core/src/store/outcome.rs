//! How operations of a store end.

use super::{StoreError, Veto};
use crate::account::User;
use crate::clock::Timestamp;
use crate::ids::UserId;
use std::fmt;

/// How [`create_user`](super::AccountStore::create_user) ended.
#[derive(Debug)]
pub enum CreateUser {
    /// The account is there.
    Created(User),
    /// The address belongs to an account, perhaps in another spelling. Nothing was written.
    EmailTaken,
    /// Host code refused. Nothing was written.
    Vetoed(Veto),
}

/// How [`update_user`](super::AccountStore::update_user) ended.
#[derive(Debug)]
pub enum UpdateUser {
    /// The account, as it is now.
    Updated(User),
    /// There is no such account.
    NotFound,
    /// The new address belongs to another account. Nothing was written.
    EmailTaken,
    /// The change would leave no active superuser. Nothing was written.
    LastSuperuser,
}

/// How [`delete_user`](super::AccountStore::delete_user) ended.
#[derive(Debug, PartialEq, Eq)]
pub enum DeleteUser {
    /// The account is gone.
    Deleted,
    /// There is no such account.
    NotFound,
    /// It is the last active superuser. Nothing was deleted.
    LastSuperuser,
    /// Rows of a table that is not ours still refer to it. Nothing was deleted.
    HasDependents {
        /// The table.
        table: String,
    },
}

/// How [`create_session`](super::SessionStore::create_session) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateSession {
    /// The session is there.
    Created,
    /// The account changed since the proof was read. Nothing was written; proving again may work.
    StaleProof,
}

/// How [`verify_email`](super::OneTimeStore::verify_email) ended.
#[derive(Debug, PartialEq, Eq)]
pub enum VerifyEmail {
    /// The address is proved now.
    Verified(User),
    /// The token is (or was) right, but this account's address was proved before.
    AlreadyVerified(UserId),
    /// Unknown, expired or dead token, or the account has another address or is not active.
    BadToken,
}

/// What decides about a token from before sessions existed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyState {
    /// The account, as it is now.
    pub user: User,
    /// The last moment at which something killed such tokens; one issued before it is dead.
    pub dead_before: Option<Timestamp>,
    /// Whether this very token was signed out.
    pub denied: bool,
}

/// What a migration did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// How many steps were applied; zero if the schema was present.
    pub applied: u32,
    /// How many accounts were found in a `user` table that was not ours, when it was adopted just now.
    pub adopted: Option<u64>,
    /// Things that an operator should know: triggers that somebody dropped and that were put back, a journal mode
    /// that could not be switched.
    pub warnings: Vec<String>,
}

/// Why a database cannot be used.
#[derive(Debug)]
pub enum MigrateError {
    /// Two accounts have addresses that are the same address. An operator must settle it.
    EmailCollisions(Vec<EmailCollision>),
    /// The schema was written by a newer version of Portcullis.
    FromTheFuture {
        /// The newest step that the database knows and this program does not.
        version: i64,
    },
    /// The `user` table has not the columns of fastapi-users.
    ForeignUserTable {
        /// What is wrong with it, as a sentence.
        problem: String,
    },
    /// The database failed.
    Store(StoreError),
}

/// Accounts whose addresses are one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailCollision {
    /// The identity that they share.
    pub key: String,
    /// Their ids and stored addresses.
    pub accounts: Vec<(String, String)>,
}

impl fmt::Display for MigrateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmailCollisions(collisions) => {
                writeln!(f, "{} address(es) belong to more than one account:", collisions.len())?;
                for collision in collisions {
                    let list: Vec<_> = collision.accounts.iter().map(|(id, email)| format!("{email} ({id})")).collect();
                    writeln!(f, "  {}", list.join(", "))?;
                }
                write!(
                    f,
                    "Change or delete all but one of each, then start again. `portcullis migrate collisions` lists them."
                )
            }
            Self::FromTheFuture { version } => write!(
                f,
                "the database was migrated by a newer Portcullis (step {version} is unknown here): start that version instead"
            ),
            Self::ForeignUserTable { problem } => {
                write!(f, "the table \"user\" is not one of fastapi-users: {problem}")
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for MigrateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}

impl From<StoreError> for MigrateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What is old enough to go.
#[derive(Clone, Copy, Debug)]
pub struct PurgeBefore {
    /// The present moment: expired denials and full buckets go.
    pub now: Timestamp,
    /// Sessions that ended or expired before this.
    pub sessions: Timestamp,
    /// One-time values that expired before this.
    pub one_times: Timestamp,
    /// Device logins that expired before this.
    pub devices: Timestamp,
    /// Events older than this.
    pub events: Timestamp,
    /// Audit rows older than this.
    pub audit: Timestamp,
    /// Guests created before this without a live session.
    pub guests: Timestamp,
}

/// How much went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Sessions.
    pub sessions: u64,
    /// One-time values.
    pub one_times: u64,
    /// Device logins.
    pub devices: u64,
    /// Events.
    pub events: u64,
    /// Audit rows.
    pub audit: u64,
    /// Guest accounts.
    pub guests: u64,
}

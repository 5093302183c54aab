//! Accounts: who there is.
//!
//! The row lives in the table `user` with exactly fastapi-users' six columns, so that a Python process can go on
//! using it beside us. What we need to know besides (epoch, creation, kind) lives in `portcullis_account`, which
//! database triggers keep beside the row whoever writes it.
//!
//! 1. [`NewUser`] becomes a row by one atomic operation; a taken address is an outcome, not an error.
//! 2. A change is planned by [`UserChange::plan`] against the row as it is inside the store's transaction, so that
//!    what a change kills (sessions, reset tokens, see [`crate::revoke`]) is decided in one place for every store.
//! 3. The last active superuser cannot be removed, demoted or deactivated.
//!
//! Stored: the address as typed, the password's hash, flags. Never stored: a password.

mod change;
mod error;
mod register;
mod update;

pub use change::{ChangeTo, UpdatePlan, UserChange};
pub use error::{DeleteError, RegisterError, UpdateError};
pub use register::{CreateAccount, PreparedUser};
pub use update::{UpdateAccount, UpdateMe};

use crate::clock::Timestamp;
use crate::email_address::EmailKey;
use crate::ids::UserId;
use crate::password_hasher::PasswordHash;

/// An account as others may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Names the account.
    pub id: UserId,
    /// The address, in the spelling in which it was stored.
    pub email: String,
    /// Whether the account may be used at all.
    pub is_active: bool,
    /// Whether the account may do everything.
    pub is_superuser: bool,
    /// Whether somebody proved to receive mail at the address.
    pub is_verified: bool,
}

/// Counts the events that end a user's credentials.
///
/// Whatever was made under an older epoch no longer opens anything. A proof of identity carries the epoch that was
/// read together with the credential, and a session is created only if the epoch is still the same: a password
/// that was verified while it was being changed opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub i64);

/// What kind of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Somebody who registered or was created.
    Person,
    /// Made by the guest route: without a password, removed when it is no longer used.
    Guest,
}

impl AccountKind {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Guest => "guest",
        }
    }
}

/// An account to be created.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Its id, drawn by the flow so that the audit row can name it.
    pub id: UserId,
    /// The address as it shall be stored.
    pub email: String,
    /// The identity that the address stands for.
    pub email_key: EmailKey,
    /// The hash of the password; for an account without one, the hash of a discarded secret.
    pub password: PasswordHash,
    /// Whether it may be used.
    pub is_active: bool,
    /// Whether it may do everything.
    pub is_superuser: bool,
    /// Whether its address is proved.
    pub is_verified: bool,
    /// Person or guest.
    pub kind: AccountKind,
    /// Whether it became superuser only because dev mode makes everybody one. A production start refuses such
    /// accounts until an operator keeps or demotes them.
    pub dev_superuser: bool,
    /// When.
    pub created_at: Timestamp,
}

/// What a login needs to know of an account.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// The stored hash, as read.
    pub password: PasswordHash,
    /// The epoch, as read with the hash.
    pub epoch: Epoch,
}

/// A page of accounts.
#[derive(Clone, Debug)]
pub struct UserPage {
    /// The accounts of this page, oldest first.
    pub items: Vec<User>,
    /// How many there are in all.
    pub total: u64,
}

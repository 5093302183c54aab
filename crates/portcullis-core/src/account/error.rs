//! Why an account was not created, changed or deleted.

use crate::engine::{from_hash_error, from_limited};
use crate::password_policy::PasswordRefused;
use crate::store::StoreError;
use std::time::Duration;
use thiserror::Error;

/// Why somebody could not register.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// The address belongs to an account, perhaps in another spelling or an inactive one.
    #[error("an account with this address exists")]
    EmailTaken,
    /// The password is not accepted.
    #[error("the password is not accepted: {0}")]
    InvalidPassword(PasswordRefused),
    /// The host refused.
    #[error("{reason}")]
    Vetoed {
        /// The host's stable code.
        code: String,
        /// The host's sentence.
        reason: String,
    },
    /// The guest route is switched off.
    #[error("guests are not allowed here")]
    GuestsOff,
    /// Too many from this peer.
    #[error("too many registrations from this address")]
    Throttled {
        /// When to come back.
        retry_after: Duration,
    },
    /// Too many passwords wait to be hashed.
    #[error("too many passwords are waiting to be hashed")]
    Busy {
        /// When to come back.
        retry_after: Duration,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not changed.
#[derive(Debug, Error)]
pub enum UpdateError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The caller may not: not a superuser, or acting for somebody with a minted token.
    #[error("this needs other rights")]
    Forbidden,
    /// The new address belongs to another account.
    #[error("another account has this address")]
    EmailTaken,
    /// The new password is not accepted.
    #[error("the password is not accepted: {0}")]
    InvalidPassword(PasswordRefused),
    /// The present password was not given, and the profile asks for it.
    #[error("changing this needs the present password")]
    CurrentPasswordRequired,
    /// The present password is wrong.
    #[error("the present password is wrong")]
    CurrentPasswordInvalid,
    /// It would leave no active superuser.
    #[error("this would leave no active superuser")]
    LastSuperuser,
    /// Too many wrong passwords.
    #[error("too many wrong passwords")]
    Throttled {
        /// When to come back.
        retry_after: Duration,
    },
    /// Too many passwords wait to be hashed.
    #[error("too many passwords are waiting to be hashed")]
    Busy {
        /// When to come back.
        retry_after: Duration,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not deleted.
#[derive(Debug, Error)]
pub enum DeleteError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The caller may not.
    #[error("this needs other rights")]
    Forbidden,
    /// It is the last active superuser.
    #[error("this would leave no active superuser")]
    LastSuperuser,
    /// Rows of a foreign table refer to it.
    #[error("rows of table {table} still refer to this account")]
    HasDependents {
        /// The table.
        table: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_limited!(RegisterError);
from_limited!(UpdateError);
from_hash_error!(RegisterError);
from_hash_error!(UpdateError);

impl RegisterError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::EmailTaken => "REGISTER_USER_ALREADY_EXISTS",
            Self::InvalidPassword(_) => "REGISTER_INVALID_PASSWORD",
            Self::Vetoed { code, .. } => code,
            Self::GuestsOff => "GUESTS_NOT_ALLOWED",
            Self::Throttled { .. } => "TOO_MANY_REQUESTS",
            Self::Busy { .. } => "BUSY",
            Self::Store(_) => "UNAVAILABLE",
        }
    }
}

impl UpdateError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "USER_NOT_FOUND",
            Self::Forbidden => "FORBIDDEN",
            Self::EmailTaken => "UPDATE_USER_EMAIL_ALREADY_EXISTS",
            Self::InvalidPassword(_) => "UPDATE_USER_INVALID_PASSWORD",
            Self::CurrentPasswordRequired => "UPDATE_USER_CURRENT_PASSWORD_REQUIRED",
            Self::CurrentPasswordInvalid => "UPDATE_USER_CURRENT_PASSWORD_INVALID",
            Self::LastSuperuser => "LAST_SUPERUSER",
            Self::Throttled { .. } => "TOO_MANY_REQUESTS",
            Self::Busy { .. } => "BUSY",
            Self::Store(_) => "UNAVAILABLE",
        }
    }
}

impl DeleteError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "USER_NOT_FOUND",
            Self::Forbidden => "FORBIDDEN",
            Self::LastSuperuser => "LAST_SUPERUSER",
            Self::HasDependents { .. } => "USER_HAS_DEPENDENTS",
            Self::Store(_) => "UNAVAILABLE",
        }
    }
}

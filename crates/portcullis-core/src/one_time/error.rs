//! Why a one-time token did nothing.

use crate::engine::{from_hash_error, from_limited};
use crate::password_policy::PasswordRefused;
use crate::store::StoreError;
use std::time::Duration;
use thiserror::Error;

/// Why a one-time token did nothing.
#[derive(Debug, Error)]
pub enum OneTimeError {
    /// Unknown, used, expired or dead. Which of them is not told.
    #[error("the link does not work any more: ask for a new one")]
    BadToken,
    /// The address was proved before.
    #[error("this address is verified already")]
    AlreadyVerified,
    /// The new password is not accepted.
    #[error("the password is not accepted: {0}")]
    InvalidPassword(PasswordRefused),
    /// Too many tries from this peer.
    #[error("too many tries")]
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

from_limited!(OneTimeError);
from_hash_error!(OneTimeError);

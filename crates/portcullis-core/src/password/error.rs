//! Why a login did not happen.

use crate::engine::{from_hash_error, from_limited};
use crate::store::StoreError;
use std::time::Duration;
use thiserror::Error;

/// Why a login did not happen.
#[derive(Debug, Error)]
pub enum LoginError {
    /// Unknown address, wrong password or inactive account. Which of them is not told.
    #[error("the address or the password is wrong")]
    BadCredentials,
    /// Too many tries from this peer or for this account.
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
    /// The database failed, or the token could not be signed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_limited!(LoginError);
from_hash_error!(LoginError);

impl LoginError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadCredentials => "LOGIN_BAD_CREDENTIALS",
            Self::Throttled { .. } => "TOO_MANY_REQUESTS",
            Self::Busy { .. } => "BUSY",
            Self::Store(_) => "UNAVAILABLE",
        }
    }
}

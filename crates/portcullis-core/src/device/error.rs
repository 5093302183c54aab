//! Why a device login did not go on.

use crate::engine::from_limited;
use crate::store::StoreError;
use std::time::Duration;
use thiserror::Error;

/// Why a device login did not go on.
#[derive(Debug, Error)]
pub enum DeviceError {
    /// Wrong code, wrong secret, used up, rejected, or somebody else's. Which of them is not told.
    #[error("there is no such device login")]
    NotFound,
    /// Its time is over.
    #[error("the device login has expired")]
    Expired,
    /// The caller's token may not decide: it was minted, or came out of a device login itself.
    #[error("this token may not approve a device")]
    Forbidden,
    /// The profile asks for a recent sign-in.
    #[error("approving needs a recent sign-in")]
    LoginTooOld,
    /// Too many wrong codes or secrets, or too many new logins, from here.
    #[error("too many tries")]
    Throttled {
        /// When to come back.
        retry_after: Duration,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_limited!(DeviceError);

impl DeviceError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "CHALLENGE_NOT_FOUND",
            Self::Expired => "CHALLENGE_EXPIRED",
            Self::Forbidden => "FORBIDDEN",
            Self::LoginTooOld => "RECENT_LOGIN_REQUIRED",
            Self::Throttled { .. } => "TOO_MANY_REQUESTS",
            Self::Store(_) => "UNAVAILABLE",
        }
    }
}

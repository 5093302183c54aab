//! Why a refresh token gave nothing.

use crate::engine::from_limited;
use crate::store::StoreError;
use std::time::Duration;
use thiserror::Error;

/// Why a refresh token gave nothing.
#[derive(Debug, Error)]
pub enum RefreshError {
    /// It is none, or its session is over.
    #[error("the refresh token is not accepted: sign in again")]
    Invalid,
    /// It was presented after its successor was used. The session was ended, because somebody else may hold it.
    #[error("the refresh token was used before: its session was ended, sign in again")]
    Reused,
    /// Too many wrong ones from this peer.
    #[error("too many tries")]
    Throttled {
        /// When to come back.
        retry_after: Duration,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_limited!(RefreshError);

impl RefreshError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid => "REFRESH_TOKEN_INVALID",
            Self::Reused => "REFRESH_TOKEN_REUSED",
            Self::Throttled { .. } => "TOO_MANY_REQUESTS",
            Self::Store(_) => "UNAVAILABLE",
        }
    }
}

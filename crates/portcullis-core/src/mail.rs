//! The mails that Portcullis sends, as facts; the words are the host's or the server's.

use crate::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A mail to be sent.
///
/// Holds the one-time token in clear, which is why it is encrypted while it waits in the outbox and why `Debug`
/// does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mail {
    /// "Set a new password."
    ResetPassword {
        /// The one-time token.
        token: String,
        /// When it stops working, in microseconds since the epoch.
        expires_at: i64,
    },
    /// "Is this address yours?"
    VerifyEmail {
        /// The one-time token.
        token: String,
        /// When it stops working, in microseconds since the epoch.
        expires_at: i64,
    },
    /// "Your address was changed": notice to the old address.
    EmailChanged {
        /// The new address.
        new_email: String,
    },
    /// "Your password was changed."
    PasswordChanged,
    /// "A session of yours was ended, because its refresh token was used twice."
    SessionEndedByReuse,
}

impl Mail {
    /// The word that is stored beside the encrypted mail.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ResetPassword { .. } => "reset_password",
            Self::VerifyEmail { .. } => "verify_email",
            Self::EmailChanged { .. } => "email_changed",
            Self::PasswordChanged => "password_changed",
            Self::SessionEndedByReuse => "session_ended_by_reuse",
        }
    }

    /// The one-time token that it carries, if any.
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::ResetPassword { token, .. } | Self::VerifyEmail { token, .. } => Some(token),
            Self::EmailChanged { .. } | Self::PasswordChanged | Self::SessionEndedByReuse => None,
        }
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail({})", self.kind())
    }
}

/// A mail with its address, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// To which address, in its stored spelling.
    pub to: String,
    /// What.
    pub mail: Mail,
    /// Since when it waits.
    pub created_at: Timestamp,
}

/// Sends mails. May take its time: it is called from a background job, never from a request.
#[async_trait::async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a mail over for delivery.
    ///
    /// # Errors
    ///
    /// When it was not taken; it is tried again later, with growing pauses. The text goes into the log, so it
    /// must not contain the mail.
    async fn send(&self, letter: &Letter) -> Result<(), String>;
}

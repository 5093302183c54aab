//! Values that work once: reset and verify tokens.
//!
//! 1. Somebody asks; if the address belongs to an account, a [`Token`](crate::secret::Token) of 256 bits is drawn,
//!    its digest is stored, and the token itself goes into a mail, encrypted while it waits.
//!    The answer is the same in every case.
//! 2. A newer token of the same purpose kills the older one; so does whatever [`crate::revoke`] says.
//! 3. Using it is one conditional statement: of fifty parallel tries one wins.
//!
//! Stored: the digest. Never stored: the token.

mod error;
mod flow;

pub use error::OneTimeError;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::email_address::EmailKey;
use crate::ids::{OneTimeId, UserId};

/// What a one-time value is good for. A value of one purpose never opens another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Setting a new password.
    ResetPassword,
    /// Proving that mail to an address is received.
    VerifyEmail,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::ResetPassword, Self::VerifyEmail];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::VerifyEmail => "verify_email",
        }
    }
}

/// A one-time value to be stored.
#[derive(Clone, Debug)]
pub struct NewOneTime {
    /// Names the row.
    pub id: OneTimeId,
    /// What it is good for.
    pub purpose: Purpose,
    /// Whose.
    pub user_id: UserId,
    /// What is stored of the value.
    pub digest: Digest,
    /// The address that it was sent to. If the account has another one when it is used, it is dead.
    pub email_key: EmailKey,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
}

//! Device login: a command-line tool signs in through a person in another place.
//!
//! 1. The tool asks and gets a short **user code**, shown to the person, and a long **device secret**, kept.
//! 2. The person, signed in somewhere, decides over the code. The first to decide (or to look at the page while
//!    signed in) claims it; only the claimant may decide, and after an approval only the approver may take it back.
//! 3. The tool polls with code and secret. The first poll after an approval redeems it: one conditional statement
//!    that makes the session, so the token exists exactly once and was never stored.
//! 4. A used or rejected login stays as a row until it is purged; nothing is deleted by a user.
//!
//! Stored: a keyed digest of the code (eight letters could be guessed from a plain one), the SHA-256 of the secret.
//! Never stored: code, secret, token. The standard flow with the same rows is RFC 8628.

mod error;
mod flow;

pub use error::DeviceError;
pub use flow::{DeviceRequest, Poll, Started};

use crate::account::Epoch;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ids::{DeviceId, UserId};
use std::net::IpAddr;

/// The letters of a user code: no vowels, so no words; no digits, so nothing to confuse (RFC 8628 §6.1).
pub const USER_CODE_ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How many letters a user code has: 20⁸ codes, 34.6 bits.
pub const USER_CODE_LENGTH: usize = 8;

/// Where a device login stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceStatus {
    /// Waiting for a person.
    Pending,
    /// Approved, waiting for the tool.
    Approved,
    /// Turned into a session. Final.
    Redeemed,
    /// Refused by a person, or void because the approver's credentials died. Final.
    Rejected,
}

impl DeviceStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Approved, Self::Redeemed, Self::Rejected];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Redeemed => "redeemed",
            Self::Rejected => "rejected",
        }
    }

    /// Reads a stored word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// A device login to be stored.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Names the row.
    pub id: DeviceId,
    /// What is stored of the user code.
    pub code: Digest,
    /// What is stored of the device secret.
    pub secret: Digest,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Until when it can be approved and redeemed.
    pub expires_at: Timestamp,
    /// From where it was asked for; shown to the person.
    pub peer: Option<IpAddr>,
    /// With what; shown to the person.
    pub agent: Option<String>,
}

/// A device login as read.
#[derive(Clone, Debug)]
pub struct Device {
    /// Names the row.
    pub id: DeviceId,
    /// What is stored of the device secret.
    pub secret: Digest,
    /// Where it stands.
    pub status: DeviceStatus,
    /// Who may decide, once somebody claimed it.
    pub claimed_by: Option<UserId>,
    /// Who approved, with the approver's epoch at that moment.
    pub approved_by: Option<(UserId, Epoch)>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Until when it can be approved and redeemed.
    pub expires_at: Timestamp,
    /// From where it was asked for.
    pub peer: Option<String>,
    /// With what.
    pub agent: Option<String>,
}

impl Device {
    /// Whether its time is over at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }
}

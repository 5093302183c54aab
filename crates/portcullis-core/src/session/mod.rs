//! Sessions: what every access token hangs on.
//!
//! 1. Every way in ends at one door, `sign_in`: it takes a [`Proof`], and makes a session row if the
//!    proof is still true inside the store's transaction.
//! 2. The access token names the session (`sid`). Each request looks at the session, its user and, for a minted
//!    token, at the superuser behind it: [`SessionState::standing`].
//! 3. A session ends once; it stays as a row, with the reason, until it is purged.
//!
//! Stored: who, when, from where, until when, under which epoch. Never stored: a token.

mod flow;
mod principal;
mod state;

pub(crate) use flow::Grant;
pub use flow::{AuthenticateError, SessionError, SignedIn};
pub use principal::{Due, Principal, Via};
pub use state::{Denied, Impersonator, ParentSession, SessionState};

use crate::account::{Epoch, User};
use crate::clock::Timestamp;
use crate::ids::{SessionId, UserId};
use crate::password_hasher::PasswordHash;
use crate::refresh::NewFamily;
use std::net::IpAddr;

/// How a session came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// By password.
    Password,
    /// A command-line tool, approved by its user in another place.
    Device,
    /// A superuser acting as the user.
    Impersonation,
    /// A guest.
    Guest,
}

impl SessionKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Password, Self::Device, Self::Impersonation, Self::Guest];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Device => "device",
            Self::Impersonation => "impersonation",
            Self::Guest => "guest",
        }
    }

    /// Reads a stored word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The proof that somebody is who they claim to be, with the state of the account at the moment of proving.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Who.
    pub user: User,
    /// The account's epoch, read together with what was proved.
    pub epoch: Epoch,
    /// By what.
    pub by: ProvedBy,
}

/// What was proved.
#[derive(Clone, Debug)]
pub enum ProvedBy {
    /// The password. Carries the hash it was verified against, and the better hash that shall replace it.
    Password {
        /// The hash as read.
        verified: PasswordHash,
        /// Its replacement, when the stored one is weaker than what new passwords get.
        upgrade: Option<PasswordHash>,
    },
    /// Nothing but having just been created.
    Guest,
}

/// How long a session shall last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// As long as its one access token.
    OneToken,
    /// Until its absolute limit, with a refresh token.
    Refreshable,
}

/// A session to be created.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// How it came to be.
    pub kind: SessionKind,
    /// When.
    pub created_at: Timestamp,
    /// Until when at the latest.
    pub expires_at: Timestamp,
    /// From where.
    pub peer: Option<IpAddr>,
    /// With what.
    pub agent: Option<String>,
    /// The epoch that the proof was read under. If the account has another one by now, nothing is created.
    pub epoch: Epoch,
    /// For a minted token: who acts.
    pub impersonator: Option<NewImpersonator>,
    /// For a session that can be refreshed: its first refresh token.
    pub refresh: Option<NewFamily>,
}

/// The superuser behind a minted session.
#[derive(Clone, Copy, Debug)]
pub struct NewImpersonator {
    /// Who.
    pub user_id: UserId,
    /// In which session; `None` for a token from before sessions existed.
    pub session_id: Option<SessionId>,
    /// Under which epoch.
    pub epoch: Epoch,
}

/// The condition and the side effect that a password proof brings to the creation of a session.
#[derive(Clone, Debug)]
pub struct PasswordCondition {
    /// The hash must still be this one.
    pub verified: PasswordHash,
    /// And becomes this one.
    pub upgrade: Option<PasswordHash>,
}

/// A session as its owner may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// How it came to be.
    pub kind: SessionKind,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// Until when at the latest.
    pub expires_at: Timestamp,
    /// From where.
    pub peer: Option<String>,
    /// With what.
    pub agent: Option<String>,
    /// The epoch under which it lives.
    pub epoch: Epoch,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// The superuser who acts as the user.
    pub impersonator_id: Option<UserId>,
}

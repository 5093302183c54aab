//! The caller, after the token was accepted.

use super::{Session, SessionKind};
use crate::account::User;
use crate::actor::Actor;
use crate::clock::Timestamp;
use crate::ids::{SessionId, UserId};

/// A caller whose token was accepted: who they are, and through what they came.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The account, as it is now.
    pub user: User,
    /// Through what.
    pub via: Via,
    /// What is to be noted of this use, after the request.
    pub due: Due,
}

/// What is to be noted of the use of a session. Nobody waits for it, and losing it harms nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// That the session was used; at most once a minute.
    pub touch: bool,
    /// That an access token of this generation was accepted for the first time.
    pub first_use_of: Option<u32>,
}

/// Through what a caller came.
#[derive(Clone, Debug)]
pub enum Via {
    /// A session.
    Session(Box<Session>),
    /// A token from before sessions existed.
    Legacy {
        /// Until when it works.
        expires_at: Timestamp,
        /// The superuser who minted it.
        impersonator: Option<UserId>,
        /// Whether it came out of a device login.
        device: bool,
    },
}

impl Principal {
    /// Who acts, for audit rows.
    pub fn actor(&self) -> Actor {
        Actor::User { id: self.user.id, session: self.session_id(), impersonator: self.impersonator() }
    }

    /// The session, if there is one.
    pub fn session_id(&self) -> Option<SessionId> {
        match &self.via {
            Via::Session(session) => Some(session.id),
            Via::Legacy { .. } => None,
        }
    }

    /// The superuser who acts as this user, if one does.
    pub fn impersonator(&self) -> Option<UserId> {
        match &self.via {
            Via::Session(session) => session.impersonator_id,
            Via::Legacy { impersonator, .. } => *impersonator,
        }
    }

    /// Whether the token came out of a device login. Such a one approves no further device: a session could be
    /// prolonged for ever otherwise.
    pub fn is_device(&self) -> bool {
        match &self.via {
            Via::Session(session) => session.kind == SessionKind::Device,
            Via::Legacy { device, .. } => *device,
        }
    }

    /// Whether the caller may do what superusers do. A minted token never may, whoever it is for.
    pub fn may_administer(&self) -> bool {
        self.user.is_superuser && self.impersonator().is_none()
    }

    /// Since when the caller is signed in; `None` where nobody knows.
    pub fn signed_in_at(&self) -> Option<Timestamp> {
        match &self.via {
            Via::Session(session) => Some(session.created_at),
            Via::Legacy { .. } => None,
        }
    }
}

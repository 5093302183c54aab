//! Who acts.

use crate::ids::{SessionId, UserId};

/// Who asks for something to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A request without a credential.
    Anonymous,
    /// A signed-in user, or somebody acting as that user.
    User {
        /// The user whose rights are used.
        id: UserId,
        /// The session; `None` for a token that was made before sessions existed.
        session: Option<SessionId>,
        /// The superuser who minted the token, when one did.
        impersonator: Option<UserId>,
    },
    /// The host application, through `auth.users()`.
    Host,
    /// Somebody with access to the machine, through the command line.
    Console,
    /// A background job.
    System,
}

impl Actor {
    /// The word that audit rows use.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User { .. } => "user",
            Self::Host => "host",
            Self::Console => "console",
            Self::System => "system",
        }
    }

    /// The user whose rights are used, if a user acts.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// Who really sits at the keyboard when the token was minted.
    pub const fn impersonator(&self) -> Option<UserId> {
        match self {
            Self::User { impersonator, .. } => *impersonator,
            _ => None,
        }
    }
}

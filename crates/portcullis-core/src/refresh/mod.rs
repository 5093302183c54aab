//! Refresh tokens: staying signed in, through lost answers, parallel tabs and sleeping laptops.
//!
//! A family of tokens hangs on one session. Generation by generation,
//!
//! ```text
//! T(n+1) = HMAC-SHA-256(K_refresh, session ‖ n+1 ‖ salt(n+1) ‖ T(n))
//! ```
//!
//! 1. The sign-in draws T(0). Its SHA-256 is stored.
//! 2. Presenting the newest token T(n) makes generation n+1: a new salt, and the SHA-256 of T(n+1).
//! 3. Presenting T(n) **again** derives the same T(n+1) from the stored salt. So a lost answer can be asked for again,
//!    an hour later too, and twenty tabs that refresh at once all get the same token. There is no window of time in
//!    which that would be allowed and after which an honest client would be thrown out.
//! 4. Generation n+1 is **confirmed** when T(n+1) is presented, or a minute after its first access token was used.
//!    From then on nobody honest still needs T(n). Whoever presents it, or any older one, is a thief or was robbed;
//!    which of the two, nobody can tell, so the family ends for both. The decision is committed before the answer.
//! 5. The 65th repetition ends the family too: nobody loses 64 answers.
//! 6. A family that is not used for its idle time, or reaches its absolute limit, is over.
//!
//! Stored: generation, salt, key id, the SHA-256 of T(n) and T(n+1). Never stored: a token. Neither the database nor
//! the key alone yields one. RFC 6749 §6, RFC 9700 §4.14.

mod error;
mod flow;
#[cfg(test)]
mod tests;
mod token;

pub use error::RefreshError;
pub use token::RefreshToken;

use crate::audit::AuditEntry;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ids::SessionId;
use crate::outbox::NewMail;
use std::time::Duration;

/// How often one token may be presented again before that is no accident any more.
pub const MAX_REPEATS: u32 = 64;

/// How long after the first use of a generation's access token its predecessor may still come back.
pub const CONFIRMED_AFTER: Duration = Duration::from_secs(60);

/// The salt of a generation.
pub type Salt = [u8; 16];

/// A family to be stored with its session.
#[derive(Clone, Debug)]
pub struct NewFamily {
    /// What is stored of T(0).
    pub digest: Digest,
    /// Until when it must be used next.
    pub idle_expires_at: Timestamp,
}

/// A family as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The newest generation.
    pub generation: u32,
    /// The salt of the newest generation; meaningless for generation 0.
    pub salt: Salt,
    /// Which key derived the newest generation.
    pub key_id: String,
    /// The SHA-256 of the token before the newest; `None` for generation 0.
    pub previous: Option<Digest>,
    /// The SHA-256 of the newest token.
    pub newest: Digest,
    /// How often the token before the newest was presented again.
    pub repeats: u32,
    /// When an access token of the newest generation was first accepted.
    pub used_at: Option<Timestamp>,
    /// Until when it must be used next.
    pub idle_expires_at: Timestamp,
}

/// A genuine refresh token that is presented, with everything that its rotation may need.
#[derive(Clone, Debug)]
pub struct Rotate {
    /// Its session.
    pub session_id: SessionId,
    /// Its SHA-256.
    pub presented: Digest,
    /// The salt of the next generation, if there will be one.
    pub salt: Salt,
    /// The key of the next generation.
    pub key_id: String,
    /// The SHA-256 of the next token.
    pub next: Digest,
    /// When.
    pub now: Timestamp,
    /// Until when the next token must be used.
    pub idle_expires_at: Timestamp,
    /// The row that is written with a new generation.
    pub refreshed: AuditEntry,
    /// The row that is written if the family ends.
    pub reused: AuditEntry,
    /// What tells the owner if the family ends.
    pub notice: NewMail,
}

/// What becomes of a family when a token of it is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The newest token: a new generation.
    Advance,
    /// The token before the newest, which may still come back: the newest generation once more.
    Repeat,
    /// A token that nobody honest presents any more: the family ends.
    Reuse,
    /// Over by time. Nothing is decided.
    Idle,
}

impl Family {
    /// A family at its beginning.
    pub fn begin(new: &NewFamily) -> Self {
        Self {
            generation: 0,
            salt: [0; 16],
            key_id: String::new(),
            previous: None,
            newest: new.digest,
            repeats: 0,
            used_at: None,
            idle_expires_at: new.idle_expires_at,
        }
    }

    /// Judges a genuine token of the family. Every store decides by this, inside its transaction.
    pub fn judge(&self, presented: &Digest, now: Timestamp) -> Verdict {
        if *presented == self.newest {
            return if self.idle_expires_at <= now { Verdict::Idle } else { Verdict::Advance };
        }
        let confirmed = self.used_at.is_some_and(|used_at| used_at + CONFIRMED_AFTER <= now);
        if self.previous.as_ref() == Some(presented) && !confirmed && self.repeats < MAX_REPEATS {
            return if self.idle_expires_at <= now { Verdict::Idle } else { Verdict::Repeat };
        }
        Verdict::Reuse
    }

    /// The family after the newest token was presented.
    #[must_use]
    pub fn advanced(&self, rotate: &Rotate) -> Self {
        Self {
            generation: self.generation.saturating_add(1),
            salt: rotate.salt,
            key_id: rotate.key_id.clone(),
            previous: Some(self.newest),
            newest: rotate.next,
            repeats: 0,
            used_at: None,
            idle_expires_at: rotate.idle_expires_at,
        }
    }
}

/// How [`rotate_refresh`](crate::store::RefreshStore::rotate_refresh) ended.
#[derive(Clone, Debug)]
pub enum Rotation {
    /// The newest generation, which the caller may have: the one that was made now, or the one that was made when
    /// the token was presented first.
    Current {
        /// The family.
        family: Family,
        /// Until when the session lasts at most.
        session_expires_at: Timestamp,
    },
    /// The token was presented after nobody honest could. The session was ended and the row written, for good.
    Reused,
    /// The session ended, expired or is outdated, its user is not active, or the family is over by time. Nothing was
    /// written.
    Over,
}

/// The generation that an access token belongs to, as noted with its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerationState {
    /// The newest generation.
    pub generation: u32,
    /// When an access token of it was first accepted.
    pub used_at: Option<Timestamp>,
}

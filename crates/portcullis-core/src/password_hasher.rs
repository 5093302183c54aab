//! Password hashing as the flows see it: a trait, and the values that cross it.
//!
//! A password hash is meant to be slow and large: one costs tens of milliseconds of a core and tens of
//! mebibytes. The flows therefore never compute one. They hand the password over and wait, and the
//! implementation decides on which thread, with how many others, and when to say that it is too much:
//!
//! 1. A new password becomes a [`PasswordHash`] by [`PasswordHasher::hash`].
//! 2. A sign-in gives what was typed and what is stored to [`PasswordHasher::verify`]. When the password is right and
//!    the stored hash is weaker than new ones, the answer carries its replacement, so that no second
//!    turn in the queue is needed. Writing it is conditional on the old hash still being there.
//! 3. A sign-in for an address nobody has goes to [`PasswordHasher::verify_nothing`], which takes as long as a wrong password
//!    for an account would ([`PasswordHasher::cost_of`] names what to imitate).
//! 4. An account without a password stores [`PasswordHasher::unusable`]: a real hash of a secret nobody kept. Other software on
//!    the same table can read it, and it takes as long to fail as any other.
//!
//! The caller must not hold a database connection while it waits.
//!
//! What is stored is the PHC string alone. The password is wiped from memory when it is dropped and is
//! never printed, and neither is the hash.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

/// Hashes and verifies passwords, away from the async workers.
#[async_trait::async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a new password with the current parameters.
    ///
    /// # Errors
    ///
    /// * [`HashError::Busy`] when there is no room or no time; nothing was computed.
    /// * [`HashError::Closed`] when the hasher has stopped.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError>;

    /// Compares a password with a stored hash, and says whether to replace that hash now.
    ///
    /// A stored string that cannot be read is a [`Verdict::Mismatch`] that took as long as a hash with
    /// the current parameters.
    ///
    /// # Errors
    ///
    /// * [`HashError::Busy`] when there is no room or no time; nothing was compared.
    /// * [`HashError::Closed`] when the hasher has stopped.
    async fn verify(&self, password: Password, stored: PasswordHash) -> Result<Verdict, HashError>;

    /// Costs exactly what a wrong password for a hash of cost `like` does, and lets nobody in.
    ///
    /// # Errors
    ///
    /// * [`HashError::Busy`] when there is no room or no time.
    /// * [`HashError::Closed`] when the hasher has stopped.
    async fn verify_nothing(&self, password: Password, like: HashCost) -> Result<(), HashError>;

    /// Makes a valid hash that no password opens, for an account without one.
    ///
    /// # Errors
    ///
    /// * [`HashError::Busy`] when there is no room or no time.
    /// * [`HashError::Closed`] when the hasher has stopped.
    async fn unusable(&self) -> Result<PasswordHash, HashError>;

    /// Says what verifying against `stored` costs, without doing it.
    ///
    /// A whole hash is understood, and so is its beginning up to the `$` before the salt
    /// (`$argon2id$v=19$m=65536,t=3,p=4`, `$2b$12`): the parameters in a table can be counted without
    /// reading a hash out of it.
    fn cost_of(&self, stored: &str) -> HashCost;

    /// The same hasher with its work queued on behalf of `peer`, or `None` when it has one queue for all.
    ///
    /// With a queue per peer, one that floods waits behind itself and not in front of everybody.
    fn for_peer(&self, _peer: IpAddr) -> Option<Arc<dyn PasswordHasher>> {
        None
    }
}

/// What comparing a password with a stored hash found.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The password is right.
    Match,
    /// The password is right, and the stored hash should be replaced by this stronger one of the same password.
    MatchAndUpgrade(PasswordHash),
    /// The password is wrong, or the stored string is no hash that can be verified.
    Mismatch,
}

/// Why a password was not hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many passwords are waiting; the answer is 503 with this `Retry-After`.
    #[error("too many passwords are waiting to be hashed")]
    Busy {
        /// When another try is worth it.
        retry_after: Duration,
    },
    /// The hasher has stopped, because the process is going down.
    #[error("password hashing has stopped")]
    Closed,
}

/// A password as it was typed; wiped when dropped, never printed.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password over. The caller keeps no copy.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The password itself, for the hasher and the rules on new passwords.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

/// A password hash as it is stored: a PHC string, or a bcrypt string from before. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes over what the database holds. Whether it can be verified shows only when it is.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text to store, taken out.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(redacted)")
    }
}

/// What one verification costs: the algorithm and the parameters that decide it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum HashCost {
    /// As much as a new hash. Also what a string costs that names nothing that can be verified.
    #[default]
    Current,
    /// One computation of Argon2.
    Argon2 {
        /// Which of the three Argon2 functions.
        variant: Argon2Variant,
        /// Memory, passes and lanes.
        parameters: Argon2Parameters,
    },
    /// One computation of bcrypt.
    Bcrypt {
        /// The binary logarithm of its rounds.
        cost: u32,
    },
}

/// The three functions of RFC 9106.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Argon2Variant {
    /// Argon2id, the one to use.
    Id,
    /// Argon2i: memory is visited in an order that does not depend on the password.
    I,
    /// Argon2d: memory is visited in an order that does.
    D,
}

/// The parameters of one Argon2 computation (RFC 9106 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Argon2Parameters {
    /// Memory in KiB, the `m` of a PHC string.
    pub memory_kib: u32,
    /// Passes over that memory, the `t`.
    pub passes: u32,
    /// Lanes the memory is divided into, the `p`.
    pub lanes: u32,
}

impl Argon2Parameters {
    /// 19 MiB, two passes: the least OWASP advises for two passes, and the cheapest of its ladder to hold in memory.
    pub const DEFAULT: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };

    /// 46 MiB, one pass: the top of the same ladder.
    pub const STRICT: Self = Self { memory_kib: 47_104, passes: 1, lanes: 1 };

    /// The KiB written in one computation: memory × passes. Lanes divide the same work and do not add to it.
    pub const fn work(self) -> u64 {
        self.memory_kib as u64 * self.passes as u64
    }
}

impl Default for Argon2Parameters {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_password_nor_a_hash_is_printed() {
        let shown = format!("{:?} {:?}", Password::new("hunter2".into()), PasswordHash::from_stored("$2b$12$abc"));
        assert_eq!(shown, "Password(redacted) PasswordHash(redacted)");
        let verdict = format!("{:?}", Verdict::MatchAndUpgrade(PasswordHash::from_stored("$argon2id$x")));
        assert!(!verdict.contains("argon2id"), "{verdict}");
    }
}

//! The computations of one hashing thread: plain functions, no queue and no clock but the arena's.
//!
//! **When a hash is replaced.** Only upwards: bcrypt, argon2i and argon2d always, argon2id when its
//! memory × passes ([`Argon2Parameters::work`]) is below that of new hashes. A stronger or merely different hash stays as it is,
//! so the 64 MiB hashes of a FastAPI app are left alone, and a Python process on the same table and this one
//! do not replace each other's hashes in turns. Lanes do not count: they divide the work.
//!
//! **bcrypt and long passwords.** bcrypt reads 72 bytes. The libraries that wrote the hashes we meet
//! cut longer passwords there without a word, so somebody with a password of 80 bytes has a hash of its first
//! 72. Newer libraries raise an error instead, which would lock that person out for good. We cut as the writer did, and the upgrade that
//! follows at once hashes the whole password.

use std::hint::black_box;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use portcullis_core::password_hasher::{Argon2Parameters, Argon2Variant, HashCost, HashError, PasswordHash, Verdict};
use portcullis_core::rng::{OsRng, Rng as _};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::arena::Arena;
use super::phc::{self, Stored};

/// Length of the salts we write; RFC 9106 section 3.1 recommends it.
const SALT_BYTES: usize = 16;
/// Length of the tags we write.
const TAG_BYTES: usize = 32;

/// Computes hashes in memory of its own.
pub(super) struct Engine {
    current: Argon2Parameters,
    arena: Arena,
}

impl Engine {
    /// An engine whose new hashes have the parameters `current`.
    pub fn new(current: Argon2Parameters, keep_memory: Duration) -> Self {
        Self { current, arena: Arena::new(keep_memory) }
    }

    /// The memory it works in.
    pub fn arena(&mut self) -> &mut Arena {
        &mut self.arena
    }

    /// Hashes a new password.
    pub fn hash(&mut self, password: &[u8]) -> Result<PasswordHash, HashError> {
        let salt: [u8; SALT_BYTES] = random();
        let mut tag = [0; TAG_BYTES];
        let parameters = self.current;
        self.argon2(Argon2Variant::Id, Version::V0x13, parameters, password, &salt, &mut tag)?;
        Ok(PasswordHash::from_stored(phc::write(parameters, &salt, &tag)))
    }

    /// Compares, and on a match computes the replacement that is due.
    pub fn verify(&mut self, password: &[u8], stored: &PasswordHash) -> Result<Verdict, HashError> {
        let Some(stored) = Stored::read(stored.as_str()) else {
            self.nothing(password, HashCost::Current)?;
            return Ok(Verdict::Mismatch);
        };
        let matches = match &stored {
            Stored::Bcrypt(text, _) => bcrypt::verify(password, text).unwrap_or(false),
            Stored::Argon2(hash) => {
                let mut tag = vec![0; hash.tag.len()];
                self.argon2(hash.variant, hash.version, hash.parameters, password, &hash.salt, &mut tag)?;
                bool::from(tag.ct_eq(&hash.tag))
            }
        };
        if !matches {
            return Ok(Verdict::Mismatch);
        }
        if is_weaker(stored.cost(), self.current) {
            // The password is right. That there is no replacement just now is no reason to turn anybody away.
            return Ok(self.hash(password).map_or(Verdict::Match, Verdict::MatchAndUpgrade));
        }
        Ok(Verdict::Match)
    }

    /// Does the work of a comparison that fails.
    pub fn nothing(&mut self, password: &[u8], like: HashCost) -> Result<(), HashError> {
        let (variant, parameters) = match like {
            HashCost::Bcrypt { cost } if phc::within_bcrypt_caps(cost) => {
                let hash = bcrypt::hash_with_salt(password, cost, [0; 16]);
                let _ = black_box(hash);
                return Ok(());
            }
            HashCost::Argon2 { variant, parameters } if phc::within_caps(parameters) => (variant, parameters),
            // What no stored hash may ask for, a dummy may not either: it costs what reading such a hash does.
            _ => (Argon2Variant::Id, self.current),
        };
        let mut tag = [0; TAG_BYTES];
        let salt = [0; SALT_BYTES];
        self.argon2(variant, Version::V0x13, parameters, password, &salt, &mut tag)?;
        black_box(tag);
        Ok(())
    }

    /// Hashes a secret that nobody will know.
    pub fn unusable(&mut self) -> Result<PasswordHash, HashError> {
        let secret: Zeroizing<[u8; 32]> = Zeroizing::new(random());
        self.hash(secret.as_slice())
    }

    /// One Argon2 computation, its lanes one after another.
    fn argon2(
        &mut self,
        variant: Argon2Variant,
        version: Version,
        parameters: Argon2Parameters,
        password: &[u8],
        salt: &[u8],
        tag: &mut [u8],
    ) -> Result<(), HashError> {
        let algorithm = match variant {
            Argon2Variant::Id => Algorithm::Argon2id,
            Argon2Variant::I => Algorithm::Argon2i,
            Argon2Variant::D => Algorithm::Argon2d,
        };
        let Argon2Parameters { memory_kib, passes, lanes } = parameters;
        let params = Params::new(memory_kib, passes, lanes, Some(tag.len())).map_err(|_| REFUSED)?;
        let blocks = self.arena.blocks(params.block_count(), Instant::now()).ok_or(REFUSED)?;
        Argon2::new(algorithm, version, params)
            .hash_password_into_with_memory(password, salt, tag, blocks)
            .map_err(|_| REFUSED)
    }
}

/// The system has no memory just now. Parameters were checked before and do not lead here.
const REFUSED: HashError = HashError::Busy { retry_after: Duration::from_secs(1) };

/// Whether a hash that cost `stored` is replaced by one that costs `current`.
fn is_weaker(stored: HashCost, current: Argon2Parameters) -> bool {
    match stored {
        HashCost::Argon2 { variant: Argon2Variant::Id, parameters } => parameters.work() < current.work(),
        HashCost::Argon2 { .. } | HashCost::Bcrypt { .. } => true,
        HashCost::Current => false,
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests;

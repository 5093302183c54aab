//! Reading stored hash strings, and writing our own.
//!
//! Two families are read:
//!
//! * `$argon2id$v=19$m=65536,t=3,p=4$SALT$TAG`, also `argon2i` and `argon2d`, and without `v=` for the
//!   version of Argon2 before it wrote one. This is the string of the reference implementation: the
//!   parameters in this order, decimal without leading zeros, base64 without padding.
//! * `$2b$12$…`, also `2a`, `2x` and `2y`: sixty bytes of bcrypt. All four name one computation today; the
//!   letters tell apart old libraries with bugs, and every current one verifies them alike.
//!
//! A stored string is input like any other: somebody may have written it into the table to make the
//! server compute for an hour. So what it may ask for is capped, and above a cap it is
//! no hash at all.

use std::str::FromStr;

use argon2::Version;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use portcullis_core::password_hasher::{Argon2Parameters, Argon2Variant, HashCost};

/// The most memory a stored hash may ask for: 256 MiB.
pub const MAX_MEMORY_KIB: u32 = 262_144;
/// The most passes a stored hash may ask for.
pub const MAX_PASSES: u32 = 10;
/// The most lanes a stored hash may ask for.
pub const MAX_LANES: u32 = 16;
/// The highest bcrypt cost that is verified, about four seconds; every further step doubles it.
pub const MAX_BCRYPT_COST: u32 = 16;

const MIN_BCRYPT_COST: u32 = 4;
const SALT_BYTES: std::ops::RangeInclusive<usize> = 8..=64;
const TAG_BYTES: std::ops::RangeInclusive<usize> = 12..=64;

/// A stored hash that can be verified.
pub(super) enum Stored<'a> {
    Argon2(Argon2Hash),
    /// The whole string; the bcrypt crate takes it as it is.
    Bcrypt(&'a str, u32),
}

/// The parts of an Argon2 string.
pub(super) struct Argon2Hash {
    pub variant: Argon2Variant,
    pub version: Version,
    pub parameters: Argon2Parameters,
    pub salt: Vec<u8>,
    pub tag: Vec<u8>,
}

impl<'a> Stored<'a> {
    /// Reads a stored string; `None` when it is unknown, damaged, or asks for too much.
    pub fn read(text: &'a str) -> Option<Self> {
        if let Some((variant, version, parameters, rest)) = argon2_head(text) {
            let (salt, tag) = rest.strip_prefix('$')?.split_once('$')?;
            return Some(Self::Argon2(Argon2Hash {
                variant,
                version,
                parameters,
                salt: decode(salt, SALT_BYTES)?,
                tag: decode(tag, TAG_BYTES)?,
            }));
        }
        let (cost, _) = bcrypt_head(text)?;
        bcrypt::HashParts::from_str(text).ok()?;
        Some(Self::Bcrypt(text, cost))
    }

    /// What verifying it costs.
    pub fn cost(&self) -> HashCost {
        match self {
            Self::Argon2(hash) => HashCost::Argon2 { variant: hash.variant, parameters: hash.parameters },
            Self::Bcrypt(_, cost) => HashCost::Bcrypt { cost: *cost },
        }
    }
}

/// What verifying against `text` costs, where `text` is a whole hash or ends before the salt.
pub(super) fn cost_of(text: &str) -> HashCost {
    if let Some(stored) = Stored::read(text) {
        return stored.cost();
    }
    match (argon2_head(text), bcrypt_head(text)) {
        (Some((variant, _, parameters, "" | "$")), _) => HashCost::Argon2 { variant, parameters },
        (_, Some((cost, "" | "$"))) => HashCost::Bcrypt { cost },
        _ => HashCost::Current,
    }
}

/// Whether these parameters may be computed at all.
pub(super) fn within_caps(parameters: Argon2Parameters) -> bool {
    let Argon2Parameters { memory_kib, passes, lanes } = parameters;
    (1..=MAX_LANES).contains(&lanes)
        && (1..=MAX_PASSES).contains(&passes)
        // RFC 9106 section 3.1: at least eight blocks of a KiB for every lane.
        && (8 * lanes..=MAX_MEMORY_KIB).contains(&memory_kib)
}

/// Whether bcrypt of this cost may be computed at all.
pub(super) fn within_bcrypt_caps(cost: u32) -> bool {
    (MIN_BCRYPT_COST..=MAX_BCRYPT_COST).contains(&cost)
}

/// Writes an argon2id hash in the form every other library reads.
pub(super) fn write(parameters: Argon2Parameters, salt: &[u8], tag: &[u8]) -> String {
    let Argon2Parameters { memory_kib, passes, lanes } = parameters;
    format!(
        "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${}${}",
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(tag),
    )
}

/// Everything of an Argon2 string before the `$` of the salt, and the rest.
fn argon2_head(text: &str) -> Option<(Argon2Variant, Version, Argon2Parameters, &str)> {
    let (name, rest) = text.strip_prefix("$argon2")?.split_once('$')?;
    let variant = match name {
        "id" => Argon2Variant::Id,
        "i" => Argon2Variant::I,
        "d" => Argon2Variant::D,
        _ => return None,
    };
    let (version, rest) = match rest.strip_prefix("v=") {
        None => (Version::V0x10, rest),
        Some(versioned) => {
            let (number, rest) = versioned.split_once('$')?;
            (Version::try_from(decimal(number)?).ok()?, rest)
        }
    };
    let end = rest.find('$').unwrap_or(rest.len());
    let (named, rest) = rest.split_at(end);
    let mut named = named.split(',');
    let parameters = Argon2Parameters {
        memory_kib: decimal(named.next()?.strip_prefix("m=")?)?,
        passes: decimal(named.next()?.strip_prefix("t=")?)?,
        lanes: decimal(named.next()?.strip_prefix("p=")?)?,
    };
    // A key id or associated data could follow. Nothing that stores sign-in hashes writes them.
    let complete = named.next().is_none() && within_caps(parameters);
    complete.then_some((variant, version, parameters, rest))
}

/// The cost a bcrypt string names, and what follows it.
fn bcrypt_head(text: &str) -> Option<(u32, &str)> {
    let version = text.get(..4)?;
    if !matches!(version, "$2a$" | "$2b$" | "$2x$" | "$2y$") {
        return None;
    }
    let digits = text.get(4..6)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let cost = digits.parse().ok()?;
    within_bcrypt_caps(cost).then_some((cost, text.get(6..)?))
}

fn decimal(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    (plain && !digits.starts_with('0')).then(|| digits.parse().ok()).flatten()
}

fn decode(text: &str, allowed: std::ops::RangeInclusive<usize>) -> Option<Vec<u8>> {
    // Four characters are three bytes; measured first, so that a long string is not decoded in vain.
    if text.len() > allowed.end() * 4 / 3 + 1 {
        return None;
    }
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    allowed.contains(&bytes.len()).then_some(bytes)
}

#[cfg(test)]
mod tests;

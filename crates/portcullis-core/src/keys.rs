//! One secret, a key per purpose.
//!
//! `SECRET_KEY` signs access tokens as it is, because tokens shared with fastapi-users need that. Every other
//! purpose gets a key of its own from it by HKDF-SHA-256 (RFC 5869), so that what one purpose leaks opens no other.

use crate::digest::Digest;
use crate::rng::Rng;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use subtle::ConstantTimeEq;

/// The shortest secret accepted, in bytes: an HS256 key must not be shorter than its digest (RFC 7518 §3.2).
pub const MIN_SECRET_BYTES: usize = 32;

/// Secrets that have been published, in documentation or in code. Whoever reads them can sign anything.
const PUBLISHED: [&str; 6] = [
    "CHANGE-ME-IN-PRODUCTION",
    "CHANGE-ME-IN-PRODUCTION-SECRET!",
    "CHANGE-ME-RESET",
    "CHANGE-ME-VERIFY",
    "SECRET",
    "secret",
];

/// Why a secret is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// There is none.
    #[error("is missing: set it to at least {MIN_SECRET_BYTES} random bytes, for example from `portcullis keygen`")]
    Missing,
    /// It has been published, so everybody knows it.
    #[error(
        "is a published example that everybody knows: replace it, for example by the output of `portcullis keygen`"
    )]
    Published,
    /// It is too short for HS256.
    #[error("is too short: at least {MIN_SECRET_BYTES} bytes are needed, for example from `portcullis keygen`")]
    TooShort,
}

/// The keys of one deployment.
pub struct Keys {
    secret: SecretString,
    code: hmac::Key,
    dummy: hmac::Key,
    refresh: hmac::Key,
    refresh_tag: hmac::Key,
    outbox: LessSafeKey,
}

struct Length32;

impl hkdf::KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}

impl Keys {
    /// Derives the keys.
    ///
    /// # Errors
    ///
    /// [`WeakSecret`] when the secret is empty, published or shorter than [`MIN_SECRET_BYTES`].
    pub fn derive(secret: SecretString) -> Result<Self, WeakSecret> {
        let text = secret.expose_secret();
        if text.is_empty() {
            return Err(WeakSecret::Missing);
        }
        if PUBLISHED.contains(&text.trim()) {
            return Err(WeakSecret::Published);
        }
        if text.len() < MIN_SECRET_BYTES {
            return Err(WeakSecret::TooShort);
        }
        let code = hmac::Key::new(hmac::HMAC_SHA256, &expand(text, "portcullis device code"));
        let dummy = hmac::Key::new(hmac::HMAC_SHA256, &expand(text, "portcullis dummy hash"));
        let refresh = hmac::Key::new(hmac::HMAC_SHA256, &expand(text, "portcullis refresh token"));
        let refresh_tag = hmac::Key::new(hmac::HMAC_SHA256, &expand(text, "portcullis refresh token tag"));
        let outbox = expand(text, "portcullis outbox");
        let outbox = UnboundKey::new(&AES_256_GCM, &outbox).map_err(|_| WeakSecret::TooShort)?;
        Ok(Self { secret, code, dummy, refresh, refresh_tag, outbox: LessSafeKey::new(outbox) })
    }

    /// The bytes that sign HS256 access tokens: the secret itself, shared with fastapi-users.
    pub fn access(&self) -> &[u8] {
        self.secret.expose_secret().as_bytes()
    }

    /// What is stored of a short code: a keyed digest, because all codes of eight letters can be tried.
    pub fn code_digest(&self, code: &str) -> Digest {
        tag(&self.code, code.as_bytes())
    }

    /// A number that is fixed for `text` and that nobody without the secret can foretell.
    pub fn draw(&self, text: &str) -> u64 {
        let Digest(bytes) = tag(&self.dummy, text.as_bytes());
        u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
    }

    /// The secret of a refresh token, derived from the one before it.
    pub(crate) fn refresh_secret(&self, message: &[u8]) -> Digest {
        tag(&self.refresh, message)
    }

    /// What marks a refresh token as one that was made here.
    pub(crate) fn refresh_tag(&self, body: &[u8]) -> Digest {
        tag(&self.refresh_tag, body)
    }

    /// Whether the (shortened) tag is the one of `body`; compared in constant time.
    pub(crate) fn is_refresh_tag(&self, body: &[u8], shortened: &[u8]) -> bool {
        let Digest(whole) = self.refresh_tag(body);
        whole.get(..shortened.len()).is_some_and(|ours| ours.ct_eq(shortened).into())
    }

    /// Encrypts what waits in the outbox: a mail carries a one-time link, and the database must not.
    pub fn seal(&self, rng: &dyn Rng, clear: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let mut sealed = clear.to_vec();
        let done = self.outbox.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(b"outbox"),
            &mut sealed,
        );
        if done.is_err() {
            // Only a text of many gigabytes can fail, and it must not go out in clear.
            return Vec::new();
        }
        [nonce.as_slice(), &sealed].concat()
    }

    /// Decrypts what [`Keys::seal`] made; `None` if it was made with another secret or was altered.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let clear = self.outbox.open_in_place(nonce, Aad::from(b"outbox"), &mut body).ok()?;
        Some(clear.to_vec())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

fn tag(key: &hmac::Key, bytes: &[u8]) -> Digest {
    let tag = hmac::sign(key, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(tag.as_ref());
    Digest(out)
}

#[expect(clippy::expect_used, reason = "32 bytes are within what HKDF-SHA-256 can give")]
fn expand(secret: &str, purpose: &str) -> [u8; 32] {
    let mut key = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"portcullis/1")
        .extract(secret.as_bytes())
        .expand(&[purpose.as_bytes()], Length32)
        .and_then(|okm| okm.fill(&mut key))
        .expect("HKDF gives 32 bytes");
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SeededRng;

    fn keys(secret: &str) -> Result<Keys, WeakSecret> {
        Keys::derive(secret.to_owned().into())
    }

    #[test]
    fn weak_secrets_are_refused_with_their_reason() {
        assert_eq!(keys("").unwrap_err(), WeakSecret::Missing);
        assert_eq!(keys("CHANGE-ME-IN-PRODUCTION-SECRET!").unwrap_err(), WeakSecret::Published);
        assert_eq!(keys("0123456789012345678901234567890").unwrap_err(), WeakSecret::TooShort);
        assert!(keys("01234567890123456789012345678901").is_ok());
    }

    #[test]
    fn what_is_sealed_opens_only_with_the_same_secret_and_unaltered() {
        let ours = keys("01234567890123456789012345678901").expect("long enough");
        let theirs = keys("x1234567890123456789012345678901").expect("long enough");
        let sealed = ours.seal(&SeededRng::new(1), b"link");
        assert_eq!(ours.open(&sealed).as_deref(), Some(b"link".as_slice()));
        assert_eq!(theirs.open(&sealed), None);
        let mut altered = sealed.clone();
        altered[NONCE_LEN] ^= 1;
        assert_eq!(ours.open(&altered), None);
        assert_eq!(ours.open(b"short"), None);
        assert!(!sealed.windows(4).any(|window| window == b"link"));
    }

    #[test]
    fn purposes_have_keys_of_their_own() {
        let keys = keys("01234567890123456789012345678901").expect("long enough");
        assert_ne!(keys.code_digest("BCDFGHJK"), Digest::of(b"BCDFGHJK"));
        assert_ne!(keys.draw("BCDFGHJK").to_le_bytes(), keys.code_digest("BCDFGHJK").0[..8]);
        assert!(!format!("{keys:?}").contains("0123"));
    }
}

//! What a client holds.
//!
//! `pcr_` and the base64url of session id (16 bytes), generation (4), T (32) and a tag (16): the HMAC of the rest
//! under a key of its own. The tag lets a token of any past generation be recognised as genuine without storing its
//! digest; without it, whoever knows a session's id could end the session by presenting rubbish.

use super::Salt;
use crate::digest::Digest;
use crate::ids::SessionId;
use crate::keys::Keys;
use crate::rng::Rng;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Names the kind of token, so that it is recognised where it does not belong.
const PREFIX: &str = "pcr_";
const BODY: usize = 16 + 4 + 32;
const TAG: usize = 16;

/// A refresh token.
///
/// `Debug` prints no part of the secret; handing the token out is a call of [`RefreshToken::expose`].
#[derive(Clone)]
pub struct RefreshToken {
    session_id: SessionId,
    generation: u32,
    secret: Zeroizing<[u8; 32]>,
}

impl RefreshToken {
    /// The first token of a session.
    pub(crate) fn first(rng: &dyn Rng, session_id: SessionId) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill(secret.as_mut());
        Self { session_id, generation: 0, secret }
    }

    /// The token of the next generation: always the same for the same salt and key.
    pub(crate) fn next(&self, keys: &Keys, salt: &Salt) -> Self {
        let generation = self.generation.saturating_add(1);
        let mut message = Zeroizing::new(Vec::with_capacity(16 + 4 + 16 + 32));
        message.extend_from_slice(self.session_id.0.as_bytes());
        message.extend_from_slice(&generation.to_be_bytes());
        message.extend_from_slice(salt);
        message.extend_from_slice(self.secret.as_ref());
        Self { session_id: self.session_id, generation, secret: Zeroizing::new(keys.refresh_secret(&message).0) }
    }

    /// Reads what a stranger presented; `None` if it is not a token that was made with our key.
    pub(crate) fn read(keys: &Keys, text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?);
        if bytes.len() != BODY + TAG {
            return None;
        }
        let (body, tag) = bytes.split_at(BODY);
        if !keys.is_refresh_tag(body, tag) {
            return None;
        }
        let session_id = SessionId(Uuid::from_slice(body.get(..16)?).ok()?);
        let generation = u32::from_be_bytes(body.get(16..20)?.try_into().ok()?);
        let secret = Zeroizing::new(body.get(20..)?.try_into().ok()?);
        Some(Self { session_id, generation, secret })
    }

    /// The text, to be handed to its owner and to nobody else.
    pub fn expose(&self, keys: &Keys) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(BODY + TAG));
        bytes.extend_from_slice(self.session_id.0.as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(self.secret.as_ref());
        let tag = keys.refresh_tag(&bytes);
        bytes.extend_from_slice(&tag.0[..TAG]);
        Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*bytes)))
    }

    /// The session that it belongs to.
    pub const fn session_id(&self) -> SessionId {
        self.session_id
    }

    /// Its generation.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// What is stored of it.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.secret.as_ref())
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken")
            .field("session_id", &self.session_id)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SeededRng;

    fn keys() -> Keys {
        Keys::derive("0123456789abcdef0123456789abcdef".to_owned().into()).unwrap()
    }

    fn token() -> RefreshToken {
        RefreshToken::first(&SeededRng::new(1), SessionId(Uuid::nil()))
    }

    #[test]
    fn a_token_reads_back_and_nothing_else_does() {
        let text = token().expose(&keys());
        let read = RefreshToken::read(&keys(), &text).unwrap();
        assert_eq!((read.digest(), read.generation()), (token().digest(), 0));
        for cut in 0..text.len() {
            assert!(RefreshToken::read(&keys(), &text[..cut]).is_none(), "cut at {cut}");
        }
        for at in PREFIX.len()..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert!(RefreshToken::read(&keys(), std::str::from_utf8(&changed).unwrap()).is_none(), "byte {at}");
        }
        for odd in ["", "pcr_", "%", "\0", "pcr_%", "Pcr_AAAA", "eyJhbGciOiJIUzI1NiJ9.e30."] {
            assert!(RefreshToken::read(&keys(), odd).is_none(), "{odd:?}");
        }
        let other = Keys::derive("another secret of thirty-two bytes".to_owned().into()).unwrap();
        assert!(RefreshToken::read(&other, &text).is_none());
    }

    #[test]
    fn the_next_token_is_the_same_for_the_same_salt_and_another_for_another() {
        let (one, again, other) =
            (token().next(&keys(), &[1; 16]), token().next(&keys(), &[1; 16]), token().next(&keys(), &[2; 16]));
        assert_eq!(one.digest(), again.digest());
        assert_ne!(one.digest(), other.digest());
        assert_eq!(one.generation(), 1);
        assert!(!format!("{one:?}").contains(&one.expose(&keys())[8..]));
    }
}

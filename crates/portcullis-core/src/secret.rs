//! Values that open something: long random tokens and short codes.
//!
//! A [`Token`] carries 256 bits and is stored as its SHA-256; nobody guesses 256 bits, so a plain digest is enough.
//! A short code (a device's user code) is stored as a keyed digest instead, see [`crate::keys::Keys::code_digest`].

use crate::digest::Digest;
use crate::rng::Rng;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use zeroize::Zeroizing;

/// A secret random value of 256 bits, as text that is safe in a URL.
///
/// `Debug` prints no part of it; there is no `Display` and no `Serialize`, so that handing it out is always
/// a call of [`Token::expose`].
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Draws a new one.
    pub fn random(rng: &dyn Rng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill(bytes.as_mut());
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref())))
    }

    /// Takes what a stranger presented. Any text is accepted; whether it opens anything is for the store to say.
    pub fn presented(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text, to be handed to its owner and to nobody else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

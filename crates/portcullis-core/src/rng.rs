//! Randomness, as a parameter.
//!
//! The only place that asks the operating system for random bytes.

/// Gives random bytes.
pub trait Rng: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRng;

impl Rng for OsRng {
    /// # Panics
    ///
    /// When the operating system has no randomness to give. Going on with predictable secrets would be worse.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    #[expect(clippy::expect_used, reason = "without randomness there is no safe way on")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gave no random bytes");
    }
}

/// Draws `length` letters of `alphabet`, each equally likely.
///
/// Bytes beyond the largest multiple of the alphabet's length are thrown away; taking the remainder of a byte
/// directly would prefer the first letters.
///
/// # Panics
///
/// If the alphabet is empty or has more than 256 letters.
pub fn letters(rng: &dyn Rng, alphabet: &[u8], length: usize) -> String {
    assert!(!alphabet.is_empty() && alphabet.len() <= 256, "an alphabet has 1 to 256 letters");
    let fair = 256 - 256 % alphabet.len();
    let mut out = String::with_capacity(length);
    let mut byte = [0];
    while out.len() < length {
        rng.fill(&mut byte);
        let index = usize::from(byte[0]);
        if index < fair {
            out.push(char::from(alphabet[index % alphabet.len()]));
        }
    }
    out
}

/// A generator that gives the same bytes for the same seed. For tests only: it is predictable on purpose.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug)]
pub struct SeededRng(std::sync::Mutex<(u64, u64)>);

#[cfg(any(test, feature = "testing"))]
impl SeededRng {
    /// A generator that starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(std::sync::Mutex::new((seed, 0)))
    }
}

#[cfg(any(test, feature = "testing"))]
impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            let mut block = [0; 16];
            block[..8].copy_from_slice(&state.0.to_le_bytes());
            block[8..].copy_from_slice(&state.1.to_le_bytes());
            state.1 += 1;
            chunk.copy_from_slice(&crate::digest::Digest::of(&block).0[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_from_the_alphabet_and_all_of_them_come() {
        let rng = SeededRng::new(7);
        let drawn = letters(&rng, b"ABC", 300);
        assert_eq!(drawn.len(), 300);
        for letter in ["A", "B", "C"] {
            assert!(drawn.matches(letter).count() > 60, "{letter} is rare in {drawn}");
        }
    }
}

//! Addresses. (The parser follows; the identity key is what stores need first.)

/// The identity that an address stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailKey(String);

impl EmailKey {
    /// The key of any text: NFKC, then full case folding.
    pub fn of(text: &str) -> Self {
        let nfkc = icu_normalizer::ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned();
        Self(icu_casemap::CaseMapper::new().fold_string(&nfkc).into_owned())
    }

    /// The key, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

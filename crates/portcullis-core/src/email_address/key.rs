//! When two spellings are the same address.
//!
//! The key of an address is the address after NFKC and full Unicode case folding, repeated until nothing
//! changes, with the Punycode labels of its domain decoded. So `ALICE@example.com`, `ａlice@example.com` and
//! `alice@EXAMPLE.COM` are one account, and so are `x@straße.de`, `x@strasse.de` and `x@xn--strae-oqa.de`.
//! The last step is wider than DNS on purpose: it can only refuse a second account, never merge two.
//!
//! The key is what unique indexes, throttling counters and look-ups use. It is never shown and never mailed to.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;
use idna::AsciiDenyList;
use idna::uts46::{Hyphens, Uts46};

/// The identity of an address, or of any string that stands where an address should.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailKey(String);

impl EmailKey {
    /// The key of any string: an address, what was typed into a login form, or a stored name such as
    /// `admin@localhost` that is not a valid address.
    ///
    /// Nothing is trimmed. The key of a key is that key.
    pub fn of(address: &str) -> Self {
        let folded = fold(address);
        match folded.rsplit_once('@') {
            Some((local, domain)) if !domain.is_ascii() || domain.contains("xn--") => {
                let domain: Vec<String> = domain.split(['.', '\u{3002}']).map(decode_label).collect();
                Self(format!("{local}@{}", domain.join(".")))
            }
            _ => Self(folded),
        }
    }

    /// The key as text, for an index.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as text, for an index.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl AsRef<str> for EmailKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// NFKC and full case folding until nothing changes any more: either can create text that the other would
/// still change.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    let case = CaseMapper::new();
    let mut folded = nfkc.normalize(text).into_owned();
    // Two rounds are enough for every code point there is; the bound keeps a future one from looping.
    for _ in 0..4 {
        let next = nfkc.normalize(&case.fold_string(&folded)).into_owned();
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

/// A Punycode label in its folded Unicode form; any other label, and Punycode that is not valid, as it is.
fn decode_label(label: &str) -> String {
    if !label.starts_with("xn--") {
        return label.to_owned();
    }
    match Uts46::new().to_unicode(label.as_bytes(), AsciiDenyList::STD3, Hyphens::Check) {
        (unicode, Ok(())) => fold(&unicode),
        (_, Err(_)) => label.to_owned(),
    }
}

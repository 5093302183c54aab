//! The part after the @-sign: a public domain name, in ASCII for the wire and in Unicode for people.
//!
//! The characters are mapped first (UTS #46: lower case, full-width to plain, the ideographic full stop to a
//! period), then the host-name rules apply, then each label must be allowed by IDNA 2008. The `idna` crate
//! follows UTS #46, which also lets symbols such as emoji through; no registry sells those names, so
//! [`is_idna_2008`] closes that gap.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::uts46::Uts46MapperBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, HangulSyllableType, Script};
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::characters::{CharacterList, category, is_hostname, unsafe_characters};
use super::reason::EmailRefused;

/// RFC 1035 §2.3.4: 255 octets on the wire, two of which are the outer length and the root.
const DOMAIN_MAX_BYTES: usize = 253;
/// RFC 1035 §2.3.1.
const LABEL_MAX_BYTES: usize = 63;

/// Names that no public mail system can have (RFC 6761, RFC 6762, RFC 7686, RFC 3172).
const SPECIAL_USE: &[&str] = &["arpa", "invalid", "local", "localhost", "onion", "test"];

/// One domain in its two spellings.
pub(super) struct Domain {
    pub(super) ascii: String,
    pub(super) unicode: String,
}

/// Checks and normalises a domain.
pub(super) fn parse(typed: &str) -> Result<Domain, EmailRefused> {
    if typed.is_empty() {
        return Err(EmailRefused::DomainEmpty);
    }
    if typed.starts_with('[') && typed.ends_with(']') {
        return Err(EmailRefused::DomainBracketed);
    }
    check_characters(typed)?;
    // The mapping goes character by character, so equivalent spellings must be made equal before it.
    let typed_nfc = ComposingNormalizerBorrowed::new_nfc().normalize(typed);
    let mapped: String = Uts46MapperBorrowed::new().map_normalize(typed_nfc.chars()).collect();
    if mapped.contains(char::REPLACEMENT_CHARACTER) {
        return Err(EmailRefused::DomainNotInternational);
    }
    if let Some(list) = CharacterList::sorted_by_name(mapped.chars().filter(|c| !is_hostname(*c))) {
        return Err(EmailRefused::DomainCharactersNormalized(list));
    }
    check_periods_and_hyphens(&mapped)?;
    let (ascii, unicode) = encode(&mapped)?;
    check_length(&ascii, typed)?;
    check_public(&ascii)?;
    Ok(Domain { ascii, unicode })
}

fn check_characters(typed: &str) -> Result<(), EmailRefused> {
    if let Some(list) = CharacterList::sorted_by_name(typed.chars().filter(|c| !is_hostname(*c))) {
        return Err(EmailRefused::DomainCharacters(list));
    }
    if let Some(list) = unsafe_characters(typed, false) {
        return Err(EmailRefused::UnsafeCharacters(list));
    }
    if let Some(list) = CharacterList::sorted_by_name(typed.chars().filter(|c| hides_a_period(*c))) {
        return Err(EmailRefused::DomainCharacters(list));
    }
    Ok(())
}

/// Characters such as `⒈` and `…` that would turn into something with a period. The full-width period is
/// the exception: people type it, and it means just that.
fn hides_a_period(c: char) -> bool {
    !c.is_ascii()
        && c != '\u{FF0E}'
        && ComposingNormalizerBorrowed::new_nfkc().normalize(c.encode_utf8(&mut [0; 4])).contains('.')
}

/// Host-name syntax, RFC 952 and RFC 1123 §2.1, and the labels that RFC 5890 §2.3.1 keeps for IDNA.
fn check_periods_and_hyphens(domain: &str) -> Result<(), EmailRefused> {
    if domain.ends_with('.') {
        Err(EmailRefused::DomainEndsWithPeriod)
    } else if domain.starts_with('.') {
        Err(EmailRefused::DomainStartsWithPeriod)
    } else if domain.contains("..") {
        Err(EmailRefused::TwoPeriods)
    } else if domain.ends_with('-') {
        Err(EmailRefused::DomainEndsWithHyphen)
    } else if domain.starts_with('-') {
        Err(EmailRefused::DomainStartsWithHyphen)
    } else if domain.contains(".-") || domain.contains("-.") {
        Err(EmailRefused::DomainPeriodBesideHyphen)
    } else if domain.split('.').any(is_reserved_label) {
        Err(EmailRefused::DomainReservedLabel)
    } else if domain.is_empty() {
        // Everything in it was ignorable.
        Err(EmailRefused::DomainNotInternational)
    } else {
        Ok(())
    }
}

fn is_reserved_label(label: &str) -> bool {
    let mut third_and_fourth = label.chars().skip(2);
    !label.starts_with("xn") && third_and_fourth.next() == Some('-') && third_and_fourth.next() == Some('-')
}

/// The ASCII and the Unicode spelling of a mapped domain.
fn encode(mapped: &str) -> Result<(String, String), EmailRefused> {
    if mapped.is_ascii() && !mapped.split('.').any(|label| label.starts_with("xn--")) {
        return Ok((mapped.to_owned(), mapped.to_owned()));
    }
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(mapped.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Ignore)
        .map_err(|_| EmailRefused::DomainNotInternational)?;
    let (unicode, valid) = uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    if valid.is_err() || !unicode.split('.').all(is_idna_2008) {
        return Err(EmailRefused::DomainNotInternational);
    }
    let unicode = unicode.into_owned();
    Ok((ascii.into_owned(), unicode))
}

fn check_length(ascii: &str, typed: &str) -> Result<(), EmailRefused> {
    if ascii.len() > DOMAIN_MAX_BYTES {
        return Err(EmailRefused::DomainTooLong { excess: ascii.len() - DOMAIN_MAX_BYTES, encoded: ascii != typed });
    }
    match ascii.split('.').map(str::len).find(|len| *len > LABEL_MAX_BYTES) {
        Some(len) => Err(EmailRefused::DomainLabelTooLong { excess: len - LABEL_MAX_BYTES }),
        None => Ok(()),
    }
}

fn check_public(ascii: &str) -> Result<(), EmailRefused> {
    let Some((_, top_level)) = ascii.rsplit_once('.') else {
        return Err(EmailRefused::DomainWithoutPeriod);
    };
    if !ascii.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(EmailRefused::DomainNotPublic);
    }
    if SPECIAL_USE.contains(&top_level) {
        return Err(EmailRefused::DomainSpecialUse);
    }
    Ok(())
}

/// Whether IDNA 2008 allows the code points of a label (RFC 5892), given that UTS #46 already does: letters,
/// marks and decimal digits, and a few others in the right company.
fn is_idna_2008(label: &str) -> bool {
    let characters: Vec<char> = label.chars().collect();
    (0..characters.len()).all(|at| {
        let c = characters[at];
        if c.is_ascii() {
            return true;
        }
        let before = at.checked_sub(1).map(|i| characters[i]);
        let after = characters.get(at + 1).copied();
        match c {
            // RFC 5892 §2.6, allowed although they are no letters.
            '\u{6FD}' | '\u{6FE}' | '\u{F0B}' | '\u{3007}' => true,
            // RFC 5892 §2.6, letters that are not allowed.
            '\u{640}' | '\u{7FA}' | '\u{302E}' | '\u{302F}' | '\u{3031}'..='\u{3035}' | '\u{303B}' => false,
            // The joiners; the idna crate has checked their context.
            '\u{200C}' | '\u{200D}' => true,
            // RFC 5892 appendix A.3 to A.9: context decides.
            '\u{B7}' => before == Some('l') && after == Some('l'),
            '\u{375}' => after.is_some_and(|c| script(c) == Script::Greek),
            '\u{5F3}' | '\u{5F4}' => before.is_some_and(|c| script(c) == Script::Hebrew),
            '\u{30FB}' => {
                characters.iter().any(|c| matches!(script(*c), Script::Hiragana | Script::Katakana | Script::Han))
            }
            '\u{660}'..='\u{669}' => !characters.iter().any(|c| matches!(c, '\u{6F0}'..='\u{6F9}')),
            '\u{6F0}'..='\u{6F9}' => !characters.iter().any(|c| matches!(c, '\u{660}'..='\u{669}')),
            // RFC 5892 §2.7: blocks of marks and notation that write no language.
            '\u{20D0}'..='\u{20FF}' | '\u{1D100}'..='\u{1D24F}' => false,
            _ => is_letter_or_digit(c) && !is_old_hangul(c),
        }
    })
}

/// RFC 5892 §2.1. Capitals are gone after the mapping, except where the capital is the base form (Cherokee).
fn is_letter_or_digit(c: char) -> bool {
    matches!(
        category(c),
        GeneralCategory::LowercaseLetter
            | GeneralCategory::UppercaseLetter
            | GeneralCategory::OtherLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::DecimalNumber
    )
}

/// RFC 5892 §2.9.
fn is_old_hangul(c: char) -> bool {
    matches!(
        CodePointMapData::<HangulSyllableType>::new().get(c),
        HangulSyllableType::LeadingJamo | HangulSyllableType::VowelJamo | HangulSyllableType::TrailingJamo
    )
}

fn script(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}

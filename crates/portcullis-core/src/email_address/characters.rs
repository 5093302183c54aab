//! Which characters are harmless, and how an unwelcome one is named in a sentence.

use std::collections::BTreeSet;
use std::fmt;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, QuotationMark};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The characters a refusal complains about, ready to be read by a person.
///
/// Visible characters stand in quotes, the others are named or given as `U+XXXX`, so that the sentence never
/// carries a control or a direction override to a terminal or a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharacterList(String);

impl CharacterList {
    /// Each character once, sorted by what is shown; `None` if there is none.
    pub(super) fn sorted_by_name(characters: impl IntoIterator<Item = char>) -> Option<Self> {
        let names: BTreeSet<String> = characters.into_iter().map(name).collect();
        Self::join(names)
    }

    /// Each character once, sorted by code point; `None` if there is none.
    pub(super) fn sorted_by_code(characters: impl IntoIterator<Item = char>) -> Option<Self> {
        let characters: BTreeSet<char> = characters.into_iter().collect();
        Self::join(characters.into_iter().map(name))
    }

    /// As they come; `None` if there is none.
    pub(super) fn in_order(characters: impl IntoIterator<Item = char>) -> Option<Self> {
        Self::join(characters.into_iter().map(name))
    }

    fn join(names: impl IntoIterator<Item = String>) -> Option<Self> {
        let names: Vec<String> = names.into_iter().collect();
        (!names.is_empty()).then(|| Self(names.join(", ")))
    }
}

impl fmt::Display for CharacterList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The "atom" characters of RFC 5322 §3.2.3, without the period.
pub(super) fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// The atom characters as widened by RFC 6531 §3.3 to everything outside ASCII.
pub(super) fn is_international_atom(c: char) -> bool {
    is_atom(c) || !c.is_ascii()
}

/// What a domain may be spelled with before IDNA: letters, digits, hyphen, period and non-ASCII.
pub(super) fn is_hostname(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '.' || !c.is_ascii()
}

/// The characters that have no business in an address although the grammar lets them in: controls and
/// format characters (bidi overrides, zero-width), spaces and line separators, private use and unassigned
/// code points, and a combining mark that would change the character before the text.
pub(super) fn unsafe_characters(text: &str, allow_space: bool) -> Option<CharacterList> {
    CharacterList::sorted_by_code(text.char_indices().filter_map(|(at, c)| {
        let category = category(c);
        let harmless = if GeneralCategoryGroup::Mark.contains(category) {
            at > 0
        } else if category == GeneralCategory::SpaceSeparator {
            allow_space
        } else {
            is_visible(category)
        };
        (!harmless).then_some(c)
    }))
}

/// Characters that are drawn as nothing, such as variation selectors and Hangul fillers. Most are format
/// characters that [`unsafe_characters`] finds already; these are counted as letters and marks.
pub(super) fn is_invisible(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// A quotation mark of any script, except the apostrophe, which names need.
pub(super) fn is_quotation_mark(c: char) -> bool {
    c != '\'' && CodePointSetData::new::<QuotationMark>().contains(c)
}

pub(super) fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

fn is_visible(category: GeneralCategory) -> bool {
    [
        GeneralCategoryGroup::Letter,
        GeneralCategoryGroup::Number,
        GeneralCategoryGroup::Punctuation,
        GeneralCategoryGroup::Symbol,
    ]
    .iter()
    .any(|group| group.contains(category))
}

fn name(c: char) -> String {
    if c == '\'' || c == '\\' {
        return format!("\"{c}\"");
    }
    if is_visible(category(c)) && !is_invisible(c) {
        return format!("'{c}'");
    }
    if let Some((_, name)) = NAMES.iter().find(|(named, _)| *named == c) {
        return (*name).to_owned();
    }
    if u32::from(c) < 0xFFFF { format!("U+{:04X}", u32::from(c)) } else { format!("U+{:08X}", u32::from(c)) }
}

/// Unicode names of the characters that people paste without seeing them. The rest is shown by number:
/// carrying all names would cost more than a megabyte.
const NAMES: &[(char, &str)] = &[
    (' ', "SPACE"),
    ('\u{A0}', "NO-BREAK SPACE"),
    ('\u{AD}', "SOFT HYPHEN"),
    ('\u{34F}', "COMBINING GRAPHEME JOINER"),
    ('\u{61C}', "ARABIC LETTER MARK"),
    ('\u{1680}', "OGHAM SPACE MARK"),
    ('\u{180E}', "MONGOLIAN VOWEL SEPARATOR"),
    ('\u{2002}', "EN SPACE"),
    ('\u{2003}', "EM SPACE"),
    ('\u{2009}', "THIN SPACE"),
    ('\u{200A}', "HAIR SPACE"),
    ('\u{200B}', "ZERO WIDTH SPACE"),
    ('\u{200C}', "ZERO WIDTH NON-JOINER"),
    ('\u{200D}', "ZERO WIDTH JOINER"),
    ('\u{200E}', "LEFT-TO-RIGHT MARK"),
    ('\u{200F}', "RIGHT-TO-LEFT MARK"),
    ('\u{2028}', "LINE SEPARATOR"),
    ('\u{2029}', "PARAGRAPH SEPARATOR"),
    ('\u{202A}', "LEFT-TO-RIGHT EMBEDDING"),
    ('\u{202B}', "RIGHT-TO-LEFT EMBEDDING"),
    ('\u{202C}', "POP DIRECTIONAL FORMATTING"),
    ('\u{202D}', "LEFT-TO-RIGHT OVERRIDE"),
    ('\u{202E}', "RIGHT-TO-LEFT OVERRIDE"),
    ('\u{202F}', "NARROW NO-BREAK SPACE"),
    ('\u{205F}', "MEDIUM MATHEMATICAL SPACE"),
    ('\u{2060}', "WORD JOINER"),
    ('\u{2061}', "FUNCTION APPLICATION"),
    ('\u{2062}', "INVISIBLE TIMES"),
    ('\u{2063}', "INVISIBLE SEPARATOR"),
    ('\u{2066}', "LEFT-TO-RIGHT ISOLATE"),
    ('\u{2067}', "RIGHT-TO-LEFT ISOLATE"),
    ('\u{2068}', "FIRST STRONG ISOLATE"),
    ('\u{2069}', "POP DIRECTIONAL ISOLATE"),
    ('\u{3000}', "IDEOGRAPHIC SPACE"),
    ('\u{FEFF}', "ZERO WIDTH NO-BREAK SPACE"),
];

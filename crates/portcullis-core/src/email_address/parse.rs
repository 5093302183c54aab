//! From what a person typed to the two parts of an address.
//!
//! 1. Refuse line breaks and absurd lengths before anything else.
//! 2. Take the address out of `Name <address>` and trim the spaces around it.
//! 3. Split at the @-sign. Quotes are understood here, so that `"a@b"@example.com` is refused as quoted and
//!    not taken apart in the wrong place.
//! 4. Check the part before the @-sign, then the [`domain`](super::domain), then the lengths.
//! 5. Apply our own rules to what email-validator would have let through.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::characters::{
    CharacterList, is_atom, is_international_atom, is_invisible, is_quotation_mark, unsafe_characters,
};
use super::domain::{self, Domain};
use super::reason::EmailRefused;

/// The parser behind the API refuses longer input unread.
const INPUT_MAX_CHARS: usize = 2048;
/// RFC 5321 §4.5.3.1.3, with the correction in erratum 1690 to RFC 3696.
const ADDRESS_MAX_BYTES: usize = 254;

/// Mailboxes whose case never matters (RFC 2142): stored in lower case, as email-validator does.
const ROLE_MAILBOXES: &[&str] = &[
    "abuse",
    "ftp",
    "hostmaster",
    "info",
    "marketing",
    "news",
    "noc",
    "postmaster",
    "sales",
    "security",
    "support",
    "usenet",
    "uucp",
    "webmaster",
    "www",
];

/// The normalised local part and domain of an address.
pub(super) fn parse(input: &str) -> Result<(String, String), EmailRefused> {
    if input.chars().nth(INPUT_MAX_CHARS).is_some() {
        return Err(EmailRefused::InputTooLong);
    }
    if input.contains(['\r', '\n']) {
        return Err(EmailRefused::LineBreak);
    }
    let bare = named_address(input).unwrap_or(input).trim();

    let typed = split(bare)?;
    let local = local_part(&typed.local, typed.local_quoted)?;
    let domain = domain::parse(typed.domain)?;
    check_length(&typed, &local, &domain)?;
    if typed.display_name {
        return Err(EmailRefused::DisplayName);
    }
    refuse_deception(&local, typed.domain)?;
    Ok((local, domain.unicode))
}

/// The text between the angle brackets of `Name <address>`, where the name is missing, made of plain words,
/// or quoted. Other forms are left to [`split`], which says what is wrong with them.
fn named_address(input: &str) -> Option<&str> {
    let text = input.trim();
    let (name, rest) = match text.strip_prefix('"') {
        Some(quoted) => {
            let (name, rest) = quoted.split_at(closing_quote(quoted)?);
            (name, rest[1..].trim_start())
        }
        None => text.split_at(text.find('<')?),
    };
    let plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || c == '.' || is_atom(c);
    if text.starts_with('"') {
        if name.is_empty() {
            return None;
        }
    } else if !name.chars().all(plain) {
        return None;
    }
    let address = rest.strip_prefix('<')?.strip_suffix('>')?;
    (!address.is_empty()).then_some(address)
}

/// Byte offset of the first quote that no backslash precedes.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// The two sides of the @-sign as they were typed, except that quotes around the local part are undone.
struct Typed<'a> {
    display_name: bool,
    local: Cow<'a, str>,
    local_quoted: bool,
    domain: &'a str,
}

fn split(text: &str) -> Result<Typed<'_>, EmailRefused> {
    let (left, right) = text.split_at(find_unquoted(text, &['@', '<'])?);
    let (left, right, display_name) = if right.starts_with('<') {
        check_display_name(left.trim_end())?;
        if !right.contains('>') {
            return Err(EmailRefused::AngleBracketOpen);
        }
        let Some(address) = right.trim_end_matches(' ').strip_suffix('>') else {
            return Err(EmailRefused::TextAfterAngleBracket);
        };
        let address = address[1..].trim_end_matches('>');
        let (left, right) = address.split_at(find_unquoted(address, &['@'])?);
        (left, right, true)
    } else {
        (left, right, false)
    };
    let (local, local_quoted) = unquote(left)?;
    Ok(Typed { display_name, local, local_quoted, domain: &right[1..] })
}

fn find_unquoted(text: &str, wanted: &[char]) -> Result<usize, EmailRefused> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == '<' && text[at + 1..].starts_with('\u{338}') {
            // Together they are `≮`, which is no angle bracket.
        } else if quoted {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
        } else if c == '"' {
            quoted = true;
        } else if wanted.contains(&c) {
            return Ok(at);
        }
    }
    Err(if text.contains('\u{FF20}') {
        EmailRefused::AtSignFullWidth
    } else if text.contains('\u{FE6B}') {
        EmailRefused::AtSignSmall
    } else {
        EmailRefused::AtSignMissing
    })
}

/// The text without the quotes around it, and whether there were any.
fn unquote(text: &str) -> Result<(Cow<'_, str>, bool), EmailRefused> {
    let Some(quoted) = text.strip_prefix('"') else {
        return Ok((Cow::Borrowed(text), false));
    };
    let mut value = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => value.extend(characters.next()),
            '"' => break,
            _ => value.push(c),
        }
    }
    match CharacterList::in_order(characters) {
        Some(rest) => Err(EmailRefused::TextAfterQuote(rest)),
        None => Ok((Cow::Owned(value), true)),
    }
}

fn check_display_name(text: &str) -> Result<(), EmailRefused> {
    let (name, quoted) = unquote(text)?;
    if !quoted {
        let unquotable = name.chars().filter(|c| !is_atom(*c) && *c != ' ');
        if let Some(list) = CharacterList::sorted_by_name(unquotable) {
            return Err(EmailRefused::DisplayNameCharacters(list));
        }
    }
    match unsafe_characters(&name, true) {
        Some(list) => Err(EmailRefused::UnsafeCharacters(list)),
        None => Ok(()),
    }
}

/// Checks the local part and returns it in NFC.
fn local_part(local: &str, quoted: bool) -> Result<String, EmailRefused> {
    if local.is_empty() {
        return Err(EmailRefused::LocalPartEmpty);
    }
    if let Err(refused) = check_dot_atom(local) {
        if !quoted {
            return Err(refused);
        }
        // Quotes allow more characters, and we say so before we refuse the quotes themselves.
        let unquotable = local.chars().filter(|c| matches!(c, '\0'..='\x1F' | '\x7F'));
        if let Some(list) = CharacterList::sorted_by_name(unquotable) {
            return Err(EmailRefused::LocalPartQuotedCharacters(list));
        }
    }
    if !local.is_ascii()
        && let Some(list) = unsafe_characters(local, quoted)
    {
        return Err(EmailRefused::UnsafeCharacters(list));
    }
    if quoted {
        return Err(EmailRefused::LocalPartQuoted);
    }
    let normalised = ComposingNormalizerBorrowed::new_nfc().normalize(local);
    let forbidden = normalised.chars().filter(|c| !is_international_atom(*c) && *c != '.');
    if let Some(list) = CharacterList::sorted_by_name(forbidden) {
        return Err(EmailRefused::LocalPartCharactersNormalized(list));
    }
    let lower = normalised.to_ascii_lowercase();
    if ROLE_MAILBOXES.contains(&lower.as_str()) {
        return Ok(lower);
    }
    Ok(normalised.into_owned())
}

/// The dot-atom of RFC 5322 §3.2.3 as RFC 6531 widens it: atoms with single periods between them.
fn check_dot_atom(local: &str) -> Result<(), EmailRefused> {
    let forbidden = local.chars().filter(|c| !is_international_atom(*c) && *c != '.');
    if let Some(list) = CharacterList::sorted_by_name(forbidden) {
        Err(EmailRefused::LocalPartCharacters(list))
    } else if local.ends_with('.') {
        Err(EmailRefused::LocalPartEndsWithPeriod)
    } else if local.starts_with('.') {
        Err(EmailRefused::LocalPartStartsWithPeriod)
    } else if local.contains("..") {
        Err(EmailRefused::TwoPeriods)
    } else {
        Ok(())
    }
}

/// Three forms of the address must fit: what was typed, what is stored, and what SMTP without UTF-8 carries.
fn check_length(typed: &Typed<'_>, local: &str, domain: &Domain) -> Result<(), EmailRefused> {
    let excess = |local: &str, domain: &str| {
        let bytes = local.len() + 1 + domain.len();
        bytes.checked_sub(ADDRESS_MAX_BYTES).filter(|excess| *excess > 0)
    };

    if let Some(bytes) = excess(&typed.local, typed.domain) {
        let widest = typed.local.chars().chain(typed.domain.chars()).map(char::len_utf8).max().unwrap_or(1);
        return Err(EmailRefused::TooLong { characters: (bytes / widest).max(1), bytes });
    }
    if let Some(bytes) = excess(local, &domain.unicode) {
        return Err(EmailRefused::TooLongNormalized { bytes });
    }
    if let Some(bytes) = excess(local, &domain.ascii) {
        return Err(EmailRefused::TooLongEncoded { bytes });
    }
    Ok(())
}

/// Our own rules, for characters that only help to pass one address off as another.
fn refuse_deception(local: &str, domain: &str) -> Result<(), EmailRefused> {
    let hidden = local.chars().chain(domain.chars()).filter(|c| is_invisible(*c));
    if let Some(list) = CharacterList::sorted_by_code(hidden) {
        return Err(EmailRefused::InvisibleCharacters(list));
    }
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    if !nfkc.is_normalized(local) {
        let replaced = local.chars().filter(|c| !nfkc.is_normalized(c.encode_utf8(&mut [0; 4])));
        if let Some(list) = CharacterList::sorted_by_code(replaced) {
            return Err(EmailRefused::LookAlikeCharacters(list));
        }
    }
    match CharacterList::sorted_by_code(local.chars().filter(|c| is_quotation_mark(*c))) {
        Some(list) => Err(EmailRefused::QuotationMarks(list)),
        None => Ok(()),
    }
}

// One address per line, however long.
#[rustfmt::skip]
mod corpus;

use proptest::prelude::*;

use super::{EmailAddress, EmailKey, EmailRefused};
use corpus::{ACCEPTED, REFUSED, REFUSED_IN_OUR_WORDS, STRICTER};

fn reason(input: &str) -> String {
    match EmailAddress::parse(input) {
        Ok(address) => panic!("{input:?} was accepted as {address:?}"),
        Err(refused) => refused.reason().into_owned(),
    }
}

fn key(input: &str) -> String {
    EmailKey::of(input).into_string()
}

#[test]
fn accepted_addresses_are_stored_in_normal_form() {
    for (input, stored) in ACCEPTED {
        let address = EmailAddress::parse(input).unwrap_or_else(|refused| panic!("{input:?}: {refused}"));
        assert_eq!(address.as_str(), *stored, "{input:?}");
        assert_eq!(format!("{}@{}", address.local_part(), address.domain()), *stored);
        assert_eq!(EmailAddress::parse(stored), Ok(address), "{stored:?} is stable");
    }
}

#[test]
fn refused_addresses_give_the_sentence_clients_know() {
    for (input, sentence) in REFUSED.iter().chain(REFUSED_IN_OUR_WORDS) {
        assert_eq!(reason(input), *sentence, "{input:?}");
    }
}

#[test]
fn deceptive_addresses_are_refused_although_email_validator_takes_them() {
    for (input, sentence) in STRICTER {
        assert_eq!(reason(input), *sentence, "{input:?}");
    }
}

#[test]
fn lengths_are_counted_as_smtp_counts_them() {
    let ascii = |local: usize| format!("{}@example.com", "a".repeat(local));
    let umlauts = |local: usize| format!("{}@example.com", "ü".repeat(local));
    let labels = |count: usize, len: usize| vec!["b".repeat(len); count].join(".");

    assert!(EmailAddress::parse(&ascii(65)).is_ok());
    assert!(EmailAddress::parse(&ascii(242)).is_ok());
    assert_eq!(reason(&ascii(243)), "The email address is too long (1 character too many).");
    assert_eq!(reason(&ascii(244)), "The email address is too long (2 characters too many).");
    assert_eq!(reason(&ascii(296)), "The email address is too long (54 characters too many).");
    assert!(EmailAddress::parse(&umlauts(121)).is_ok());
    assert_eq!(reason(&umlauts(122)), "The email address is too long (1-2 characters too many).");
    assert_eq!(reason(&umlauts(150)), "The email address is too long (29-58 characters too many).");

    assert!(EmailAddress::parse(&format!("a@{}.com", labels(1, 63))).is_ok());
    assert_eq!(
        reason(&format!("a@{}.com", labels(1, 64))),
        "After the @-sign, periods cannot be separated by so many characters (1 character too many)."
    );
    assert!(EmailAddress::parse(&format!("x@{}.com", labels(4, 61))).is_ok());
    assert_eq!(
        reason(&format!("a@{}.com", labels(5, 60))),
        "The email address is too long after the @-sign (55 characters too many)."
    );
    assert_eq!(
        reason(&format!("a@{}.com", vec!["ü".repeat(40); 7].join("."))),
        "The email address is too long after the @-sign (79 bytes too many after IDNA encoding)."
    );

    // Short as typed, too long in another form.
    assert_eq!(
        reason(&format!("{}@bücher.example", "l".repeat(238))),
        "The email address is too long when the part after the @-sign is converted to IDNA ASCII (6 bytes too many)."
    );
    assert_eq!(
        reason(&format!("{}@example.com", "\u{958}".repeat(80))),
        "The email address is too long after normalization (238 bytes too many)."
    );

    assert_eq!(reason(&"a".repeat(2048)), "An email address must have an @-sign.");
    assert_eq!(reason(&"a".repeat(2049)), "Length must not exceed 2048 characters");
}

#[test]
fn every_reason_has_a_code_of_its_own_and_shows_no_raw_control() {
    use std::collections::BTreeMap;
    let mut sentence_of = BTreeMap::new();
    for (input, _) in REFUSED.iter().chain(REFUSED_IN_OUR_WORDS).chain(STRICTER) {
        let refused: EmailRefused = EmailAddress::parse(input).unwrap_err();
        let sentence = refused.reason().into_owned();
        assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
        assert!(!sentence.contains(['\u{202E}', '\u{200B}', '\u{3164}']), "{sentence:?}");
        assert_eq!(refused.to_string(), sentence);
        // Up to the list of characters or the count, one sentence belongs to one code.
        let stem = sentence.split([':', '(']).next().unwrap_or_default().to_owned();
        sentence_of.entry(refused.code()).or_insert_with(Vec::new).push(stem);
    }
    assert!(sentence_of.len() >= 30, "{} codes are covered", sentence_of.len());
    for (code, mut stems) in sentence_of {
        assert!(code.starts_with("EMAIL_"), "{code}");
        stems.dedup();
        stems.sort();
        stems.dedup();
        assert_eq!(stems.len(), 1, "{code}: {stems:?}");
    }
}

#[test]
fn spellings_of_one_address_share_a_key() {
    let same: &[&[&str]] = &[
        &["alice@example.com", "ALICE@EXAMPLE.COM", "ａlice@example.com", "alice@ｅxample。com", "alice@example．com"],
        &["k@example.com", "K@example.com", "\u{212A}@example.com"],
        &["straße@example.com", "STRASSE@example.com", "STRA\u{1E9E}E@example.com"],
        &["a@bücher.example", "a@BU\u{308}CHER.example", "a@xn--bcher-kva.example", "A@XN--BCHER-KVA.EXAMPLE"],
        &["a@straße.de", "a@strasse.de", "a@xn--strae-oqa.de"],
        &["jürgen@example.com", "JU\u{308}RGEN@example.com"],
        &["σίσυφος@example.com", "ΣΊΣΥΦΟΣ@example.com"],
        // The same marks in another order, where mapping character by character gives another word.
        &["a@α\u{345}\u{301}.gr", "a@\u{1FB4}.gr"],
        &["admin", "ADMIN"],
        &["admin@localhost", "Admin@LocalHost"],
    ];
    for spellings in same {
        for spelling in *spellings {
            assert_eq!(key(spelling), key(spellings[0]), "{spelling:?}");
            if let Ok(address) = EmailAddress::parse(spelling) {
                assert_eq!(address.key(), EmailKey::of(spelling), "{spelling:?} as stored");
            }
        }
    }
}

#[test]
fn different_addresses_have_different_keys() {
    let different = [
        "alice@example.com",
        " alice@example.com",
        "alice@example.com.",
        "alice+tag@example.com",
        "a.lice@example.com",
        "alice@example.org",
        "\u{430}lice@example.com",
        "alice",
        "",
    ];
    let keys: std::collections::BTreeSet<String> = different.iter().map(|a| key(a)).collect();
    assert_eq!(keys.len(), different.len());
}

#[test]
fn folding_is_stable_for_every_code_point() {
    // Nothing beyond the compatibility ideographs has a mapping.
    for c in '\0'..='\u{2FA1F}' {
        let once = key(c.encode_utf8(&mut [0; 4]));
        assert_eq!(key(&once), once, "U+{:04X}", u32::from(c));
    }
}

/// Text that looks like an address often enough to get past the first checks.
fn address_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[a-zA-Z0-9]{1,8}",
        2 => "\\PC{1,4}",
        1 => any::<String>(),
        1 => prop::sample::select(vec![
            "xn--bcher-kva", "xn--", "ß", "ς", "\u{200D}", "\u{FE0F}", "。", "．", "＠", "\u{202E}", "\u{308}", "ｅ", "İ",
            "\"", "<", ">", "\\", ",", "--", "..", "\u{345}", "\u{3B1}\u{345}\u{301}", "ﬀ", "xn--strae-oqa", "日本",
        ])
        .prop_map(str::to_owned),
    ];
    let joint = prop_oneof![8 => Just(""), 4 => Just("."), 2 => Just("@"), 1 => Just("-"), 1 => Just(" ")];
    let side = prop::collection::vec((piece, joint), 0..4)
        .prop_map(|parts| parts.into_iter().map(|(piece, joint)| piece + joint).collect::<String>());
    (side.clone(), side, prop::sample::select(vec!["", ".com", ".example", ".рф", ".com.", ">"]))
        .prop_map(|(local, domain, end)| format!("{local}@{domain}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn anything_is_refused_or_stable(input in prop_oneof![address_like(), any::<String>()]) {
        let key = EmailKey::of(&input);
        prop_assert_eq!(&EmailKey::of(key.as_str()), &key);
        match EmailAddress::parse(&input) {
            Ok(address) => {
                let again = EmailAddress::parse(address.as_str());
                prop_assert_eq!(again.as_ref(), Ok(&address));
                prop_assert!(address.as_str().len() <= 254);
                prop_assert!(!address.as_str().contains(['<', '>', '"', ',', ' ', '\r', '\n', '\0']));
                if !input.contains('<') {
                    prop_assert_eq!(EmailKey::of(input.trim()), address.key());
                }
            }
            Err(refused) => prop_assert!(!refused.reason().is_empty()),
        }
    }

    #[test]
    fn plain_addresses_are_accepted(local in "[a-zA-Z0-9+_-]{1,64}", domain in "[a-z]([a-z0-9]{0,20}[a-z0-9])?") {
        let input = format!("{local}@{domain}.com");
        let address = EmailAddress::parse(&input);
        prop_assert!(address.is_ok());
        prop_assert_eq!(address.unwrap().key().into_string(), input.to_lowercase());
    }
}

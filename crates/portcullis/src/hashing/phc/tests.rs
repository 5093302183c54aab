use proptest::prelude::*;

use super::*;

const SALT: &str = "c2l4dGVlbiBieXRlIHNsdA";
const TAG: &str = "jDbyBvggac88aB8KdXP+Vaz4p7BPtrlufRP6evo77aw";
const BCRYPT: &str = "$2b$05$bIXLb6gCorVGqcLOR6Ly6eNHC.lPKWR2Pj.s8wNqJlIza36oNCa3K";

fn argon2id(memory_kib: u32, passes: u32, lanes: u32) -> HashCost {
    HashCost::Argon2 { variant: Argon2Variant::Id, parameters: Argon2Parameters { memory_kib, passes, lanes } }
}

#[test]
fn what_is_written_is_read_again() {
    let parameters = Argon2Parameters::STRICT;
    let text = write(parameters, &[7; 16], &[9; 32]);
    let Some(Stored::Argon2(hash)) = Stored::read(&text) else {
        panic!("{text} was not read");
    };
    assert!(matches!(hash.variant, Argon2Variant::Id));
    assert_eq!(hash.version, Version::V0x13);
    assert_eq!(hash.parameters, parameters);
    assert_eq!((hash.salt, hash.tag), (vec![7; 16], vec![9; 32]));
}

#[test]
fn the_cost_shows_in_the_whole_hash_and_in_its_beginning() {
    let whole = format!("$argon2id$v=19$m=65536,t=3,p=4${SALT}${TAG}");
    for text in [whole.as_str(), "$argon2id$v=19$m=65536,t=3,p=4", "$argon2id$v=19$m=65536,t=3,p=4$"] {
        assert_eq!(cost_of(text), argon2id(65_536, 3, 4), "{text}");
    }
    for text in [BCRYPT, "$2b$05", "$2y$05$"] {
        assert_eq!(cost_of(text), HashCost::Bcrypt { cost: 5 }, "{text}");
    }
}

#[test]
fn parameters_at_the_caps_are_read_and_one_above_is_not() {
    let read =
        |m: u32, t: u32, p: u32| Stored::read(&format!("$argon2id$v=19$m={m},t={t},p={p}${SALT}${TAG}")).is_some();
    assert!(read(MAX_MEMORY_KIB, MAX_PASSES, MAX_LANES));
    assert!(!read(MAX_MEMORY_KIB + 1, 1, 1));
    assert!(!read(64, MAX_PASSES + 1, 1));
    assert!(!read(4096, 1, MAX_LANES + 1));
    assert!(read(8, 1, 1) && !read(7, 1, 1));
    assert!(read(32, 1, 4) && !read(31, 1, 4));
    assert!(!read(64, 0, 1) && !read(64, 1, 0));
}

#[test]
fn salts_and_tags_have_bounds() {
    let read = |salt: usize, tag: usize| {
        let text = write(Argon2Parameters::DEFAULT, &vec![1; salt], &vec![1; tag]);
        Stored::read(&text).is_some()
    };
    assert!(read(8, 12) && read(64, 64));
    assert!(!read(7, 32) && !read(65, 32) && !read(16, 11) && !read(16, 65));
    assert!(!read(1 << 20, 32) && !read(16, 1 << 20));
}

#[test]
fn bcrypt_costs_have_bounds() {
    let read = |cost: &str| Stored::read(&BCRYPT.replacen("05", cost, 1)).is_some();
    assert!(read("04") && read("16"));
    assert!(!read("03") && !read("17") && !read("31") && !read("99") && !read("+5"));
}

#[test]
fn damaged_and_foreign_strings_are_no_hashes_and_cost_a_new_one() {
    let good = format!("$argon2id$v=19$m=4096,t=3,p=2${SALT}${TAG}");
    let damaged = [
        String::new(),
        "!".into(),
        "plaintext".into(),
        "$".repeat(40),
        "$5$rounds=535000$saltsalt$hash".into(),
        good.replacen("argon2id", "argon2x", 1),
        good.replacen("argon2id", "argon2", 1),
        good.replacen("v=19", "v=18", 1),
        good.replacen("v=19", "v=", 1),
        good.replacen("m=4096,t=3", "t=3,m=4096", 1),
        good.replacen("m=4096", "m=04096", 1),
        good.replacen("m=4096", "m=+4096", 1),
        good.replacen("m=4096", "m=99999999999", 1),
        good.replacen("p=2", "p=2,keyid=abc", 1),
        good.replacen("p=2", "p=2,", 1),
        good.replacen(SALT, "", 1),
        good.replacen(SALT, "not base64!", 1),
        format!("{good}="),
        format!("{good}$"),
        format!("{good}\n"),
        format!(" {good}"),
        good[..good.len() - 1].to_owned(),
        good[..40].to_owned(),
        BCRYPT[..59].to_owned(),
        format!("{BCRYPT}0"),
        BCRYPT.replacen("2b", "2c", 1),
        "$2b$ß5$".to_owned(),
        BCRYPT.replace('N', "!"),
    ];
    for text in damaged {
        assert!(Stored::read(&text).is_none(), "{text}");
        assert_eq!(cost_of(&text), HashCost::Current, "{text}");
    }
    assert!(Stored::read(&good).is_some());
}

proptest! {
    #[test]
    fn no_string_panics(text in ".*") {
        let _ = Stored::read(&text);
        let _ = cost_of(&text);
    }

    #[test]
    fn no_string_that_begins_like_a_hash_panics(
        text in "\\$(argon2(id|i|d|)|2[abxy])\\$?(v=[0-9]{0,3})?\\$?(m=[0-9]{0,12},?t=[0-9]{0,12},?p=[0-9]{0,12})?[$0-9A-Za-z+/=ß]{0,70}",
    ) {
        let _ = Stored::read(&text);
        let _ = cost_of(&text);
    }

    #[test]
    fn nothing_read_is_above_the_caps(m: u32, t in 0..20u32, p in 0..40u32) {
        let text = format!("$argon2id$v=19$m={m},t={t},p={p}${SALT}${TAG}");
        if let Some(Stored::Argon2(hash)) = Stored::read(&text) {
            prop_assert!(within_caps(hash.parameters));
        }
    }
}

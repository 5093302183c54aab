use proptest::prelude::*;

use super::blocklist::{contains, entries};
use super::{MAX_BYTES, MAX_CHARS, PasswordPolicy, PasswordRefused};

const EMAIL: &str = "Ada.Lovelace+news@Example.com";

fn compat(password: &str) -> Result<(), PasswordRefused> {
    PasswordPolicy::compat().check(password, EMAIL)
}

fn lines() -> Vec<&'static str> {
    std::str::from_utf8(entries()).unwrap().lines().collect()
}

#[test]
fn length_is_counted_in_code_points() {
    let compat = PasswordPolicy::compat();
    let strict = PasswordPolicy::strict();
    let of_length = |n: usize| "kx7vq9zt".chars().chain("дж€漢😀".chars().cycle()).take(n).collect::<String>();
    let short = |min_length| Err(PasswordRefused::TooShort { min_length });

    assert_eq!(compat.check("", EMAIL), short(8));
    assert_eq!(compat.check(&of_length(7), EMAIL), short(8));
    assert_eq!(compat.check(&of_length(8), EMAIL), Ok(()));
    assert_eq!(strict.check(&of_length(14), EMAIL), short(15));
    assert_eq!(strict.check(&of_length(15), EMAIL), Ok(()));
    assert_eq!(compat.check("😀漢д€ж漢😀", EMAIL), short(8), "bytes do not count");

    assert_eq!(compat.check(&of_length(MAX_CHARS), EMAIL), Ok(()));
    let long = Err(PasswordRefused::TooLong { max_length: MAX_CHARS });
    assert_eq!(compat.check(&of_length(MAX_CHARS + 1), EMAIL), long);
    assert_eq!(compat.check(&"x".repeat(MAX_BYTES + 1), EMAIL), long);
    assert_eq!(compat.check(&"x".repeat(16 << 20), EMAIL), long);
}

#[test]
fn common_passwords_are_refused_whole_and_in_any_case() {
    let refused = [
        "password",
        "Password",
        "PASSWORD1",
        "password123",
        "password1234567",
        "passwordpassword",
        "ｐａｓｓｗｏｒｄ",
        "iloveyou",
        "p@ssw0rd",
        "Summer2026!",
        "welcome2025",
        "Portcullis1",
        "portcullis123!",
        // Runs and repetitions.
        "12345678",
        "1234567890",
        "87654321",
        "12345678901234567890",
        "qwertyuiop",
        "poiuytrewq",
        "1qaz2wsx3edc4rfv",
        "abcdefghij",
        "aaaaaaaa",
        "aaaaaaaaaaaaaaaa",
        "abcabcabc",
        "abcdabcd",
        "12121212",
        "qwertyqwerty",
        "漢漢漢漢漢漢漢漢",
    ];
    for password in refused {
        assert_eq!(compat(password), Err(PasswordRefused::Common), "{password}");
    }
    assert_eq!(PasswordPolicy::strict().check("password1234567", EMAIL), Err(PasswordRefused::Common));
    for password in lines() {
        if password != "portcullis" {
            assert_eq!(compat(password), Err(PasswordRefused::Common), "{password}");
        }
    }
}

#[test]
fn a_common_word_inside_a_password_is_no_reason() {
    let accepted = [
        "my password is long",
        "password and summer",
        "xpassword1x",
        "ada.lovelace@example.org.uk",
        "the portcullis fell",
        "correct horse battery staple",
        "abcabcabd",
        "12345678x9",
        "qwertyuiopx!",
        "abcdeabcde-",
        "tr0ub4dor&3",
        "        x",
        "\0\0\u{1}abcd\u{7f}",
    ];
    for password in accepted {
        assert_eq!(compat(password), Ok(()), "{password:?}");
    }
}

#[test]
fn the_account_and_the_product_are_no_passwords() {
    let from_email = [
        "ada.lovelace+news@example.com",
        "ADA.LOVELACE+NEWS@EXAMPLE.COM",
        "ada.lovelace+news",
        "Ada.Lovelace",
        "example.com",
        "ａda.lovelace",
    ];
    for password in from_email {
        assert_eq!(compat(password), Err(PasswordRefused::EmailAddress), "{password}");
    }
    for password in ["portcullis", "PortCullis"] {
        assert_eq!(compat(password), Err(PasswordRefused::ProductName), "{password}");
    }
    // Accounts of others may have names that are no addresses.
    let policy = PasswordPolicy::compat();
    assert_eq!(policy.check("Administrator", "administrator"), Err(PasswordRefused::EmailAddress));
    assert_eq!(policy.check("kx7vq9zt", ""), Ok(()));
    assert_eq!(policy.check("kx7vq9zt", "@"), Ok(()));
}

#[test]
fn a_lowered_minimum_switches_the_blocklist_off() {
    let four = PasswordPolicy::compat().with_min_length(4);
    assert!(!four.has_blocklist());
    assert_eq!(four.check("1234", EMAIL), Ok(()));
    assert_eq!(four.check("password", EMAIL), Ok(()));
    assert_eq!(four.check("123", EMAIL), Err(PasswordRefused::TooShort { min_length: 4 }));

    let eight = PasswordPolicy::strict().with_min_length(8);
    assert_eq!(eight, PasswordPolicy::compat());
    assert_eq!(PasswordPolicy::default().with_min_length(12).min_length(), 12);

    let one = PasswordPolicy::compat().with_min_length(0);
    assert_eq!(one.check("", EMAIL), Err(PasswordRefused::TooShort { min_length: 1 }));
    assert_eq!(one.check("x", EMAIL), Ok(()));
    assert_eq!(PasswordPolicy::compat().with_min_length(9999).min_length(), MAX_CHARS);
}

#[test]
fn a_configured_password_is_only_measured() {
    let policy = PasswordPolicy::compat();
    assert_eq!(policy.check_length_only("password"), Ok(()));
    assert_eq!(policy.check_length_only("secret"), Err(PasswordRefused::TooShort { min_length: 8 }));
    assert_eq!(policy.check_length_only(&"x".repeat(257)), Err(PasswordRefused::TooLong { max_length: 256 }));
}

#[test]
fn the_list_is_large_sorted_and_folded() {
    let lines = lines();
    assert!(lines.len() >= 10_000, "{}", lines.len());
    for pair in lines.windows(2) {
        assert!(pair[0] < pair[1], "{pair:?} are out of order");
    }
    for line in lines {
        assert!(line.len() >= 8 && line.bytes().all(|b| b.is_ascii_graphic()), "{line:?}");
        assert_eq!(line, line.to_ascii_lowercase());
    }
}

#[test]
fn reasons_say_what_to_do_and_never_the_password() {
    let reasons = [
        PasswordRefused::TooShort { min_length: 8 },
        PasswordRefused::TooShort { min_length: 1 },
        PasswordRefused::TooLong { max_length: 256 },
        PasswordRefused::Common,
        PasswordRefused::EmailAddress,
        PasswordRefused::ProductName,
    ];
    for refused in reasons {
        let sentence = refused.reason();
        assert!(sentence.contains("Use at ") || sentence.contains("Choose another"), "{sentence}");
        assert_eq!(refused.to_string(), sentence);
        assert!(refused.code().starts_with("PASSWORD_"));
    }
    assert_eq!(
        PasswordRefused::TooShort { min_length: 15 }.reason(),
        "The password is too short. Use at least 15 characters."
    );
}

proptest! {
    #[test]
    fn the_search_finds_just_the_lines(
        mut words in prop::collection::vec("[a-d]{0,4}", 0..40),
        probe in "[a-d]{1,4}",
        last_newline: bool,
    ) {
        words.retain(|word| !word.is_empty());
        words.sort();
        words.dedup();
        let mut text = words.join("\n");
        if last_newline && !words.is_empty() {
            text.push('\n');
        }
        prop_assert_eq!(contains(text.as_bytes(), &probe), words.contains(&probe));
        for word in &words {
            prop_assert!(contains(text.as_bytes(), word));
        }
    }

    #[test]
    fn any_input_is_judged_without_panic(password: String, email: String) {
        let verdict = PasswordPolicy::compat().check(&password, &email);
        if password.chars().count() < 8 {
            prop_assert_eq!(verdict, Err(PasswordRefused::TooShort { min_length: 8 }));
        }
    }
}

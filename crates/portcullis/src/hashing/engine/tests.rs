use portcullis_core::password_hasher::HashCost;
use proptest::prelude::*;

use super::*;

const PASSWORD: &str = "correct horse battery staple";
const KEEP: Duration = Duration::from_secs(30);

/// Weaker than every known answer, so that nothing in the table is upgraded for its parameters.
const TINY: Argon2Parameters = Argon2Parameters { memory_kib: 8, passes: 1, lanes: 1 };

fn engine(current: Argon2Parameters) -> Engine {
    Engine::new(current, KEEP)
}

fn verify(engine: &mut Engine, password: &str, stored: &str) -> Verdict {
    engine.verify(password.as_bytes(), &PasswordHash::from_stored(stored)).unwrap()
}

/// Written by pwdlib 0.3 and argon2-cffi 25.1 (argon2), and by bcrypt 5.0.
const KNOWN: &[(&str, &str)] = &[
    // pwdlib, as fastapi-users stores it.
    (PASSWORD, "$argon2id$v=19$m=65536,t=3,p=4$gfQgP6sp8UTE0eMOYcvohA$jVnGExCmPNyGzAUAJndhMDlj+9YCgZvgQQCM1tfnUhQ"),
    (
        "pässwörd ☃ 密码",
        "$argon2id$v=19$m=65536,t=3,p=4$Mo8UyIsvrdUenazTnjJ9Ug$A6pGFKH7GRDnCeaQglT84krbXzgkALDpbKL0YHSY67A",
    ),
    // The two parameter sets we write.
    (PASSWORD, "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlIHNsdA$k81ovk8fkH1PorA/36zCkEKia28tQyMQYijfaS5RQy4"),
    (PASSWORD, "$argon2id$v=19$m=47104,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$x6pathQCuCLVstRys84k8SqDvY1A8+eYm2hImHHkpcU"),
    // The other two functions, and the version before 1.3.
    (PASSWORD, "$argon2id$v=19$m=4096,t=3,p=2$c2l4dGVlbiBieXRlIHNsdA$jDbyBvggac88aB8KdXP+Vaz4p7BPtrlufRP6evo77aw"),
    (PASSWORD, "$argon2i$v=19$m=4096,t=3,p=2$c2l4dGVlbiBieXRlIHNsdA$ia0DSS9cxLF8grIrg7momtoDZPrBORrBDJWxW5c0LCw"),
    (PASSWORD, "$argon2d$v=19$m=4096,t=3,p=2$c2l4dGVlbiBieXRlIHNsdA$+RF4D1lro6bhQyCFhG1QA44nt84K7mEundCFjSjSEdE"),
    (PASSWORD, "$argon2i$v=16$m=1024,t=2,p=1$c2l4dGVlbiBieXRlIHNsdA$t/9oeDRdI6A63f+28GJmKHEuuNbpnoA5H6jLGTBrUng"),
    (PASSWORD, "$argon2i$m=1024,t=2,p=1$c2l4dGVlbiBieXRlIHNsdA$t/9oeDRdI6A63f+28GJmKHEuuNbpnoA5H6jLGTBrUng"),
    // Short, long and odd: 16, 64 and 24 bytes of tag, lanes that do not divide the memory, no password.
    (PASSWORD, "$argon2id$v=19$m=1024,t=2,p=1$c2l4dGVlbiBieXRlIHNsdA$oA/zqmb7gxMfZet8h94PNw"),
    (
        "",
        "$argon2id$v=19$m=64,t=1,p=8$c2l4dGVlbiBieXRlIHNsdA$/31n0rV2GkK44lj7Ki+lQ8k7M6UzHEnZ4jyIqbBXnVML8XEVR8zUDoz4pqkmSYhlqbfUB1HGo3NsPwFz16syng",
    ),
    (PASSWORD, "$argon2id$v=19$m=70000,t=2,p=7$OCBieXRlcy4$d8kNAtrISaKIfObZGRIr6WKpwaoY6yW5"),
    // bcrypt by its four names.
    (PASSWORD, "$2a$05$xw9Otr.pV03mWD6Lu5ppfuJIpQXNJpe9Yxz28J6w6l5LKWSU.uqrK"),
    (PASSWORD, "$2b$05$bIXLb6gCorVGqcLOR6Ly6eNHC.lPKWR2Pj.s8wNqJlIza36oNCa3K"),
    (PASSWORD, "$2x$05$SPsiyBPpe.HbsgqralEm1OoRaIZkUtj2CLm7dowmL.dwSr5edewOq"),
    (PASSWORD, "$2y$05$SPsiyBPpe.HbsgqralEm1OoRaIZkUtj2CLm7dowmL.dwSr5edewOq"),
    ("", "$2b$04$L9wNWwsgy0sumDEXcQP9v.v.RHt9oZnFP3vCpcQDIsB2o8bIuHmku"),
];

#[test]
fn hashes_of_other_libraries_open_with_their_password_and_no_other() {
    let mut engine = engine(TINY);
    for (password, stored) in KNOWN {
        assert_ne!(verify(&mut engine, password, stored), Verdict::Mismatch, "{stored}");
        for wrong in [format!("{password}x"), "Correct horse".into()] {
            assert_eq!(verify(&mut engine, &wrong, stored), Verdict::Mismatch, "{stored}");
        }
    }
}

#[test]
fn a_tag_that_differs_in_its_last_bit_opens_nothing() {
    let (password, stored) = KNOWN[9];
    let changed = stored.replace("h94PNw", "h94PNg");
    assert_ne!(stored, changed);
    assert_eq!(verify(&mut engine(TINY), password, &changed), Verdict::Mismatch);
}

#[test]
fn bcrypt_reads_the_first_72_bytes_and_the_upgrade_all_of_them() {
    // A hash of the first 72 bytes of the password below, which is what older libraries stored for it.
    let stored = "$2b$04$Cep.v3byVkshJXj9vrsknu5TZresNbuACPCrd1f7L2CrrQv4aPDka";
    let password = "0123456789".repeat(10);
    let mut engine = engine(TINY);
    let Verdict::MatchAndUpgrade(upgraded) = verify(&mut engine, &password, stored) else {
        panic!("not opened");
    };
    assert_eq!(verify(&mut engine, &password, upgraded.as_str()), Verdict::Match);
    assert_eq!(verify(&mut engine, &password[..72], upgraded.as_str()), Verdict::Mismatch);
    assert_eq!(verify(&mut engine, &password[..71], stored), Verdict::Mismatch);
}

#[test]
fn a_new_hash_has_the_current_parameters_a_new_salt_and_opens() {
    let mut engine = engine(Argon2Parameters::DEFAULT);
    let first = engine.hash(PASSWORD.as_bytes()).unwrap();
    let second = engine.hash(PASSWORD.as_bytes()).unwrap();
    assert!(first.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_ne!(first.as_str(), second.as_str());
    assert_eq!(verify(&mut engine, PASSWORD, first.as_str()), Verdict::Match);
    assert_eq!(verify(&mut engine, "wrong", first.as_str()), Verdict::Mismatch);
}

#[test]
fn an_unusable_hash_is_a_hash_like_any_other_and_never_the_same() {
    let mut engine = engine(TINY);
    let first = engine.unusable().unwrap();
    assert_ne!(first, engine.unusable().unwrap());
    assert!(matches!(phc::cost_of(first.as_str()), HashCost::Argon2 { parameters: TINY, .. }));
    for guess in ["", "!", PASSWORD] {
        assert_eq!(verify(&mut engine, guess, first.as_str()), Verdict::Mismatch);
    }
}

#[test]
fn hashes_are_upgraded_and_never_downgraded() {
    let argon2 = |variant, memory_kib, passes, lanes| HashCost::Argon2 {
        variant,
        parameters: Argon2Parameters { memory_kib, passes, lanes },
    };
    use Argon2Variant::{D, I, Id};
    let (default, strict) = (Argon2Parameters::DEFAULT, Argon2Parameters::STRICT);
    let table = [
        // stored, with default parameters, with strict ones
        (argon2(Id, 19_456, 2, 1), false, true),
        (argon2(Id, 47_104, 1, 1), false, false),
        (argon2(Id, 65_536, 3, 4), false, false),
        (argon2(Id, 102_400, 2, 8), false, false),
        (argon2(Id, 19_456, 2, 4), false, true),
        (argon2(Id, 19_455, 2, 1), true, true),
        (argon2(Id, 12_288, 3, 1), true, true),
        (argon2(Id, 19_456, 1, 1), true, true),
        (argon2(Id, 512, 2, 2), true, true),
        (argon2(I, 65_536, 3, 4), true, true),
        (argon2(D, 262_144, 10, 1), true, true),
        (HashCost::Bcrypt { cost: 16 }, true, true),
    ];
    for (stored, by_default, by_strict) in table {
        assert_eq!(is_weaker(stored, default), by_default, "{stored:?}");
        assert_eq!(is_weaker(stored, strict), by_strict, "{stored:?}");
    }
}

#[test]
fn a_weaker_hash_comes_back_stronger_only_with_the_right_password() {
    let mut engine = engine(Argon2Parameters::DEFAULT);
    for (password, stored) in [KNOWN[4], KNOWN[5], KNOWN[13]] {
        let Verdict::MatchAndUpgrade(new) = verify(&mut engine, password, stored) else {
            panic!("{stored} was not upgraded");
        };
        assert!(new.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(verify(&mut engine, password, new.as_str()), Verdict::Match);
        assert_eq!(verify(&mut engine, "wrong", stored), Verdict::Mismatch);
    }
    let (password, pwdlib) = KNOWN[0];
    assert_eq!(verify(&mut engine, password, pwdlib), Verdict::Match);
}

/// How many blocks a computation left behind in a fresh arena: the memory it worked in.
fn memory_used(current: Argon2Parameters, work: impl FnOnce(&mut Engine)) -> usize {
    let mut engine = engine(current);
    work(&mut engine);
    engine.arena.in_use()
}

#[test]
fn what_is_no_hash_costs_a_whole_new_one() {
    let current = Argon2Parameters { memory_kib: 2048, passes: 1, lanes: 1 };
    let capped = "$argon2id$v=19$m=262145,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$oA/zqmb7gxMfZet8h94PNw";
    for stored in ["", "!", "plaintext", "$argon2id$v=19$", capped] {
        let used = memory_used(current, |engine| {
            assert_eq!(verify(engine, "", stored), Verdict::Mismatch);
        });
        assert_eq!(used, 2048, "{stored}");
    }
}

#[test]
fn nothing_is_verified_in_as_much_memory_as_something() {
    for (password, stored) in KNOWN {
        let real = memory_used(TINY, |engine| {
            assert_eq!(verify(engine, &format!("{password}x"), stored), Verdict::Mismatch);
        });
        let dummy = memory_used(TINY, |engine| {
            engine.nothing(password.as_bytes(), phc::cost_of(stored)).unwrap();
        });
        assert_eq!(real, dummy, "{stored}");
    }
}

#[test]
fn a_dummy_cannot_ask_for_more_than_a_hash_can() {
    let greedy = HashCost::Argon2 {
        variant: Argon2Variant::Id,
        parameters: Argon2Parameters { memory_kib: u32::MAX, passes: u32::MAX, lanes: u32::MAX },
    };
    for like in [greedy, HashCost::Bcrypt { cost: 31 }, HashCost::Current] {
        let used = memory_used(TINY, |engine| engine.nothing(b"", like).unwrap());
        assert_eq!(used, 8, "{like:?}");
    }
}

#[test]
fn sixteen_mebibytes_of_password_are_no_trouble() {
    let mut engine = engine(TINY);
    let password = "a".repeat(16 << 20);
    let hash = engine.hash(password.as_bytes()).unwrap();
    assert_eq!(verify(&mut engine, &password, hash.as_str()), Verdict::Match);
    let (_, bcrypt) = KNOWN[13];
    assert_eq!(verify(&mut engine, &password, bcrypt), Verdict::Mismatch);
}

#[test]
fn used_memory_gives_the_same_tags_as_fresh() {
    let mut engine = engine(TINY);
    let parameters = [(64, 3, 4), (8, 1, 1), (2048, 2, 1), (100, 2, 3), (64, 1, 8)];
    for (round, (memory_kib, passes, lanes)) in (0..20).zip(parameters.iter().cycle()) {
        let parameters = Argon2Parameters { memory_kib: *memory_kib, passes: *passes, lanes: *lanes };
        for (variant, algorithm) in [
            (Argon2Variant::Id, Algorithm::Argon2id),
            (Argon2Variant::I, Algorithm::Argon2i),
            (Argon2Variant::D, Algorithm::Argon2d),
        ] {
            for version in [Version::V0x10, Version::V0x13] {
                let salt = [round; 16];
                let (mut reused, mut fresh) = ([0; 32], [0; 32]);
                engine.argon2(variant, version, parameters, b"pw", &salt, &mut reused).unwrap();
                let params = Params::new(*memory_kib, *passes, *lanes, Some(32)).unwrap();
                Argon2::new(algorithm, version, params).hash_password_into(b"pw", &salt, &mut fresh).unwrap();
                assert_eq!(reused, fresh, "{parameters:?} {variant:?} {version:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_stored_string_opens_or_panics(
        stored in "(\\$argon2(id|i|d)\\$(v=19\\$)?m=[0-9]{1,3},t=[0-9],p=[0-9]\\$[A-Za-z0-9+/]{11,24}\\$[A-Za-z0-9+/]{16,44})|(\\$2[abxy]\\$04\\$[./A-Za-z0-9]{53})|.*",
        password in ".*",
    ) {
        let verdict = verify(&mut engine(TINY), &password, &stored);
        prop_assert_eq!(verdict, Verdict::Mismatch);
    }
}

//! The proof of "drop-in": one script of requests, sent to the real zndraw-auth and to the real binary, answers compared.
//!
//! 1. Both servers start on empty SQLite files with the same admin and the same secret.
//! 2. Each exchange of the script is sent to both, each with the values its own server handed out before.
//! 3. The two answers must be equal by the rules of [`compare`]. Where ours is meant to differ, the exchange has an entry in
//!    [`differences`] that says what ours answers instead; an entry that no longer differs is an error too.
//! 4. `docs/guides/differences.md` is written from the same table and checked against it.
//!
//! The harness itself is proved by running the script against two seeds: not one deviation.

mod answer;
mod compare;
mod device;
mod differences;
mod exchange;
mod forge;
mod login;
mod mint;
mod not_found_405;
mod peer;
mod register;
mod reset_verify;
mod tokens;
mod transcript;
mod users;
mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::compare::compare;
use self::exchange::{Exchange, post};
use self::peer::{BinaryPeer, SeedPeer};
use self::world::{Layout, QUICK_START, World, ZNDRAW};
use crate::seed::{Seed, SeedOptions};
use portcullis_testkit::process::Launch;
use portcullis_testkit::services;

/// The admin both servers are started with.
pub const ADMIN: &str = "admin@example.com";

/// The admin's password.
pub const ADMIN_PASSWORD: &str = "granite-meadow-30";

/// The signing secret both servers are started with: 32 bytes and more, and published nowhere.
pub const SECRET: &str = "a-secret-for-the-drop-in-tests-only-0123456789";

/// Every exchange against servers with a configured admin, in order.
fn script() -> Vec<Exchange> {
    let mut script = vec![
        post("setup.admin", "/auth/jwt/login")
            .form(&format!("username=admin%40example.com&password={ADMIN_PASSWORD}"))
            .save("admin", "/access_token"),
        exchange::get("setup.admin-me", "/users/me").bearer("admin").save("admin_id", "/id"),
    ];
    script.extend(login::script());
    script.extend(register::script());
    script.extend(users::script());
    script.extend(device::script());
    script.extend(mint::script());
    script.extend(reset_verify::script());
    script.extend(tokens::script());
    script.extend(not_found_405::script());
    script
}

/// The exchanges against servers whose challenges live for three seconds, and that take no foreign tokens.
fn short_script() -> Vec<Exchange> {
    let mut script = device::expiry();
    script.extend(tokens::on_a_fresh_database());
    script
}

/// The exchanges worth repeating under other mount points: all but those about the shape of fields and tokens.
fn under_other_mounts() -> Vec<Exchange> {
    let about_shape = ["register.", "tokens.", "login.", "forgot.", "reset.", "verify.", "request-verify."];
    let keep = |exchange: &Exchange| {
        !exchange.saves.is_empty() || !about_shape.iter().any(|area| exchange.id.starts_with(area))
    };
    script().into_iter().filter(keep).collect()
}

fn short_lived(options: SeedOptions) -> SeedOptions {
    options.with("SEED_CHALLENGE_LIFETIME_SECONDS", "3")
}

/// What is wrong after a script was run: the exchange and a sentence about it.
type Faults = Vec<(&'static str, String)>;

/// Runs a script against two servers that must answer alike, exchange by exchange.
async fn run_alike(script: &[Exchange], left: &mut World, right: &mut World) -> Faults {
    let mut faults = Faults::new();
    for exchange in script {
        let (one, other) = tokio::join!(left.run(exchange), right.run(exchange));
        transcript::write_down(exchange, &one, left);
        faults.extend(
            compare((&one, left), (&other, right)).into_iter().map(|deviation| (exchange.id, deviation.to_string())),
        );
    }
    faults
}

/// Runs a script against the seed and ours: alike, or as the table of differences says, and what ours owes on top.
async fn run_as_intended(script: &[Exchange], seed: &mut World, ours: &mut World) -> Faults {
    let mut faults = Faults::new();
    for exchange in script {
        let (theirs, answer) = tokio::join!(seed.run(exchange), ours.run(exchange));
        let deviations = compare((&theirs, seed), (&answer, ours));
        let mut fault = |text: String| faults.push((exchange.id, text));
        match differences::case_of(exchange.id) {
            Some(_) if deviations.is_empty() => {
                fault("is answered alike: its entry among the differences is stale".into());
            }
            Some(case) => case.refute(&answer, &answer.masked_body(ours)).into_iter().for_each(&mut fault),
            None => deviations.iter().map(ToString::to_string).for_each(&mut fault),
        }
        compare::owed(&answer).iter().map(ToString::to_string).for_each(&mut fault);
    }
    faults
}

fn seed_world(python: &Path, file: PathBuf, layout: Layout, change: impl FnOnce(SeedOptions) -> SeedOptions) -> World {
    let options = SeedOptions::sqlite(&file)
        .with("ZNDRAW_AUTH_SECRET_KEY", SECRET)
        .with("SEED_PATHS_AUTH", layout.auth)
        .with("SEED_PATHS_USERS", layout.users)
        .with("SEED_PATHS_ADMIN", layout.admin)
        .with("ZNDRAW_AUTH_DEFAULT_ADMIN_EMAIL", ADMIN)
        .with("ZNDRAW_AUTH_DEFAULT_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let seed = Seed::start(python, &change(options));
    World::new(Box::new(SeedPeer { seed, secret: SECRET.into() }), layout)
}

async fn binary_world(layout: Layout, (name, value): (&str, &str)) -> World {
    let launch = Launch::new(env!("CARGO_BIN_EXE_portcullis"))
        .env("PORTCULLIS_DATABASE_URL", "sqlite://portcullis.db")
        .env("PORTCULLIS_ALLOW_UNLIMITED", "true")
        .env("PORTCULLIS_PATHS_AUTH", layout.auth)
        .env("PORTCULLIS_PATHS_USERS", layout.users)
        .env("PORTCULLIS_PATHS_ADMIN", layout.admin)
        // The seed's own names, as a deployment that moves over has them.
        .env("ZNDRAW_AUTH_SECRET_KEY", SECRET)
        .env("ZNDRAW_AUTH_DEFAULT_ADMIN_EMAIL", ADMIN)
        .env("ZNDRAW_AUTH_DEFAULT_ADMIN_PASSWORD", ADMIN_PASSWORD)
        .env(name, value);
    World::new(Box::new(BinaryPeer { process: launch.start().await, secret: SECRET.into() }), layout)
}

/// Far enough in the future for any test run.
const LEGACY_UNTIL: (&str, &str) = ("PORTCULLIS_ALLOW_LEGACY_TOKENS_UNTIL", "2099-01-01");

fn assert_faultless(faults: &Faults, what: &str) {
    let list: Vec<_> = faults.iter().map(|(id, text)| format!("{id}: {text}")).collect();
    assert!(faults.is_empty(), "{what}, {} faults:\n{}", faults.len(), list.join("\n"));
}

#[test]
fn every_exchange_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for exchange in script().iter().chain(&short_script()) {
        assert!(names.insert(exchange.id), "{} is used twice", exchange.id);
    }
    assert!(names.len() >= 150, "only {} exchanges", names.len());
}

#[test]
fn every_difference_is_about_an_exchange_and_a_rule() {
    let mut exchanges: BTreeSet<_> = script().iter().map(|exchange| exchange.id).collect();
    exchanges.extend(short_script().iter().map(|exchange| exchange.id));
    let rules: BTreeSet<_> = differences::RULES.iter().map(|rule| rule.id).collect();
    let mut seen = BTreeSet::new();
    for case in differences::CASES {
        assert!(exchanges.contains(case.exchange), "{} is no exchange", case.exchange);
        assert!(rules.contains(case.rule), "{} is no rule", case.rule);
        assert!(seen.insert(case.exchange), "{} has two entries", case.exchange);
    }
    assert_eq!(rules.len(), differences::RULES.len(), "two rules have one name");
}

#[test]
fn the_guide_lists_every_difference() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides/differences.md");
    let guide = differences::guide();
    if std::env::var_os("PORTCULLIS_TEST_WRITE").is_some() {
        std::fs::write(&file, &guide).expect("the guide can be written");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == guide,
        "docs/guides/differences.md is not what the table says; PORTCULLIS_TEST_WRITE=1 writes it"
    );
}

#[tokio::test]
async fn two_seeds_answer_alike() {
    let Some(python) = services::python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut left = seed_world(&python, folder.path().join("left.db"), QUICK_START, |options| options);
    let mut right = seed_world(&python, folder.path().join("right.db"), QUICK_START, |options| options);
    assert_faultless(&run_alike(&script(), &mut left, &mut right).await, "two seeds");
}

#[tokio::test]
async fn two_seeds_forget_challenges_alike() {
    let Some(python) = services::python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut left = seed_world(&python, folder.path().join("left.db"), QUICK_START, short_lived);
    let mut right = seed_world(&python, folder.path().join("right.db"), QUICK_START, short_lived);
    assert_faultless(&run_alike(&short_script(), &mut left, &mut right).await, "two seeds");
}

#[tokio::test]
async fn ours_answers_as_the_seed() {
    let Some(python) = services::python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut seed = seed_world(&python, folder.path().join("seed.db"), QUICK_START, |options| options);
    let mut ours = binary_world(QUICK_START, LEGACY_UNTIL).await;
    assert_faultless(&run_as_intended(&script(), &mut seed, &mut ours).await, "ours and the seed");
}

#[tokio::test]
async fn ours_answers_as_the_seed_where_zndraw_mounts_it() {
    let Some(python) = services::python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut seed = seed_world(&python, folder.path().join("seed.db"), ZNDRAW, |options| options);
    let mut ours = binary_world(ZNDRAW, LEGACY_UNTIL).await;
    assert_faultless(&run_as_intended(&under_other_mounts(), &mut seed, &mut ours).await, "ours and the seed");
}

#[tokio::test]
async fn ours_forgets_challenges_as_the_seed() {
    let Some(python) = services::python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut seed = seed_world(&python, folder.path().join("seed.db"), QUICK_START, short_lived);
    let mut ours = binary_world(QUICK_START, ("PORTCULLIS_DEVICE_LIFETIME_SECONDS", "3")).await;
    assert_faultless(&run_as_intended(&short_script(), &mut seed, &mut ours).await, "ours and the seed");
}

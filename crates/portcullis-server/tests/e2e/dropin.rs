//! The proof of "drop-in": one script of requests, sent to the real zndraw-auth and to the real binary, answers compared.
//!
//! 1. The servers start on empty databases with the same admin and the same secret: a seed that sets the standard, a second
//!    seed, ours on SQLite and ours on PostgreSQL.
//! 2. Each exchange of the script is sent to all of them, to each with the values that it handed out before.
//! 3. Every answer must equal that of the first seed by the rules of [`compare`]. Where ours is meant to differ, the exchange
//!    has an entry in [`differences`] that says what ours answers instead; an entry that no longer differs is an error too.
//! 4. `docs/guides/differences.md` is written from the same table and checked against it.
//!
//! The second seed proves the harness: between the two seeds there is not one deviation.

mod answer;
mod compare;
mod dev_mode;
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
use std::path::Path;

use futures_util::future::join_all;
use portcullis_testkit::postgres::{FreshDatabase, fresh_database};
use portcullis_testkit::process::Launch;
use portcullis_testkit::services;

use self::answer::Answer;
use self::compare::compare;
use self::exchange::{Exchange, post};
use self::peer::{BinaryPeer, SeedPeer};
use self::world::{Layout, QUICK_START, World, ZNDRAW};
use crate::seed::{Seed, SeedOptions};

/// The admin all servers are started with.
pub const ADMIN: &str = "admin@example.com";

/// The admin's password.
pub const ADMIN_PASSWORD: &str = "granite-meadow-30";

/// The signing secret all servers are started with: 32 bytes and more, and published nowhere.
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

/// A server that is held against the seed.
struct Candidate {
    name: &'static str,
    world: World,
    /// Whether the table of differences applies: to ours, not to a second seed.
    is_ours: bool,
}

impl Candidate {
    fn seed(world: World) -> Self {
        Self { name: "a second seed", world, is_ours: false }
    }

    fn ours(name: &'static str, world: World) -> Self {
        Self { name, world, is_ours: true }
    }

    /// What is wrong with an answer: sentences.
    fn faults(&self, exchange: &Exchange, seed: (&Answer, &World), answer: &Answer) -> Vec<String> {
        let deviations = compare(seed, (answer, &self.world));
        let listed = if self.is_ours { differences::case_of(exchange.id) } else { None };
        let mut faults: Vec<_> = match listed {
            Some(_) if deviations.is_empty() => {
                vec!["is answered alike: its entry among the differences is stale".into()]
            }
            Some(case) => case.refute(answer, &answer.masked_body(&self.world)).into_iter().collect(),
            None => deviations.iter().map(ToString::to_string).collect(),
        };
        if self.is_ours {
            faults.extend(compare::owed(answer).iter().map(ToString::to_string));
        }
        faults
    }
}

/// Runs a script against the seed and the candidates, exchange by exchange, and fails with everything that is wrong.
async fn hold_against(seed: &mut World, script: &[Exchange], mut candidates: Vec<Candidate>) {
    let mut faults = Vec::new();
    for exchange in script {
        let answers = join_all(candidates.iter_mut().map(|candidate| candidate.world.run(exchange)));
        let (theirs, answers) = tokio::join!(seed.run(exchange), answers);
        transcript::write_down(exchange, &theirs, seed);
        for (candidate, answer) in candidates.iter().zip(&answers) {
            let found = candidate.faults(exchange, (&theirs, seed), answer);
            faults.extend(found.into_iter().map(|fault| format!("{} ({}): {fault}", exchange.id, candidate.name)));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn seed_world(python: &Path, file: &Path, layout: Layout, change: impl FnOnce(SeedOptions) -> SeedOptions) -> World {
    let options = SeedOptions::sqlite(file)
        .with("ZNDRAW_AUTH_SECRET_KEY", SECRET)
        .with("SEED_CHEAP_HASHES", "1")
        .with("SEED_PATHS_AUTH", layout.auth)
        .with("SEED_PATHS_USERS", layout.users)
        .with("SEED_PATHS_ADMIN", layout.admin)
        .with("ZNDRAW_AUTH_DEFAULT_ADMIN_EMAIL", ADMIN)
        .with("ZNDRAW_AUTH_DEFAULT_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let seed = Seed::start(python, &change(options));
    World::new(Box::new(SeedPeer { seed, secret: SECRET.into() }), layout)
}

/// How ours is started: on an SQLite file in its own folder, under the seed's own names, as a deployment that moves over has them.
fn launch(layout: Layout) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_portcullis"))
        .env("PORTCULLIS_DATABASE_URL", "sqlite://portcullis.db")
        .env("PORTCULLIS_ALLOW_UNLIMITED", "true")
        .env("PORTCULLIS_PATHS_AUTH", layout.auth)
        .env("PORTCULLIS_PATHS_USERS", layout.users)
        .env("PORTCULLIS_PATHS_ADMIN", layout.admin)
        .env("ZNDRAW_AUTH_SECRET_KEY", SECRET)
        .env("ZNDRAW_AUTH_DEFAULT_ADMIN_EMAIL", ADMIN)
        .env("ZNDRAW_AUTH_DEFAULT_ADMIN_PASSWORD", ADMIN_PASSWORD)
}

/// As [`launch`], and it takes tokens that have no session: the script forges some.
fn launch_with_legacy_tokens(layout: Layout) -> Launch {
    launch(layout).env("PORTCULLIS_ALLOW_LEGACY_TOKENS_UNTIL", "2099-01-01")
}

async fn ours_on_sqlite(python: &Path, launch: Launch, layout: Layout) -> Candidate {
    let database = format!("sqlite:///{}", launch.folder().join("portcullis.db").display());
    let process = launch.start().await;
    let peer = BinaryPeer { process, secret: SECRET.into(), python: python.into(), database };
    Candidate::ours("ours on SQLite", World::new(Box::new(peer), layout))
}

async fn ours_on_postgres(python: &Path, launch: Launch, fresh: &FreshDatabase) -> Candidate {
    let process = launch.env("PORTCULLIS_DATABASE_URL", fresh.url()).start().await;
    let peer = BinaryPeer { process, secret: SECRET.into(), python: python.into(), database: fresh.url() };
    Candidate::ours("ours on PostgreSQL", World::new(Box::new(peer), QUICK_START))
}

#[test]
fn every_exchange_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for exchange in script().iter().chain(&short_script()).chain(&dev_mode::script()) {
        assert!(names.insert(exchange.id), "{} is used twice", exchange.id);
    }
    assert!(names.len() >= 150, "only {} exchanges", names.len());
}

#[test]
fn every_difference_is_about_an_exchange_and_a_rule() {
    let mut exchanges: BTreeSet<_> = script().iter().map(|exchange| exchange.id).collect();
    exchanges.extend(short_script().iter().chain(&dev_mode::script()).map(|exchange| exchange.id));
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
async fn ours_answers_as_the_seed() {
    let Some(python) = services::python() else { return };
    let Some(fresh) = fresh_database().await else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut seed = seed_world(&python, &folder.path().join("one.db"), QUICK_START, |options| options);
    let candidates = vec![
        Candidate::seed(seed_world(&python, &folder.path().join("two.db"), QUICK_START, |options| options)),
        ours_on_sqlite(&python, launch_with_legacy_tokens(QUICK_START), QUICK_START).await,
        ours_on_postgres(&python, launch_with_legacy_tokens(QUICK_START), &fresh).await,
    ];
    hold_against(&mut seed, &script(), candidates).await;
}

#[tokio::test]
async fn ours_answers_as_the_seed_where_zndraw_mounts_it() {
    let Some(python) = services::python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut seed = seed_world(&python, &folder.path().join("seed.db"), ZNDRAW, |options| options);
    let ours = ours_on_sqlite(&python, launch_with_legacy_tokens(ZNDRAW), ZNDRAW).await;
    hold_against(&mut seed, &under_other_mounts(), vec![ours]).await;
}

#[tokio::test]
async fn ours_forgets_challenges_as_the_seed() {
    let Some(python) = services::python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut seed = seed_world(&python, &folder.path().join("one.db"), QUICK_START, short_lived);
    let short = launch(QUICK_START).env("PORTCULLIS_DEVICE_LIFETIME_SECONDS", "3");
    let candidates = vec![
        Candidate::seed(seed_world(&python, &folder.path().join("two.db"), QUICK_START, short_lived)),
        ours_on_sqlite(&python, short, QUICK_START).await,
    ];
    hold_against(&mut seed, &short_script(), candidates).await;
}

#[tokio::test]
async fn ours_makes_everybody_superuser_as_the_seed_where_no_admin_is_configured() {
    let Some(python) = services::python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let without_admin = |mut options: SeedOptions| {
        options.environment.retain(|name, _| !name.contains("DEFAULT_ADMIN"));
        options
    };
    let mut seed = seed_world(&python, &folder.path().join("seed.db"), QUICK_START, without_admin);
    let ours = launch(QUICK_START)
        .without_env("ZNDRAW_AUTH_DEFAULT_ADMIN_EMAIL")
        .without_env("ZNDRAW_AUTH_DEFAULT_ADMIN_PASSWORD");
    let ours = ours_on_sqlite(&python, ours, QUICK_START).await;
    hold_against(&mut seed, &dev_mode::script(), vec![ours]).await;
}

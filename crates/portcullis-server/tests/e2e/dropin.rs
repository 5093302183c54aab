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
mod users;
mod world;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use self::answer::Answer;
use self::compare::{Deviation, compare};
use self::exchange::{Exchange, post};
use self::peer::SeedPeer;
use self::world::{Layout, QUICK_START, World};
use crate::seed::{self, Seed, SeedOptions};

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

/// Runs a script against two worlds, exchange by exchange, and returns what deviates.
async fn run(
    script: &[Exchange],
    left: &mut World,
    right: &mut World,
    owing: bool,
) -> Vec<(&'static str, Vec<Deviation>)> {
    let mut deviating = Vec::new();
    for exchange in script {
        let (seed, ours) = tokio::join!(left.run(exchange), right.run(exchange));
        write_down(exchange, &seed, left);
        let mut deviations = compare((&seed, left), (&ours, right));
        if owing {
            deviations.extend(compare::owed(&ours));
        }
        if !deviations.is_empty() {
            deviating.push((exchange.id, deviations));
        }
    }
    deviating
}

/// Appends an exchange and its answer to the file named by `PORTCULLIS_TEST_TRANSCRIPT`, for a person to read.
fn write_down(exchange: &Exchange, answer: &Answer, world: &World) {
    let Ok(file) = std::env::var("PORTCULLIS_TEST_TRANSCRIPT") else { return };
    let body =
        exchange.body.as_ref().map(|make| String::from_utf8_lossy(&make(world)).into_owned()).unwrap_or_default();
    let (body, path) = (world.mask(&body), &exchange.path);
    let headers: String = exchange
        .headers
        .iter()
        .map(|(name, make)| format!("  {name}: {}\n", world.mask(&String::from_utf8_lossy(&make(world)))))
        .collect();
    let short = |text: String| {
        if text.chars().count() > 600 { text.chars().take(600).collect::<String>() + " ..." } else { text }
    };
    let seen: String = ["content-type", "allow", "location"]
        .iter()
        .filter_map(|name| Some(format!("  {name}: {}\n", answer.header(name)?)))
        .collect();
    let entry = format!(
        "## {}\n{} {}\n{}  {}\n=> {}\n{}  {}\n\n",
        exchange.id,
        exchange.method,
        short(path.clone()),
        short(headers),
        short(body),
        answer.status,
        seen,
        short(answer.masked_body(world).to_string()),
    );
    let mut transcript =
        std::fs::OpenOptions::new().create(true).append(true).open(file).expect("the transcript can be written");
    transcript.write_all(entry.as_bytes()).expect("the transcript can be written");
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

fn listed(deviating: &[(&'static str, Vec<Deviation>)]) -> String {
    let mut text = String::new();
    for (id, deviations) in deviating {
        for Deviation { what, seed, ours } in deviations {
            text.push_str(&format!("{id}: {what}\n    seed: {seed}\n    ours: {ours}\n"));
        }
    }
    text
}

#[test]
fn every_exchange_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for exchange in script().iter().chain(&device::expiry()).chain(&tokens::on_a_fresh_database()) {
        assert!(names.insert(exchange.id), "{} is used twice", exchange.id);
    }
    assert!(names.len() >= 150, "only {} exchanges", names.len());
}

#[tokio::test]
async fn two_seeds_answer_alike() {
    let Some(python) = seed::python("two_seeds_answer_alike") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut left = seed_world(&python, folder.path().join("left.db"), QUICK_START, |options| options);
    let mut right = seed_world(&python, folder.path().join("right.db"), QUICK_START, |options| options);
    let deviating = run(&script(), &mut left, &mut right, false).await;
    assert!(deviating.is_empty(), "the harness sees differences between two seeds:\n{}", listed(&deviating));
}

#[tokio::test]
async fn two_seeds_forget_challenges_alike() {
    let Some(python) = seed::python("two_seeds_forget_challenges_alike") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let short = |options: SeedOptions| options.with("SEED_CHALLENGE_LIFETIME_SECONDS", "3");
    let mut left = seed_world(&python, folder.path().join("left.db"), QUICK_START, short);
    let mut right = seed_world(&python, folder.path().join("right.db"), QUICK_START, short);
    let mut script = device::expiry();
    script.extend(tokens::on_a_fresh_database());
    let deviating = run(&script, &mut left, &mut right, false).await;
    assert!(deviating.is_empty(), "the harness sees differences between two seeds:\n{}", listed(&deviating));
}

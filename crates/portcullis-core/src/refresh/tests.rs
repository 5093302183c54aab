//! Random histories of honest tabs and a thief, against a model that knows only the promises.

use super::{CONFIRMED_AFTER, GenerationState, MAX_REPEATS, NewFamily, RefreshToken, Rotate, Rotation, Salt};
use crate::account::Epoch;
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::ids::SessionId;
use crate::keys::Keys;
use crate::rng::{Rng, SeededRng};
use crate::session::NewSession;
use crate::store::memory::Memory;
use crate::store::{AccountStore, CreateUser, Lifecycle, NoHook, RefreshStore, SessionStore};
use crate::testing::fixture::{START, audit_entry, new_mail, new_session, new_user};
use futures_util::FutureExt;
use proptest::prelude::*;
use std::time::Duration;

const IDLE: Duration = Duration::from_secs(14 * 24 * 3600);
const ABSOLUTE: Duration = Duration::from_secs(30 * 24 * 3600);

/// What may happen.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Somebody presents the token of this generation, counted back from the newest.
    Present { back: usize },
    /// Somebody uses the newest access token.
    Use,
    /// Time passes.
    Wait { secs: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Present { back: 0 }),
        4 => Just(Step::Present { back: 1 }),
        1 => (2usize..4).prop_map(|back| Step::Present { back }),
        3 => Just(Step::Use),
        3 => (0u64..90).prop_map(|secs| Step::Wait { secs }),
        1 => (0u64..20 * 24 * 3600).prop_map(|secs| Step::Wait { secs }),
    ]
}

/// The promises, in their own words: a chain of tokens, of which the newest and, until it is confirmed, the one before
/// may be presented.
struct Model {
    newest: usize,
    used_at: Option<Timestamp>,
    repeats: u32,
    idle_until: Timestamp,
    dead: bool,
}

#[derive(Debug, PartialEq)]
enum Expected {
    Token(usize),
    Reused,
    Over,
}

impl Model {
    fn present(&mut self, generation: usize, now: Timestamp) -> Expected {
        if self.dead || now >= START + ABSOLUTE {
            return Expected::Over;
        }
        let confirmed = self.used_at.is_some_and(|used_at| now >= used_at + CONFIRMED_AFTER);
        let repeats = generation + 1 == self.newest && !confirmed && self.repeats < MAX_REPEATS;
        if generation != self.newest && !repeats {
            self.dead = true;
            return Expected::Reused;
        }
        if now >= self.idle_until {
            return Expected::Over;
        }
        if repeats {
            self.repeats += 1;
        } else {
            *self = Self { newest: self.newest + 1, used_at: None, repeats: 0, idle_until: now + IDLE, dead: false };
        }
        Expected::Token(self.newest)
    }
}

/// The memory store never waits.
fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory answers at once")
}

struct World {
    store: Memory,
    keys: Keys,
    rng: SeededRng,
    session: SessionId,
    chain: Vec<RefreshToken>,
}

impl World {
    fn new() -> Self {
        let store = Memory::new();
        now_or_never(store.migrate(START)).expect("migrates");
        let user = new_user("ada@example.com");
        let id = user.id;
        let created = now_or_never(store.create_user(user, audit_entry(AuditEvent::AccountCreated), &NoHook));
        assert!(matches!(created, Ok(CreateUser::Created(_))));
        let rng = SeededRng::new(1);
        let mut session = NewSession { expires_at: START + ABSOLUTE, ..new_session(id, Epoch(0)) };
        let first = RefreshToken::first(&rng, session.id);
        session.refresh = Some(NewFamily { digest: first.digest(), idle_expires_at: START + IDLE });
        let keys = Keys::derive("0123456789abcdef0123456789abcdef".to_owned().into()).expect("long enough");
        let id = session.id;
        now_or_never(store.create_session(session, None, audit_entry(AuditEvent::PasswordLogin))).expect("works");
        Self { store, keys, rng, session: id, chain: vec![first] }
    }

    fn present(&mut self, generation: usize, now: Timestamp) -> Expected {
        let token = self.chain[generation].clone();
        let mut salt = Salt::default();
        self.rng.fill(&mut salt);
        let rotate = Rotate {
            session_id: self.session,
            presented: token.digest(),
            salt,
            key_id: "1".to_owned(),
            next: token.next(&self.keys, &salt).digest(),
            now,
            idle_expires_at: now + IDLE,
            refreshed: audit_entry(AuditEvent::SessionRefreshed),
            reused: audit_entry(AuditEvent::RefreshReused),
            notice: new_mail("ada@example.com"),
        };
        match now_or_never(self.store.rotate_refresh(rotate)).expect("works") {
            Rotation::Over => Expected::Over,
            Rotation::Reused => Expected::Reused,
            Rotation::Current { family, .. } => {
                let next = token.next(&self.keys, &family.salt);
                assert_eq!(next.digest(), family.newest, "the client gets the token that is stored");
                match self.chain.get(generation + 1) {
                    Some(known) => assert_eq!(known.digest(), next.digest(), "always the same next token"),
                    None => self.chain.push(next),
                }
                Expected::Token(generation + 1)
            }
        }
    }

    fn state(&self) -> GenerationState {
        let state = now_or_never(self.store.find_session(self.session)).expect("works").expect("is there");
        state.refresh.expect("has a family")
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn any_history_ends_as_the_promises_say(steps in proptest::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        let mut model = Model { newest: 0, used_at: None, repeats: 0, idle_until: START + IDLE, dead: false };
        let mut now = START;
        for step in steps {
            match step {
                Step::Wait { secs } => now = now + Duration::from_secs(secs),
                Step::Use => {
                    let generation = world.state().generation;
                    now_or_never(world.store.note_generation(world.session, generation, now)).expect("works");
                    model.used_at.get_or_insert(now);
                }
                Step::Present { back } => {
                    let generation = model.newest.saturating_sub(back);
                    prop_assert_eq!(world.present(generation, now), model.present(generation, now), "{:?}", step);
                }
            }
            prop_assert_eq!(world.state().generation as usize, model.newest);
        }
    }
}

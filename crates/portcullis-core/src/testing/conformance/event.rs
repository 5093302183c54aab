//! The feed of changes: a cache that follows it hears of everything that counts.

use super::World;
use crate::account::{ChangeTo, NewUser, User, UserChange};
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::event::{Event, FeedCursor};
use crate::ids::UserId;
use crate::store::{CreateUser, DeleteUser, NoHook, PurgeBefore};
use crate::testing::fixture::{START, at, audit_entry, new_session, new_user, password_hash};
use std::collections::HashSet;

async fn end(w: &World) -> FeedCursor {
    w.store.feed_end().await.expect("feed_end works")
}

async fn heard(w: &World, cursor: FeedCursor, event: Event) -> bool {
    let (events, _) = w.store.read_feed(cursor).await.expect("read_feed works");
    events.contains(&event)
}

/// Whether a reader at `cursor` hears of the user, who was not heard of before.
async fn user_heard(w: &World, cursor: FeedCursor, user: &User) -> bool {
    heard(w, cursor, Event::User(user.id)).await
}

pub(super) async fn creation_change_and_deletion_of_an_account_are_heard(w: World) {
    let w = w.open().await;
    let cursor = end(&w).await;
    let user = w.person("ada@example.com").await;
    assert!(user_heard(&w, cursor, &user).await, "created");

    let changes: [fn(&mut UserChange); 5] = [
        |change| change.is_verified = ChangeTo::Set(true),
        |change| change.is_superuser = ChangeTo::Set(true),
        |change| change.password = ChangeTo::Set(password_hash("new")),
        |change| change.is_active = ChangeTo::Set(false),
        |change| change.is_active = ChangeTo::Set(true),
    ];
    w.superuser("admin@example.com").await;
    for (number, change) in changes.into_iter().enumerate() {
        let cursor = end(&w).await;
        w.updated(user.id, change).await;
        assert!(user_heard(&w, cursor, &user).await, "change {number}");
    }
    let cursor = end(&w).await;
    let done = w.store.delete_user(user.id, at(60), audit_entry(AuditEvent::AccountDeleted)).await;
    assert_eq!(done.expect("delete_user works"), DeleteUser::Deleted);
    assert!(user_heard(&w, cursor, &user).await, "deleted");
}

pub(super) async fn the_end_of_every_session_is_heard(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let (a, b, c) = (w.sign_in(user.id).await, w.sign_in(user.id).await, w.sign_in(user.id).await);
    let cursor = end(&w).await;
    let audit = || audit_entry(AuditEvent::SessionEnded);
    assert!(w.store.end_session(a, user.id, "signed_out", at(60), audit()).await.expect("end_session works"));
    assert!(heard(&w, cursor, Event::Session(a)).await);
    let cursor = end(&w).await;
    let ended = w.store.end_sessions(user.id, None, "signed_out", at(60), audit()).await;
    assert_eq!(ended.expect("end_sessions works"), 2);
    let (events, _) = w.store.read_feed(cursor).await.expect("read_feed works");
    let all = events.contains(&Event::Session(b)) && events.contains(&Event::Session(c));
    assert!(all || events.contains(&Event::User(user.id)), "{events:?}");
}

pub(super) async fn a_reader_goes_on_where_it_stopped(w: World) {
    let w = w.open().await;
    let mut cursor = end(&w).await;
    for number in 0..5 {
        let user = w.person(&format!("user{number}@example.com")).await;
        let (events, next) = w.store.read_feed(cursor).await.expect("read_feed works");
        assert!(events.contains(&Event::User(user.id)), "reader {number}");
        cursor = next;
    }
    let (again, _) = w.store.read_feed(cursor).await.expect("read_feed works");
    assert!(again.len() <= 10, "what was read is not read for ever: {again:?}");
}

pub(super) async fn nothing_is_missed_while_others_write(w: World) {
    let w = w.open().await;
    let start = end(&w).await;
    let outcomes = w
        .race(21, |number, store| async move {
            let (mut made, mut seen) = (Vec::new(), HashSet::new());
            if number < 20 {
                for turn in 0..3 {
                    let new = new_user(&format!("user{number}-{turn}@example.com"));
                    let audit = audit_entry(AuditEvent::AccountCreated);
                    let done = store.create_user(new, audit, &NoHook).await.expect("create_user works");
                    let CreateUser::Created(user) = done else { panic!("not created") };
                    made.push(user.id);
                }
                return (made, seen, start);
            }
            let mut cursor = start;
            for _ in 0..200 {
                let (events, next) = store.read_feed(cursor).await.expect("read_feed works");
                seen.extend(events);
                cursor = next;
            }
            (made, seen, cursor)
        })
        .await;
    let made: Vec<UserId> = outcomes.iter().flat_map(|(made, ..)| made.clone()).collect();
    assert_eq!(made.len(), 60);
    let (_, seen, cursor) = outcomes.into_iter().last().expect("the reader");
    let (rest, _) = w.store.read_feed(cursor).await.expect("read_feed works");
    let missed = made.iter().filter(|id| !seen.contains(&Event::User(**id)) && !rest.contains(&Event::User(**id)));
    assert_eq!(missed.count(), 0, "of 60");
}

pub(super) async fn a_reader_that_slept_through_a_purge_is_told(w: World) {
    let w = w.open().await;
    let asleep = end(&w).await;
    let user = w.person("ada@example.com").await;
    let purged = w.store.purge(&PurgeBefore { events: Timestamp::from_secs(10_000_000_000), ..nothing() }).await;
    assert!(purged.expect("purge works").events > 0);
    let (events, awake) = w.store.read_feed(asleep).await.expect("read_feed works");
    assert!(events.contains(&Event::Unknown) || events.contains(&Event::User(user.id)), "{events:?}");
    let next = w.create(NewUser { created_at: at(60), ..new_user("bob@example.com") }).await;
    assert!(heard(&w, awake, Event::User(next.id)).await);
}

pub(super) async fn opening_a_session_with_a_better_hash_keeps_the_feed_whole(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let old = w.credentials(user.id).await;
    let cursor = end(&w).await;
    let condition =
        crate::session::PasswordCondition { verified: old.password, upgrade: Some(password_hash("better")) };
    let audit = audit_entry(AuditEvent::SessionCreated);
    w.store.create_session(new_session(user.id, old.epoch), Some(condition), audit).await.expect("it works");
    w.updated(user.id, |change| change.is_verified = ChangeTo::Set(true)).await;
    assert!(user_heard(&w, cursor, &user).await);
}

/// Boundaries that nothing is older than.
pub(super) fn nothing() -> PurgeBefore {
    let dawn = Timestamp::from_micros(0);
    PurgeBefore { now: START, sessions: dawn, one_times: dawn, devices: dawn, events: dawn, audit: dawn, guests: dawn }
}

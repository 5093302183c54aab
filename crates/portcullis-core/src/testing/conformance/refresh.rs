//! Refresh tokens: one next generation, repetition, reuse.

use super::World;
use crate::account::ChangeTo;
use crate::audit::AuditEvent;
use crate::digest::Digest;
use crate::ids::{SessionId, UserId};
use crate::refresh::{CONFIRMED_AFTER, Family, MAX_REPEATS, NewFamily, Rotate, Rotation};
use crate::session::NewSession;
use crate::store::CreateSession;
use crate::testing::fixture::{at, audit_entry, just_before, new_mail, new_session};

/// A word stands for a token.
fn digest(word: &str) -> Digest {
    Digest::of(word.as_bytes())
}

/// Opens a session that can be refreshed: idle for an hour, at most for ten.
async fn open(w: &World, user: UserId) -> SessionId {
    let new = NewSession {
        expires_at: at(36_000),
        refresh: Some(NewFamily { digest: digest("T0"), idle_expires_at: at(3600) }),
        ..new_session(user, w.credentials(user).await.epoch)
    };
    let id = new.id;
    let audit = audit_entry(AuditEvent::PasswordLogin).subject(user);
    assert_eq!(w.store.create_session(new, None, audit).await.expect("create_session works"), CreateSession::Created);
    w.look_away().await;
    id
}

fn rotate(session: SessionId, presented: &str, next: &str, secs: u64) -> Rotate {
    Rotate {
        session_id: session,
        presented: digest(presented),
        salt: digest(next).0[..16].try_into().expect("a digest has 32 bytes"),
        key_id: "1".to_owned(),
        next: digest(next),
        now: at(secs),
        idle_expires_at: at(secs + 3600),
        refreshed: audit_entry(AuditEvent::SessionRefreshed).object(session),
        reused: audit_entry(AuditEvent::RefreshReused).object(session),
        notice: new_mail("ada@example.com"),
    }
}

async fn present(w: &World, session: SessionId, presented: &str, next: &str, secs: u64) -> Rotation {
    w.store.rotate_refresh(rotate(session, presented, next, secs)).await.expect("rotate_refresh works")
}

fn current(rotation: Rotation) -> Family {
    match rotation {
        Rotation::Current { family, session_expires_at } => {
            assert_eq!(session_expires_at, at(36_000));
            family
        }
        other => panic!("{other:?}"),
    }
}

pub(super) async fn the_newest_token_makes_the_next_generation(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = open(&w, user.id).await;
    let first = current(present(&w, session, "T0", "T1", 10).await);
    assert_eq!((first.generation, first.newest, first.previous), (1, digest("T1"), Some(digest("T0"))));
    let second = current(present(&w, session, "T1", "T2", 20).await);
    assert_eq!((second.generation, second.newest, second.repeats), (2, digest("T2"), 0));
    assert_eq!((&second.salt[..], second.key_id.as_str()), (&digest("T2").0[..16], "1"));
    w.caused(&[AuditEvent::SessionRefreshed, AuditEvent::SessionRefreshed]).await;
}

pub(super) async fn a_lost_answer_is_given_again_an_hour_later(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = open(&w, user.id).await;
    let first = current(present(&w, session, "T0", "T1", 10).await);
    let again = current(present(&w, session, "T0", "another", 3600).await);
    assert_eq!((again.generation, again.salt, again.newest), (1, first.salt, digest("T1")));
    assert_eq!(again.repeats, 1);
    w.caused(&[AuditEvent::SessionRefreshed]).await;
}

pub(super) async fn of_twenty_parallel_refreshes_all_get_one_next_token(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = open(&w, user.id).await;
    let families: Vec<_> = w
        .race(20, |number, store| async move {
            let tried = rotate(session, "T0", &format!("T1 of {number}"), 10);
            current(store.rotate_refresh(tried).await.expect("rotate_refresh works"))
        })
        .await;
    assert!(families.iter().all(|family| family.generation == 1 && family.newest == families[0].newest));
    assert!(families.iter().all(|family| family.salt == families[0].salt));
    w.caused(&[AuditEvent::SessionRefreshed]).await;
}

pub(super) async fn an_older_token_ends_the_session_once_its_successor_was_presented(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = open(&w, user.id).await;
    current(present(&w, session, "T0", "T1", 10).await);
    current(present(&w, session, "T1", "T2", 20).await);
    assert!(w.opens_at(session, at(29)).await);
    assert!(matches!(present(&w, session, "T0", "T1", 30).await, Rotation::Reused));
    assert!(!w.opens_at(session, at(31)).await, "the decision stands");
    assert!(matches!(present(&w, session, "T2", "T3", 32).await, Rotation::Over), "for the newest token too");
    w.caused(&[AuditEvent::SessionRefreshed, AuditEvent::SessionRefreshed, AuditEvent::RefreshReused]).await;
    assert_eq!(w.mails().await.len(), 1, "the owner is told");
}

pub(super) async fn a_token_dies_a_minute_after_its_successors_access_token_was_used(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = open(&w, user.id).await;
    current(present(&w, session, "T0", "T1", 10).await);
    w.store.note_generation(session, 0, at(5)).await.expect("note_generation works");
    w.store.note_generation(session, 1, at(20)).await.expect("note_generation works");
    w.store.note_generation(session, 1, at(50)).await.expect("note_generation works");
    let state = w.store.find_session(session).await.expect("find_session works").expect("is there");
    assert_eq!(state.refresh.map(|refresh| (refresh.generation, refresh.used_at)), Some((1, Some(at(20)))));
    let confirmed = at(20) + CONFIRMED_AFTER;
    let mut last = rotate(session, "T0", "x", 0);
    last.now = just_before(confirmed);
    assert!(matches!(w.store.rotate_refresh(last).await, Ok(Rotation::Current { .. })));
    let mut late = rotate(session, "T0", "x", 0);
    late.now = confirmed;
    assert!(matches!(w.store.rotate_refresh(late).await, Ok(Rotation::Reused)));
    w.caused(&[AuditEvent::SessionRefreshed, AuditEvent::RefreshReused]).await;
}

pub(super) async fn the_sixty_fifth_repetition_ends_the_session(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = open(&w, user.id).await;
    current(present(&w, session, "T0", "T1", 10).await);
    for n in 1..=MAX_REPEATS {
        assert_eq!(current(present(&w, session, "T0", "x", 10).await).repeats, n);
    }
    assert!(matches!(present(&w, session, "T0", "x", 10).await, Rotation::Reused));
    w.caused(&[AuditEvent::SessionRefreshed, AuditEvent::RefreshReused]).await;
}

pub(super) async fn a_family_is_over_by_time_without_being_called_stolen(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = open(&w, user.id).await;
    assert!(matches!(present(&w, session, "T0", "T1", 3600).await, Rotation::Over), "idle");
    assert!(w.opens_at(session, at(3600)).await, "nothing was decided");
    let mut edge = rotate(session, "T0", "T1", 0);
    edge.now = just_before(at(3600));
    edge.idle_expires_at = at(40_000);
    assert!(matches!(w.store.rotate_refresh(edge).await, Ok(Rotation::Current { .. })));
    assert!(matches!(present(&w, session, "T1", "T2", 36_000).await, Rotation::Over), "the absolute limit");
    w.caused(&[AuditEvent::SessionRefreshed]).await;
}

pub(super) async fn nothing_is_refreshed_where_the_session_or_its_user_is_over(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = open(&w, user.id).await;
    w.updated(user.id, |change| change.password = ChangeTo::Set(crate::testing::fixture::password_hash("new"))).await;
    assert!(matches!(present(&w, session, "T0", "T1", 10).await, Rotation::Over), "the password was changed");
    let session = open(&w, user.id).await;
    w.updated(user.id, |change| change.is_active = ChangeTo::Set(false)).await;
    assert!(matches!(present(&w, session, "T0", "T1", 10).await, Rotation::Over), "the account was deactivated");
    let plain = SessionId::random(&crate::rng::OsRng);
    assert!(matches!(present(&w, plain, "T0", "T1", 10).await, Rotation::Over), "there is no such session");
    assert_eq!(w.mails().await.len(), 0);
}

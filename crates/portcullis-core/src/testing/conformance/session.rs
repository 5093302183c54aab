//! Opening, using and ending sessions.

use super::World;
use crate::account::{ChangeTo, Epoch, NewUser};
use crate::audit::AuditEvent;
use crate::event::Event;
use crate::ids::{SessionId, UserId};
use crate::rng::OsRng;
use crate::session::{Denied, NewSession, PasswordCondition, SessionKind};
use crate::store::CreateSession;
use crate::testing::fixture::{START, at, audit_entry, just_before, new_session, new_user, password_hash};

async fn try_create(w: &World, new: NewSession, password: Option<PasswordCondition>) -> CreateSession {
    let audit = audit_entry(AuditEvent::SessionCreated).subject(new.user_id);
    w.store.create_session(new, password, audit).await.expect("create_session works")
}

async fn end(w: &World, id: SessionId, user: UserId) -> bool {
    let audit = audit_entry(AuditEvent::SessionEnded).subject(user).object(id);
    w.store.end_session(id, user, "signed_out", at(60), audit).await.expect("end_session works")
}

pub(super) async fn a_session_comes_back_as_it_was_created(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    for kind in SessionKind::ALL {
        let new = NewSession { kind, ..new_session(user.id, w.credentials(user.id).await.epoch) };
        assert_eq!(try_create(&w, new.clone(), None).await, CreateSession::Created);
        w.caused(&[AuditEvent::SessionCreated]).await;
        let state = w.store.find_session(new.id).await.expect("find_session works").expect("is there");
        assert_eq!((state.session.id, state.session.user_id, state.session.kind), (new.id, user.id, kind));
        assert_eq!((state.session.created_at, state.session.expires_at), (START, at(3600)));
        assert_eq!(state.session.peer.as_deref(), Some("192.0.2.7"));
        assert_eq!(state.session.agent.as_deref(), Some("fixture/1.0"));
        assert_eq!((state.session.ended_at, state.session.end_reason.as_deref()), (None, None));
        assert_eq!((&state.user, state.epoch, state.impersonator), (&user, new.epoch, None));
        assert_eq!(state.standing(START), Ok(()));
    }
    let unknown = SessionId::random(&OsRng);
    assert_eq!(w.store.find_session(unknown).await.expect("find_session works"), None);
}

pub(super) async fn a_session_opens_until_just_before_it_expires(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = w.sign_in(user.id).await;
    assert!(w.opens_at(session, just_before(at(3600))).await);
    assert!(!w.opens_at(session, at(3600)).await);
}

pub(super) async fn a_proof_from_before_a_credential_event_opens_nothing(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let old = w.credentials(user.id).await;
    // The same password again: only the epoch tells that something happened.
    w.updated(user.id, |change| change.password = ChangeTo::Set(old.password.clone())).await;
    let now = w.credentials(user.id).await;
    let before = w.picture().await;
    let condition = PasswordCondition { verified: old.password, upgrade: Some(password_hash("better")) };
    for epoch in [old.epoch, Epoch(now.epoch.0 + 1)] {
        for condition in [None, Some(condition.clone())] {
            let outcome = try_create(&w, new_session(user.id, epoch), condition).await;
            assert_eq!(outcome, CreateSession::StaleProof);
        }
    }
    w.unchanged(&before).await;
}

pub(super) async fn a_password_that_is_no_longer_the_stored_one_opens_nothing(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let epoch = w.credentials(user.id).await.epoch;
    let before = w.picture().await;
    for upgrade in [None, Some(password_hash("better"))] {
        let condition = PasswordCondition { verified: password_hash("another"), upgrade };
        let new = new_session(user.id, epoch);
        let id = new.id;
        assert_eq!(try_create(&w, new, Some(condition)).await, CreateSession::StaleProof);
        assert!(!w.opens(id).await);
    }
    w.unchanged(&before).await;
}

pub(super) async fn a_better_hash_replaces_the_old_one_and_ends_nothing(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let earlier = w.sign_in(user.id).await;
    w.send_one_time(crate::one_time::Purpose::ResetPassword, &user, "reset").await;
    let old = w.credentials(user.id).await;
    let condition = PasswordCondition { verified: old.password, upgrade: Some(password_hash("better")) };
    let new = new_session(user.id, old.epoch);
    let id = new.id;
    assert_eq!(try_create(&w, new, Some(condition)).await, CreateSession::Created);
    let now = w.credentials(user.id).await;
    assert!(now.password == password_hash("better"));
    assert_eq!(now.epoch, old.epoch);
    assert!(w.opens(earlier).await && w.opens(id).await);
    let legacy = w.store.find_legacy(user.id, &crate::digest::Digest::of(b"token")).await.expect("find_legacy works");
    assert_eq!(legacy.expect("is there").dead_before, None);
    w.caused(&[AuditEvent::SessionCreated]).await;
}

pub(super) async fn of_twenty_parallel_upgrades_of_a_hash_none_overwrites_another(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await.id;
    let old = w.credentials(user).await;
    let outcomes = w
        .race(20, |number, store| {
            let old = old.clone();
            async move {
                let better = password_hash(&format!("better{number}"));
                let condition = PasswordCondition { verified: old.password, upgrade: Some(better) };
                let audit = audit_entry(AuditEvent::SessionCreated);
                let done = store.create_session(new_session(user, old.epoch), Some(condition), audit).await;
                done.expect("create_session works")
            }
        })
        .await;
    let winners: Vec<_> = (0..20).filter(|number| outcomes[*number] == CreateSession::Created).collect();
    assert_eq!(winners.len(), 1, "the others were verified against a hash that is gone");
    assert!(w.credentials(user).await.password == password_hash(&format!("better{}", winners[0])));
    w.caused(&[AuditEvent::SessionCreated]).await;
}

pub(super) async fn nobody_and_the_inactive_get_no_session(w: World) {
    let w = w.open().await;
    let idle = w.create(NewUser { is_active: false, ..new_user("idle@example.com") }).await;
    let epoch = w.credentials(idle.id).await.epoch;
    let before = w.picture().await;
    for user in [idle.id, UserId::random(&OsRng)] {
        assert_eq!(try_create(&w, new_session(user, epoch), None).await, CreateSession::StaleProof);
    }
    w.unchanged(&before).await;
}

pub(super) async fn a_session_ends_once_and_says_why(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let (session, other) = (w.sign_in(user.id).await, w.sign_in(user.id).await);
    let cursor = w.store.feed_end().await.expect("feed_end works");
    assert!(end(&w, session, user.id).await);
    assert!(!w.opens(session).await);
    assert!(w.opens(other).await);
    let state = w.store.find_session(session).await.expect("find_session works").expect("the row stays");
    assert_eq!(state.standing(at(60)), Err(Denied::Ended));
    assert_eq!((state.session.ended_at, state.session.end_reason.as_deref()), (Some(at(60)), Some("signed_out")));
    let (events, _) = w.store.read_feed(cursor).await.expect("read_feed works");
    assert!(events.contains(&Event::Session(session)), "{events:?}");
    w.caused(&[AuditEvent::SessionEnded]).await;

    let before = w.picture().await;
    assert!(!end(&w, session, user.id).await);
    w.unchanged(&before).await;
}

pub(super) async fn somebody_elses_session_cannot_be_ended(w: World) {
    let w = w.open().await;
    let (ada, bob) = (w.person("ada@example.com").await, w.person("bob@example.com").await);
    let session = w.sign_in(ada.id).await;
    let before = w.picture().await;
    for (id, user) in [(session, bob.id), (session, UserId::random(&OsRng)), (SessionId::random(&OsRng), ada.id)] {
        assert!(!end(&w, id, user).await);
    }
    w.unchanged(&before).await;
    assert!(w.opens(session).await);
}

pub(super) async fn of_fifty_parallel_ends_one_wins(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await.id;
    let session = w.sign_in(user).await;
    let ended = w
        .race(50, |_, store| async move {
            let audit = audit_entry(AuditEvent::SessionEnded);
            store.end_session(session, user, "signed_out", at(60), audit).await.expect("end_session works")
        })
        .await;
    assert_eq!(ended.iter().filter(|ended| **ended).count(), 1);
    w.caused(&[AuditEvent::SessionEnded]).await;
}

pub(super) async fn all_sessions_but_one_end_together(w: World) {
    let w = w.open().await;
    let (ada, bob) = (w.person("ada@example.com").await, w.person("bob@example.com").await);
    let elsewhere = w.sign_in(bob.id).await;
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(w.sign_in(ada.id).await);
    }
    let keep = sessions[0];
    let audit = || audit_entry(AuditEvent::SessionEnded).subject(ada.id);
    let ended = w.store.end_sessions(ada.id, Some(keep), "signed_out", at(60), audit()).await;
    assert_eq!(ended.expect("end_sessions works"), 3);
    assert!(w.opens(keep).await && w.opens(elsewhere).await);
    for session in &sessions[1..] {
        assert!(!w.opens(*session).await);
    }
    w.caused(&[AuditEvent::SessionEnded]).await;
    let ended = w.store.end_sessions(ada.id, None, "signed_out", at(60), audit()).await;
    assert_eq!(ended.expect("end_sessions works"), 1);
    assert!(!w.opens(keep).await);
    w.caused(&[AuditEvent::SessionEnded]).await;
}

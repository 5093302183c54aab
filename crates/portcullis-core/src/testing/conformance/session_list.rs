//! Seeing one's sessions, and races that must leave none behind.

use super::World;
use crate::account::{ChangeTo, UserChange};
use crate::audit::AuditEvent;
use crate::digest::Digest;
use crate::ids::{SessionId, UserId};
use crate::one_time::Purpose;
use crate::rng::OsRng;
use crate::session::PasswordCondition;
use crate::store::{CreateSession, Store, UpdateUser};
use crate::testing::fixture::{at, audit_entry, just_before, new_session, password_hash};
use std::sync::Arc;

async fn listed(w: &World, user: UserId, secs: u64) -> Vec<SessionId> {
    let sessions = w.store.list_sessions(user, at(secs)).await.expect("list_sessions works");
    sessions.into_iter().map(|session| session.id).collect()
}

pub(super) async fn sessions_are_listed_latest_used_first(w: World) {
    let w = w.open().await;
    let (ada, bob) = (w.person("ada@example.com").await, w.person("bob@example.com").await);
    w.sign_in(bob.id).await;
    let mut sessions = Vec::new();
    for secs in [0, 10, 20] {
        sessions.push(w.sign_in_as(ada.id, |new| new.created_at = at(secs)).await);
    }
    let [a, b, c] = sessions[..] else { panic!("three") };
    assert_eq!(listed(&w, ada.id, 30).await, [c, b, a]);
    w.store.touch_session(a, at(1000)).await.expect("touch_session works");
    w.store.touch_session(b, at(2000)).await.expect("touch_session works");
    assert_eq!(listed(&w, ada.id, 2000).await, [b, a, c]);
    let sessions = w.store.list_sessions(ada.id, at(2000)).await.expect("list_sessions works");
    assert_eq!(sessions[0].last_seen_at, at(2000));
    assert_eq!(sessions[0].created_at, at(10), "use does not change the beginning");
    assert_eq!(listed(&w, UserId::random(&OsRng), 60).await, []);
    w.caused(&[]).await;
}

pub(super) async fn touching_nothing_harms_nobody(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    w.sign_in(user.id).await;
    let before = w.picture().await;
    w.store.touch_session(SessionId::random(&OsRng), at(1000)).await.expect("touch_session works");
    w.unchanged(&before).await;
}

pub(super) async fn ended_expired_and_outdated_sessions_are_not_listed(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let ended = w.sign_in(user.id).await;
    let audit = audit_entry(AuditEvent::SessionEnded);
    assert!(w.store.end_session(ended, user.id, "signed_out", at(10), audit).await.expect("end_session works"));
    let short = w.sign_in_as(user.id, |new| new.expires_at = at(60)).await;
    let long = w.sign_in(user.id).await;
    let order = |mut ids: Vec<SessionId>| {
        ids.sort();
        ids
    };
    let moment = just_before(at(60));
    let sessions = w.store.list_sessions(user.id, moment).await.expect("list_sessions works");
    assert_eq!(order(sessions.into_iter().map(|session| session.id).collect()), order(vec![short, long]));
    assert_eq!(listed(&w, user.id, 60).await, [long]);
    w.updated(user.id, |change| change.password = ChangeTo::Set(password_hash("new"))).await;
    assert_eq!(listed(&w, user.id, 60).await, []);
}

/// Lets forty sign-ins with the present password race against `event`, and says which sessions they made.
async fn race_sign_ins<F>(w: &World, user: UserId, event: impl Fn(Arc<dyn Store>) -> F) -> Vec<SessionId>
where
    F: Future<Output = ()> + Send + 'static,
{
    let proof = w.credentials(user).await;
    let event =
        |store: Arc<dyn Store>| -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> { Box::pin(event(store)) };
    let made = w
        .race(41, |number, store| {
            let proof = proof.clone();
            let act = (number == 20).then(|| event(Arc::clone(&store)));
            async move {
                if let Some(act) = act {
                    act.await;
                    return None;
                }
                let new = new_session(user, proof.epoch);
                let id = new.id;
                let condition = PasswordCondition { verified: proof.password, upgrade: None };
                let audit = audit_entry(AuditEvent::SessionCreated);
                let done = store.create_session(new, Some(condition), audit).await.expect("create_session works");
                (done == CreateSession::Created).then_some(id)
            }
        })
        .await;
    made.into_iter().flatten().collect()
}

async fn none_opens(w: &World, user: UserId, sessions: Vec<SessionId>, event: AuditEvent) {
    let rows = w.news().await;
    let made = rows.iter().filter(|row| row.event == AuditEvent::SessionCreated.as_str()).count();
    assert_eq!(made, sessions.len(), "a row for each session that was made, and no other");
    assert_eq!(rows.iter().filter(|row| row.event == event.as_str()).count(), 1);
    for session in sessions {
        assert!(!w.opens(session).await, "a session made with the old password is alive");
    }
    assert_eq!(listed(w, user, 120).await, []);
}

pub(super) async fn no_session_survives_a_password_change_that_it_raced_with(w: World) {
    let w = w.open().await;
    for round in 0..3 {
        let user = w.person(&format!("ada{round}@example.com")).await.id;
        let made = race_sign_ins(&w, user, move |store| async move {
            let password = ChangeTo::Set(password_hash("new"));
            let change = UserChange { password, ..UserChange::nothing(at(60)) };
            let done = store.update_user(user, change, Vec::new(), audit_entry(AuditEvent::AccountUpdated)).await;
            assert!(matches!(done, Ok(UpdateUser::Updated(_))), "{done:?}");
        })
        .await;
        none_opens(&w, user, made, AuditEvent::AccountUpdated).await;
    }
}

pub(super) async fn no_session_survives_a_deactivation_that_it_raced_with(w: World) {
    let w = w.open().await;
    for round in 0..3 {
        let user = w.person(&format!("ada{round}@example.com")).await.id;
        let made = race_sign_ins(&w, user, move |store| async move {
            let change = UserChange { is_active: ChangeTo::Set(false), ..UserChange::nothing(at(60)) };
            let done = store.update_user(user, change, Vec::new(), audit_entry(AuditEvent::AccountUpdated)).await;
            assert!(matches!(done, Ok(UpdateUser::Updated(_))), "{done:?}");
        })
        .await;
        none_opens(&w, user, made.clone(), AuditEvent::AccountUpdated).await;
        w.updated(user, |change| change.is_active = ChangeTo::Set(true)).await;
        for session in made {
            assert!(!w.opens(session).await, "waking the account up revives nothing");
        }
        w.look_away().await;
    }
}

pub(super) async fn no_session_survives_a_password_reset_that_it_raced_with(w: World) {
    let w = w.open().await;
    for round in 0..3 {
        let user = w.person(&format!("ada{round}@example.com")).await;
        let word = format!("reset{round}");
        w.send_one_time(Purpose::ResetPassword, &user, &word).await;
        let digest = Digest::of(word.as_bytes());
        let made = race_sign_ins(&w, user.id, move |store| async move {
            let audit = audit_entry(AuditEvent::PasswordReset);
            let done = store.reset_password(&digest, password_hash("new"), Vec::new(), at(60), audit).await;
            assert!(matches!(done, Ok(Some(_))), "{done:?}");
        })
        .await;
        none_opens(&w, user.id, made, AuditEvent::PasswordReset).await;
    }
}

pub(super) async fn no_session_survives_a_deletion_that_it_raced_with(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await.id;
    let made = race_sign_ins(&w, user, move |store| async move {
        let done = store.delete_user(user, at(60), audit_entry(AuditEvent::AccountDeleted)).await;
        assert!(matches!(done, Ok(crate::store::DeleteUser::Deleted)), "{done:?}");
    })
    .await;
    none_opens(&w, user, made, AuditEvent::AccountDeleted).await;
}

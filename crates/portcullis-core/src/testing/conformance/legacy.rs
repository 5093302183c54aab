//! Tokens from before sessions: what kills them.

use super::World;
use crate::account::{ChangeTo, UserChange};
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::email_address::EmailKey;
use crate::ids::UserId;
use crate::one_time::Purpose;
use crate::rng::OsRng;
use crate::store::LegacyState;
use crate::testing::fixture::{at, audit_entry, password_hash};

async fn legacy(w: &World, user: UserId, token: &str) -> LegacyState {
    let found = w.store.find_legacy(user, &Digest::of(token.as_bytes())).await;
    found.expect("find_legacy works").expect("the account is there")
}

async fn dead_before(w: &World, user: UserId) -> Option<Timestamp> {
    legacy(w, user, "token").await.dead_before
}

pub(super) async fn an_old_token_of_an_untouched_account_lives(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let state = legacy(&w, user.id, "token").await;
    assert_eq!(state, LegacyState { user, dead_before: None, denied: false });
    let unknown = w.store.find_legacy(UserId::random(&OsRng), &Digest::of(b"token")).await;
    assert_eq!(unknown.expect("find_legacy works"), None);
}

pub(super) async fn password_change_deactivation_and_reset_kill_old_tokens(w: World) {
    let w = w.open().await;
    let changed = w.person("changed@example.com").await;
    let session = w.sign_in(changed.id).await;
    w.updated(changed.id, |change| {
        change.password = ChangeTo::Set(password_hash("new"));
        change.keep_session = Some(session);
    })
    .await;
    assert!(dead_before(&w, changed.id).await.is_some_and(|moment| moment >= at(60)));

    let idle = w.person("idle@example.com").await;
    w.updated(idle.id, |change| change.is_active = ChangeTo::Set(false)).await;
    assert!(dead_before(&w, idle.id).await.is_some_and(|moment| moment >= at(60)));
    w.updated(idle.id, |change| change.is_active = ChangeTo::Set(true)).await;
    let state = legacy(&w, idle.id, "token").await;
    assert!(state.user.is_active);
    assert!(state.dead_before.is_some_and(|moment| moment >= at(60)), "waking the account up revives nothing");

    let reset = w.person("reset@example.com").await;
    w.send_one_time(Purpose::ResetPassword, &reset, "reset").await;
    let audit = audit_entry(AuditEvent::PasswordReset);
    let done = w.store.reset_password(&Digest::of(b"reset"), password_hash("new"), Vec::new(), at(60), audit).await;
    assert!(done.expect("reset_password works").is_some());
    assert!(dead_before(&w, reset.id).await.is_some_and(|moment| moment >= at(60)));
}

pub(super) async fn other_changes_leave_old_tokens_alone(w: World) {
    let w = w.open().await;
    w.superuser("admin@example.com").await;
    let user = w.superuser("ada@example.com").await;
    let changes: [fn(&mut UserChange); 4] = [
        |_| (),
        |change| change.is_superuser = ChangeTo::Set(false),
        |change| change.is_verified = ChangeTo::Set(false),
        |change| change.email = ChangeTo::Set(("new@example.com".into(), EmailKey::of("new@example.com"))),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        w.updated(user.id, change).await;
        assert_eq!(dead_before(&w, user.id).await, None, "change {number}");
    }
    let session = w.sign_in(user.id).await;
    let audit = audit_entry(AuditEvent::SessionEnded);
    assert!(w.store.end_session(session, user.id, "signed_out", at(60), audit).await.expect("end_session works"));
    assert_eq!(dead_before(&w, user.id).await, None, "signing out of a session");
}

pub(super) async fn a_signed_out_old_token_is_denied_and_no_other(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    for _ in 0..2 {
        let audit = audit_entry(AuditEvent::SessionEnded).subject(user.id);
        w.store.deny_legacy(&Digest::of(b"token"), at(3600), audit).await.expect("deny_legacy works twice");
    }
    assert!(legacy(&w, user.id, "token").await.denied);
    assert!(!legacy(&w, user.id, "another").await.denied);
    let rows = w.news().await;
    assert!(!rows.is_empty() && rows.iter().all(|row| row.event == AuditEvent::SessionEnded.as_str()));
}

pub(super) async fn parallel_denials_of_one_token_all_end_well(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    w.race(20, |_, store| async move {
        let audit = audit_entry(AuditEvent::SessionEnded);
        store.deny_legacy(&Digest::of(b"token"), at(3600), audit).await.expect("deny_legacy works");
    })
    .await;
    assert!(legacy(&w, user.id, "token").await.denied);
}

//! Sessions in which a superuser acts as somebody: they hang on both accounts and on the superuser's session.

use super::World;
use crate::account::{ChangeTo, Epoch, User, UserChange};
use crate::audit::AuditEvent;
use crate::event::Event;
use crate::ids::{SessionId, UserId};
use crate::rng::OsRng;
use crate::session::{NewImpersonator, NewSession, SessionKind};
use crate::store::{CreateSession, DeleteUser};
use crate::testing::fixture::{START, at, audit_entry, just_before, new_session, password_hash};

/// Two superusers (so that one may go), one of them signed in, and a user with a session of their own.
struct Scene {
    admin: User,
    parent: SessionId,
    user: User,
    own: SessionId,
}

async fn scene(w: &World) -> Scene {
    w.superuser("other@example.com").await;
    let (admin, user) = (w.superuser("admin@example.com").await, w.person("ada@example.com").await);
    Scene { parent: w.sign_in(admin.id).await, own: w.sign_in(user.id).await, admin, user }
}

fn minted(user: (UserId, Epoch), admin: (UserId, Epoch), parent: Option<SessionId>) -> NewSession {
    let impersonator = Some(NewImpersonator { user_id: admin.0, session_id: parent, epoch: admin.1 });
    let kind = SessionKind::Impersonation;
    NewSession { kind, expires_at: at(900), impersonator, ..new_session(user.0, user.1) }
}

async fn epoch(w: &World, user: UserId) -> (UserId, Epoch) {
    (user, w.credentials(user).await.epoch)
}

async fn try_mint(w: &World, new: NewSession) -> CreateSession {
    let audit = audit_entry(AuditEvent::TokenMinted).subject(new.user_id);
    w.store.create_session(new, None, audit).await.expect("create_session works")
}

async fn mint(w: &World, scene: &Scene, parent: Option<SessionId>) -> SessionId {
    let new = minted(epoch(w, scene.user.id).await, epoch(w, scene.admin.id).await, parent);
    let id = new.id;
    assert_eq!(try_mint(w, new).await, CreateSession::Created);
    w.look_away().await;
    assert!(w.opens(id).await);
    id
}

/// Asserts that `minted` is dead and that the user's own session is not.
async fn cut(w: &World, scene: &Scene, minted: &[SessionId]) {
    for session in minted {
        assert!(!w.opens(*session).await, "a minted session is alive");
    }
    assert!(w.opens(scene.own).await, "the user's own session has nothing to do with it");
}

pub(super) async fn a_minted_session_opens_and_names_its_superuser(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    for parent in [Some(s.parent), None] {
        let new = minted(epoch(&w, s.user.id).await, epoch(&w, s.admin.id).await, parent);
        let id = new.id;
        assert_eq!(try_mint(&w, new).await, CreateSession::Created);
        w.caused(&[AuditEvent::TokenMinted]).await;
        let state = w.store.find_session(id).await.expect("find_session works").expect("is there");
        assert_eq!((state.session.user_id, state.session.impersonator_id), (s.user.id, Some(s.admin.id)));
        assert_eq!(state.session.kind, SessionKind::Impersonation);
        let admin = state.impersonator.expect("the superuser is there");
        assert!(admin.is_active && admin.is_superuser && admin.epoch == admin.minted_under);
        assert_eq!(admin.parent.map(|parent| (parent.ended, parent.expires_at)), parent.map(|_| (false, at(3600))));
        assert_eq!(state.standing(START), Ok(()));
    }
}

pub(super) async fn only_an_active_superuser_of_the_given_epoch_mints(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let (plain, idle) = (w.person("plain@example.com").await, w.superuser("idle@example.com").await);
    w.updated(idle.id, |change| change.is_active = ChangeTo::Set(false)).await;
    let user = epoch(&w, s.user.id).await;
    let (admin, now) = epoch(&w, s.admin.id).await;
    let before = w.picture().await;
    for admin in [
        epoch(&w, plain.id).await,
        epoch(&w, idle.id).await,
        (admin, Epoch(now.0 + 1)),
        (UserId::random(&OsRng), Epoch(0)),
    ] {
        assert_eq!(try_mint(&w, minted(user, admin, None)).await, CreateSession::StaleProof);
    }
    for user in [(user.0, Epoch(user.1.0 + 1)), epoch(&w, idle.id).await] {
        assert_eq!(try_mint(&w, minted(user, (admin, now), None)).await, CreateSession::StaleProof);
    }
    w.unchanged(&before).await;
}

pub(super) async fn ending_the_superusers_session_ends_what_was_minted_in_it(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let elsewhere = w.sign_in(s.admin.id).await;
    let (here, there) = (mint(&w, &s, Some(s.parent)).await, mint(&w, &s, Some(elsewhere)).await);
    let cursor = w.store.feed_end().await.expect("feed_end works");
    let audit = audit_entry(AuditEvent::SessionEnded);
    let done = w.store.end_session(s.parent, s.admin.id, "signed_out", at(60), audit).await;
    assert!(done.expect("end_session works"));
    cut(&w, &s, &[here]).await;
    assert!(w.opens(there).await, "it was minted in another session");
    let (events, _) = w.store.read_feed(cursor).await.expect("read_feed works");
    assert!(events.contains(&Event::Session(s.parent)) && events.contains(&Event::Session(here)), "{events:?}");
    w.caused(&[AuditEvent::SessionEnded]).await;
}

pub(super) async fn ending_a_minted_session_leaves_the_superusers_own(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let (one, two) = (mint(&w, &s, Some(s.parent)).await, mint(&w, &s, Some(s.parent)).await);
    let audit = audit_entry(AuditEvent::SessionEnded);
    assert!(w.store.end_session(one, s.user.id, "signed_out", at(60), audit).await.expect("end_session works"));
    cut(&w, &s, &[one]).await;
    assert!(w.opens(s.parent).await && w.opens(two).await);
    w.caused(&[AuditEvent::SessionEnded]).await;
}

pub(super) async fn ending_all_sessions_of_a_superuser_cuts_what_was_minted_in_them(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let session = mint(&w, &s, Some(s.parent)).await;
    let audit = audit_entry(AuditEvent::SessionEnded);
    let ended = w.store.end_sessions(s.admin.id, None, "signed_out", at(60), audit).await;
    assert!(ended.expect("end_sessions works") >= 1);
    cut(&w, &s, &[session]).await;
    w.caused(&[AuditEvent::SessionEnded]).await;
}

pub(super) async fn a_minted_session_ends_when_the_superusers_session_expires(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let short = w.sign_in_as(s.admin.id, |new| new.expires_at = at(300)).await;
    let session = mint(&w, &s, Some(short)).await;
    assert!(w.opens_at(session, just_before(at(300))).await);
    assert!(!w.opens_at(session, at(300)).await);
}

pub(super) async fn demotion_deactivation_and_password_change_of_the_superuser_cut_for_good(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let events: [fn(&mut UserChange); 3] = [
        |change| change.is_superuser = ChangeTo::Set(false),
        |change| change.is_active = ChangeTo::Set(false),
        |change| change.password = ChangeTo::Set(password_hash("new")),
    ];
    for (number, event) in events.into_iter().enumerate() {
        let parent = w.sign_in(s.admin.id).await;
        let sessions = [mint(&w, &s, Some(parent)).await, mint(&w, &s, None).await];
        w.updated(s.admin.id, |change| {
            event(change);
            change.keep_session = Some(parent);
        })
        .await;
        cut(&w, &s, &sessions).await;
        w.updated(s.admin.id, |change| {
            change.is_superuser = ChangeTo::Set(true);
            change.is_active = ChangeTo::Set(true);
        })
        .await;
        cut(&w, &s, &sessions).await;
        w.caused(&[AuditEvent::AccountUpdated; 2]).await;
        assert_eq!(w.opens(parent).await, number != 1, "event {number} and the session in which it happened");
    }
}

pub(super) async fn deletion_of_the_superuser_cuts(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let sessions = [mint(&w, &s, Some(s.parent)).await, mint(&w, &s, None).await];
    let audit = audit_entry(AuditEvent::AccountDeleted).subject(s.admin.id);
    let done = w.store.delete_user(s.admin.id, at(60), audit).await.expect("delete_user works");
    assert_eq!(done, DeleteUser::Deleted);
    cut(&w, &s, &sessions).await;
    w.caused(&[AuditEvent::AccountDeleted]).await;
}

pub(super) async fn what_ends_the_users_sessions_ends_minted_ones_too(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let session = mint(&w, &s, Some(s.parent)).await;
    w.updated(s.user.id, |change| {
        change.password = ChangeTo::Set(password_hash("new"));
        change.keep_session = Some(s.own);
    })
    .await;
    cut(&w, &s, &[session]).await;
    let session = mint(&w, &s, Some(s.parent)).await;
    w.updated(s.user.id, |change| change.is_active = ChangeTo::Set(false)).await;
    assert!(!w.opens(session).await);
    w.updated(s.user.id, |change| change.is_active = ChangeTo::Set(true)).await;
    assert!(!w.opens(session).await);
    assert!(w.opens(s.parent).await, "the superuser has nothing to do with it");
    w.caused(&[AuditEvent::AccountUpdated; 2]).await;
}

pub(super) async fn a_session_minted_in_an_ended_one_opens_nothing(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let audit = audit_entry(AuditEvent::SessionEnded);
    let done = w.store.end_session(s.parent, s.admin.id, "signed_out", at(60), audit).await;
    assert!(done.expect("end_session works"));
    for parent in [s.parent, SessionId::random(&OsRng)] {
        let new = minted(epoch(&w, s.user.id).await, epoch(&w, s.admin.id).await, Some(parent));
        let id = new.id;
        try_mint(&w, new).await;
        assert!(!w.opens(id).await);
    }
}

pub(super) async fn no_minted_session_survives_a_demotion_that_it_raced_with(w: World) {
    let w = w.open().await;
    let s = scene(&w).await;
    let (admin, parent) = (epoch(&w, s.admin.id).await, s.parent);
    let user = epoch(&w, s.user.id).await;
    let made = w
        .race(31, |number, store| async move {
            if number == 15 {
                let change = UserChange { is_superuser: ChangeTo::Set(false), ..UserChange::nothing(at(60)) };
                let audit = audit_entry(AuditEvent::AccountUpdated);
                store.update_user(admin.0, change, Vec::new(), audit).await.expect("update_user works");
                return None;
            }
            let new = minted(user, admin, Some(parent));
            let id = new.id;
            let done = store.create_session(new, None, audit_entry(AuditEvent::TokenMinted)).await;
            (done.expect("create_session works") == CreateSession::Created).then_some(id)
        })
        .await;
    let made: Vec<_> = made.into_iter().flatten().collect();
    assert_eq!(w.news().await.len(), made.len() + 1, "a row for each that was made, and one for the demotion");
    cut(&w, &s, &made).await;
    w.updated(s.admin.id, |change| change.is_superuser = ChangeTo::Set(true)).await;
    cut(&w, &s, &made).await;
}

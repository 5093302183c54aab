//! What a change of an account kills: the table of [`crate::revoke`], tried.

use super::World;
use crate::account::{ChangeTo, User};
use crate::audit::AuditEvent;
use crate::device::DeviceStatus;
use crate::digest::Digest;
use crate::email_address::EmailKey;
use crate::ids::SessionId;
use crate::one_time::Purpose;
use crate::session::Denied;
use crate::testing::fixture::{at, audit_entry, password_hash};

/// A change to this address.
pub(super) fn email(text: &str) -> ChangeTo<(String, EmailKey)> {
    ChangeTo::Set((text.to_owned(), EmailKey::of(text)))
}

/// A user with one of everything that a change may kill.
pub(super) struct Equipped {
    pub(super) user: User,
    here: SessionId,
    there: SessionId,
}

const RESET: &str = "reset";
const VERIFY: &str = "verify";
const CODE: &str = "BCDFGHJK";

pub(super) async fn equipped(w: &World) -> Equipped {
    let user = w.person("ada@example.com").await;
    let (here, there) = (w.sign_in(user.id).await, w.sign_in(user.id).await);
    w.send_one_time(Purpose::ResetPassword, &user, RESET).await;
    w.send_one_time(Purpose::VerifyEmail, &user, VERIFY).await;
    w.approved_device(user.id, CODE).await;
    Equipped { user, here, there }
}

impl World {
    async fn works(&self, purpose: Purpose, word: &str) -> bool {
        let digest = Digest::of(word.as_bytes());
        self.store.find_one_time(purpose, &digest, at(120)).await.expect("find_one_time works").is_some()
    }

    /// Which of session here, session there, reset token, verify token and approval are alive.
    pub(super) async fn alive(&self, e: &Equipped) -> [bool; 5] {
        [
            self.opens(e.here).await,
            self.opens(e.there).await,
            self.works(Purpose::ResetPassword, RESET).await,
            self.works(Purpose::VerifyEmail, VERIFY).await,
            self.device(CODE).await.status == DeviceStatus::Approved,
        ]
    }
}

pub(super) async fn a_change_of_nothing_ends_nothing(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    let epoch = w.credentials(e.user.id).await.epoch;
    assert_eq!(w.updated(e.user.id, |_| ()).await, e.user);
    let same = w
        .updated(e.user.id, |change| {
            change.email = email("ada@example.com");
            change.is_active = ChangeTo::Set(true);
            change.is_superuser = ChangeTo::Set(false);
            change.is_verified = ChangeTo::Set(false);
        })
        .await;
    assert_eq!(same, e.user);
    assert_eq!(w.alive(&e).await, [true; 5]);
    assert_eq!(w.credentials(e.user.id).await.epoch, epoch);
    w.caused(&[AuditEvent::AccountUpdated; 2]).await;
}

pub(super) async fn another_address_is_unverified_and_kills_what_was_mailed(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    w.updated(e.user.id, |change| change.is_verified = ChangeTo::Set(true)).await;
    let after = w.updated(e.user.id, |change| change.email = email("new@example.com")).await;
    assert!(!after.is_verified);
    assert_eq!(w.alive(&e).await, [true, true, false, false, true]);
    w.updated(e.user.id, |change| change.email = email("ada@example.com")).await;
    assert_eq!(w.alive(&e).await, [true, true, false, false, true], "going back revives nothing");
    w.caused(&[AuditEvent::AccountUpdated; 3]).await;
}

pub(super) async fn another_spelling_of_the_address_keeps_verified_and_kills_nothing(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    w.updated(e.user.id, |change| change.is_verified = ChangeTo::Set(true)).await;
    let after = w.updated(e.user.id, |change| change.email = email("Ada@Example.com")).await;
    assert_eq!((after.email.as_str(), after.is_verified), ("Ada@Example.com", true));
    assert_eq!(w.alive(&e).await, [true; 5]);
    assert_eq!(w.by_email("ada@example.com").await, Some(after));
    w.caused(&[AuditEvent::AccountUpdated; 2]).await;
}

pub(super) async fn a_password_change_ends_other_sessions_and_keeps_this_one_usable(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    let epoch = w.credentials(e.user.id).await.epoch;
    w.updated(e.user.id, |change| {
        change.password = ChangeTo::Set(password_hash("new"));
        change.keep_session = Some(e.here);
    })
    .await;
    assert!(w.opens(e.here).await);
    assert!(!w.opens(e.there).await);
    assert!(w.credentials(e.user.id).await.epoch > epoch);
    let listed = w.store.list_sessions(e.user.id, at(120)).await.expect("list_sessions works");
    assert_eq!(listed.iter().map(|session| session.id).collect::<Vec<_>>(), [e.here]);
    w.caused(&[AuditEvent::AccountUpdated]).await;
    let next = w.sign_in(e.user.id).await;
    assert!(w.opens(next).await, "the new password opens");
}

pub(super) async fn a_password_change_in_no_session_ends_all(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    let bystander = w.person("bob@example.com").await;
    let elsewhere = w.sign_in(bystander.id).await;
    w.updated(e.user.id, |change| change.password = ChangeTo::Set(password_hash("new"))).await;
    assert!(!w.opens(e.here).await && !w.opens(e.there).await);
    assert!(w.opens(elsewhere).await, "somebody else's");
    assert_eq!(w.store.list_sessions(e.user.id, at(120)).await.expect("list_sessions works"), []);
    w.caused(&[AuditEvent::AccountUpdated]).await;
}

pub(super) async fn a_session_of_somebody_else_is_not_touched_by_being_kept(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    let bystander = w.person("bob@example.com").await;
    w.updated(bystander.id, |change| change.password = ChangeTo::Set(password_hash("first"))).await;
    let elsewhere = w.sign_in(bystander.id).await;
    for _ in 0..2 {
        w.updated(e.user.id, |change| {
            change.password = ChangeTo::Set(password_hash("new"));
            change.keep_session = Some(elsewhere);
        })
        .await;
    }
    assert!(w.opens(elsewhere).await);
    assert!(!w.opens(e.here).await && !w.opens(e.there).await);
}

pub(super) async fn a_password_change_kills_reset_tokens_and_approvals_but_not_verify_tokens(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    w.updated(e.user.id, |change| {
        change.password = ChangeTo::Set(password_hash("new"));
        change.keep_session = Some(e.here);
    })
    .await;
    assert_eq!(w.alive(&e).await, [true, false, false, true, false]);
    w.caused(&[AuditEvent::AccountUpdated]).await;
}

pub(super) async fn a_deactivation_ends_all_for_good(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    w.updated(e.user.id, |change| {
        change.is_active = ChangeTo::Set(false);
        change.keep_session = Some(e.here);
    })
    .await;
    let state = w.store.find_session(e.here).await.expect("find_session works");
    let denied = state.expect("the row stays").standing(at(120)).expect_err("nothing opens");
    assert!(matches!(denied, Denied::Ended | Denied::Inactive), "{denied:?}");
    assert_eq!(w.alive(&e).await, [false; 5]);
    w.updated(e.user.id, |change| change.is_active = ChangeTo::Set(true)).await;
    assert_eq!(w.alive(&e).await, [false; 5], "waking the account up revives nothing");
    w.caused(&[AuditEvent::AccountUpdated; 2]).await;
    let next = w.sign_in(e.user.id).await;
    assert!(w.opens(next).await);
}

pub(super) async fn an_ended_session_is_not_revived_by_being_kept(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    let audit = audit_entry(AuditEvent::SessionEnded);
    let done = w.store.end_session(e.here, e.user.id, "signed_out", at(30), audit).await;
    assert!(done.expect("end_session works"));
    w.updated(e.user.id, |change| {
        change.password = ChangeTo::Set(password_hash("new"));
        change.keep_session = Some(e.here);
    })
    .await;
    assert_eq!(w.alive(&e).await, [false, false, false, true, false]);
    w.caused(&[AuditEvent::SessionEnded, AuditEvent::AccountUpdated]).await;
}

//! Proving an address.

use super::World;
use crate::account::{ChangeTo, User, UserChange};
use crate::audit::{AuditEvent, AuditFilter};
use crate::digest::Digest;
use crate::email_address::EmailKey;
use crate::event::Event;
use crate::one_time::Purpose;
use crate::store::VerifyEmail;
use crate::testing::fixture::{at, audit_entry, just_before};

async fn verify_at(w: &World, word: &str, now: crate::clock::Timestamp) -> VerifyEmail {
    let audit = audit_entry(AuditEvent::EmailVerified);
    w.store.verify_email(&Digest::of(word.as_bytes()), now, audit).await.expect("verify_email works")
}

async fn verify(w: &World, word: &str) -> VerifyEmail {
    verify_at(w, word, at(60)).await
}

/// Asserts that a token is refused and that trying it changed nothing.
async fn bad(w: &World, word: &str) {
    let before = w.picture().await;
    assert_eq!(verify(w, word).await, VerifyEmail::BadToken, "{word:?}");
    w.unchanged(&before).await;
}

async fn asked(w: &World) -> User {
    let user = w.person("ada@example.com").await;
    w.send_one_time(Purpose::VerifyEmail, &user, "verify").await;
    user
}

pub(super) async fn a_verified_address_is_marked_once(w: World) {
    let w = w.open().await;
    let user = asked(&w).await;
    let session = w.sign_in(user.id).await;
    let (epoch, cursor) = (w.credentials(user.id).await.epoch, w.store.feed_end().await.expect("feed_end works"));
    let verified = User { is_verified: true, ..user.clone() };
    assert_eq!(verify(&w, "verify").await, VerifyEmail::Verified(verified.clone()));
    assert_eq!(w.store.find_user(user.id).await.expect("find_user works"), Some(verified));
    assert!(w.opens(session).await, "it opens nothing and ends nothing");
    assert_eq!(w.credentials(user.id).await.epoch, epoch);
    let (events, _) = w.store.read_feed(cursor).await.expect("read_feed works");
    assert!(events.contains(&Event::User(user.id)), "{events:?}");
    w.caused(&[AuditEvent::EmailVerified]).await;
    let filter = AuditFilter { subject: Some(user.id), limit: 10, ..AuditFilter::default() };
    let rows = w.store.list_audit(&filter).await.expect("list_audit works");
    assert!(rows.iter().any(|row| row.event == AuditEvent::EmailVerified.as_str()), "the row names the account");

    let before = w.picture().await;
    assert_eq!(verify(&w, "verify").await, VerifyEmail::AlreadyVerified(user.id));
    w.unchanged(&before).await;
}

pub(super) async fn of_fifty_parallel_verifications_one_wins_and_the_others_hear_so(w: World) {
    let w = w.open().await;
    let user = asked(&w).await;
    let outcomes = w
        .race(50, |_, store| async move {
            let audit = audit_entry(AuditEvent::EmailVerified);
            store.verify_email(&Digest::of(b"verify"), at(60), audit).await.expect("verify_email works")
        })
        .await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, VerifyEmail::Verified(_))).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == VerifyEmail::AlreadyVerified(user.id)).count(), 49);
    w.caused(&[AuditEvent::EmailVerified]).await;
}

pub(super) async fn an_address_proved_otherwise_is_already_verified(w: World) {
    let w = w.open().await;
    let user = asked(&w).await;
    w.updated(user.id, |change| change.is_verified = ChangeTo::Set(true)).await;
    let before = w.picture().await;
    assert_eq!(verify(&w, "verify").await, VerifyEmail::AlreadyVerified(user.id));
    w.unchanged(&before).await;
}

pub(super) async fn a_used_token_does_not_verify_again(w: World) {
    let w = w.open().await;
    let user = asked(&w).await;
    assert!(matches!(verify(&w, "verify").await, VerifyEmail::Verified(_)));
    w.updated(user.id, |change| change.is_verified = ChangeTo::Set(false)).await;
    bad(&w, "verify").await;
}

pub(super) async fn a_token_for_the_old_address_proves_nothing(w: World) {
    let w = w.open().await;
    let user = asked(&w).await;
    for address in ["new@example.com", "ada@example.com"] {
        let email = ChangeTo::Set((address.to_owned(), EmailKey::of(address)));
        w.updated(user.id, |change| change.email = email).await;
        bad(&w, "verify").await;
    }
    w.caused(&[AuditEvent::AccountUpdated; 2]).await;
}

pub(super) async fn an_older_token_proves_nothing(w: World) {
    let w = w.open().await;
    let user = asked(&w).await;
    w.send_one_time(Purpose::VerifyEmail, &user, "newer").await;
    bad(&w, "verify").await;
    assert!(matches!(verify(&w, "newer").await, VerifyEmail::Verified(_)));
    w.caused(&[AuditEvent::EmailVerified]).await;
}

pub(super) async fn a_token_proves_until_just_before_it_expires(w: World) {
    let w = w.open().await;
    asked(&w).await;
    let before = w.picture().await;
    assert_eq!(verify_at(&w, "verify", at(3600)).await, VerifyEmail::BadToken);
    w.unchanged(&before).await;
    assert!(matches!(verify_at(&w, "verify", just_before(at(3600))).await, VerifyEmail::Verified(_)));
}

pub(super) async fn tokens_of_nobody_the_inactive_and_another_purpose_prove_nothing(w: World) {
    let w = w.open().await;
    let user = asked(&w).await;
    w.send_one_time(Purpose::ResetPassword, &user, "reset").await;
    bad(&w, "reset").await;
    bad(&w, "unknown").await;
    bad(&w, "").await;
    w.updated(user.id, |change| change.is_active = ChangeTo::Set(false)).await;
    bad(&w, "verify").await;
    w.updated(user.id, |change| change.is_active = ChangeTo::Set(true)).await;
    bad(&w, "verify").await;
}

pub(super) async fn no_verification_proves_an_address_that_came_meanwhile(w: World) {
    let w = w.open().await;
    for round in 0..10 {
        let (old, new) = (format!("ada{round}@example.com"), format!("new{round}@example.com"));
        let (user, word) = (w.person(&old).await, format!("verify{round}"));
        w.send_one_time(Purpose::VerifyEmail, &user, &word).await;
        let digest = Digest::of(word.as_bytes());
        w.race(2, |number, store| {
            let email = ChangeTo::Set((new.clone(), EmailKey::of(&new)));
            async move {
                if number == 0 {
                    let audit = audit_entry(AuditEvent::EmailVerified);
                    store.verify_email(&digest, at(60), audit).await.expect("verify_email works");
                } else {
                    let change = UserChange { email, ..UserChange::nothing(at(60)) };
                    let audit = audit_entry(AuditEvent::AccountUpdated);
                    store.update_user(user.id, change, Vec::new(), audit).await.expect("update_user works");
                }
            }
        })
        .await;
        let after = w.store.find_user(user.id).await.expect("find_user works").expect("is there");
        assert_eq!((after.email, after.is_verified), (new, false), "round {round}");
    }
}

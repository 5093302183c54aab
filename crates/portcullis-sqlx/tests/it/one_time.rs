//! Values that work once.

use crate::support::*;
use portcullis_core::account::{ChangeTo, User, UserChange};
use portcullis_core::audit::AuditEvent;
use portcullis_core::digest::Digest;
use portcullis_core::email_address::EmailKey;
use portcullis_core::ids::OneTimeId;
use portcullis_core::one_time::{NewOneTime, Purpose};
use portcullis_core::rng::OsRng;
use portcullis_core::store::{Store, VerifyEmail};
use std::time::Duration;

async fn issue(store: &dyn Store, user: &User, purpose: Purpose, secret: &str) -> bool {
    let new = NewOneTime {
        id: OneTimeId::random(&OsRng),
        purpose,
        user_id: user.id,
        digest: Digest::of(secret.as_bytes()),
        email_key: EmailKey::of(&user.email),
        created_at: now(),
        expires_at: later(3600),
    };
    store.create_one_time(new, mail(), entry(AuditEvent::ResetRequested)).await.expect("works")
}

on_each! {
    async fn of_fifty_resets_with_one_token_one_wins(store) {
        let ada = person(&*store, "ada@example.com").await;
        assert!(issue(&*store, &ada, Purpose::ResetPassword, "token").await);
        let tries = (0..50).map(|n| {
            let store = store.clone();
            async move {
                let digest = Digest::of(b"token");
                let hash = hash(&format!("new{n:02}"));
                store.reset_password(&digest, hash, vec![mail()], later(1), entry(AuditEvent::PasswordReset)).await
            }
        });
        let outcomes = race(tries).await;
        assert_eq!(outcomes.iter().filter(|it| matches!(it, Ok(Some(_)))).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|it| matches!(it, Ok(None))).count(), 49, "{outcomes:?}");
        let account = store.find_credentials(ada.id).await.expect("works").expect("is there");
        assert_eq!(account.epoch.0, 1);
        let mails = store.claim_mails(later(9), Duration::from_secs(1), 100).await.expect("works");
        assert_eq!(mails.len(), 2, "one with the token, one notice");
    }
}

on_each! {
    async fn of_fifty_verifications_one_verifies(store) {
        let ada = person(&*store, "ada@example.com").await;
        assert!(issue(&*store, &ada, Purpose::VerifyEmail, "token").await);
        let tries = (0..50).map(|_| {
            let store = store.clone();
            async move { store.verify_email(&Digest::of(b"token"), later(1), entry(AuditEvent::EmailVerified)).await }
        });
        let outcomes = race(tries).await;
        assert_eq!(outcomes.iter().filter(|it| matches!(it, Ok(VerifyEmail::Verified(_)))).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|it| matches!(it, Ok(VerifyEmail::AlreadyVerified))).count(), 49);
    }
}

on_each! {
    async fn a_token_dies_of_age_of_a_newer_one_and_of_another_address(store) {
        let ada = person(&*store, "ada@example.com").await;
        let find = |secret: &'static str, at| {
            let store = store.clone();
            async move {
                let digest = Digest::of(secret.as_bytes());
                store.find_one_time(Purpose::ResetPassword, &digest, at).await.expect("works").is_some()
            }
        };
        assert!(issue(&*store, &ada, Purpose::ResetPassword, "one").await);
        assert!(find("one", later(3599)).await);
        assert!(!find("one", later(3600)).await, "expired");
        assert!(issue(&*store, &ada, Purpose::VerifyEmail, "other purpose").await);
        assert!(find("one", now()).await);
        assert!(issue(&*store, &ada, Purpose::ResetPassword, "two").await);
        assert!(!find("one", now()).await, "a newer one is there");
        let moved = UserChange {
            email: ChangeTo::Set(("new@example.com".into(), EmailKey::of("new@example.com"))),
            ..UserChange::nothing(now())
        };
        store.update_user(ada.id, moved, vec![], entry(AuditEvent::AccountUpdated)).await.expect("works");
        assert!(!find("two", now()).await, "it was sent to another address");
        assert!(!issue(&*store, &ada, Purpose::ResetPassword, "three").await, "asked for the old address");
    }
}

//! Device logins.

use crate::support::*;
use portcullis_core::account::{ChangeTo, User, UserChange};
use portcullis_core::audit::AuditEvent;
use portcullis_core::device::{DeviceStatus, NewDevice};
use portcullis_core::digest::Digest;
use portcullis_core::ids::DeviceId;
use portcullis_core::rng::OsRng;
use portcullis_core::session::{NewSession, SessionKind};
use portcullis_core::store::Store;

fn new_device(code: &str) -> NewDevice {
    NewDevice {
        id: DeviceId::random(&OsRng),
        code: Digest::of(code.as_bytes()),
        secret: Digest::of(b"secret"),
        created_at: now(),
        expires_at: later(300),
        peer: None,
        agent: Some("cli".into()),
    }
}

async fn start(store: &dyn Store, code: &str) -> DeviceId {
    let new = new_device(code);
    let id = new.id;
    assert!(store.create_device(new, entry(AuditEvent::DeviceStarted)).await.expect("works"));
    id
}

fn session_of(user: &User) -> NewSession {
    NewSession { kind: SessionKind::Device, ..new_session(user.id, 0) }
}

on_each! {
    async fn of_fifty_polls_one_redeems(store) {
        let ada = person(&*store, "ada@example.com").await;
        let id = start(&*store, "CODE").await;
        assert!(store.approve_device(id, ada.id, now(), entry(AuditEvent::DeviceApproved)).await.expect("works"));
        let tries = (0..50).map(|_| {
            let (store, session) = (store.clone(), session_of(&ada));
            async move { store.redeem_device(id, session, entry(AuditEvent::DeviceRedeemed)).await.expect("works") }
        });
        assert_eq!(race(tries).await.into_iter().filter(|won| *won).count(), 1);
        assert_eq!(store.list_sessions(ada.id, now()).await.expect("works").len(), 1);
        let device = store.find_device(&Digest::of(b"CODE")).await.expect("works").expect("is there");
        assert_eq!(device.status, DeviceStatus::Redeemed);
    }
}

on_each! {
    async fn of_two_approvers_one_wins(store) {
        let both = [person(&*store, "a@example.com").await.id, person(&*store, "b@example.com").await.id];
        for round in 0..10 {
            let id = start(&*store, &format!("CODE{round}")).await;
            let tries = (0..20).map(|n| {
                let store = store.clone();
                async move { store.approve_device(id, both[n % 2], now(), entry(AuditEvent::DeviceApproved)).await }
            });
            let won = race(tries).await.into_iter().filter(|it| matches!(it, Ok(true))).count();
            assert_eq!(won, 1);
        }
    }
}

on_each! {
    async fn only_the_claimant_decides_and_only_the_approver_takes_back(store) {
        let ada = person(&*store, "ada@example.com").await;
        let bob = person(&*store, "bob@example.com").await;
        let id = start(&*store, "CODE").await;
        assert!(store.claim_device(id, ada.id, now()).await.expect("works"));
        assert!(!store.claim_device(id, bob.id, now()).await.expect("works"));
        let approve = |user| store.approve_device(id, user, now(), entry(AuditEvent::DeviceApproved));
        let reject = |user| store.reject_device(id, user, now(), entry(AuditEvent::DeviceRejected));
        assert!(!approve(bob.id).await.expect("works"));
        assert!(!reject(bob.id).await.expect("works"));
        assert!(approve(ada.id).await.expect("works"));
        assert!(!approve(ada.id).await.expect("works"), "once is enough");
        assert!(!reject(bob.id).await.expect("works"));
        assert!(reject(ada.id).await.expect("works"));
        let redeemed = store.redeem_device(id, session_of(&ada), entry(AuditEvent::DeviceRedeemed));
        assert!(!redeemed.await.expect("works"));
    }
}

on_each! {
    async fn an_approval_dies_with_the_approvers_credentials_and_with_time(store) {
        let ada = person(&*store, "ada@example.com").await;
        let stale = start(&*store, "STALE").await;
        let late = start(&*store, "LATE").await;
        for id in [stale, late] {
            assert!(store.approve_device(id, ada.id, now(), entry(AuditEvent::DeviceApproved)).await.expect("works"));
        }
        let expired = NewSession { created_at: later(300), ..session_of(&ada) };
        assert!(!store.redeem_device(late, expired, entry(AuditEvent::DeviceRedeemed)).await.expect("works"));
        let change = UserChange { password: ChangeTo::Set(hash("second")), ..UserChange::nothing(now()) };
        store.update_user(ada.id, change, vec![], entry(AuditEvent::AccountUpdated)).await.expect("works");
        for epoch in [0, 1] {
            let session = NewSession { kind: SessionKind::Device, ..new_session(ada.id, epoch) };
            assert!(!store.redeem_device(stale, session, entry(AuditEvent::DeviceRedeemed)).await.expect("works"));
        }
    }
}

on_each! {
    async fn a_code_is_free_again_when_its_login_is_over(store) {
        start(&*store, "CODE").await;
        let again = store.create_device(new_device("CODE"), entry(AuditEvent::DeviceStarted)).await;
        assert!(!again.expect("works"), "a live login has it");
        let next = NewDevice { created_at: later(300), expires_at: later(600), ..new_device("CODE") };
        let id = next.id;
        assert!(store.create_device(next, entry(AuditEvent::DeviceStarted)).await.expect("works"));
        let found = store.find_device(&Digest::of(b"CODE")).await.expect("works").expect("is there");
        assert_eq!(found.id, id, "the newest");
    }
}

//! Two processes on one database: what happens once happens once, whoever asks.

use crate::support::on_each;
use portcullis_core::account::{ChangeTo, UserChange};
use portcullis_core::audit::AuditEvent;
use portcullis_core::digest::Digest;
use portcullis_core::event::Event;
use portcullis_core::one_time::Purpose;
use portcullis_core::store::{CreateUser, NoHook, Store, UpdateUser};
use portcullis_core::testing::fixture::{
    START, at, audit_entry, new_device, new_mail, new_one_time, new_session, new_user, password_hash,
};
use std::future::Future;
use std::sync::Arc;

/// Lets `tries` calls go at once, by turns on each replica, and counts those that won.
async fn winners<F: Future<Output = bool> + Send + 'static>(
    replicas: &[Arc<dyn Store>; 2],
    tries: usize,
    attempt: impl Fn(usize, Arc<dyn Store>) -> F,
) -> usize {
    let tasks: Vec<_> = (0..tries).map(|n| tokio::spawn(attempt(n, replicas[n % 2].clone()))).collect();
    let mut won = 0;
    for task in tasks {
        won += usize::from(task.await.expect("the try ran"));
    }
    won
}

on_each! {
    async fn two_that_start_at_once_end_with_one_schema(db) {
        let replicas = [db.store.clone(), db.replica().await];
        let applied = winners(&replicas, 8, |_, store| async move {
            store.migrate(START).await.expect("migrates").applied > 0
        })
        .await;
        assert_eq!(applied, 1);
        for store in &replicas {
            store.ready().await.expect("ready");
        }
    }

    async fn one_registration_of_an_address_wins(db) {
        let db = db.migrated().await;
        let replicas = [db.store.clone(), db.replica().await];
        let won = winners(&replicas, 50, |n, store| async move {
            let new = new_user(["ada@example.com", "ADA@example.com", "\u{ff41}da@example.com"][n % 3]);
            let done = store.create_user(new, audit_entry(AuditEvent::AccountCreated), &NoHook).await;
            matches!(done.expect("works"), CreateUser::Created(_))
        });
        assert_eq!(won.await, 1);
    }

    async fn one_use_of_a_token_wins(db) {
        let db = db.migrated().await;
        let replicas = [db.store.clone(), db.replica().await];
        let ada = db.person("ada@example.com").await;
        let token = new_one_time(Purpose::ResetPassword, &ada, "token");
        let mail = new_mail("ada@example.com");
        assert!(db.store.create_one_time(token, mail, audit_entry(AuditEvent::ResetRequested)).await.expect("works"));
        let won = winners(&replicas, 50, |n, store| async move {
            let hash = password_hash(&n.to_string());
            let audit = audit_entry(AuditEvent::PasswordReset);
            store.reset_password(&Digest::of(b"token"), hash, vec![], at(1), audit).await.expect("works").is_some()
        });
        assert_eq!(won.await, 1);
        assert_eq!(db.epoch(ada.id).await, 1);
    }

    async fn one_approval_and_one_redemption_win(db) {
        let db = db.migrated().await;
        let replicas = [db.store.clone(), db.replica().await];
        let people = [db.person("ada@example.com").await, db.person("bob@example.com").await];
        let device = new_device("CODE", "secret");
        let id = device.id;
        assert!(db.store.create_device(device, audit_entry(AuditEvent::DeviceStarted)).await.expect("works"));
        let ids = people.each_ref().map(|user| user.id);
        let won = winners(&replicas, 50, |n, store| async move {
            let audit = audit_entry(AuditEvent::DeviceApproved);
            store.approve_device(id, ids[n / 2 % 2], at(1), audit).await.expect("works")
        });
        assert_eq!(won.await, 1);
        let device = db.store.find_device(&Digest::of(b"CODE")).await.expect("works").expect("is there");
        let (approver, epoch) = device.approved_by.expect("approved");
        let won = winners(&replicas, 50, |_, store| async move {
            let audit = audit_entry(AuditEvent::DeviceRedeemed);
            store.redeem_device(id, new_session(approver, epoch), audit).await.expect("works")
        });
        assert_eq!(won.await, 1);
        assert_eq!(db.store.list_sessions(approver, at(1)).await.expect("works").len(), 1);
    }

    async fn one_superuser_is_left_and_both_hear_of_it(db) {
        let db = db.migrated().await;
        let replicas = [db.store.clone(), db.replica().await];
        let ids = [db.superuser("one@example.com").await.id, db.superuser("two@example.com").await.id];
        let start = replicas[1].feed_end().await.expect("works");
        let won = winners(&replicas, 2, |n, store| async move {
            let change = UserChange { is_superuser: ChangeTo::Set(false), ..UserChange::nothing(at(1)) };
            let done = store.update_user(ids[n], change, vec![], audit_entry(AuditEvent::AccountUpdated)).await;
            matches!(done.expect("works"), UpdateUser::Updated(_))
        });
        assert_eq!(won.await, 1);
        assert!(db.store.has_superuser().await.expect("works"));
        let (events, _) = replicas[1].read_feed(start).await.expect("works");
        assert!(ids.iter().any(|id| events.contains(&Event::User(*id))), "{events:?}");
    }
}

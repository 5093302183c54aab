//! Accounts: uniqueness, changes, the last superuser, hooks.

use crate::support::*;
use portcullis_core::account::{ChangeTo, NewUser, UserChange};
use portcullis_core::audit::{AuditEvent, AuditFilter};
use portcullis_core::email_address::EmailKey;
use portcullis_core::event::Event;
use portcullis_core::store::{CreateUser, DeleteUser, InTx, NoHook, StoreTx, UpdateUser, Veto};
use std::time::Duration;

on_each! {
    async fn spellings_of_one_address_are_one_account(store) {
        let ada = person(&*store, "Ada@Example.com").await;
        for other in ["ada@example.com", "ADA@EXAMPLE.COM", "\u{ff21}da@example.com"] {
            let outcome = store.create_user(new_user(other), entry(AuditEvent::AccountCreated), &NoHook).await;
            assert!(matches!(outcome, Ok(CreateUser::EmailTaken)), "{other}: {outcome:?}");
            let found = store.find_credentials_by_email(other, &EmailKey::of(other)).await.expect("works");
            assert_eq!(found.map(|found| found.user), Some(ada.clone()), "{other}");
        }
        let list = store.list_users(0, 10).await.expect("works");
        assert_eq!((list.items, list.total), (vec![ada], 1));
        let trail = store.list_audit(&AuditFilter { limit: 10, ..AuditFilter::default() }).await.expect("works");
        assert_eq!(trail.len(), 1, "a refused account leaves no row of a success");
    }
}

on_each! {
    async fn of_fifty_registrations_one_wins(store) {
        let tries = (0..50).map(|n| {
            let store = store.clone();
            async move {
                let email = if n % 2 == 0 { "ada@example.com" } else { "ADA@example.com" };
                store.create_user(new_user(email), entry(AuditEvent::AccountCreated), &NoHook).await
            }
        });
        let outcomes = race(tries).await;
        let created = outcomes.iter().filter(|it| matches!(it, Ok(CreateUser::Created(_)))).count();
        let taken = outcomes.iter().filter(|it| matches!(it, Ok(CreateUser::EmailTaken))).count();
        assert_eq!((created, taken), (1, 49), "{outcomes:?}");
    }
}

on_each! {
    async fn nul_finds_nothing_and_breaks_nothing(store) {
        person(&*store, "ada@example.com").await;
        let key = EmailKey::of("ada@example.com\0");
        assert!(store.find_credentials_by_email("ada@example.com\0", &key).await.expect("works").is_none());
        let limit = portcullis_core::throttle::Limit::per_hour(1, 1);
        assert!(store.take("login:\0", limit, now()).await.is_ok());
        let mut refused = entry(AuditEvent::PasswordLogin).detail("typed", "a\0b");
        refused.agent = Some("a\0b".into());
        store.record(refused).await.expect("works");
    }
}

fn superuser_is(to: bool) -> UserChange {
    UserChange { is_superuser: ChangeTo::Set(to), ..UserChange::nothing(now()) }
}

on_each! {
    async fn two_superusers_who_demote_each_other_leave_one(store) {
        let both = [superuser(&*store, "one@example.com").await.id, superuser(&*store, "two@example.com").await.id];
        for _ in 0..10 {
            let tries = both.map(|id| {
                let store = store.clone();
                async move { store.update_user(id, superuser_is(false), vec![], entry(AuditEvent::AccountUpdated)).await }
            });
            let outcomes = race(tries).await;
            let refused = outcomes.iter().filter(|it| matches!(it, Ok(UpdateUser::LastSuperuser))).count();
            assert_eq!(refused, 1, "{outcomes:?}");
            assert!(store.has_superuser().await.expect("works"));
            for id in both {
                store.update_user(id, superuser_is(true), vec![], entry(AuditEvent::AccountUpdated)).await.expect("works");
            }
        }
        let tries = both.map(|id| {
            let store = store.clone();
            async move { store.delete_user(id, now(), entry(AuditEvent::AccountDeleted)).await }
        });
        let outcomes = race(tries).await;
        let refused = outcomes.iter().filter(|it| matches!(it, Ok(DeleteUser::LastSuperuser))).count();
        assert_eq!(refused, 1, "{outcomes:?}");
    }
}

on_each! {
    async fn an_address_that_is_taken_changes_nothing(store) {
        let ada = person(&*store, "ada@example.com").await;
        let bob = person(&*store, "bob@example.com").await;
        for taken in ["ada@example.com", "ADA@example.com", "\u{ff41}da@example.com"] {
            let change = UserChange {
                email: ChangeTo::Set((taken.into(), EmailKey::of(taken))),
                password: ChangeTo::Set(hash("stolen")),
                ..UserChange::nothing(now())
            };
            let outcome = store.update_user(bob.id, change, vec![mail()], entry(AuditEvent::AccountUpdated)).await;
            assert!(matches!(outcome, Ok(UpdateUser::EmailTaken)), "{taken}: {outcome:?}");
        }
        let bob_now = store.find_credentials(bob.id).await.expect("works").expect("is there");
        assert_eq!(bob_now.user, bob);
        assert_eq!(bob_now.password, hash("first"));
        assert_eq!(bob_now.epoch.0, 0);
        assert!(store.claim_mails(later(1), Duration::from_secs(1), 10).await.expect("works").is_empty());

        let change = UserChange {
            email: ChangeTo::Set(("Ada.L@example.com".into(), EmailKey::of("Ada.L@example.com"))),
            ..UserChange::nothing(now())
        };
        let outcome = store.update_user(ada.id, change, vec![], entry(AuditEvent::AccountUpdated)).await;
        assert!(matches!(outcome, Ok(UpdateUser::Updated(user)) if user.email == "Ada.L@example.com"));
        person(&*store, "ada@example.com").await;
    }
}

on_each! {
    async fn changes_are_heard_in_the_feed(store) {
        let start = store.feed_end().await.expect("works");
        let ada = person(&*store, "ada@example.com").await;
        let (events, cursor) = store.read_feed(start).await.expect("works");
        assert!(events.contains(&Event::User(ada.id)), "{events:?}");
        let deactivated = UserChange { is_active: ChangeTo::Set(false), ..UserChange::nothing(now()) };
        store.update_user(ada.id, deactivated, vec![], entry(AuditEvent::AccountUpdated)).await.expect("works");
        let (events, cursor) = store.read_feed(cursor).await.expect("works");
        assert!(events.contains(&Event::User(ada.id)), "{events:?}");
        store.delete_user(ada.id, now(), entry(AuditEvent::AccountDeleted)).await.expect("works");
        let (events, _) = store.read_feed(cursor).await.expect("works");
        assert!(events.contains(&Event::User(ada.id)), "{events:?}");
    }
}

/// What a host may do wrong.
enum Hook {
    Refuses,
    Dawdles,
}

#[async_trait::async_trait]
impl InTx for Hook {
    async fn run(&self, _tx: &mut dyn StoreTx) -> Result<(), Veto> {
        match self {
            Self::Refuses => Err(Veto::Refused { code: "CLOSED".into(), reason: "Not today.".into() }),
            Self::Dawdles => std::future::pending().await,
        }
    }
}

on_each! {
    async fn a_hook_that_refuses_or_dawdles_leaves_nothing(store) {
        let refused = store.create_user(new_user("a@example.com"), entry(AuditEvent::AccountCreated), &Hook::Refuses);
        assert!(matches!(refused.await, Ok(CreateUser::Vetoed(Veto::Refused { .. }))));
        let late = store.create_user(new_user("a@example.com"), entry(AuditEvent::AccountCreated), &Hook::Dawdles);
        assert!(matches!(late.await, Ok(CreateUser::Vetoed(Veto::Failed(error))) if error.is_unavailable()));
        assert_eq!(store.list_users(0, 1).await.expect("works").total, 0);
        person(&*store, "a@example.com").await;
    }
}

on_each! {
    async fn hashes_are_sampled_by_their_parameters_only(store) {
        for n in 0..3 {
            person(&*store, &format!("a{n}@example.com")).await;
        }
        let old = portcullis_core::password_hasher::PasswordHash::from_stored("$2b$12$abcdefghijklmnopqrstuv");
        create(&*store, NewUser { password: old, ..new_user("old@example.com") }).await;
        let sample: Vec<_> = store.sample_hashes().await.expect("works");
        let sample: Vec<_> = sample.iter().map(|(hash, count)| (hash.as_str(), *count)).collect();
        assert_eq!(sample, [("$2b$12", 1), ("$argon2id$v=19$m=19456,t=2,p=1", 3)]);
    }
}

on_each! {
    async fn dev_superusers_are_listed_until_somebody_keeps_or_demotes_them(store) {
        superuser(&*store, "root@example.com").await;
        let dev = |email| NewUser { is_superuser: true, dev_superuser: true, ..new_user(email) };
        let kept = create(&*store, dev("kept@example.com")).await;
        let demoted = create(&*store, dev("demoted@example.com")).await;
        assert_eq!(store.list_dev_superusers().await.expect("works").len(), 2);
        assert!(store.keep_dev_superuser(kept.id, entry(AuditEvent::AdminEnsured)).await.expect("works"));
        assert!(!store.keep_dev_superuser(kept.id, entry(AuditEvent::AdminEnsured)).await.expect("works"));
        for to in [false, true] {
            let changed = store.update_user(demoted.id, superuser_is(to), vec![], entry(AuditEvent::AccountUpdated));
            assert!(matches!(changed.await, Ok(UpdateUser::Updated(_))));
        }
        assert!(store.list_dev_superusers().await.expect("works").is_empty());
    }
}

//! Limits, mails, purging, being ready.

use crate::support::*;
use portcullis_core::account::{AccountKind, NewUser};
use portcullis_core::audit::{AuditEvent, AuditFilter};
use portcullis_core::event::{Event, FeedCursor};
use portcullis_core::store::PurgeBefore;
use portcullis_core::throttle::{Limit, Verdict};
use std::time::Duration;

on_each! {
    async fn of_fifty_tries_a_bucket_allows_its_burst(store) {
        let limit = Limit { burst: 5, refill: Duration::from_secs(10) };
        let tries = (0..50).map(|_| {
            let store = store.clone();
            async move { store.take("key", limit, now()).await.expect("works") }
        });
        let verdicts = race(tries).await;
        assert_eq!(verdicts.iter().filter(|it| **it == Verdict::Allowed).count(), 5);
        let wait = Verdict::Limited { retry_after: Duration::from_secs(10) };
        assert_eq!(store.take("key", limit, now()).await.expect("works"), wait);
        assert_eq!(store.take("key", limit, later(10)).await.expect("works"), Verdict::Allowed);
        store.forget("key").await.expect("works");
        assert_eq!(store.take("key", limit, later(10)).await.expect("works"), Verdict::Allowed);
        let none = Limit { burst: 0, ..limit };
        assert!(matches!(store.take("none", none, now()).await, Ok(Verdict::Limited { .. })));
    }
}

on_each! {
    async fn no_two_jobs_hold_one_mail(store) {
        let ada = person(&*store, "ada@example.com").await;
        for n in 0..20 {
            let new = portcullis_core::one_time::NewOneTime {
                id: portcullis_core::ids::OneTimeId::random(&portcullis_core::rng::OsRng),
                purpose: portcullis_core::one_time::Purpose::VerifyEmail,
                user_id: ada.id,
                digest: portcullis_core::digest::Digest::of(&[n]),
                email_key: portcullis_core::email_address::EmailKey::of(&ada.email),
                created_at: now(),
                expires_at: later(60),
            };
            assert!(store.create_one_time(new, mail(), entry(AuditEvent::VerifyRequested)).await.expect("works"));
        }
        let tries = (0..10).map(|_| {
            let store = store.clone();
            async move { store.claim_mails(now(), Duration::from_secs(60), 5).await.expect("works") }
        });
        let mut held: Vec<_> = race(tries).await.into_iter().flatten().map(|mail| mail.id).collect();
        held.sort_unstable();
        let claims = held.len();
        held.dedup();
        assert_eq!((held.len(), claims), (20, 20));

        assert!(store.claim_mails(later(59), Duration::from_secs(60), 5).await.expect("works").is_empty());
        store.mail_sent(held[0]).await.expect("works");
        store.mail_failed(held[1], later(30)).await.expect("works");
        let due = store.claim_mails(later(30), Duration::from_secs(60), 50).await.expect("works");
        assert_eq!(due.iter().map(|mail| (mail.id, mail.attempts)).collect::<Vec<_>>(), [(held[1], 1)]);
        let due = store.claim_mails(later(60), Duration::from_secs(60), 50).await.expect("works");
        assert_eq!(due.len(), 18, "claims run out");
    }
}

on_each! {
    async fn purging_takes_what_is_over_and_nothing_else(store) {
        let ada = person(&*store, "ada@example.com").await;
        let guest = |email| NewUser { kind: AccountKind::Guest, ..new_user(email) };
        let idle = create(&*store, guest("idle@guest.example.com")).await;
        let busy = create(&*store, guest("busy@guest.example.com")).await;
        for user in [ada.id, busy.id] {
            store.create_session(new_session(user, 0), None, entry(AuditEvent::SessionCreated)).await.expect("works");
        }
        let mut before = PurgeBefore {
            now: later(60),
            sessions: later(3600),
            one_times: later(60),
            devices: later(60),
            events: portcullis_core::clock::Timestamp::from_secs(0),
            audit: now(),
            guests: later(1),
        };
        let purged = store.purge(&before).await.expect("works");
        assert_eq!((purged.sessions, purged.guests, purged.audit), (0, 1, 0), "{purged:?}");
        assert!(store.find_user(idle.id).await.expect("works").is_none());
        assert!(store.find_user(busy.id).await.expect("works").is_some());

        before.sessions = later(3601);
        before.audit = later(1);
        before.events = later(1_000_000_000);
        let purged = store.purge(&before).await.expect("works");
        assert_eq!(purged.sessions, 2);
        assert!(purged.events > 0 && purged.audit > 0, "{purged:?}");
        assert!(store.list_audit(&AuditFilter { limit: 9, ..AuditFilter::default() }).await.expect("works").is_empty());
        let (events, cursor) = store.read_feed(FeedCursor(0)).await.expect("works");
        assert_eq!(events, [Event::Unknown], "a reader from before the purge must forget everything");
        assert_eq!(store.read_feed(cursor).await.expect("works"), (vec![], cursor));
    }
}

on_each! {
    async fn migrating_again_does_nothing_and_the_store_is_ready(store) {
        store.ready().await.expect("ready");
        let again = store.migrate(now()).await.expect("migrates");
        assert_eq!((again.applied, again.adopted), (0, None));
        assert!(again.warnings.is_empty(), "{again:?}");
        assert_eq!(store.adopted_at().await.expect("works"), None);
    }
}

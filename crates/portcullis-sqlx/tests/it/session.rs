//! Sessions: what creates them, what ends them.

use crate::support::*;
use portcullis_core::account::{ChangeTo, Epoch, UserChange};
use portcullis_core::audit::AuditEvent;
use portcullis_core::digest::Digest;
use portcullis_core::event::Event;
use portcullis_core::ids::SessionId;
use portcullis_core::session::{Denied, NewImpersonator, NewSession, PasswordCondition, SessionKind};
use portcullis_core::store::{CreateSession, Store};

async fn sign_in(store: &dyn Store, new: NewSession) -> SessionId {
    let id = new.id;
    let outcome = store.create_session(new, None, entry(AuditEvent::SessionCreated)).await.expect("works");
    assert_eq!(outcome, CreateSession::Created);
    id
}

async fn standing(store: &dyn Store, id: SessionId) -> Result<(), Denied> {
    store.find_session(id).await.expect("works").expect("is there").standing(now())
}

on_each! {
    async fn a_password_change_ends_all_but_the_session_that_asked(store) {
        let ada = person(&*store, "ada@example.com").await;
        let this = sign_in(&*store, new_session(ada.id, 0)).await;
        let other = sign_in(&*store, new_session(ada.id, 0)).await;
        let start = store.feed_end().await.expect("works");
        let change = UserChange {
            password: ChangeTo::Set(hash("second")),
            keep_session: Some(this),
            ..UserChange::nothing(later(5))
        };
        store.update_user(ada.id, change, vec![], entry(AuditEvent::AccountUpdated)).await.expect("works");

        assert_eq!(standing(&*store, this).await, Ok(()));
        assert_eq!(standing(&*store, other).await, Err(Denied::Ended));
        let account = store.find_credentials(ada.id).await.expect("works").expect("is there");
        assert_eq!(account.epoch, Epoch(1), "the trigger and the sweep count one event once");
        let legacy = store.find_legacy(ada.id, &Digest::of(b"t")).await.expect("works").expect("is there");
        assert_eq!(legacy.dead_before, Some(later(5)));
        let (events, _) = store.read_feed(start).await.expect("works");
        assert!(events.contains(&Event::Session(other)) && events.contains(&Event::User(ada.id)), "{events:?}");
        let live = store.list_sessions(ada.id, now()).await.expect("works");
        assert_eq!(live.iter().map(|it| it.id).collect::<Vec<_>>(), [this]);
    }
}

on_each! {
    async fn a_stale_proof_opens_nothing(store) {
        let ada = person(&*store, "ada@example.com").await;
        let outdated = store.create_session(new_session(ada.id, 1), None, entry(AuditEvent::SessionCreated)).await;
        assert_eq!(outdated.expect("works"), CreateSession::StaleProof);
        let condition = PasswordCondition { verified: hash("another"), upgrade: None };
        let wrong = store.create_session(new_session(ada.id, 0), Some(condition), entry(AuditEvent::SessionCreated));
        assert_eq!(wrong.await.expect("works"), CreateSession::StaleProof);
        assert!(store.list_sessions(ada.id, now()).await.expect("works").is_empty());
    }
}

on_each! {
    async fn an_upgraded_hash_is_the_same_password(store) {
        let ada = person(&*store, "ada@example.com").await;
        let old = sign_in(&*store, new_session(ada.id, 0)).await;
        // The same parameters on purpose: to the trigger this looks like a new password.
        let condition = PasswordCondition { verified: hash("first"), upgrade: Some(hash("better")) };
        let new = new_session(ada.id, 0);
        let id = new.id;
        let done = store.create_session(new, Some(condition), entry(AuditEvent::SessionCreated)).await;
        assert_eq!(done.expect("works"), CreateSession::Created);
        assert_eq!(standing(&*store, old).await, Ok(()));
        assert_eq!(standing(&*store, id).await, Ok(()));
        let account = store.find_credentials(ada.id).await.expect("works").expect("is there");
        assert_eq!((account.password, account.epoch), (hash("better"), Epoch(0)));
    }
}

on_each! {
    async fn a_minted_session_dies_with_the_session_it_was_minted_in(store) {
        let root = superuser(&*store, "root@example.com").await;
        let ada = person(&*store, "ada@example.com").await;
        let parent = sign_in(&*store, new_session(root.id, 0)).await;
        let minted = |parent| NewSession {
            kind: SessionKind::Impersonation,
            impersonator: Some(NewImpersonator { user_id: root.id, session_id: parent, epoch: Epoch(0) }),
            ..new_session(ada.id, 0)
        };
        let child = sign_in(&*store, minted(Some(parent))).await;
        let orphan = sign_in(&*store, minted(None)).await;
        assert_eq!(standing(&*store, child).await, Ok(()));
        let ended = store.end_session(parent, root.id, "signed_out", now(), entry(AuditEvent::SessionEnded));
        assert!(ended.await.expect("works"));
        let again = store.end_session(parent, root.id, "signed_out", now(), entry(AuditEvent::SessionEnded));
        assert!(!again.await.expect("works"));
        assert_eq!(standing(&*store, child).await, Err(Denied::Ended));
        assert_eq!(standing(&*store, orphan).await, Ok(()));
        let late = store.create_session(minted(Some(parent)), None, entry(AuditEvent::TokenMinted)).await;
        assert_eq!(late.expect("works"), CreateSession::StaleProof);

        superuser(&*store, "second@example.com").await;
        store.delete_user(root.id, now(), entry(AuditEvent::AccountDeleted)).await.expect("works");
        assert_eq!(standing(&*store, orphan).await, Err(Denied::Ended));
    }
}

on_each! {
    async fn ending_all_spares_the_one_that_is_kept(store) {
        let ada = person(&*store, "ada@example.com").await;
        let keep = sign_in(&*store, new_session(ada.id, 0)).await;
        for _ in 0..3 {
            sign_in(&*store, new_session(ada.id, 0)).await;
        }
        let end = |keep| store.end_sessions(ada.id, keep, "signed_out", now(), entry(AuditEvent::SessionEnded));
        assert_eq!(end(Some(keep)).await.expect("works"), 3);
        assert_eq!(end(Some(keep)).await.expect("works"), 0);
        assert_eq!(standing(&*store, keep).await, Ok(()));
        assert_eq!(end(None).await.expect("works"), 1);
    }
}

on_each! {
    async fn a_login_that_races_a_password_change_is_either_before_or_refused(store) {
        for round in 0..20 {
            let ada = person(&*store, &format!("ada{round}@example.com")).await;
            let login = {
                let store = store.clone();
                let new = new_session(ada.id, 0);
                let condition = PasswordCondition { verified: hash("first"), upgrade: None };
                async move {
                    let id = new.id;
                    let done = store.create_session(new, Some(condition), entry(AuditEvent::SessionCreated)).await;
                    (done.expect("works") == CreateSession::Created).then_some(id)
                }
            };
            let change = {
                let store = store.clone();
                let change =
                    UserChange { password: ChangeTo::Set(hash("second")), ..UserChange::nothing(now()) };
                async move {
                    store.update_user(ada.id, change, vec![], entry(AuditEvent::AccountUpdated)).await.expect("works");
                    None
                }
            };
            let tries: [std::pin::Pin<Box<dyn Future<Output = Option<SessionId>> + Send>>; 2] =
                [Box::pin(login), Box::pin(change)];
            for id in race(tries).await.into_iter().flatten() {
                assert!(standing(&*store, id).await.is_err(), "an old password opened a session that stands");
            }
        }
    }
}

on_each! {
    async fn a_denied_token_stays_denied_and_is_heard(store) {
        let ada = person(&*store, "ada@example.com").await;
        let token = Digest::of(b"legacy");
        let start = store.feed_end().await.expect("works");
        for _ in 0..2 {
            let denied = entry(AuditEvent::SessionEnded).subject(ada.id);
            store.deny_legacy(&token, later(60), denied).await.expect("works");
        }
        let state = store.find_legacy(ada.id, &token).await.expect("works").expect("is there");
        assert!(state.denied);
        let other = store.find_legacy(ada.id, &Digest::of(b"other")).await.expect("works").expect("is there");
        assert!(!other.denied);
        let (events, _) = store.read_feed(start).await.expect("works");
        assert!(events.contains(&Event::User(ada.id)), "{events:?}");
    }
}

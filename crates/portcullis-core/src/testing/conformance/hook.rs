//! The host's statements in the store's transaction.

use super::World;
use crate::account::{ChangeTo, UserChange};
use crate::audit::AuditEvent;
use crate::ids::UserId;
use crate::rng::OsRng;
use crate::store::{CreateUser, InTx, StoreError, StoreTx, Veto};
use crate::testing::fixture::{at, audit_entry, new_user};
use async_trait::async_trait;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

/// What the hook says when it is run.
enum Answer {
    Agree,
    Refuse,
    Fail,
}

struct Hook {
    answer: Answer,
    runs: AtomicU32,
}

impl Hook {
    fn that(answer: Answer) -> Self {
        Self { answer, runs: AtomicU32::new(0) }
    }

    fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl InTx for Hook {
    async fn run(&self, _tx: &mut dyn StoreTx) -> Result<(), Veto> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        match self.answer {
            Answer::Agree => Ok(()),
            Answer::Refuse => Err(Veto::Refused { code: "NO_SEAT".into(), reason: "There is no seat left.".into() }),
            Answer::Fail => Err(Veto::Failed(StoreError::unavailable("the host's table is gone"))),
        }
    }
}

async fn create(w: &World, email: &str, hook: &Hook) -> CreateUser {
    let new = new_user(email);
    let audit = audit_entry(AuditEvent::AccountCreated).subject(new.id);
    w.store.create_user(new, audit, hook).await.expect("create_user works")
}

pub(super) async fn a_hook_runs_once_for_a_created_account_and_never_for_a_refused_one(w: World) {
    let w = w.open().await;
    let hook = Hook::that(Answer::Agree);
    assert!(matches!(create(&w, "ada@example.com", &hook).await, CreateUser::Created(_)));
    assert_eq!(hook.runs(), 1);
    w.caused(&[AuditEvent::AccountCreated]).await;

    let late = Hook::that(Answer::Agree);
    assert!(matches!(create(&w, "Ada@example.com", &late).await, CreateUser::EmailTaken));
    assert_eq!(late.runs(), 0, "the address is taken, so there is nothing to add to");
    w.caused(&[]).await;
}

pub(super) async fn a_veto_leaves_nothing_behind(w: World) {
    let w = w.open().await;
    let before = w.picture().await;
    let hook = Hook::that(Answer::Refuse);
    match create(&w, "ada@example.com", &hook).await {
        CreateUser::Vetoed(Veto::Refused { code, reason }) => {
            assert_eq!((code.as_str(), reason.as_str()), ("NO_SEAT", "There is no seat left."));
        }
        other => panic!("the veto was not heard: {other:?}"),
    }
    assert_eq!(hook.runs(), 1);
    assert_eq!(w.by_email("ada@example.com").await, None);
    w.unchanged(&before).await;
    w.person("ada@example.com").await;
}

pub(super) async fn a_hook_that_fails_leaves_nothing_behind(w: World) {
    let w = w.open().await;
    let before = w.picture().await;
    match create(&w, "ada@example.com", &Hook::that(Answer::Fail)).await {
        CreateUser::Vetoed(Veto::Failed(error)) => assert!(error.is_unavailable()),
        other => panic!("the failure was not heard: {other:?}"),
    }
    w.unchanged(&before).await;
    w.person("ada@example.com").await;
}

/// A hook that lets others go first, more often than a runtime polls one task in a row.
struct Slow;

#[async_trait]
impl InTx for Slow {
    async fn run(&self, _tx: &mut dyn StoreTx) -> Result<(), Veto> {
        let mut turns = 2000;
        std::future::poll_fn(|cx| {
            turns -= 1;
            if turns == 0 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        Ok(())
    }
}

pub(super) async fn of_twenty_parallel_creations_with_a_slow_hook_one_wins(w: World) {
    let w = w.open().await;
    let created = w
        .race(20, |_, store| async move {
            let audit = audit_entry(AuditEvent::AccountCreated);
            let done = store.create_user(new_user("ada@example.com"), audit, &Slow).await;
            matches!(done.expect("create_user works"), CreateUser::Created(_))
        })
        .await;
    assert_eq!(created.iter().filter(|created| **created).count(), 1);
    assert_eq!(w.store.list_users(0, 10).await.expect("list_users works").total, 1);
    w.caused(&[AuditEvent::AccountCreated]).await;
}

/// A transaction that belongs to no store.
struct Foreign;

pub(super) async fn a_transaction_of_another_kind_is_refused(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let before = w.picture().await;
    let new = new_user("bob@example.com");
    let created = w.store.create_user_in(&mut Foreign, new, audit_entry(AuditEvent::AccountCreated)).await;
    assert!(created.expect_err("foreign").is_wrong_transaction());
    let change = UserChange { is_verified: ChangeTo::Set(true), ..UserChange::nothing(at(60)) };
    let audit = || audit_entry(AuditEvent::AccountUpdated);
    let updated = w.store.update_user_in(&mut Foreign, user.id, change, audit()).await;
    assert!(updated.expect_err("foreign").is_wrong_transaction());
    for id in [user.id, UserId::random(&OsRng)] {
        let deleted = w.store.delete_user_in(&mut Foreign, id, at(60), audit()).await;
        assert!(deleted.expect_err("foreign").is_wrong_transaction());
    }
    w.unchanged(&before).await;
}

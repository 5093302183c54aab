//! Mails that wait: none is lost, and no two jobs hold one.

use super::World;
use crate::account::UserChange;
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::outbox::{ClaimedMail, NewMail};
use crate::store::UpdateUser;
use crate::testing::fixture::{START, at, audit_entry, just_before, new_mail};
use std::collections::BTreeSet;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(60);

/// Queues mails by a change that causes them.
async fn queue(w: &World, mails: Vec<NewMail>) {
    let user = match w.by_email("ada@example.com").await {
        Some(user) => user,
        None => w.person("ada@example.com").await,
    };
    let audit = audit_entry(AuditEvent::AccountUpdated);
    let done = w.store.update_user(user.id, UserChange::nothing(START), mails, audit).await;
    assert!(matches!(done, Ok(UpdateUser::Updated(_))), "{done:?}");
    w.look_away().await;
}

fn numbered(count: u64) -> Vec<NewMail> {
    (0..count).map(|number| NewMail { created_at: START, ..new_mail(&format!("{number:02}@example.com")) }).collect()
}

async fn claim(w: &World, now: Timestamp, limit: u32) -> Vec<ClaimedMail> {
    w.store.claim_mails(now, LEASE, limit).await.expect("claim_mails works")
}

pub(super) async fn a_mail_comes_back_as_it_was_written(w: World) {
    let w = w.open().await;
    let sealed: Vec<u8> = (0..=255).collect();
    queue(&w, vec![NewMail { sealed: sealed.clone(), ..new_mail("Ada@example.com") }]).await;
    let mails = claim(&w, at(10), 10).await;
    let [mail] = &mails[..] else { panic!("one mail: {mails:?}") };
    assert_eq!((mail.to.as_str(), &mail.sealed), ("Ada@example.com", &sealed));
    assert_eq!((mail.created_at, mail.attempts), (START, 0));
    w.caused(&[]).await;
}

pub(super) async fn a_claimed_mail_is_nobody_elses_until_the_lease_runs_out(w: World) {
    let w = w.open().await;
    queue(&w, numbered(1)).await;
    let first = claim(&w, at(10), 10).await;
    assert_eq!(first.len(), 1);
    assert_eq!(claim(&w, at(10), 10).await.len(), 0);
    assert_eq!(claim(&w, just_before(at(70)), 10).await.len(), 0);
    let again = claim(&w, at(71), 10).await;
    assert_eq!(again.iter().map(|mail| mail.id).collect::<Vec<_>>(), [first[0].id]);
}

pub(super) async fn a_sent_mail_is_gone(w: World) {
    let w = w.open().await;
    queue(&w, numbered(2)).await;
    let mails = claim(&w, at(10), 10).await;
    for _ in 0..2 {
        w.store.mail_sent(mails[0].id).await.expect("mail_sent works twice");
    }
    let left = claim(&w, at(1000), 10).await;
    assert_eq!(left.iter().map(|mail| mail.id).collect::<Vec<_>>(), [mails[1].id]);
}

pub(super) async fn a_failed_mail_is_due_at_its_next_time(w: World) {
    let w = w.open().await;
    queue(&w, numbered(1)).await;
    let mut due = at(10);
    for attempt in 0..4 {
        let mails = claim(&w, due, 10).await;
        let [mail] = &mails[..] else { panic!("one mail at {due:?}: {mails:?}") };
        assert_eq!(mail.attempts, attempt);
        let retry_at = due + Duration::from_secs(600);
        w.store.mail_failed(mail.id, retry_at).await.expect("mail_failed works");
        assert_eq!(claim(&w, due + LEASE, 10).await.len(), 0, "the lease is not what it waits for");
        assert_eq!(claim(&w, just_before(retry_at), 10).await.len(), 0);
        due = retry_at;
    }
    assert_eq!(claim(&w, due, 10).await.len(), 1);
}

pub(super) async fn what_failed_soon_is_due_before_its_lease_would_have_run_out(w: World) {
    let w = w.open().await;
    queue(&w, numbered(1)).await;
    let mails = claim(&w, at(10), 10).await;
    w.store.mail_failed(mails[0].id, at(20)).await.expect("mail_failed works");
    assert_eq!(claim(&w, at(20), 10).await.len(), 1);
}

pub(super) async fn no_more_are_claimed_than_asked_for(w: World) {
    let w = w.open().await;
    assert_eq!(claim(&w, at(10), 10).await.len(), 0);
    queue(&w, numbered(5)).await;
    assert_eq!(claim(&w, at(10), 0).await.len(), 0);
    let mut seen = BTreeSet::new();
    for expected in [2, 2, 1, 0] {
        let mails = claim(&w, at(10), 2).await;
        assert_eq!(mails.len(), expected);
        seen.extend(mails.into_iter().map(|mail| mail.to));
    }
    assert_eq!(seen.len(), 5);
}

pub(super) async fn the_longest_waiting_are_claimed_first(w: World) {
    let w = w.open().await;
    for secs in [0, 1, 2, 3] {
        queue(&w, vec![NewMail { created_at: at(secs), ..new_mail(&format!("{secs}@example.com")) }]).await;
    }
    for expected in ["0@example.com", "1@example.com", "2@example.com", "3@example.com"] {
        let mails = claim(&w, at(10), 1).await;
        assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [expected]);
    }
}

pub(super) async fn twenty_parallel_claimers_never_hold_the_same_mail(w: World) {
    let w = w.open().await;
    queue(&w, numbered(40)).await;
    let claimed = w
        .race(20, |_, store| async move {
            let mut mine = Vec::new();
            // A store may give less than it has while others are claiming, so each asks again and again.
            for _ in 0..20 {
                let mails = store.claim_mails(at(10), LEASE, 3).await.expect("claim_mails works");
                mine.extend(mails.into_iter().map(|mail| mail.id));
            }
            mine
        })
        .await;
    let mut all = claimed.concat();
    all.extend(claim(&w, at(10), 100).await.into_iter().map(|mail| mail.id));
    let distinct: BTreeSet<_> = all.iter().copied().collect();
    assert_eq!((all.len(), distinct.len()), (40, 40));
}

//! Who may decide over a device login: the first to claim it; after an approval, only the approver.

use super::World;
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::device::DeviceStatus;
use crate::ids::{DeviceId, UserId};
use crate::rng::OsRng;
use crate::testing::fixture::{at, audit_entry, just_before};

const CODE: &str = "BCDFGHJK";

async fn claim(w: &World, id: DeviceId, user: UserId, now: Timestamp) -> bool {
    w.store.claim_device(id, user, now).await.expect("claim_device works")
}

async fn reject(w: &World, id: DeviceId, user: UserId, now: Timestamp) -> bool {
    let audit = audit_entry(AuditEvent::DeviceRejected).subject(user).object(id);
    w.store.reject_device(id, user, now, audit).await.expect("reject_device works")
}

async fn two(w: &World) -> (UserId, UserId, DeviceId) {
    let (ada, bob) = (w.person("ada@example.com").await.id, w.person("bob@example.com").await.id);
    (ada, bob, w.pending_device(CODE).await)
}

async fn status(w: &World) -> DeviceStatus {
    w.device(CODE).await.status
}

pub(super) async fn the_first_to_look_claims_and_only_the_claimant_decides(w: World) {
    let w = w.open().await;
    let (ada, bob, id) = two(&w).await;
    assert!(claim(&w, id, ada, at(10)).await);
    assert!(claim(&w, id, ada, at(11)).await, "again");
    assert!(!claim(&w, id, bob, at(12)).await);
    assert_eq!(w.device(CODE).await.claimed_by, Some(ada));
    assert_eq!(status(&w).await, DeviceStatus::Pending, "a claim decides nothing");
    assert!(!w.approve(id, bob, at(13)).await);
    assert!(!reject(&w, id, bob, at(13)).await);
    w.caused(&[]).await;
    assert_eq!(status(&w).await, DeviceStatus::Pending);
    assert!(w.approve(id, ada, at(14)).await);
    w.caused(&[AuditEvent::DeviceApproved]).await;
    assert_eq!(status(&w).await, DeviceStatus::Approved);
}

pub(super) async fn an_expired_or_unknown_login_is_not_claimed(w: World) {
    let w = w.open().await;
    let (ada, bob, id) = two(&w).await;
    assert!(!claim(&w, id, ada, at(300)).await);
    assert!(!claim(&w, DeviceId::random(&OsRng), ada, at(10)).await);
    assert_eq!(w.device(CODE).await.claimed_by, None);
    assert!(claim(&w, id, bob, just_before(at(300))).await);
}

pub(super) async fn of_twenty_parallel_claims_one_wins(w: World) {
    let w = w.open().await;
    let id = w.pending_device(CODE).await;
    let mut users = Vec::new();
    for number in 0..20 {
        users.push(w.person(&format!("user{number}@example.com")).await.id);
    }
    let claimed = w
        .race(20, |number, store| {
            let user = users[number];
            async move { store.claim_device(id, user, at(10)).await.expect("claim_device works") }
        })
        .await;
    let winners: Vec<_> = (0..20).filter(|number| claimed[*number]).map(|number| users[number]).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(w.device(CODE).await.claimed_by, Some(winners[0]));
    w.caused(&[]).await;
}

pub(super) async fn a_rejection_is_final(w: World) {
    let w = w.open().await;
    let (ada, bob, id) = two(&w).await;
    assert!(reject(&w, id, ada, at(10)).await);
    w.caused(&[AuditEvent::DeviceRejected]).await;
    assert_eq!(status(&w).await, DeviceStatus::Rejected);
    let before = w.picture().await;
    for user in [ada, bob] {
        assert!(!reject(&w, id, user, at(11)).await);
        assert!(!w.approve(id, user, at(11)).await);
    }
    w.unchanged(&before).await;
    assert_eq!(status(&w).await, DeviceStatus::Rejected);
}

pub(super) async fn an_expired_login_may_still_be_rejected(w: World) {
    let w = w.open().await;
    let (ada, _, id) = two(&w).await;
    assert!(reject(&w, id, ada, at(301)).await);
    assert_eq!(status(&w).await, DeviceStatus::Rejected);
    w.caused(&[AuditEvent::DeviceRejected]).await;
    assert!(!reject(&w, DeviceId::random(&OsRng), ada, at(301)).await);
    w.caused(&[]).await;
}

pub(super) async fn an_approval_is_taken_back_by_the_approver_alone(w: World) {
    let w = w.open().await;
    let (ada, bob, id) = two(&w).await;
    assert!(w.approve(id, ada, at(10)).await);
    let device = w.device(CODE).await;
    w.look_away().await;
    let before = w.picture().await;
    assert!(!w.approve(id, bob, at(11)).await);
    assert!(!reject(&w, id, bob, at(11)).await);
    w.unchanged(&before).await;
    assert!(reject(&w, id, ada, at(12)).await);
    w.caused(&[AuditEvent::DeviceRejected]).await;
    assert!(!w.redeem(&device, at(13)).await);
    assert_eq!(status(&w).await, DeviceStatus::Rejected);
}

pub(super) async fn a_redeemed_login_is_nobodys_to_reject(w: World) {
    let w = w.open().await;
    let ada = w.person("ada@example.com").await.id;
    let device = w.approved_device(ada, CODE).await;
    assert!(w.redeem(&device, at(10)).await);
    w.caused(&[AuditEvent::DeviceRedeemed]).await;
    let before = w.picture().await;
    assert!(!reject(&w, device.id, ada, at(11)).await);
    w.unchanged(&before).await;
    assert_eq!(status(&w).await, DeviceStatus::Redeemed);
}

pub(super) async fn of_an_approval_and_a_rejection_at_once_one_wins(w: World) {
    let w = w.open().await;
    let (ada, bob) = (w.person("ada@example.com").await.id, w.person("bob@example.com").await.id);
    for round in 0..5 {
        let code = format!("CODE{round}");
        let id = w.pending_device(&code).await;
        let done = w
            .race(2, |number, store| async move {
                if number == 0 {
                    let audit = audit_entry(AuditEvent::DeviceApproved);
                    store.approve_device(id, ada, at(10), audit).await.expect("approve_device works")
                } else {
                    let audit = audit_entry(AuditEvent::DeviceRejected);
                    store.reject_device(id, bob, at(10), audit).await.expect("reject_device works")
                }
            })
            .await;
        let device = w.device(&code).await;
        match done[..] {
            [true, false] => {
                assert_eq!(device.status, DeviceStatus::Approved);
                w.caused(&[AuditEvent::DeviceApproved]).await;
            }
            [false, true] => {
                assert_eq!((device.status, device.approved_by), (DeviceStatus::Rejected, None));
                w.caused(&[AuditEvent::DeviceRejected]).await;
            }
            _ => panic!("both or neither: {done:?}"),
        }
    }
}

//! Starting, approving and redeeming device logins.

use super::World;
use crate::account::NewUser;
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::device::{DeviceStatus, NewDevice};
use crate::digest::Digest;
use crate::ids::{DeviceId, UserId};
use crate::rng::OsRng;
use crate::testing::fixture::{START, at, audit_entry, just_before, new_device, new_user};

const CODE: &str = "BCDFGHJK";

impl World {
    /// Starts a device login, which may be refused.
    pub(super) async fn try_start(&self, new: NewDevice) -> bool {
        let audit = audit_entry(AuditEvent::DeviceStarted).object(new.id);
        self.store.create_device(new, audit).await.expect("create_device works")
    }

    /// A pending device login that is not what the case is about.
    pub(super) async fn pending_device(&self, code: &str) -> DeviceId {
        let new = new_device(code, "secret");
        let id = new.id;
        assert!(self.try_start(new).await);
        self.look_away().await;
        id
    }

    /// Approves, which may be refused.
    pub(super) async fn approve(&self, id: DeviceId, user: UserId, now: Timestamp) -> bool {
        let audit = audit_entry(AuditEvent::DeviceApproved).subject(user).object(id);
        self.store.approve_device(id, user, now, audit).await.expect("approve_device works")
    }
}

pub(super) async fn a_started_login_is_found_by_its_code(w: World) {
    let w = w.open().await;
    let new = new_device(CODE, "secret");
    assert!(w.try_start(new.clone()).await);
    let device = w.device(CODE).await;
    assert_eq!((device.id, device.status), (new.id, DeviceStatus::Pending));
    assert_eq!(device.secret, Digest::of(b"secret"));
    assert_eq!((device.claimed_by, device.approved_by), (None, None));
    assert_eq!((device.created_at, device.expires_at), (START, at(300)));
    assert_eq!((device.peer.as_deref(), device.agent.as_deref()), (Some("192.0.2.7"), Some("fixture/1.0")));
    assert!(w.store.find_device(&Digest::of(b"bcdfghjk")).await.expect("find_device works").is_none());
    w.caused(&[AuditEvent::DeviceStarted]).await;
}

pub(super) async fn a_code_is_free_again_when_its_login_is_dead(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await.id;
    let later = |moment: Timestamp| NewDevice { created_at: moment, expires_at: at(7200), ..new_device(CODE, "next") };

    let first = w.pending_device(CODE).await;
    let before = w.picture().await;
    assert!(!w.try_start(later(just_before(at(300)))).await, "pending");
    assert!(w.approve(first, user, START).await);
    w.look_away().await;
    assert!(!w.try_start(later(START)).await, "approved");
    assert_eq!(w.device(CODE).await.id, first);
    assert_eq!(w.picture().await.audit_len(), before.audit_len() + 1, "only the approval was written");

    let second = later(at(300));
    assert!(w.try_start(second.clone()).await, "expired");
    assert_eq!(w.device(CODE).await.id, second.id, "the newest has the code");
    let audit = audit_entry(AuditEvent::DeviceRejected);
    assert!(w.store.reject_device(second.id, user, at(301), audit).await.expect("reject_device works"));
    let third = later(at(302));
    assert!(w.try_start(third.clone()).await, "rejected");
    assert!(w.approve(third.id, user, at(303)).await);
    assert!(w.redeem(&w.device(CODE).await, at(304)).await);
    let fourth = later(at(305));
    assert!(w.try_start(fourth.clone()).await, "redeemed");
    assert_eq!(w.device(CODE).await.id, fourth.id);
}

pub(super) async fn of_twenty_parallel_logins_with_one_code_one_wins(w: World) {
    let w = w.open().await;
    let started = w
        .race(20, |_, store| async move {
            let audit = audit_entry(AuditEvent::DeviceStarted);
            store.create_device(new_device(CODE, "secret"), audit).await.expect("create_device works")
        })
        .await;
    assert_eq!(started.iter().filter(|started| **started).count(), 1);
    w.caused(&[AuditEvent::DeviceStarted]).await;
}

pub(super) async fn of_twenty_approvers_one_wins(w: World) {
    let w = w.open().await;
    let mut users = Vec::new();
    for number in 0..20 {
        users.push(w.person(&format!("user{number}@example.com")).await.id);
    }
    let id = w.pending_device(CODE).await;
    let approved = w
        .race(20, |number, store| {
            let user = users[number];
            async move {
                let audit = audit_entry(AuditEvent::DeviceApproved);
                store.approve_device(id, user, at(10), audit).await.expect("approve_device works")
            }
        })
        .await;
    let winners: Vec<_> = (0..20).filter(|number| approved[*number]).map(|number| users[number]).collect();
    assert_eq!(winners.len(), 1);
    let device = w.device(CODE).await;
    assert_eq!((device.claimed_by, device.approved_by.map(|by| by.0)), (Some(winners[0]), Some(winners[0])));
    w.caused(&[AuditEvent::DeviceApproved]).await;
}

pub(super) async fn only_an_active_user_approves_and_only_in_time(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await.id;
    let idle = w.create(NewUser { is_active: false, ..new_user("idle@example.com") }).await.id;
    let id = w.pending_device(CODE).await;
    let before = w.picture().await;
    assert!(!w.approve(id, idle, at(10)).await);
    assert!(!w.approve(id, UserId::random(&OsRng), at(10)).await);
    assert!(!w.approve(DeviceId::random(&OsRng), user, at(10)).await);
    assert!(!w.approve(id, user, at(300)).await, "expired");
    w.unchanged(&before).await;
    let device = w.device(CODE).await;
    assert_eq!((device.status, device.claimed_by), (DeviceStatus::Pending, None));
    assert!(w.approve(id, user, just_before(at(300))).await);
    w.caused(&[AuditEvent::DeviceApproved]).await;
}

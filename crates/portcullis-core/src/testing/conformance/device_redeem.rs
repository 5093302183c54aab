//! Redeeming an approved device login: one poll, one session.

use super::World;
use crate::account::{ChangeTo, UserChange};
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::device::{Device, DeviceStatus};
use crate::email_address::EmailKey;
use crate::ids::DeviceId;
use crate::rng::OsRng;
use crate::session::{NewSession, SessionKind};
use crate::store::DeleteUser;
use crate::testing::fixture::{START, at, audit_entry, just_before, new_session, new_superuser, password_hash};

const CODE: &str = "BCDFGHJK";

impl World {
    /// Redeems an approval as the poll does, which may be refused.
    pub(super) async fn redeem(&self, device: &Device, now: Timestamp) -> bool {
        let new = session_for(device, now);
        let id = new.id;
        let audit = audit_entry(AuditEvent::DeviceRedeemed).subject(new.user_id).object(device.id);
        let done = self.store.redeem_device(device.id, new, audit).await.expect("redeem_device works");
        assert_eq!(self.opens(id).await, done, "a session if and only if it was redeemed");
        done
    }
}

/// The session that a poll at `now` asks for.
fn session_for(device: &Device, now: Timestamp) -> NewSession {
    let (user, epoch) = device.approved_by.expect("an approved login");
    NewSession { kind: SessionKind::Device, created_at: now, ..new_session(user, epoch) }
}

pub(super) async fn an_approved_login_is_redeemed_once(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let id = w.pending_device(CODE).await;
    assert!(w.approve(id, user.id, at(10)).await);
    let device = w.device(CODE).await;
    assert_eq!(device.status, DeviceStatus::Approved);
    assert_eq!(device.claimed_by, Some(user.id));
    assert_eq!(device.approved_by, Some((user.id, w.credentials(user.id).await.epoch)));
    w.caused(&[AuditEvent::DeviceApproved]).await;

    assert!(w.redeem(&device, at(20)).await);
    assert_eq!(w.device(CODE).await.status, DeviceStatus::Redeemed);
    let sessions = w.store.list_sessions(user.id, at(30)).await.expect("list_sessions works");
    assert_eq!(sessions.iter().map(|session| session.kind).collect::<Vec<_>>(), [SessionKind::Device]);
    w.caused(&[AuditEvent::DeviceRedeemed]).await;

    let before = w.picture().await;
    assert!(!w.redeem(&device, at(21)).await);
    assert!(!w.approve(id, user.id, at(22)).await);
    w.unchanged(&before).await;
    assert_eq!(w.device(CODE).await.status, DeviceStatus::Redeemed);
}

pub(super) async fn of_fifty_parallel_polls_one_redeems(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let device = w.approved_device(user.id, CODE).await;
    let redeemed = w
        .race(50, |_, store| {
            let device = device.clone();
            async move {
                let audit = audit_entry(AuditEvent::DeviceRedeemed);
                let done = store.redeem_device(device.id, session_for(&device, at(10)), audit).await;
                done.expect("redeem_device works")
            }
        })
        .await;
    assert_eq!(redeemed.iter().filter(|redeemed| **redeemed).count(), 1);
    assert_eq!(w.store.list_sessions(user.id, at(30)).await.expect("list_sessions works").len(), 1);
    w.caused(&[AuditEvent::DeviceRedeemed]).await;
}

pub(super) async fn an_approval_is_redeemed_until_just_before_it_expires(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let device = w.approved_device(user.id, CODE).await;
    let before = w.picture().await;
    assert!(!w.redeem(&device, at(300)).await);
    w.unchanged(&before).await;
    assert!(w.redeem(&device, just_before(at(300))).await);
    w.caused(&[AuditEvent::DeviceRedeemed]).await;
}

pub(super) async fn what_nobody_approved_is_not_redeemed(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let epoch = w.credentials(user.id).await.epoch;
    w.pending_device(CODE).await;
    let forged = Device { approved_by: Some((user.id, epoch)), ..w.device(CODE).await };
    let unknown = Device { id: DeviceId::random(&OsRng), ..forged.clone() };
    let before = w.picture().await;
    assert!(!w.redeem(&forged, at(10)).await);
    assert!(!w.redeem(&unknown, at(10)).await);
    w.unchanged(&before).await;
    assert_eq!(w.device(CODE).await.status, DeviceStatus::Pending);
}

pub(super) async fn an_approval_dies_with_the_approvers_credentials(w: World) {
    let w = w.open().await;
    let events: [fn(&mut UserChange); 2] = [
        |change| change.is_active = ChangeTo::Set(false),
        |change| change.password = ChangeTo::Set(password_hash("new")),
    ];
    for (number, event) in events.into_iter().enumerate() {
        let user = w.person(&format!("ada{number}@example.com")).await;
        let device = w.approved_device(user.id, &format!("CODE{number}")).await;
        w.updated(user.id, event).await;
        let before = w.picture().await;
        assert!(!w.redeem(&device, at(60)).await, "event {number}");
        w.unchanged(&before).await;
        w.updated(user.id, |change| change.is_active = ChangeTo::Set(true)).await;
        assert!(!w.redeem(&device, at(61)).await, "event {number}: nothing is revived");
    }
    let user = w.person("gone@example.com").await;
    let device = w.approved_device(user.id, CODE).await;
    let done = w.store.delete_user(user.id, at(60), audit_entry(AuditEvent::AccountDeleted)).await;
    assert_eq!(done.expect("delete_user works"), DeleteUser::Deleted);
    let before = w.picture().await;
    assert!(!w.redeem(&device, at(60)).await);
    w.unchanged(&before).await;
}

pub(super) async fn an_approval_outlives_a_demotion_and_a_new_address(w: World) {
    let w = w.open().await;
    w.superuser("admin@example.com").await;
    let user = w.create(new_superuser("ada@example.com")).await;
    let device = w.approved_device(user.id, CODE).await;
    w.updated(user.id, |change| {
        change.is_superuser = ChangeTo::Set(false);
        change.email = ChangeTo::Set(("new@example.com".into(), EmailKey::of("new@example.com")));
    })
    .await;
    assert!(w.redeem(&device, at(60)).await);
    w.caused(&[AuditEvent::AccountUpdated, AuditEvent::DeviceRedeemed]).await;
}

pub(super) async fn of_a_redemption_and_a_rejection_at_once_one_wins(w: World) {
    let w = w.open().await;
    let ada = w.person("ada@example.com").await.id;
    for round in 0..5 {
        let code = format!("CODE{round}");
        let device = w.approved_device(ada, &code).await;
        let epoch = w.credentials(ada).await.epoch;
        let new = NewSession { kind: SessionKind::Device, ..new_session(ada, epoch) };
        let session = new.id;
        let done = w
            .race(2, |number, store| {
                let new = new.clone();
                async move {
                    if number == 0 {
                        let audit = audit_entry(AuditEvent::DeviceRedeemed);
                        store.redeem_device(device.id, new, audit).await.expect("redeem_device works")
                    } else {
                        let audit = audit_entry(AuditEvent::DeviceRejected);
                        store.reject_device(device.id, ada, START, audit).await.expect("reject_device works")
                    }
                }
            })
            .await;
        assert!(done[0] != done[1], "both or neither: {done:?}");
        assert_eq!(w.opens(session).await, done[0]);
        let expected = if done[0] { DeviceStatus::Redeemed } else { DeviceStatus::Rejected };
        assert_eq!(w.device(&code).await.status, expected);
        assert_eq!(w.news().await.len(), 1);
    }
}

pub(super) async fn no_redemption_survives_a_password_change_that_it_raced_with(w: World) {
    let w = w.open().await;
    for round in 0..10 {
        let ada = w.person(&format!("ada{round}@example.com")).await.id;
        let device = w.approved_device(ada, &format!("CODE{round}")).await;
        let new = NewSession { kind: SessionKind::Device, ..new_session(ada, w.credentials(ada).await.epoch) };
        let session = new.id;
        w.race(2, |number, store| {
            let new = new.clone();
            async move {
                if number == 0 {
                    let audit = audit_entry(AuditEvent::DeviceRedeemed);
                    store.redeem_device(device.id, new, audit).await.expect("redeem_device works");
                } else {
                    let password = ChangeTo::Set(password_hash("new"));
                    let change = UserChange { password, ..UserChange::nothing(at(60)) };
                    let audit = audit_entry(AuditEvent::AccountUpdated);
                    store.update_user(ada, change, Vec::new(), audit).await.expect("update_user works");
                }
            }
        })
        .await;
        assert!(!w.opens(session).await, "round {round}: a session under the old password is alive");
    }
}

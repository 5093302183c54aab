//! Deleting accounts.

use super::World;
use crate::audit::AuditEvent;
use crate::device::DeviceStatus;
use crate::digest::Digest;
use crate::ids::UserId;
use crate::one_time::Purpose;
use crate::rng::OsRng;
use crate::store::DeleteUser;
use crate::testing::fixture::{at, audit_entry};

async fn delete(w: &World, user: UserId) -> DeleteUser {
    let audit = audit_entry(AuditEvent::AccountDeleted).subject(user);
    w.store.delete_user(user, at(60), audit).await.expect("delete_user works")
}

pub(super) async fn a_deleted_account_is_gone_with_all_that_is_ours_but_the_audit(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let bystander = w.person("bob@example.com").await;
    let session = w.sign_in(user.id).await;
    let elsewhere = w.sign_in(bystander.id).await;
    w.send_one_time(Purpose::ResetPassword, &user, "reset").await;
    w.send_one_time(Purpose::VerifyEmail, &user, "verify").await;
    w.approved_device(user.id, "BCDFGHJK").await;
    let trail = w.trail().await;

    assert_eq!(delete(&w, user.id).await, DeleteUser::Deleted);
    assert_eq!(w.store.find_user(user.id).await.expect("find_user works"), None);
    assert!(w.store.find_credentials(user.id).await.expect("find_credentials works").is_none());
    assert_eq!(w.by_email("ada@example.com").await, None);
    assert!(!w.opens(session).await);
    assert_eq!(w.store.list_sessions(user.id, at(120)).await.expect("list_sessions works"), []);
    for (purpose, word) in [(Purpose::ResetPassword, "reset"), (Purpose::VerifyEmail, "verify")] {
        let found = w.store.find_one_time(purpose, &Digest::of(word.as_bytes()), at(120)).await;
        assert_eq!(found.expect("find_one_time works"), None);
    }
    let device = w.store.find_device(&Digest::of(b"BCDFGHJK")).await.expect("find_device works");
    assert!(device.is_none_or(|device| device.status != DeviceStatus::Approved), "an approval without an approver");
    assert_eq!(w.store.find_legacy(user.id, &Digest::of(b"token")).await.expect("find_legacy works"), None);
    assert!(w.opens(elsewhere).await, "somebody else's");

    let after = w.trail().await;
    assert_eq!(&after[..trail.len()], &trail[..], "what was written about the account stays");
    assert_eq!(after.last().expect("a row").subject_id, Some(user.id));
    w.caused(&[AuditEvent::AccountDeleted]).await;
}

pub(super) async fn a_deletion_of_an_unknown_account_does_nothing(w: World) {
    let w = w.open().await;
    w.person("ada@example.com").await;
    let before = w.picture().await;
    assert_eq!(delete(&w, UserId::random(&OsRng)).await, DeleteUser::NotFound);
    w.unchanged(&before).await;
}

pub(super) async fn of_twenty_parallel_deletions_one_wins(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await.id;
    let outcomes = w
        .race(20, |_, store| async move {
            let audit = audit_entry(AuditEvent::AccountDeleted);
            store.delete_user(user, at(60), audit).await.expect("delete_user works")
        })
        .await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == DeleteUser::Deleted).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == DeleteUser::NotFound).count(), 19);
    w.caused(&[AuditEvent::AccountDeleted]).await;
}

pub(super) async fn the_address_of_a_deleted_account_is_free(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = w.sign_in(user.id).await;
    assert_eq!(delete(&w, user.id).await, DeleteUser::Deleted);
    w.caused(&[AuditEvent::AccountDeleted]).await;
    let heir = w.person("Ada@example.com").await;
    assert_ne!(heir.id, user.id);
    assert_eq!(w.by_email("ada@example.com").await, Some(heir));
    assert!(!w.opens(session).await);
}

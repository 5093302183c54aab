//! There is always an active superuser, once there was one.

use super::World;
use crate::account::{ChangeTo, NewUser, User, UserChange};
use crate::audit::AuditEvent;
use crate::store::{DeleteUser, UpdateUser};
use crate::testing::fixture::{at, audit_entry, new_superuser};

/// An active superuser beside accounts that do not count: an inactive superuser and a person.
async fn last_superuser(w: &World) -> User {
    w.create(NewUser { is_active: false, ..new_superuser("idle@example.com") }).await;
    w.person("person@example.com").await;
    w.superuser("admin@example.com").await
}

async fn delete(w: &World, user: &User) -> DeleteUser {
    let audit = audit_entry(AuditEvent::AccountDeleted).subject(user.id);
    w.store.delete_user(user.id, at(60), audit).await.expect("delete_user works")
}

pub(super) async fn the_last_active_superuser_cannot_be_demoted(w: World) {
    let w = w.open().await;
    let admin = last_superuser(&w).await;
    let session = w.sign_in(admin.id).await;
    let before = w.picture().await;
    let outcome = w
        .update(admin.id, |change| {
            change.is_superuser = ChangeTo::Set(false);
            change.is_verified = ChangeTo::Set(false);
        })
        .await;
    assert!(matches!(outcome, UpdateUser::LastSuperuser), "{outcome:?}");
    w.unchanged(&before).await;
    assert!(w.opens(session).await);
}

pub(super) async fn the_last_active_superuser_cannot_be_deactivated(w: World) {
    let w = w.open().await;
    let admin = last_superuser(&w).await;
    let session = w.sign_in(admin.id).await;
    let before = w.picture().await;
    let outcome = w.update(admin.id, |change| change.is_active = ChangeTo::Set(false)).await;
    assert!(matches!(outcome, UpdateUser::LastSuperuser), "{outcome:?}");
    w.unchanged(&before).await;
    assert!(w.opens(session).await);
}

pub(super) async fn the_last_active_superuser_cannot_be_deleted(w: World) {
    let w = w.open().await;
    let admin = last_superuser(&w).await;
    let session = w.sign_in(admin.id).await;
    let before = w.picture().await;
    assert_eq!(delete(&w, &admin).await, DeleteUser::LastSuperuser);
    w.unchanged(&before).await;
    assert!(w.opens(session).await);
}

pub(super) async fn one_of_two_superusers_can_be_demoted_and_deleted(w: World) {
    let w = w.open().await;
    let [a, b] = [w.superuser("a@example.com").await, w.superuser("b@example.com").await];
    w.updated(a.id, |change| change.is_superuser = ChangeTo::Set(false)).await;
    let outcome = w.update(b.id, |change| change.is_superuser = ChangeTo::Set(false)).await;
    assert!(matches!(outcome, UpdateUser::LastSuperuser), "{outcome:?}");
    w.updated(a.id, |change| change.is_superuser = ChangeTo::Set(true)).await;
    assert_eq!(delete(&w, &b).await, DeleteUser::Deleted);
    assert_eq!(delete(&w, &a).await, DeleteUser::LastSuperuser);
    w.caused(&[AuditEvent::AccountUpdated, AuditEvent::AccountUpdated, AuditEvent::AccountDeleted]).await;
}

pub(super) async fn of_two_superusers_demoting_each_other_one_remains(w: World) {
    let w = w.open().await;
    let pair = [w.superuser("a@example.com").await.id, w.superuser("b@example.com").await.id];
    for round in 0..10 {
        let outcomes = w
            .race(2, |number, store| async move {
                let change = UserChange { is_superuser: ChangeTo::Set(false), ..UserChange::nothing(at(60)) };
                let audit = audit_entry(AuditEvent::AccountUpdated);
                store.update_user(pair[number], change, Vec::new(), audit).await.expect("update_user works")
            })
            .await;
        let demoted = outcomes.iter().filter(|outcome| matches!(outcome, UpdateUser::Updated(_))).count();
        let refused = outcomes.iter().filter(|outcome| matches!(outcome, UpdateUser::LastSuperuser)).count();
        assert_eq!((demoted, refused), (1, 1), "round {round}: {outcomes:?}");
        assert!(w.store.has_superuser().await.expect("has_superuser works"));
        w.caused(&[AuditEvent::AccountUpdated]).await;
        for id in pair {
            w.updated(id, |change| change.is_superuser = ChangeTo::Set(true)).await;
        }
        w.look_away().await;
    }
}

pub(super) async fn of_two_superusers_deleting_each_other_one_remains(w: World) {
    let w = w.open().await;
    let pair = [w.superuser("a@example.com").await.id, w.superuser("b@example.com").await.id];
    let outcomes = w
        .race(2, |number, store| async move {
            let audit = audit_entry(AuditEvent::AccountDeleted);
            store.delete_user(pair[number], at(60), audit).await.expect("delete_user works")
        })
        .await;
    assert!(outcomes.contains(&DeleteUser::Deleted) && outcomes.contains(&DeleteUser::LastSuperuser), "{outcomes:?}");
    assert!(w.store.has_superuser().await.expect("has_superuser works"));
    w.caused(&[AuditEvent::AccountDeleted]).await;
}

pub(super) async fn of_ten_superusers_leaving_at_once_one_remains(w: World) {
    let w = w.open().await;
    let mut admins = Vec::new();
    for number in 0..10 {
        admins.push(w.superuser(&format!("admin{number}@example.com")).await.id);
    }
    let left = w
        .race(10, |number, store| {
            let id = admins[number];
            async move {
                let audit = audit_entry(AuditEvent::AccountUpdated);
                let change = match number % 3 {
                    0 => return store.delete_user(id, at(60), audit).await.expect("it works") == DeleteUser::Deleted,
                    1 => UserChange { is_superuser: ChangeTo::Set(false), ..UserChange::nothing(at(60)) },
                    _ => UserChange { is_active: ChangeTo::Set(false), ..UserChange::nothing(at(60)) },
                };
                let outcome = store.update_user(id, change, Vec::new(), audit).await.expect("it works");
                matches!(outcome, UpdateUser::Updated(_))
            }
        })
        .await;
    assert_eq!(left.iter().filter(|left| **left).count(), 9);
    assert!(w.store.has_superuser().await.expect("has_superuser works"));
    w.caused(&[AuditEvent::AccountUpdated; 9]).await;
}

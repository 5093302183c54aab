//! Changing accounts.

use super::World;
use super::revoke::{email, equipped};
use crate::account::{ChangeTo, User, UserChange};
use crate::audit::AuditEvent;
use crate::ids::UserId;
use crate::rng::OsRng;
use crate::store::UpdateUser;
use crate::testing::fixture::{at, audit_entry, new_mail, password_hash};

pub(super) async fn a_change_shows_in_the_account_and_names_its_members_in_the_audit_row(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let after = w
        .updated(user.id, |change| {
            change.email = email("lovelace@example.com");
            change.password = ChangeTo::Set(password_hash("new"));
            change.is_superuser = ChangeTo::Set(true);
            change.is_active = ChangeTo::Set(true);
        })
        .await;
    let expected = User { email: "lovelace@example.com".into(), is_superuser: true, ..user };
    assert_eq!(after, expected);
    let credentials = w.credentials(after.id).await;
    assert_eq!(credentials.user, expected);
    assert!(credentials.password == password_hash("new"));
    let row = w.trail().await.pop().expect("a row");
    assert_eq!(row.subject_id, Some(after.id));
    let details: serde_json::Value = serde_json::from_str(&row.details).expect("a JSON object");
    assert_eq!(details["changed"], "email,password,is_superuser");
    w.caused(&[AuditEvent::AccountUpdated]).await;
}

pub(super) async fn a_change_of_an_unknown_account_does_nothing(w: World) {
    let w = w.open().await;
    w.person("ada@example.com").await;
    let before = w.picture().await;
    let outcome = w.update(UserId::random(&OsRng), |change| change.is_active = ChangeTo::Set(false)).await;
    assert!(matches!(outcome, UpdateUser::NotFound), "{outcome:?}");
    w.unchanged(&before).await;
}

pub(super) async fn another_address_set_as_verified_stays_verified(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let after = w
        .updated(user.id, |change| {
            change.email = email("new@example.com");
            change.is_verified = ChangeTo::Set(true);
        })
        .await;
    assert!(after.is_verified);
    w.caused(&[AuditEvent::AccountUpdated]).await;
}

pub(super) async fn the_old_address_is_free_after_a_change(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let after = w.updated(user.id, |change| change.email = email("new@example.com")).await;
    assert_eq!(w.by_email("ada@example.com").await, None);
    assert_eq!(w.by_email("NEW@example.com").await, Some(after));
    w.caused(&[AuditEvent::AccountUpdated]).await;
    let heir = w.person("ADA@example.com").await;
    assert_eq!(w.by_email("ada@example.com").await, Some(heir));
}

pub(super) async fn a_taken_address_refuses_the_whole_change(w: World) {
    let w = w.open().await;
    let e = equipped(&w).await;
    w.person("bob@example.com").await;
    let before = w.picture().await;
    for taken in ["bob@example.com", "BOB@example.com", "ｂｏｂ@example.com"] {
        let outcome = w
            .update(e.user.id, |change| {
                change.email = email(taken);
                change.password = ChangeTo::Set(password_hash("new"));
                change.is_superuser = ChangeTo::Set(true);
            })
            .await;
        assert!(matches!(outcome, UpdateUser::EmailTaken), "{taken}: {outcome:?}");
    }
    w.unchanged(&before).await;
    assert_eq!(w.alive(&e).await, [true; 5]);
}

pub(super) async fn of_twenty_accounts_changing_to_one_address_one_wins(w: World) {
    let w = w.open().await;
    let mut users = Vec::new();
    for number in 0..20 {
        users.push(w.person(&format!("user{number}@example.com")).await.id);
    }
    let outcomes = w
        .race(20, |number, store| {
            let id = users[number];
            async move {
                let wanted = ["ada@example.com", "ADA@example.com"][number % 2];
                let change = UserChange { email: email(wanted), ..UserChange::nothing(at(60)) };
                let audit = audit_entry(AuditEvent::AccountUpdated);
                store.update_user(id, change, Vec::new(), audit).await.expect("update_user works")
            }
        })
        .await;
    let won = outcomes.iter().filter(|outcome| matches!(outcome, UpdateUser::Updated(_))).count();
    let lost = outcomes.iter().filter(|outcome| matches!(outcome, UpdateUser::EmailTaken)).count();
    assert_eq!((won, lost), (1, 19));
    assert!(w.by_email("ada@example.com").await.is_some());
    w.caused(&[AuditEvent::AccountUpdated]).await;
}

pub(super) async fn parallel_changes_of_different_members_are_all_kept(w: World) {
    let w = w.open().await;
    for round in 0..5 {
        let user = w.person(&format!("ada{round}@example.com")).await;
        w.race(4, |number, store| async move {
            let mut change = UserChange::nothing(at(60));
            match number {
                0 => change.is_verified = ChangeTo::Set(true),
                1 => change.is_superuser = ChangeTo::Set(true),
                2 => change.password = ChangeTo::Set(password_hash("new")),
                _ => change.email = email(&format!("ADA{round}@example.com")),
            }
            let audit = audit_entry(AuditEvent::AccountUpdated);
            store.update_user(user.id, change, Vec::new(), audit).await.expect("update_user works");
        })
        .await;
        let after = w.credentials(user.id).await;
        assert!(after.user.is_verified && after.user.is_superuser, "{:?}", after.user);
        assert_eq!(after.user.email, format!("ADA{round}@example.com"));
        assert!(after.password == password_hash("new"));
        w.caused(&[AuditEvent::AccountUpdated; 4]).await;
    }
}

pub(super) async fn mails_are_queued_with_the_change_and_only_then(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    w.person("bob@example.com").await;
    let change = |wanted: &str| UserChange { email: email(wanted), ..UserChange::nothing(at(60)) };
    let audit = || audit_entry(AuditEvent::AccountUpdated);
    let mails = || vec![new_mail("ada@example.com"), new_mail("second@example.com")];
    for (id, wanted) in [(user.id, "BOB@example.com"), (UserId::random(&OsRng), "new@example.com")] {
        let outcome = w.store.update_user(id, change(wanted), mails(), audit()).await.expect("update_user works");
        assert!(matches!(outcome, UpdateUser::EmailTaken | UpdateUser::NotFound), "{outcome:?}");
    }
    assert_eq!(w.mails().await.len(), 0);
    let outcome = w.store.update_user(user.id, change("new@example.com"), mails(), audit()).await;
    assert!(matches!(outcome, Ok(UpdateUser::Updated(_))), "{outcome:?}");
    let mut queued: Vec<_> = w.mails().await.into_iter().map(|mail| mail.to).collect();
    queued.sort();
    assert_eq!(queued, ["ada@example.com", "second@example.com"]);
    w.caused(&[AuditEvent::AccountUpdated]).await;
}

//! Values that work once, tried with password resets.

use super::World;
use crate::account::{ChangeTo, NewUser, User};
use crate::audit::AuditEvent;
use crate::device::DeviceStatus;
use crate::digest::Digest;
use crate::email_address::EmailKey;
use crate::event::Event;
use crate::ids::UserId;
use crate::one_time::{NewOneTime, Purpose};
use crate::rng::OsRng;
use crate::store::DeleteUser;
use crate::testing::fixture::{at, audit_entry, just_before, new_mail, new_one_time, new_user, password_hash};

fn digest(word: &str) -> Digest {
    Digest::of(word.as_bytes())
}

async fn reset_at(w: &World, word: &str, now: crate::clock::Timestamp) -> Option<User> {
    let audit = audit_entry(AuditEvent::PasswordReset);
    let mails = vec![new_mail("notice@example.com")];
    let done = w.store.reset_password(&digest(word), password_hash(word), mails, now, audit).await;
    done.expect("reset_password works")
}

async fn reset(w: &World, word: &str) -> Option<User> {
    reset_at(w, word, at(60)).await
}

async fn works(w: &World, purpose: Purpose, word: &str) -> bool {
    w.store.find_one_time(purpose, &digest(word), at(60)).await.expect("find_one_time works").is_some()
}

pub(super) async fn a_reset_sets_the_password_and_ends_everything(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = w.sign_in(user.id).await;
    w.approved_device(user.id, "BCDFGHJK").await;
    w.send_one_time(Purpose::VerifyEmail, &user, "verify").await;
    w.send_one_time(Purpose::ResetPassword, &user, "reset").await;
    let mails = w.mails().await.len();
    let cursor = w.store.feed_end().await.expect("feed_end works");
    let epoch = w.credentials(user.id).await.epoch;

    assert_eq!(reset(&w, "reset").await, Some(user.clone()));
    let now = w.credentials(user.id).await;
    assert!(now.password == password_hash("reset"));
    assert!(now.epoch > epoch);
    assert!(!w.opens(session).await);
    assert_eq!(w.device("BCDFGHJK").await.status, DeviceStatus::Rejected);
    assert!(works(&w, Purpose::VerifyEmail, "verify").await);
    assert_eq!(w.mails().await.len(), mails + 1);
    let (events, _) = w.store.read_feed(cursor).await.expect("read_feed works");
    assert!(events.contains(&Event::User(user.id)), "{events:?}");
    w.caused(&[AuditEvent::PasswordReset]).await;

    let before = w.picture().await;
    assert_eq!(reset(&w, "reset").await, None);
    w.unchanged(&before).await;
}

pub(super) async fn of_fifty_parallel_resets_one_wins(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    w.send_one_time(Purpose::ResetPassword, &user, "reset").await;
    let mails = w.mails().await.len();
    let outcomes = w
        .race(50, |number, store| async move {
            let audit = audit_entry(AuditEvent::PasswordReset);
            let (password, mails) = (password_hash(&format!("{number}")), vec![new_mail("notice@example.com")]);
            let done = store.reset_password(&digest("reset"), password, mails, at(60), audit).await;
            done.expect("reset_password works").is_some()
        })
        .await;
    let winners: Vec<_> = (0..50).filter(|number| outcomes[*number]).collect();
    assert_eq!(winners.len(), 1);
    assert!(w.credentials(user.id).await.password == password_hash(&format!("{}", winners[0])));
    assert_eq!(w.mails().await.len(), mails + 1);
    w.caused(&[AuditEvent::PasswordReset]).await;
}

pub(super) async fn only_the_newest_value_works(w: World) {
    let w = w.open().await;
    let (ada, bob) = (w.person("ada@example.com").await, w.person("bob@example.com").await);
    w.send_one_time(Purpose::ResetPassword, &ada, "first").await;
    w.send_one_time(Purpose::VerifyEmail, &ada, "verify").await;
    w.send_one_time(Purpose::ResetPassword, &bob, "bobs").await;
    w.send_one_time(Purpose::ResetPassword, &ada, "second").await;
    assert!(!works(&w, Purpose::ResetPassword, "first").await);
    let before = w.picture().await;
    assert_eq!(reset(&w, "first").await, None);
    w.unchanged(&before).await;
    assert!(works(&w, Purpose::VerifyEmail, "verify").await, "of another purpose");
    assert!(works(&w, Purpose::ResetPassword, "bobs").await, "of another user");
    assert_eq!(reset(&w, "second").await.map(|user| user.id), Some(ada.id));
    assert_eq!(reset(&w, "first").await, None, "the use of the newest revives no older one");
    w.caused(&[AuditEvent::PasswordReset]).await;
}

pub(super) async fn of_twenty_values_made_at_once_one_works(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    w.race(20, |number, store| {
        let new = new_one_time(Purpose::ResetPassword, &user, &format!("reset{number}"));
        async move {
            let audit = audit_entry(AuditEvent::ResetRequested);
            let done = store.create_one_time(new, new_mail("ada@example.com"), audit).await;
            assert!(done.expect("create_one_time works"));
        }
    })
    .await;
    let mut working = 0;
    for number in 0..20 {
        working += usize::from(works(&w, Purpose::ResetPassword, &format!("reset{number}")).await);
    }
    assert_eq!(working, 1);
    w.caused(&[AuditEvent::ResetRequested; 20]).await;
}

pub(super) async fn a_value_works_until_just_before_it_expires(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let end = at(3600);
    w.send_one_time(Purpose::ResetPassword, &user, "late").await;
    let before = w.picture().await;
    let found = w.store.find_one_time(Purpose::ResetPassword, &digest("late"), end).await;
    assert_eq!(found.expect("find_one_time works"), None);
    assert_eq!(reset_at(&w, "late", end).await, None);
    w.unchanged(&before).await;
    let found = w.store.find_one_time(Purpose::ResetPassword, &digest("late"), just_before(end)).await;
    assert_eq!(found.expect("find_one_time works"), Some(user.clone()));
    assert_eq!(reset_at(&w, "late", just_before(end)).await, Some(user));
    w.caused(&[AuditEvent::PasswordReset]).await;
}

pub(super) async fn looking_at_a_value_does_not_use_it_up(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    w.send_one_time(Purpose::ResetPassword, &user, "reset").await;
    let before = w.picture().await;
    for _ in 0..3 {
        let found = w.store.find_one_time(Purpose::ResetPassword, &digest("reset"), at(60)).await;
        assert_eq!(found.expect("find_one_time works"), Some(user.clone()));
    }
    w.unchanged(&before).await;
    assert!(reset(&w, "reset").await.is_some());
}

pub(super) async fn a_value_of_one_purpose_never_opens_another(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    w.send_one_time(Purpose::VerifyEmail, &user, "verify").await;
    let before = w.picture().await;
    assert!(!works(&w, Purpose::ResetPassword, "verify").await);
    for word in ["verify", "unknown", ""] {
        assert_eq!(reset(&w, word).await, None, "{word:?}");
    }
    w.unchanged(&before).await;
    assert!(works(&w, Purpose::VerifyEmail, "verify").await);
}

pub(super) async fn a_value_dies_with_what_it_was_made_for(w: World) {
    let w = w.open().await;
    let new_address = ChangeTo::Set(("new@example.com".to_owned(), EmailKey::of("new@example.com")));
    for number in 0..4 {
        let (email, word) = (format!("ada{number}@example.com"), format!("reset{number}"));
        let user = w.person(&email).await;
        w.send_one_time(Purpose::ResetPassword, &user, &word).await;
        match number {
            0 => drop(w.updated(user.id, |change| change.password = ChangeTo::Set(password_hash("new"))).await),
            1 => drop(w.updated(user.id, |change| change.email = new_address.clone()).await),
            2 => drop(w.updated(user.id, |change| change.is_active = ChangeTo::Set(false)).await),
            _ => {
                let done = w.store.delete_user(user.id, at(30), audit_entry(AuditEvent::AccountDeleted)).await;
                assert_eq!(done.expect("delete_user works"), DeleteUser::Deleted);
            }
        }
        let before = w.picture().await;
        assert!(!works(&w, Purpose::ResetPassword, &word).await, "event {number}");
        assert_eq!(reset(&w, &word).await, None, "event {number}");
        w.unchanged(&before).await;
        if number == 2 {
            w.updated(user.id, |change| change.is_active = ChangeTo::Set(true)).await;
            assert_eq!(reset(&w, &word).await, None, "waking the account up revives nothing");
        }
    }
}

pub(super) async fn no_value_is_made_for_nobody_the_inactive_or_an_old_address(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let idle = w.create(NewUser { is_active: false, ..new_user("idle@example.com") }).await;
    w.send_one_time(Purpose::ResetPassword, &user, "good").await;
    let before = w.picture().await;
    let stale = NewOneTime {
        email_key: EmailKey::of("before@example.com"),
        ..new_one_time(Purpose::ResetPassword, &user, "stale")
    };
    let nobody = User { id: UserId::random(&OsRng), ..user.clone() };
    for new in [
        stale,
        new_one_time(Purpose::ResetPassword, &idle, "idle"),
        new_one_time(Purpose::ResetPassword, &nobody, "nobody"),
    ] {
        let audit = audit_entry(AuditEvent::ResetRequested);
        let done = w.store.create_one_time(new, new_mail("ada@example.com"), audit).await;
        assert!(!done.expect("create_one_time works"));
    }
    w.unchanged(&before).await;
    assert!(works(&w, Purpose::ResetPassword, "good").await, "what was not made killed nothing");
}

pub(super) async fn a_value_is_made_with_its_mail(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let new = new_one_time(Purpose::ResetPassword, &user, "reset");
    let audit = audit_entry(AuditEvent::ResetRequested).subject(user.id);
    let done = w.store.create_one_time(new, new_mail("ada@example.com"), audit).await;
    assert!(done.expect("create_one_time works"));
    assert_eq!(w.mails().await.into_iter().map(|mail| mail.to).collect::<Vec<_>>(), ["ada@example.com"]);
    w.caused(&[AuditEvent::ResetRequested]).await;
}

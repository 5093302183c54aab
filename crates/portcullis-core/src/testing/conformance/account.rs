//! Creating and finding accounts.

use super::World;
use crate::account::{ChangeTo, NewUser};
use crate::audit::AuditEvent;
use crate::email_address::EmailKey;
use crate::ids::UserId;
use crate::password_hasher::PasswordHash;
use crate::rng::OsRng;
use crate::store::{CreateUser, NoHook};
use crate::testing::fixture::{at, audit_entry, new_superuser, new_user, password_hash};

/// Spellings of one address: another case, full-width letters, a compatibility ligature's relatives.
const SPELLINGS: [&str; 5] =
    ["ada@example.com", "ADA@example.com", "Ada@Example.Com", "ａｄａ@example.com", "ＡDa@EXAMPLE.com"];

async fn try_create(w: &World, new: NewUser) -> CreateUser {
    let audit = audit_entry(AuditEvent::AccountCreated).subject(new.id);
    w.store.create_user(new, audit, &NoHook).await.expect("create_user works")
}

pub(super) async fn a_created_account_is_found_by_id_and_by_address(w: World) {
    let w = w.open().await;
    let new = new_user("ada@example.com");
    let CreateUser::Created(user) = try_create(&w, new.clone()).await else { panic!("not created") };
    assert_eq!((user.id, user.email.as_str()), (new.id, "ada@example.com"));
    assert_eq!(w.store.find_user(user.id).await.expect("find_user works"), Some(user.clone()));
    assert_eq!(w.by_email("ada@example.com").await, Some(user.clone()));
    assert_eq!(w.credentials(user.id).await.user, user);
    let row = w.trail().await.pop().expect("a row");
    assert_eq!((row.event.as_str(), row.result.as_str()), ("account.created", "success"));
    assert_eq!(row.subject_id, Some(user.id));
    w.caused(&[AuditEvent::AccountCreated]).await;
}

pub(super) async fn an_account_has_the_flags_that_it_was_created_with(w: World) {
    let w = w.open().await;
    for bits in 0..8 {
        let (is_active, is_superuser, is_verified) = (bits & 1 == 1, bits & 2 == 2, bits & 4 == 4);
        let email = format!("user{bits}@example.com");
        let user = w.create(NewUser { is_active, is_superuser, is_verified, ..new_user(&email) }).await;
        assert_eq!((user.is_active, user.is_superuser, user.is_verified), (is_active, is_superuser, is_verified));
        assert_eq!(w.store.find_user(user.id).await.expect("find_user works"), Some(user));
    }
}

pub(super) async fn an_address_is_found_in_every_spelling_and_kept_in_its_own(w: World) {
    let w = w.open().await;
    let user = w.person("Ada@Example.com").await;
    w.person("bob@example.com").await;
    for spelling in SPELLINGS {
        assert_eq!(w.by_email(spelling).await, Some(user.clone()), "{spelling}");
    }
    assert_eq!(user.email, "Ada@Example.com");
    let wide = w.person("Ｅve@example.com").await;
    assert_eq!(w.by_email("eve@example.com").await, Some(wide));
}

pub(super) async fn a_taken_address_is_refused_in_every_spelling(w: World) {
    let w = w.open().await;
    w.person("ada@example.com").await;
    let before = w.picture().await;
    for spelling in SPELLINGS {
        let outcome = try_create(&w, new_user(spelling)).await;
        assert!(matches!(outcome, CreateUser::EmailTaken), "{spelling}: {outcome:?}");
    }
    w.unchanged(&before).await;
}

pub(super) async fn of_fifty_parallel_creations_of_one_address_one_wins(w: World) {
    let w = w.open().await;
    let outcomes = w
        .race(50, |number, store| async move {
            let new = new_user(SPELLINGS[number % SPELLINGS.len()]);
            let audit = audit_entry(AuditEvent::AccountCreated).subject(new.id);
            store.create_user(new, audit, &NoHook).await.expect("create_user works")
        })
        .await;
    let mut winners = Vec::new();
    for outcome in outcomes {
        match outcome {
            CreateUser::Created(user) => winners.push(user),
            CreateUser::EmailTaken => {}
            CreateUser::Vetoed(veto) => panic!("nobody vetoes: {veto:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    let page = w.store.list_users(0, 100).await.expect("list_users works");
    assert_eq!((page.items, page.total), (winners, 1));
    w.caused(&[AuditEvent::AccountCreated]).await;
}

pub(super) async fn parallel_creations_of_different_addresses_all_win(w: World) {
    let w = w.open().await;
    let outcomes = w
        .race(30, |number, store| async move {
            let new = new_user(&format!("user{number}@example.com"));
            store.create_user(new, audit_entry(AuditEvent::AccountCreated), &NoHook).await.expect("create_user works")
        })
        .await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, CreateUser::Created(_))));
    assert_eq!(w.store.list_users(0, 1).await.expect("list_users works").total, 30);
    w.caused(&[AuditEvent::AccountCreated; 30]).await;
}

pub(super) async fn odd_input_finds_nobody(w: World) {
    let w = w.open().await;
    w.person("ada@example.com").await;
    let long = format!("{}@example.com", "a".repeat(10_000));
    for odd in
        ["", " ", "\0", "ada\0@example.com", "ada@example.com\0", "%", "ada@example.co_", "'; --", "\u{fffd}", &long]
    {
        assert_eq!(w.by_email(odd).await, None, "{odd:.40?}");
    }
    let unknown = UserId::random(&OsRng);
    assert_eq!(w.store.find_user(unknown).await.expect("find_user works"), None);
    assert!(w.store.find_credentials(unknown).await.expect("find_credentials works").is_none());
    let nil = UserId(uuid::Uuid::nil());
    assert_eq!(w.store.find_user(nil).await.expect("find_user works"), None);
}

pub(super) async fn a_hash_comes_back_as_it_was_written(w: World) {
    let w = w.open().await;
    let hashes = [
        password_hash("ada").into_string(),
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".into(),
        "$2b$12$abcdefghijklmnopqrstuuzD4iTd6ZUmhe8hPdwmwCHKvE7rFvKGe".into(),
        "!".into(),
        format!("$argon2id${}", "x".repeat(1000)),
    ];
    for (number, hash) in hashes.into_iter().enumerate() {
        let password = PasswordHash::from_stored(hash);
        let user =
            w.create(NewUser { password: password.clone(), ..new_user(&format!("u{number}@example.com")) }).await;
        assert!(w.credentials(user.id).await.password == password, "hash {number}");
        let found = w.store.find_credentials_by_email(&user.email, &EmailKey::of(&user.email)).await;
        assert!(found.expect("it works").expect("it is there").password == password, "hash {number}");
    }
}

pub(super) async fn accounts_are_listed_oldest_first_with_the_total(w: World) {
    let w = w.open().await;
    let mut users = Vec::new();
    for number in [3, 1, 4, 0, 2] {
        let created_at = at(number);
        let email = format!("user{number}@example.com");
        users.push((number, w.create(NewUser { created_at, ..new_user(&email) }).await));
    }
    users.sort_by_key(|(number, _)| *number);
    let users: Vec<_> = users.into_iter().map(|(_, user)| user).collect();
    for (offset, limit, expected) in
        [(0, 100, &users[..]), (0, 2, &users[..2]), (2, 2, &users[2..4]), (4, 2, &users[4..]), (5, 2, &[]), (0, 0, &[])]
    {
        let page = w.store.list_users(offset, limit).await.expect("list_users works");
        assert_eq!(page.items, expected, "from {offset}, at most {limit}");
        assert_eq!(page.total, 5);
    }

    let mut twins = vec![w.create(NewUser { created_at: at(9), ..new_user("a@example.com") }).await];
    twins.push(w.create(NewUser { created_at: at(9), ..new_user("b@example.com") }).await);
    twins.sort_by_key(|user| user.id);
    assert_eq!(w.store.list_users(5, 10).await.expect("list_users works").items, twins, "then by id");
}

pub(super) async fn a_superuser_counts_only_while_active(w: World) {
    let w = w.open().await;
    assert!(!w.store.has_superuser().await.expect("has_superuser works"));
    w.person("ada@example.com").await;
    w.create(NewUser { is_active: false, ..new_superuser("idle@example.com") }).await;
    assert!(!w.store.has_superuser().await.expect("has_superuser works"));
    w.superuser("admin@example.com").await;
    assert!(w.store.has_superuser().await.expect("has_superuser works"));
}

pub(super) async fn dev_superusers_are_listed_until_they_are_kept_or_demoted(w: World) {
    let w = w.open().await;
    w.superuser("admin@example.com").await;
    let [kept, demoted, idle] = ["kept@example.com", "demoted@example.com", "idle@example.com"]
        .map(|email| NewUser { dev_superuser: true, ..new_superuser(email) });
    let (kept, demoted, idle) = (w.create(kept).await, w.create(demoted).await, w.create(idle).await);
    let mut listed = w.store.list_dev_superusers().await.expect("list_dev_superusers works");
    listed.sort_by(|a, b| a.email.cmp(&b.email));
    assert_eq!(listed, [demoted.clone(), idle.clone(), kept.clone()]);

    let audit = audit_entry(AuditEvent::AccountUpdated).subject(kept.id);
    assert!(w.store.keep_dev_superuser(kept.id, audit).await.expect("keep_dev_superuser works"));
    w.updated(demoted.id, |change| change.is_superuser = ChangeTo::Set(false)).await;
    w.updated(idle.id, |change| change.is_active = ChangeTo::Set(false)).await;
    assert_eq!(w.store.list_dev_superusers().await.expect("list_dev_superusers works"), []);
    assert!(w.store.find_user(kept.id).await.expect("find_user works").expect("is there").is_superuser);
    w.caused(&[AuditEvent::AccountUpdated; 3]).await;
}

pub(super) async fn keeping_a_dev_superuser_twice_does_nothing(w: World) {
    let w = w.open().await;
    let user = w.create(NewUser { dev_superuser: true, ..new_superuser("ada@example.com") }).await;
    let other = w.superuser("admin@example.com").await;
    let keep = |id| w.store.keep_dev_superuser(id, audit_entry(AuditEvent::AccountUpdated));
    assert!(keep(user.id).await.expect("keep_dev_superuser works"));
    w.caused(&[AuditEvent::AccountUpdated]).await;
    let before = w.picture().await;
    for id in [user.id, other.id, UserId::random(&OsRng)] {
        assert!(!keep(id).await.expect("keep_dev_superuser works"));
    }
    w.unchanged(&before).await;
}

pub(super) async fn hashes_are_counted_by_their_parameters(w: World) {
    let w = w.open().await;
    assert_eq!(w.store.sample_hashes().await.expect("sample_hashes works").len(), 0);
    let python = "$argon2id$v=19$m=65536,t=3,p=4";
    let bcrypt = "$2b$12";
    for number in 0..3 {
        w.create(NewUser {
            password: password_hash(&format!("{number}")),
            ..new_user(&format!("a{number}@example.com"))
        })
        .await;
    }
    for number in 0..2 {
        let password = PasswordHash::from_stored(format!("{python}$c2FsdHNhbHRzYWx0c2FsdA${number}"));
        w.create(NewUser { password, ..new_user(&format!("p{number}@example.com")) }).await;
    }
    let password = PasswordHash::from_stored(format!("{bcrypt}$abcdefghijklmnopqrstuuzD4iTd6ZUmhe8hPdwmwCHKvE7rFvKGe"));
    w.create(NewUser { password, ..new_user("b@example.com") }).await;

    let sample = w.store.sample_hashes().await.expect("sample_hashes works");
    let count = |prefix: &str| -> u64 {
        sample.iter().filter(|(hash, _)| hash.as_str().starts_with(prefix)).map(|(_, count)| count).sum()
    };
    assert_eq!(count("$argon2id$v=19$m=19456,t=2,p=1"), 3);
    assert_eq!(count(python), 2);
    assert_eq!(count(bcrypt), 1);
    assert_eq!(sample.len(), 3, "one entry for each set of parameters");
}

//! Another program on the same account table: what it does counts, and is heard.

use crate::support::on_each;
use portcullis_core::account::{ChangeTo, UserChange};
use portcullis_core::audit::AuditEvent;
use portcullis_core::device::DeviceStatus;
use portcullis_core::digest::Digest;
use portcullis_core::event::Event;
use portcullis_core::ids::UserId;
use portcullis_core::one_time::Purpose;
use portcullis_core::rng::OsRng;
use portcullis_core::store::{CreateUser, DeleteUser, UpdateUser};
use portcullis_core::testing::fixture::{
    START, at, audit_entry, new_device, new_mail, new_one_time, new_user, password_hash,
};

on_each! {
    async fn an_account_of_another_program_takes_part_in_uniqueness(db) {
        let db = db.migrated().await;
        let start = db.store.feed_end().await.expect("works");
        let bob = UserId::random(&OsRng);
        db.insert_user(bob, "B\u{f6}b@Example.com").await;
        let (events, _) = db.store.read_feed(start).await.expect("works");
        assert!(events.contains(&Event::User(bob)), "{events:?}");
        for spelling in ["B\u{f6}b@Example.com", "b\u{f6}b@example.com", "B\u{d6}B@EXAMPLE.COM", "\u{ff22}\u{f6}b@example.com"] {
            assert_eq!(db.by_email(spelling).await, Some(bob), "{spelling}");
            assert!(matches!(db.try_create(new_user(spelling)).await, CreateUser::EmailTaken), "{spelling}");
        }
        assert_eq!(db.by_email("bob@example.com").await, None);
        assert_eq!(db.store.list_users(0, 9).await.expect("works").total, 1);
        assert_eq!(db.store.find_user(bob).await.expect("works").map(|user| user.is_active), Some(true));
    }

    async fn the_first_to_be_looked_up_needs_no_write_of_ours(db) {
        let db = db.migrated().await;
        let bob = UserId::random(&OsRng);
        db.insert_user(bob, "b\u{f6}b@example.com").await;
        // Only the key finds this spelling on SQLite, and nobody has computed it yet.
        assert_eq!(db.by_email("B\u{d6}B@EXAMPLE.COM").await, Some(bob));
    }

    async fn an_address_changed_by_another_program_is_the_new_one(db) {
        let db = db.migrated().await;
        let ada = db.person("ada@example.com").await;
        db.run(format!(r#"UPDATE "user" SET email = 'l{}velace@example.com' WHERE id = '{}'"#, '\u{f6}', ada.id)).await;
        assert_eq!(db.by_email("ada@example.com").await, None);
        assert_eq!(db.by_email("L\u{d6}VELACE@EXAMPLE.COM").await, Some(ada.id));
        db.person("ada@example.com").await;
    }

    async fn a_clash_that_another_program_made_locks_nobody_out(db) {
        let db = db.migrated().await;
        let ada = db.person("ada@example.com").await;
        let twin = UserId::random(&OsRng);
        db.insert_user(twin, "\u{ff41}da@example.com").await;
        let bob = db.person("bob@example.com").await;
        assert_eq!(db.by_email("ada@example.com").await, Some(ada.id));
        assert_eq!(db.by_email("\u{ff41}da@example.com").await, Some(twin));
        let warnings = db.store.migrate(at(60)).await.expect("migrates").warnings;
        assert!(warnings.iter().any(|it| it.contains("1 account")), "{warnings:?}");
        let clashes = db.store.email_collisions().await.expect("looks");
        assert_eq!(clashes.iter().map(|it| (it.key.as_str(), it.accounts.len())).collect::<Vec<_>>(), [("ada@example.com", 2)]);
        let change = UserChange {
            email: ChangeTo::Set(("x@example.com".into(), portcullis_core::email_address::EmailKey::of("x@example.com"))),
            ..UserChange::nothing(at(60))
        };
        let moved = db.store.update_user(ada.id, change, vec![], audit_entry(AuditEvent::AccountUpdated)).await;
        assert!(matches!(moved, Ok(UpdateUser::Updated(_))));
        assert!(db.store.migrate(at(61)).await.expect("migrates").warnings.is_empty(), "the clash is over");
        assert_eq!(db.by_email("ADA@example.com").await, Some(twin));
        assert_eq!(db.by_email("bob@example.com").await, Some(bob.id));
    }

    async fn a_new_password_of_another_program_ends_what_the_old_one_opened(db) {
        let db = db.migrated().await;
        let ada = db.person("ada@example.com").await;
        let session = db.sign_in(ada.id).await;
        let start = db.store.feed_end().await.expect("works");
        let set = |hash: &str| db.run(format!(r#"UPDATE "user" SET hashed_password = '{hash}' WHERE id = '{}'"#, ada.id));

        set("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$AAAA").await;
        assert!(db.opens(session).await, "other parameters: the same password, hashed anew at a login");
        assert_eq!(db.epoch(ada.id).await, 0);

        set("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$BBBB").await;
        assert!(!db.opens(session).await);
        assert_eq!(db.epoch(ada.id).await, 1);
        let legacy = db.store.find_legacy(ada.id, &Digest::of(b"t")).await.expect("works").expect("is there");
        assert!(legacy.dead_before.is_some_and(|moment| moment > START), "the database's own time");
        let (events, _) = db.store.read_feed(start).await.expect("works");
        assert!(events.contains(&Event::User(ada.id)), "{events:?}");

        set("$2b$12$abcdefghijklmnopqrstuuAAAA").await;
        assert_eq!(db.epoch(ada.id).await, 1);
        set("$2b$12$zyxwvutsrqponmlkjihgfedBBBB").await;
        assert_eq!(db.epoch(ada.id).await, 2, "two bcrypt hashes of one cost are two passwords");
    }

    async fn our_own_password_change_counts_once(db) {
        let db = db.migrated().await;
        let ada = db.person("ada@example.com").await;
        let session = db.sign_in(ada.id).await;
        let change = UserChange {
            password: ChangeTo::Set(password_hash("new")),
            keep_session: Some(session),
            ..UserChange::nothing(at(30))
        };
        db.store.update_user(ada.id, change, vec![], audit_entry(AuditEvent::AccountUpdated)).await.expect("works");
        assert_eq!(db.epoch(ada.id).await, 1, "the trigger and the sweep see one event");
        assert!(db.opens(session).await);
        let legacy = db.store.find_legacy(ada.id, &Digest::of(b"t")).await.expect("works").expect("is there");
        assert_eq!(legacy.dead_before, Some(at(30)), "our moment, not the database's");
    }

    async fn a_deactivation_by_another_program_ends_all_for_good(db) {
        let db = db.migrated().await;
        let ada = db.person("ada@example.com").await;
        let session = db.sign_in(ada.id).await;
        db.run(format!(r#"UPDATE "user" SET is_active = FALSE WHERE id = '{}'"#, ada.id)).await;
        assert!(!db.opens(session).await);
        db.run(format!(r#"UPDATE "user" SET is_active = TRUE WHERE id = '{}'"#, ada.id)).await;
        assert!(!db.opens(session).await, "it does not come back");
        assert!(db.opens(db.sign_in(ada.id).await).await);
    }

    async fn a_deletion_by_another_program_takes_everything_with_it(db) {
        let db = db.migrated().await;
        let root = db.superuser("root@example.com").await;
        let ada = db.person("ada@example.com").await;
        db.sign_in(root.id).await;
        let minted = portcullis_core::session::NewSession {
            impersonator: Some(portcullis_core::session::NewImpersonator {
                user_id: root.id,
                session_id: None,
                epoch: portcullis_core::account::Epoch(0),
            }),
            ..portcullis_core::testing::fixture::new_session(ada.id, portcullis_core::account::Epoch(0))
        };
        let minted_id = minted.id;
        db.store.create_session(minted, None, audit_entry(AuditEvent::TokenMinted)).await.expect("works");
        assert!(db.opens(minted_id).await);
        let one_time = new_one_time(Purpose::ResetPassword, &root, "token");
        let mail = new_mail("root@example.com");
        assert!(db.store.create_one_time(one_time, mail, audit_entry(AuditEvent::ResetRequested)).await.expect("works"));
        let device = new_device("CODE", "secret");
        let device_id = device.id;
        assert!(db.store.create_device(device, audit_entry(AuditEvent::DeviceStarted)).await.expect("works"));
        let approved = db.store.approve_device(device_id, root.id, START, audit_entry(AuditEvent::DeviceApproved));
        assert!(approved.await.expect("works"));

        let start = db.store.feed_end().await.expect("works");
        db.run(format!(r#"DELETE FROM "user" WHERE id = '{}'"#, root.id)).await;
        for table in ["account", "email", "session", "one_time"] {
            let left = db.number(format!("SELECT COUNT(*) FROM portcullis_{table} WHERE user_id = '{}'", root.id)).await;
            assert_eq!(left, 0, "{table}");
        }
        assert!(!db.opens(minted_id).await);
        let device = db.store.find_device(&Digest::of(b"CODE")).await.expect("works").expect("is there");
        assert_eq!(device.status, DeviceStatus::Rejected);
        let (events, _) = db.store.read_feed(start).await.expect("works");
        assert!(events.contains(&Event::User(root.id)) && events.contains(&Event::Session(minted_id)), "{events:?}");
        db.person("root@example.com").await;
    }

    async fn a_foreign_table_that_refers_to_an_account_keeps_it(db) {
        let db = db.migrated().await;
        let id = db.id_type();
        db.run(format!(r#"CREATE TABLE "Job list" (id INTEGER PRIMARY KEY, "the owner" {id} REFERENCES "user" (id))"#)).await;
        db.run(format!(
            r#"CREATE TABLE note (id INTEGER PRIMARY KEY, owner {id} REFERENCES "user" (id) ON DELETE CASCADE)"#
        ))
        .await;
        let ada = db.person("ada@example.com").await;
        db.run(format!(r#"INSERT INTO "Job list" VALUES (1, '{}')"#, ada.id)).await;
        db.run(format!("INSERT INTO note VALUES (1, '{}')", ada.id)).await;
        let session = db.sign_in(ada.id).await;
        let delete = || db.store.delete_user(ada.id, at(60), audit_entry(AuditEvent::AccountDeleted));
        assert_eq!(delete().await.expect("works"), DeleteUser::HasDependents { table: "Job list".into() });
        assert!(db.opens(session).await, "nothing was done");
        assert_eq!(db.number("SELECT COUNT(*) FROM note").await, 1);
        db.run(r#"DELETE FROM "Job list""#).await;
        assert_eq!(delete().await.expect("works"), DeleteUser::Deleted);
        assert_eq!(db.number("SELECT COUNT(*) FROM note").await, 0, "a cascade of the host's is carried out");
    }

    async fn the_seeds_challenges_go_with_their_user(db) {
        let db = db.migrated().await;
        let id = if db.id_type() == "UUID" { "UUID" } else { "CHAR(32)" };
        db.run(format!(
            r#"CREATE TABLE cliloginchallenge (id INTEGER PRIMARY KEY, user_id {id} REFERENCES "user" (id))"#
        ))
        .await;
        let ada = db.person("ada@example.com").await;
        let bob = db.person("bob@example.com").await;
        let simple = ada.id.0.simple().to_string();
        db.run(format!("INSERT INTO cliloginchallenge VALUES (1, '{simple}'), (2, '{}'), (3, NULL)", ada.id)).await;
        db.run(format!("INSERT INTO cliloginchallenge VALUES (4, '{}')", bob.id.0.simple())).await;
        let gone = db.store.delete_user(ada.id, at(60), audit_entry(AuditEvent::AccountDeleted)).await;
        assert_eq!(gone.expect("works"), DeleteUser::Deleted);
        assert_eq!(db.number("SELECT SUM(id) FROM cliloginchallenge WHERE id < 9").await, 7, "3 and 4 stay");
    }
}

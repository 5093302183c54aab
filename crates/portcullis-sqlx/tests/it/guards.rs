//! Triggers and the index on the account table: missed when they are gone, and put back.

use crate::support::{Database, on_each};
use portcullis_core::event::Event;
use portcullis_core::ids::UserId;
use portcullis_core::rng::OsRng;
use portcullis_core::store::{CreateUser, MigrateError};
use portcullis_core::testing::fixture::{at, new_user};

/// What a migration tool does that rebuilds the table on SQLite; on PostgreSQL somebody dropped the triggers by hand.
async fn rebuild(db: &Database) {
    if db.id_type() == "UUID" {
        db.run(
            r#"DROP TRIGGER portcullis_user_insert ON "user"; DROP TRIGGER portcullis_user_update ON "user";
            ALTER TABLE "user" DISABLE TRIGGER portcullis_user_delete; DROP INDEX portcullis_user_email"#,
        )
        .await;
    } else {
        db.run(
            r#"CREATE TABLE _alembic_tmp_user (id CHAR(36) NOT NULL PRIMARY KEY, email VARCHAR(320) NOT NULL,
                hashed_password VARCHAR(1024) NOT NULL, is_active BOOLEAN NOT NULL, is_superuser BOOLEAN NOT NULL,
                is_verified BOOLEAN NOT NULL, nickname VARCHAR);
            INSERT INTO _alembic_tmp_user SELECT *, NULL FROM "user";
            DROP TABLE "user";
            ALTER TABLE _alembic_tmp_user RENAME TO "user";"#,
        )
        .await;
    }
}

on_each! {
    async fn what_happened_without_the_triggers_is_made_up_for(db) {
        let db = db.migrated().await;
        let ada = db.person("ada@example.com").await;
        let gone = db.person("gone@example.com").await;
        let session = db.sign_in(ada.id).await;
        let lost = db.sign_in(gone.id).await;
        rebuild(&db).await;
        let start = db.store.feed_end().await.expect("works");
        let bob = UserId::random(&OsRng);
        db.run(format!(
            r#"INSERT INTO "user" (id, email, hashed_password, is_active, is_superuser, is_verified)
            VALUES ('{bob}', 'b{}b@example.com', 'x', TRUE, FALSE, FALSE)"#, '\u{f6}'
        ))
        .await;
        db.run(format!(r#"DELETE FROM "user" WHERE id = '{}'"#, gone.id)).await;
        db.run(format!(r#"UPDATE "user" SET email = 'moved@example.com' WHERE id = '{}'"#, ada.id)).await;
        assert!(!db.opens(lost).await, "an account that is gone opens nothing, with or without triggers");

        let migrated = db.store.migrate(at(60)).await.expect("migrates");
        assert_eq!(migrated.applied, 0);
        assert!(migrated.warnings.iter().any(|it| it.contains("portcullis_user_insert")), "{migrated:?}");
        assert!(db.opens(session).await);
        assert_eq!(db.by_email("B\u{d6}B@EXAMPLE.COM").await, Some(bob));
        assert_eq!(db.by_email("moved@example.com").await, Some(ada.id));
        assert_eq!(db.by_email("ada@example.com").await, None);
        assert_eq!(db.store.list_users(0, 9).await.expect("works").items.len(), 2);
        let orphans = db.number(format!("SELECT COUNT(*) FROM portcullis_session WHERE user_id = '{}'", gone.id)).await;
        assert_eq!(orphans, 0);
        let (events, _) = db.store.read_feed(start).await.expect("works");
        assert!(events.contains(&Event::Unknown), "caches forget everything: {events:?}");
        assert!(matches!(db.try_create(new_user("MOVED@example.com")).await, CreateUser::EmailTaken));
        assert!(db.store.migrate(at(61)).await.expect("migrates").warnings.is_empty());
    }

    async fn being_ready_means_that_they_are_there(db) {
        let db = db.migrated().await;
        rebuild(&db).await;
        db.store.ready().await.expect("puts them back");
        let start = db.store.feed_end().await.expect("works");
        let bob = UserId::random(&OsRng);
        db.run(format!(
            r#"INSERT INTO "user" (id, email, hashed_password, is_active, is_superuser, is_verified)
            VALUES ('{bob}', 'bob@example.com', 'x', TRUE, FALSE, FALSE)"#
        ))
        .await;
        let (events, _) = db.store.read_feed(start).await.expect("works");
        assert!(events.contains(&Event::User(bob)), "{events:?}");
        assert!(db.store.migrate(at(60)).await.expect("migrates").warnings.is_empty());
    }

    async fn a_database_that_is_not_migrated_is_not_ready(db) {
        assert!(db.store.ready().await.is_err());
    }

    async fn a_schema_from_the_future_is_refused(db) {
        let db = db.migrated().await;
        db.run(
            "INSERT INTO portcullis_migration (version, description, success, checksum, execution_time)
            SELECT version + 1000, description, success, checksum, execution_time FROM portcullis_migration",
        )
        .await;
        let refused = db.store.migrate(at(60)).await;
        assert!(matches!(refused, Err(MigrateError::FromTheFuture { version: 1009 })), "{refused:?}");
    }
}

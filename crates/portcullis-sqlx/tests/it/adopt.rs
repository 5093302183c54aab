//! A database that fastapi-users made becomes ours too.

use crate::support::{Database, on_each};
use portcullis_core::ids::UserId;
use portcullis_core::rng::OsRng;
use portcullis_core::store::{CreateUser, MigrateError};
use portcullis_core::testing::fixture::{START, at, new_user};

/// The table as SQLAlchemy writes it, with `more` columns.
async fn make_user_table(db: &Database, more: &str) {
    let id = db.id_type();
    db.run(format!(
        r#"CREATE TABLE "user" (id {id} NOT NULL, email VARCHAR(320) NOT NULL, hashed_password VARCHAR(1024) NOT NULL,
            is_active BOOLEAN NOT NULL, is_superuser BOOLEAN NOT NULL, is_verified BOOLEAN NOT NULL{more},
            PRIMARY KEY (id));
        CREATE UNIQUE INDEX ix_user_email ON "user" (email);"#
    ))
    .await;
}

async fn tables(db: &Database) -> i64 {
    let all = if db.id_type() == "UUID" {
        "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    };
    db.number(all).await
}

on_each! {
    async fn accounts_stay_and_take_part_in_everything(db) {
        make_user_table(&db, ", nickname VARCHAR, seen INTEGER NOT NULL DEFAULT 0").await;
        db.run("CREATE TABLE room (id INTEGER PRIMARY KEY, name VARCHAR)").await;
        db.run("INSERT INTO room VALUES (1, 'blue')").await;
        let mut ids = Vec::new();
        for n in 0..1000 {
            let id = UserId::random(&OsRng);
            ids.push(format!("('{id}', '\u{d6}l{n}@Example.com', 'x', TRUE, FALSE, TRUE)"));
        }
        db.run(format!(
            r#"INSERT INTO "user" (id, email, hashed_password, is_active, is_superuser, is_verified) VALUES {}"#,
            ids.join(",")
        ))
        .await;

        let migrated = db.store.migrate(at(5)).await.expect("adopts");
        assert_eq!(migrated.adopted, Some(1000));
        assert_eq!(db.store.adopted_at().await.expect("works"), Some(at(5)));
        assert_eq!(db.store.list_users(0, 5).await.expect("works").total, 1000);
        assert!(db.by_email("\u{f6}L77@EXAMPLE.COM").await.is_some());
        assert!(matches!(db.try_create(new_user("\u{f6}l77@example.com")).await, CreateUser::EmailTaken));
        db.person("new@example.com").await;
        assert_eq!(db.number("SELECT COUNT(*) FROM room").await, 1);
        db.store.ready().await.expect("ready");

        let again = db.store.migrate(at(9)).await.expect("works");
        assert_eq!((again.applied, again.adopted), (0, None));
        assert_eq!(db.store.adopted_at().await.expect("works"), Some(at(5)));
    }

    async fn an_empty_table_is_adopted_without_a_date(db) {
        make_user_table(&db, "").await;
        assert_eq!(db.store.migrate(START).await.expect("adopts").adopted, Some(0));
        assert_eq!(db.store.adopted_at().await.expect("works"), None);
        db.person("ada@example.com").await;
    }

    async fn colliding_addresses_refuse_with_all_of_them_and_change_nothing(db) {
        make_user_table(&db, "").await;
        for email in ["ada@example.com", "ADA@example.com", "\u{ff41}da@example.com", "b\u{f6}b@x.org", "B\u{d6}B@x.org", "c@x.org"] {
            db.insert_user(UserId::random(&OsRng), email).await;
        }
        let before = tables(&db).await;
        match db.store.migrate(START).await {
            Err(MigrateError::EmailCollisions(collisions)) => {
                let counts: Vec<_> = collisions.iter().map(|it| (it.key.as_str(), it.accounts.len())).collect();
                assert_eq!(counts, [("ada@example.com", 3), ("b\u{f6}b@x.org", 2)]);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(db.store.email_collisions().await.expect("looks").len(), 2);
        assert_eq!(tables(&db).await, before, "nothing was made");
        db.run(r#"DELETE FROM "user" WHERE email <> 'c@x.org' AND email <> 'ada@example.com'"#).await;
        assert_eq!(db.store.email_collisions().await.expect("looks"), []);
        assert_eq!(tables(&db).await, before, "looking adopts nothing");
        assert_eq!(db.store.migrate(START).await.expect("adopts").adopted, Some(2));
    }

    async fn another_table_of_that_name_is_refused(db) {
        db.run(r#"CREATE TABLE "user" (id INTEGER PRIMARY KEY, login VARCHAR)"#).await;
        let refused = db.store.migrate(START).await;
        assert!(matches!(refused, Err(MigrateError::ForeignUserTable { .. })), "{refused:?}");
        assert_eq!(tables(&db).await, 1);
    }

    async fn a_column_that_we_could_not_fill_is_refused(db) {
        make_user_table(&db, ", tenant INTEGER NOT NULL").await;
        match db.store.migrate(START).await {
            Err(MigrateError::ForeignUserTable { problem }) => assert!(problem.contains("tenant"), "{problem}"),
            other => panic!("{other:?}"),
        }
    }

    async fn ids_in_another_form_are_refused(db) {
        db.run(
            r#"CREATE TABLE "user" (id CHAR(32) NOT NULL PRIMARY KEY, email VARCHAR(320) NOT NULL,
            hashed_password VARCHAR(1024) NOT NULL, is_active BOOLEAN NOT NULL, is_superuser BOOLEAN NOT NULL,
            is_verified BOOLEAN NOT NULL)"#,
        )
        .await;
        match db.store.migrate(START).await {
            Err(MigrateError::ForeignUserTable { problem }) => assert!(problem.contains("its id is"), "{problem}"),
            other => panic!("{other:?}"),
        }
    }
}

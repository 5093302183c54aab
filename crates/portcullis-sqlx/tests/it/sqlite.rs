//! What is SQLite's alone: files and their modes, journals, Python on the same file.

use crate::support::{sqlite_database, sqlite_file};
use portcullis_core::audit::AuditEvent;
use portcullis_core::event::Event;
use portcullis_core::ids::UserId;
use portcullis_core::rng::OsRng;
use portcullis_core::store::{AccountStore, CreateUser, Lifecycle, NoHook, ThrottleStore};
use portcullis_core::testing::fixture::{START, audit_entry, new_user};
use portcullis_sqlx::{OpenError, Sqlite};
use sqlx::{Connection, Executor, SqliteConnection};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

async fn open(path: &Path) -> Result<Sqlite, OpenError> {
    Sqlite::open(path.to_str().expect("a plain path")).await
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_new_file_and_what_lies_beside_it_are_their_owners() {
    let (store, folder) = sqlite_file().await;
    store.migrate(START).await.expect("migrates");
    for name in ["it.db", "it.db-wal", "it.db-shm"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_leaves_the_writer_able_to_write() {
    let (store, _folder) = sqlite_file().await;
    store.migrate(START).await.expect("migrates");
    for name in ["ada@example.com", "grace@example.com"] {
        let mut tx = store.write_pool().begin().await.expect("begins");
        // As SQLite does where the disk is full.
        tx.execute("ROLLBACK").await.expect("ends");
        tx.commit().await.expect_err("nothing to commit");
        let created = store.create_user(new_user(name), audit_entry(AuditEvent::AccountCreated), &NoHook).await;
        assert!(matches!(created, Ok(CreateUser::Created(_))), "{created:?}");
    }
}

#[tokio::test]
async fn an_existing_file_keeps_its_mode_and_is_warned_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("old.db");
    std::fs::write(&path, b"").expect("a file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("its mode");
    let store = open(&path).await.expect("opens");
    let warnings = store.migrate(START).await.expect("migrates").warnings;
    assert!(warnings.iter().any(|it| it.contains("644")), "{warnings:?}");
    assert_eq!(mode(&path), 0o644);
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("no/such/app.db");
    assert!(matches!(open(&missing).await, Err(OpenError::NoFolder { .. })));

    let path = folder.path().join("letter.txt");
    let letter = b"Dear reader, this is not a database. ".repeat(100);
    std::fs::write(&path, &letter).expect("a file");
    let refused = open(&path).await;
    assert!(matches!(refused, Err(OpenError::NotADatabase { .. })), "{refused:?}");
    assert_eq!(std::fs::read(&path).expect("is there"), letter);

    let (store, damaged) = sqlite_file().await;
    store.migrate(START).await.expect("migrates");
    store.write_pool().close().await;
    store.pool().close().await;
    let path = damaged.path().join("it.db");
    let mut bytes = std::fs::read(&path).expect("is there");
    bytes[100..4096].fill(0x5a);
    std::fs::write(&path, &bytes).expect("damaged");
    let refused = open(&path).await;
    assert!(matches!(refused, Err(OpenError::NotADatabase { .. })), "{refused:?}");
    assert_eq!(std::fs::read(&path).expect("is there"), bytes);

    for url in ["", "sqlite://", "postgres://localhost/app", "mysql://x"] {
        assert!(matches!(Sqlite::open(url).await, Err(OpenError::BadUrl { .. })), "{url}");
    }
}

#[tokio::test]
async fn a_url_and_a_path_name_the_same_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.db");
    let by_path = open(&path).await.expect("opens");
    by_path.migrate(START).await.expect("migrates");
    for scheme in ["sqlite://", "sqlite:"] {
        let by_url = Sqlite::open(format!("{scheme}{}", path.display())).await.expect("opens");
        assert_eq!(by_url.migrate(START).await.expect("migrates").applied, 0, "{scheme}");
    }
}

#[tokio::test]
async fn connections_are_set_up_as_promised() {
    let (store, _folder) = sqlite_file().await;
    for pool in [store.pool(), store.write_pool()] {
        let pragma = |name| sqlx::query_scalar::<_, i64>(name).fetch_one(pool);
        assert_eq!(pragma("PRAGMA synchronous").await.expect("a number"), 2, "FULL");
        assert_eq!(pragma("PRAGMA foreign_keys").await.expect("a number"), 1);
        assert_eq!(pragma("PRAGMA busy_timeout").await.expect("a number"), 5000);
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(pool).await.expect("a word");
        assert_eq!(journal, "wal");
    }
    store.pool().execute("CREATE TABLE t (a)").await.expect_err("readers do not write");
}

#[tokio::test]
async fn a_journal_that_cannot_be_switched_is_said_and_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shared.db");
    let mut python = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", path.display())).await.expect("opens");
    python.execute("CREATE TABLE room (id INTEGER)").await.expect("a table");
    python.execute("BEGIN; SELECT * FROM room").await.expect("a reader that does not let go");
    let store = open(&path).await.expect("opens all the same");
    python.execute("COMMIT").await.expect("lets go");
    let warnings = store.migrate(START).await.expect("migrates").warnings;
    assert!(warnings.iter().any(|it| it.contains("\"delete\"")), "{warnings:?}");
    assert!(store.list_users(0, 1).await.is_ok());
}

#[tokio::test]
async fn a_writer_that_does_not_let_go_makes_us_unavailable() {
    let (store, folder) = sqlite_file().await;
    store.migrate(START).await.expect("migrates");
    let url = format!("sqlite://{}", folder.path().join("it.db").display());
    let mut other = SqliteConnection::connect(&url).await.expect("opens");
    other.execute("BEGIN IMMEDIATE").await.expect("the lock");
    assert!(store.list_users(0, 1).await.is_ok(), "readers do not wait");
    let refused = store.forget("key").await;
    assert!(refused.is_err_and(|error| error.is_unavailable()));
    other.execute("COMMIT").await.expect("lets go");
    store.forget("key").await.expect("works again");
}

#[tokio::test]
async fn python_fires_our_triggers() {
    let db = sqlite_database().await.migrated().await;
    let ada = db.person("ada@example.com").await;
    let session = db.sign_in(ada.id).await;
    let start = db.store.feed_end().await.expect("works");
    let bob = UserId::random(&OsRng);
    let path = sqlx::query_scalar::<_, String>("SELECT file FROM pragma_database_list WHERE name = 'main'");
    let path = path.fetch_one(db.sqlite()).await.expect("a path");
    let script = "
import sqlite3, sys
path, ada, bob = sys.argv[1:]
db = sqlite3.connect(path)
db.execute('INSERT INTO \"user\" VALUES (?, ?, ?, 1, 0, 0)', (bob, 'Bob@Example.com', 'x'))
db.execute('UPDATE \"user\" SET is_active = 0 WHERE id = ?', (ada,))
db.commit()
try:
    db.execute('INSERT INTO \"user\" VALUES (?, ?, ?, 1, 0, 0)', ('x', 'ADA@example.com', 'x'))
    sys.exit('a case variant was accepted')
except sqlite3.IntegrityError:
    pass
";
    let Some(python) = crate::support::python() else { return };
    let ran = Command::new(python).args(["-c", script, &path, &ada.id.to_string(), &bob.to_string()]).output();
    let ran = ran.expect("Python runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));

    assert!(!db.opens(session).await);
    assert_eq!(db.epoch(ada.id).await, 1);
    assert_eq!(db.by_email("bob@example.com").await, Some(bob));
    assert!(matches!(db.try_create(new_user("BOB@example.com")).await, CreateUser::EmailTaken));
    let (events, _) = db.store.read_feed(start).await.expect("works");
    assert!(events.contains(&Event::User(ada.id)) && events.contains(&Event::User(bob)), "{events:?}");
}

#[tokio::test]
async fn addresses_and_sessions_are_found_by_indexes() {
    let (store, _folder) = sqlite_file().await;
    store.migrate(START).await.expect("migrates");
    store
        .write_pool()
        .execute(
            r#"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
            INSERT INTO "user" SELECT printf('%08x-0000-4000-8000-000000000000', i), 'user' || i || '@example.com', 'x',
                TRUE, FALSE, FALSE FROM n;
            ANALYZE"#,
        )
        .await
        .expect("many accounts");
    for plan in store.query_plans().await.expect("works") {
        let scans = |step: &&String| step.starts_with("SCAN") && *step != "SCAN found";
        assert_eq!(plan.steps.iter().find(scans), None, "{plan:?}");
        assert!(plan.steps.iter().any(|step| step.contains("USING INDEX")), "{plan:?}");
    }
    let plan = &store.query_plans().await.expect("works")[0];
    assert!(plan.steps.iter().any(|step| step.contains("portcullis_user_email")), "{plan:?}");
}

#[tokio::test]
async fn an_id_that_is_no_uuid_stops_nobody_else() {
    let db = sqlite_database().await.migrated().await;
    let start = db.store.feed_end().await.expect("works");
    db.run(r#"INSERT INTO "user" VALUES ('root', 'root@example.com', 'x', TRUE, FALSE, FALSE)"#).await;
    let ada = db.person("ada@example.com").await;
    let (events, _) = db.store.read_feed(start).await.expect("works");
    assert!(events.contains(&Event::Unknown) && events.contains(&Event::User(ada.id)), "{events:?}");
    assert_eq!(db.by_email("nobody@example.com").await, None);
    assert!(matches!(db.try_create(new_user("ROOT@example.com")).await, CreateUser::EmailTaken));
    db.store.migrate(START).await.expect("migrates");
}

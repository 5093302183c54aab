//! Databases to test on, and rows to test with.

use portcullis_core::account::{AccountKind, Epoch, NewUser, User};
use portcullis_core::actor::Actor;
use portcullis_core::audit::{AuditEntry, AuditEvent};
use portcullis_core::clock::Timestamp;
use portcullis_core::context::Context;
use portcullis_core::email_address::EmailKey;
use portcullis_core::ids::{RequestId, SessionId, UserId};
use portcullis_core::outbox::NewMail;
use portcullis_core::password_hasher::PasswordHash;
use portcullis_core::rng::OsRng;
use portcullis_core::session::{NewSession, SessionKind};
use portcullis_core::store::{CreateUser, NoHook, Store};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The moment at which tests start.
pub fn now() -> Timestamp {
    Timestamp::from_secs(1_800_000_000)
}

pub fn later(secs: u64) -> Timestamp {
    now() + Duration::from_secs(secs)
}

pub fn entry(event: AuditEvent) -> AuditEntry {
    let ctx = Context {
        now: now(),
        request_id: RequestId::random(&OsRng),
        peer: Some(std::net::Ipv4Addr::LOCALHOST.into()),
        agent: Some("it/1".into()),
    };
    AuditEntry::success(&ctx, Actor::Host, event)
}

/// A hash with the parameters of new ones; `salt` makes them differ.
pub fn hash(salt: &str) -> PasswordHash {
    PasswordHash::from_stored(format!("$argon2id$v=19$m=19456,t=2,p=1${salt}$AAAAAAAAAAAAAAAAAAAAAA"))
}

pub fn new_user(email: &str) -> NewUser {
    NewUser {
        id: UserId::random(&OsRng),
        email: email.into(),
        email_key: EmailKey::of(email),
        password: hash("first"),
        is_active: true,
        is_superuser: false,
        is_verified: false,
        kind: AccountKind::Person,
        dev_superuser: false,
        created_at: now(),
    }
}

pub async fn create(store: &dyn Store, new: NewUser) -> User {
    match store.create_user(new, entry(AuditEvent::AccountCreated), &NoHook).await.expect("the store works") {
        CreateUser::Created(user) => user,
        other => panic!("not created: {other:?}"),
    }
}

pub async fn person(store: &dyn Store, email: &str) -> User {
    create(store, new_user(email)).await
}

pub async fn superuser(store: &dyn Store, email: &str) -> User {
    create(store, NewUser { is_superuser: true, ..new_user(email) }).await
}

pub fn new_session(user: UserId, epoch: i64) -> NewSession {
    NewSession {
        id: SessionId::random(&OsRng),
        user_id: user,
        kind: SessionKind::Password,
        created_at: now(),
        expires_at: later(3600),
        peer: None,
        agent: None,
        epoch: Epoch(epoch),
        impersonator: None,
    }
}

pub fn mail() -> NewMail {
    NewMail { to: "ada@example.com".into(), kind: "test", sealed: vec![1, 2, 3], created_at: now() }
}

/// An empty SQLite file, and the folder that keeps it.
#[cfg(feature = "sqlite")]
pub async fn sqlite_file() -> (portcullis_sqlx::Sqlite, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.db");
    (portcullis_sqlx::Sqlite::open(path.to_str().expect("a plain path")).await.expect("opens"), folder)
}

/// An empty database in memory.
#[cfg(feature = "sqlite")]
pub async fn sqlite_memory() -> portcullis_sqlx::Sqlite {
    portcullis_sqlx::Sqlite::open("sqlite::memory:").await.expect("opens")
}

/// The server on which tests make databases. Said aloud when there is none; an error where the suite must be whole.
#[cfg(feature = "postgres")]
#[expect(clippy::disallowed_methods, reason = "this is how tests learn of their services")]
pub fn postgres_server() -> Option<String> {
    let url = std::env::var("PORTCULLIS_TEST_POSTGRES").ok();
    let required = std::env::var("PORTCULLIS_TEST_REQUIRED").is_ok_and(|value| value == "1");
    assert!(url.is_some() || !required, "PORTCULLIS_TEST_REQUIRED=1, but PORTCULLIS_TEST_POSTGRES is not set");
    if url.is_none() {
        eprintln!("PORTCULLIS_TEST_POSTGRES is not set: this needs `cargo xtask test`");
    }
    url
}

/// A database of one's own. It goes with the server of the suite.
///
/// The test kit has the same for applications; this crate's tests are to compile without the web.
#[cfg(feature = "postgres")]
pub async fn postgres_url() -> Option<String> {
    use sqlx::{Connection, Executor};
    let server = postgres_server()?;
    let mut connection = sqlx::PgConnection::connect(&server).await.expect("the server answers");
    let name = format!("portcullis_it_{}", uuid::Uuid::from(UserId::random(&OsRng)).simple());
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a database");
    connection.close().await.expect("closes");
    let (server, _) = server.rsplit_once('/').expect("the URL names a database");
    Some(format!("{server}/{name}"))
}

/// An empty PostgreSQL database.
#[cfg(feature = "postgres")]
pub async fn postgres() -> Option<portcullis_sqlx::Postgres> {
    Some(portcullis_sqlx::Postgres::connect(postgres_url().await?).await.expect("connects"))
}

/// Runs a case on a store that is migrated first.
pub async fn run<F: Future<Output = ()>>(store: impl Store + 'static, case: impl FnOnce(Arc<dyn Store>) -> F) {
    store.migrate(now()).await.expect("migrates");
    case(Arc::new(store)).await;
}

/// The same test on every database: `on_each! { async fn name(store) { … } }` with `store: Arc<dyn Store>`.
macro_rules! on_each {
    ($(#[doc = $doc:literal])* async fn $name:ident($store:ident) $body:block) => {
        mod $name {
            use super::*;

            async fn case($store: std::sync::Arc<dyn portcullis_core::store::Store>) $body

            #[cfg(feature = "sqlite")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let (store, _folder) = crate::support::sqlite_file().await;
                crate::support::run(store, case).await;
            }

            #[cfg(feature = "sqlite")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite_memory() {
                crate::support::run(crate::support::sqlite_memory().await, case).await;
            }

            #[cfg(feature = "postgres")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(store) = crate::support::postgres().await else { return };
                crate::support::run(store, case).await;
            }
        }
    };
}
pub(crate) use on_each;

/// Runs `tries` at once and gives their results.
pub async fn race<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    tries: impl IntoIterator<Item = F>,
) -> Vec<T> {
    let tasks: Vec<_> = tries.into_iter().map(tokio::spawn).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.expect("the try ran"));
    }
    results
}

//! Databases to test on, with a second connection that another program could have.

use portcullis_core::account::{NewUser, User};
use portcullis_core::audit::AuditEvent;
use portcullis_core::email_address::EmailKey;
use portcullis_core::ids::{SessionId, UserId};
use portcullis_core::store::{CreateSession, CreateUser, NoHook, Store};
use portcullis_core::testing::fixture::{START, at, audit_entry, new_session, new_superuser, new_user};
use sqlx::AssertSqlSafe;
use std::any::Any;
use std::sync::Arc;

/// A store, and the database under it as another program sees it.
pub struct Database {
    pub store: Arc<dyn Store>,
    raw: Raw,
    url: String,
    _keep: Box<dyn Any + Send + Sync>,
}

enum Raw {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::SqlitePool),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgPool),
}

impl Database {
    /// Brings the schema in.
    pub async fn migrated(self) -> Self {
        self.store.migrate(START).await.expect("migrates");
        self
    }

    /// A second store on the same database, as another replica has it.
    pub async fn replica(&self) -> Arc<dyn Store> {
        match &self.raw {
            #[cfg(feature = "sqlite")]
            Raw::Sqlite(_) => Arc::new(portcullis_sqlx::Sqlite::open(&self.url).await.expect("opens")),
            #[cfg(feature = "postgres")]
            Raw::Postgres(_) => Arc::new(patient(&self.url).await),
        }
    }

    /// The type that fastapi-users gives to ids.
    pub fn id_type(&self) -> &'static str {
        match self.raw {
            #[cfg(feature = "sqlite")]
            Raw::Sqlite(_) => "CHAR(36)",
            #[cfg(feature = "postgres")]
            Raw::Postgres(_) => "UUID",
        }
    }

    /// Runs statements as another program would.
    pub async fn run(&self, sql: impl Into<String>) {
        let sql = AssertSqlSafe(sql.into());
        match &self.raw {
            #[cfg(feature = "sqlite")]
            Raw::Sqlite(pool) => sqlx::raw_sql(sql).execute(pool).await.map(|_| ()),
            #[cfg(feature = "postgres")]
            Raw::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(|_| ()),
        }
        .expect("the statement works");
    }

    /// The number that a query gives, as another program would read it.
    pub async fn number(&self, sql: impl Into<String>) -> i64 {
        let sql = AssertSqlSafe(sql.into());
        match &self.raw {
            #[cfg(feature = "sqlite")]
            Raw::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            #[cfg(feature = "postgres")]
            Raw::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        }
        .expect("a number")
    }

    /// The other program's connection to the file.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(&self) -> &sqlx::SqlitePool {
        match &self.raw {
            Raw::Sqlite(pool) => pool,
            #[cfg(feature = "postgres")]
            Raw::Postgres(_) => panic!("not on SQLite"),
        }
    }

    /// Inserts an account as fastapi-users does.
    pub async fn insert_user(&self, id: UserId, email: &str) {
        let hash = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$AAAA";
        self.run(format!(r#"INSERT INTO "user" VALUES ('{id}', '{email}', '{hash}', TRUE, FALSE, FALSE)"#)).await;
    }

    /// The account that an address stands for.
    pub async fn by_email(&self, typed: &str) -> Option<UserId> {
        let found = self.store.find_credentials_by_email(typed, &EmailKey::of(typed)).await.expect("works");
        found.map(|found| found.user.id)
    }

    pub async fn create(&self, new: NewUser) -> User {
        match self.try_create(new).await {
            CreateUser::Created(user) => user,
            other => panic!("not created: {other:?}"),
        }
    }

    pub async fn try_create(&self, new: NewUser) -> CreateUser {
        self.store.create_user(new, audit_entry(AuditEvent::AccountCreated), &NoHook).await.expect("works")
    }

    pub async fn person(&self, email: &str) -> User {
        self.create(new_user(email)).await
    }

    pub async fn superuser(&self, email: &str) -> User {
        self.create(new_superuser(email)).await
    }

    /// Opens a session under the account's present epoch.
    pub async fn sign_in(&self, user: UserId) -> SessionId {
        let epoch = self.epoch(user).await;
        let new = new_session(user, portcullis_core::account::Epoch(epoch));
        let id = new.id;
        let done = self.store.create_session(new, None, audit_entry(AuditEvent::SessionCreated)).await;
        assert_eq!(done.expect("works"), CreateSession::Created);
        id
    }

    /// Whether a session opens its account.
    pub async fn opens(&self, session: SessionId) -> bool {
        let state = self.store.find_session(session).await.expect("works");
        state.is_some_and(|state| state.standing(at(60)).is_ok())
    }

    pub async fn epoch(&self, user: UserId) -> i64 {
        self.store.find_credentials(user).await.expect("works").expect("is there").epoch.0
    }
}

/// An empty SQLite file, and the folder that keeps it.
#[cfg(feature = "sqlite")]
pub async fn sqlite_file() -> (portcullis_sqlx::Sqlite, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.db");
    (portcullis_sqlx::Sqlite::open(path.to_str().expect("a plain path")).await.expect("opens"), folder)
}

/// An empty SQLite file, and another program's connection: with SQLite's defaults, as Python has them.
#[cfg(feature = "sqlite")]
pub async fn sqlite_database() -> Database {
    let (store, folder) = sqlite_file().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("it.db")).foreign_keys(false);
    let raw = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("opens");
    let url = folder.path().join("it.db").display().to_string();
    Database { store: Arc::new(store), raw: Raw::Sqlite(raw), url, _keep: Box::new(folder) }
}

/// An empty database in memory.
#[cfg(feature = "sqlite")]
pub async fn sqlite_memory() -> portcullis_sqlx::Sqlite {
    portcullis_sqlx::Sqlite::open("sqlite::memory:").await.expect("opens")
}

/// The server on which tests make databases.
#[cfg(feature = "postgres")]
pub fn postgres_server() -> Option<String> {
    service("PORTCULLIS_TEST_POSTGRES")
}

/// A Python interpreter.
#[cfg(feature = "sqlite")]
pub fn python() -> Option<String> {
    service("PORTCULLIS_TEST_PYTHON")
}

/// What the suite provides. Said aloud when it is not there; an error where the suite must be whole.
#[expect(clippy::disallowed_methods, reason = "this is how tests learn of their services")]
fn service(name: &str) -> Option<String> {
    let found = std::env::var(name).ok();
    let required = std::env::var("PORTCULLIS_TEST_REQUIRED").is_ok_and(|value| value == "1");
    assert!(found.is_some() || !required, "PORTCULLIS_TEST_REQUIRED=1, but {name} is not set");
    if found.is_none() {
        eprintln!("{name} is not set: this needs `cargo xtask test`");
    }
    found
}

/// A database of one's own. It goes with the server of the suite.
///
/// The test kit has the same for applications; this crate's tests are to compile without the web.
#[cfg(feature = "postgres")]
pub async fn postgres_url() -> Option<String> {
    use sqlx::{Connection, Executor};
    let server = postgres_server()?;
    let mut connection = sqlx::PgConnection::connect(&server).await.expect("the server answers");
    let name = UserId::random(&portcullis_core::rng::OsRng).0.simple();
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE it_{name}"))).await.expect("a database");
    connection.close().await.expect("closes");
    let (server, _) = server.rsplit_once('/').expect("the URL names a database");
    Some(format!("{server}/it_{name}"))
}

/// An empty PostgreSQL database.
#[cfg(feature = "postgres")]
pub async fn postgres() -> Option<portcullis_sqlx::Postgres> {
    Some(portcullis_sqlx::Postgres::connect(postgres_url().await?).await.expect("connects"))
}

/// An empty PostgreSQL database, and another program's connections.
#[cfg(feature = "postgres")]
pub async fn postgres_database() -> Option<Database> {
    let url = postgres_url().await?;
    let store = patient(&url).await;
    let raw = sqlx::PgPool::connect_lazy(&url).expect("a URL");
    Some(Database { store: Arc::new(store), raw: Raw::Postgres(raw), url, _keep: Box::new(()) })
}

/// One test on every database: `on_each! { async fn name(db) { … } }` with an empty [`Database`].
macro_rules! on_each {
    ($(async fn $name:ident($db:ident) $body:block)*) => {
        $(async fn $name($db: crate::support::Database) $body

        mod $name {
            #[cfg(feature = "sqlite")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(crate::support::sqlite_database().await).await;
            }

            #[cfg(feature = "postgres")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(database) = crate::support::postgres_database().await {
                    super::$name(database).await;
                }
            }
        })*
    };
}
pub(crate) use on_each;

/// A store whose callers wait longer for a connection than production's would: fifty at once on a busy machine are
/// not what the tests are about.
#[cfg(feature = "postgres")]
async fn patient(url: &str) -> portcullis_sqlx::Postgres {
    let options = sqlx::postgres::PgPoolOptions::new().acquire_timeout(std::time::Duration::from_secs(60));
    portcullis_sqlx::Postgres::from_pool(options.connect(url).await.expect("connects"))
}

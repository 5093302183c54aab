//! A database of the app's own.

use crate::postgres::FreshDatabase;
use portcullis::Sqlite;
use portcullis_core::store::Store;
use portcullis_core::testing::Memory;
use portcullis_sqlx::Postgres;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// Which store an app stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// The memory of this process.
    Memory,
    /// A file in a temporary folder.
    Sqlite,
    /// A new database on the suite's server (see [`crate::services`]).
    Postgres,
}

impl StoreKind {
    /// The one that `PORTCULLIS_TEST_DB` names; memory if it is not set.
    ///
    /// # Panics
    ///
    /// When it names another.
    #[expect(clippy::disallowed_methods, reason = "the suite says by this variable on which store to run")]
    pub fn of_the_run() -> Self {
        match std::env::var("PORTCULLIS_TEST_DB").as_deref() {
            Err(_) | Ok("" | "memory") => Self::Memory,
            Ok("sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok(other) => panic!("PORTCULLIS_TEST_DB is {other:?}; it must be memory, sqlite or postgres"),
        }
    }

    /// The same, but SQLite instead of memory: for tests about what only a real database does.
    ///
    /// # Panics
    ///
    /// As [`StoreKind::of_the_run`].
    pub fn durable() -> Self {
        match Self::of_the_run() {
            Self::Memory => Self::Sqlite,
            other => other,
        }
    }
}

/// A database that goes with its last handle. Two apps on one are two replicas.
#[derive(Clone, Debug)]
pub struct Database(Arc<Place>);

#[derive(Debug)]
enum Place {
    Memory(Memory),
    Sqlite(TempDir),
    Postgres(FreshDatabase),
}

impl Database {
    /// An empty one.
    ///
    /// # Panics
    ///
    /// When it cannot be made, for PostgreSQL also when the suite's server is missing.
    pub async fn fresh(kind: StoreKind) -> Self {
        Self(Arc::new(match kind {
            StoreKind::Memory => Place::Memory(Memory::new()),
            StoreKind::Sqlite => {
                Place::Sqlite(tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}")))
            }
            StoreKind::Postgres => Place::Postgres(
                crate::postgres::fresh_database()
                    .await
                    .unwrap_or_else(|| panic!("PORTCULLIS_TEST_DB=postgres needs the server of `cargo xtask test`")),
            ),
        }))
    }

    /// Which kind it is.
    pub fn kind(&self) -> StoreKind {
        match &*self.0 {
            Place::Memory(_) => StoreKind::Memory,
            Place::Sqlite(_) => StoreKind::Sqlite,
            Place::Postgres(_) => StoreKind::Postgres,
        }
    }

    /// Its URL; `None` for memory, which has none.
    pub fn url(&self) -> Option<String> {
        match &*self.0 {
            Place::Memory(_) => None,
            Place::Sqlite(_) => self.file().map(|file| format!("sqlite://{}", file.display())),
            Place::Postgres(database) => Some(database.url()),
        }
    }

    /// The file of an SQLite database.
    pub fn file(&self) -> Option<PathBuf> {
        match &*self.0 {
            Place::Sqlite(folder) => Some(folder.path().join("app.db")),
            Place::Memory(_) | Place::Postgres(_) => None,
        }
    }

    /// A store on it. Each call opens it anew, as another process would.
    pub(super) async fn open(&self) -> Arc<dyn Store> {
        match &*self.0 {
            Place::Memory(memory) => Arc::new(memory.clone()),
            Place::Sqlite(_) => Arc::new(self.open_sqlite().await),
            Place::Postgres(database) => {
                let store = Postgres::connect(database.url()).await;
                Arc::new(store.unwrap_or_else(|error| panic!("the database did not open: {error}")))
            }
        }
    }

    /// The SQLite store itself, for tests of what only it has.
    ///
    /// # Panics
    ///
    /// When this is another database, or it cannot be opened.
    pub async fn open_sqlite(&self) -> Sqlite {
        let url = self.url().filter(|url| url.starts_with("sqlite:"));
        let url = url.unwrap_or_else(|| panic!("this is a {:?} database", self.kind()));
        Sqlite::open(url).await.unwrap_or_else(|error| panic!("the database did not open: {error}"))
    }
}

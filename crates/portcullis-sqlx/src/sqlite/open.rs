//! Opening a database file with care.
//!
//! 1. The folder must be there; the file is created by us if it is not, for its owner only (SQLite gives the `-wal`
//!    and `-shm` files beside it the same mode). An existing file is never changed: if others may read it, that is said.
//! 2. What is not an SQLite database is refused and left as it is.
//! 3. The journal is switched to a write-ahead log. That needs the file for a moment alone; if another program does not
//!    let go of it, we go on in the mode that it has, and say so.
//!
//! The file is opened by us only in the moment of its creation: closing a descriptor of it later would drop the locks
//! that SQLite holds on it in this process.

use super::Sqlite;
use crate::error::OpenError;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

/// How many connections read.
const READERS: u32 = 4;

/// How long a write waits for the one connection that writes.
const TURN: Duration = Duration::from_secs(5);

/// How often switching the journal is tried, and how long each try and each pause lasts.
const SWITCH_TRIES: u32 = 10;
const SWITCH_WAIT: Duration = Duration::from_millis(100);
const SWITCH_PAUSE: Duration = Duration::from_millis(50);

/// Two openings in one process: the second must not have locks on a file whose descriptor the first still closes.
static CREATING: Mutex<()> = Mutex::new(());

impl Sqlite {
    /// Opens a database: a path (`app.db`), a URL (`sqlite://app.db`), or memory (`sqlite::memory:`).
    ///
    /// # Errors
    ///
    /// * [`OpenError::BadUrl`] for a URL of another database, or an empty one,
    /// * [`OpenError::NoFolder`] when the folder does not exist,
    /// * [`OpenError::CannotCreate`] when the file is not there and cannot be created,
    /// * [`OpenError::NotADatabase`] when there is something else in the file,
    /// * [`OpenError::Refused`] when SQLite refuses for another reason.
    pub async fn open(url: impl AsRef<str>) -> Result<Self, OpenError> {
        match parse(url.as_ref())? {
            Place::Memory => open_memory().await,
            Place::File(path) => open_file(&path).await,
        }
    }
}

enum Place {
    Memory,
    File(PathBuf),
}

fn parse(url: &str) -> Result<Place, OpenError> {
    let bad = |problem: String| Err(OpenError::BadUrl { problem });
    let rest = match url.split_once("://") {
        Some(("sqlite", rest)) => rest,
        Some((scheme, _)) => return bad(format!("{scheme}:// is not SQLite; write sqlite://FILE or sqlite::memory:")),
        None => url.strip_prefix("sqlite:").unwrap_or(url),
    };
    if rest == ":memory:" {
        return Ok(Place::Memory);
    }
    // What SQLAlchemy and sqlx write after a question mark are their own options; a file name with one is unlikely.
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    if path.is_empty() {
        return bad("it names no file; write sqlite://FILE".to_owned());
    }
    Ok(Place::File(PathBuf::from(path)))
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .create_if_missing(false)
}

/// A pool whose connections are kept for ever and handed out without a question.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(TURN)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// A pool that replaces a connection which lay in it and is still said to be in a transaction.
///
/// On a full disk and on other failures of the file SQLite rolls a transaction back by itself. The driver goes on
/// counting it, because its own ROLLBACK then fails, and would refuse to begin another one on this connection for ever.
/// A database in memory is its one connection, so that cannot be replaced; neither does it have a disk.
fn file_pool(connections: u32) -> SqlitePoolOptions {
    pool(connections).before_acquire(|conn, _| Box::pin(async { Ok(!conn.is_in_transaction()) }))
}

async fn open_memory() -> Result<Sqlite, OpenError> {
    let options = SqliteConnectOptions::from_str("sqlite::memory:").map_err(OpenError::Refused)?.foreign_keys(true);
    let one = pool(1).min_connections(1).connect_with(options).await.map_err(OpenError::Refused)?;
    Ok(Sqlite::from_pool(one))
}

async fn open_file(path: &Path) -> Result<Sqlite, OpenError> {
    let mut warnings = create(path)?;
    let options = options().filename(path);
    let refused = |error| refused(path, error);

    let impatient = options.clone().busy_timeout(SWITCH_WAIT);
    let mut first = SqliteConnection::connect_with(&impatient).await.map_err(refused)?;
    let mode = switch_to_wal(&mut first).await.map_err(refused)?;
    first.close().await.map_err(refused)?;
    let mut first = SqliteConnection::connect_with(&options).await.map_err(refused)?;
    // Reads the first page: what is not a database shows here.
    let readable: Result<i64, _> = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master").fetch_one(&mut first).await;
    readable.map_err(refused)?;
    first.close().await.map_err(refused)?;
    if mode != "wal" {
        warnings.push(format!(
            "another program holds the database file, so its journal stays in mode \"{mode}\": \
             reads and writes will wait for each other until a start without that program"
        ));
    }
    let writer: SqlitePool = file_pool(1).connect_with(options.clone()).await.map_err(refused)?;
    let readers = file_pool(READERS).connect_with(options.pragma("query_only", "ON")).await.map_err(refused)?;
    Ok(Sqlite { writer, readers, warnings })
}

/// Creates the file if it is not there, and looks at it if it is.
fn create(path: &Path) -> Result<Vec<String>, OpenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(OpenError::NoFolder { path: folder.to_owned() });
    }
    let _creating = CREATING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match private().open(path) {
        Ok(_created) => Ok(Vec::new()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(open_to_others(path)),
        Err(source) => Err(OpenError::CannotCreate { path: path.to_owned(), source }),
    }
}

/// A file that is new and only its owner's.
fn private() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => vec![format!(
            "other users of this machine can open {} (mode {:o}): `chmod 600` it unless they shall",
            path.display(),
            metadata.permissions().mode() & 0o777
        )],
        _ => Vec::new(),
    }
}

#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> Vec<String> {
    Vec::new()
}

/// Switches the journal and says in which mode it is now.
async fn switch_to_wal(conn: &mut SqliteConnection) -> sqlx::Result<String> {
    for _ in 0..SWITCH_TRIES {
        match sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL").fetch_one(&mut *conn).await {
            Ok(mode) if mode == "wal" => return Ok(mode),
            Ok(_) => {}
            Err(sqlx::Error::Database(error)) if is_busy(error.as_ref()) => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(SWITCH_PAUSE).await;
    }
    sqlx::query_scalar("PRAGMA journal_mode").fetch_one(conn).await
}

fn is_busy(error: &dyn sqlx::error::DatabaseError) -> bool {
    let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or(0);
    matches!(code & 0xff, 5 | 6)
}

/// Damaged (11) and not a database (26) are said in words.
fn refused(path: &Path, error: sqlx::Error) -> OpenError {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok()).unwrap_or(0);
    match code & 0xff {
        11 | 26 => OpenError::NotADatabase { path: path.to_owned() },
        _ => OpenError::Refused(error),
    }
}

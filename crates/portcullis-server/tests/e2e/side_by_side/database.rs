//! One database under the three names it has: for SQLAlchemy, for ours, and for plain statements.

use std::path::{Path, PathBuf};

use portcullis_testkit::postgres::FreshDatabase;
use serde_json::{Value, json};

use crate::seed;

/// A database that both sides are started on.
pub struct Database {
    /// As SQLAlchemy names it, driver included.
    pub for_seed: String,
    /// As `PORTCULLIS_DATABASE_URL` names it.
    pub for_ours: String,
    /// Whether the seed's command-line login works on it.
    pub has_cli_login: bool,
    /// The interpreter that runs plain statements.
    pub python: PathBuf,
    plain: String,
}

impl Database {
    /// A file in this folder that does not exist yet.
    pub fn sqlite(python: &Path, folder: &Path) -> Self {
        let file = folder.join("shared.db");
        Self {
            for_seed: format!("sqlite+aiosqlite:///{}", file.display()),
            for_ours: format!("sqlite://{}", file.display()),
            has_cli_login: true,
            python: python.into(),
            plain: format!("sqlite:///{}", file.display()),
        }
    }

    /// A new PostgreSQL database, reached by the seed through this driver.
    pub fn postgres(python: &Path, fresh: &FreshDatabase, driver: &str) -> Self {
        Self {
            for_seed: fresh.sqlalchemy_url(driver),
            for_ours: fresh.url(),
            has_cli_login: driver == "psycopg",
            python: python.into(),
            plain: fresh.url(),
        }
    }

    /// Runs statements and answers the rows of the last.
    pub fn sql(&self, statements: &[&str]) -> Vec<Value> {
        let rows = seed::ask(&self.python, &json!({"do": "sql", "url": self.plain, "statements": statements}));
        rows.as_array().cloned().unwrap_or_default()
    }
}

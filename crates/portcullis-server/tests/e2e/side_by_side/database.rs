//! One database under the three names it has: for SQLAlchemy, for ours, and for plain statements.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::seed;

/// A database of its own, dropped with the value.
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
    /// The server's URL and the name to drop there.
    created: Option<(String, String)>,
}

impl Database {
    /// A file that does not exist yet.
    pub fn sqlite(python: &Path, folder: &Path) -> Self {
        let file = folder.join("shared.db");
        Self {
            for_seed: format!("sqlite+aiosqlite:///{}", file.display()),
            for_ours: format!("sqlite://{}", file.display()),
            has_cli_login: true,
            python: python.into(),
            plain: format!("sqlite:///{}", file.display()),
            created: None,
        }
    }

    /// A new database on this server, which is a superuser's URL; what an earlier run left of it is removed.
    pub fn postgres(python: &Path, server: &str, name: &str, driver: &str) -> Self {
        let sql =
            |statements: &[String]| seed::ask(python, &json!({"do": "sql", "url": server, "statements": statements}));
        sql(&[format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")]);
        let url = with_database(server, name);
        let (_, address) = url.split_once("://").expect("a URL has a scheme");
        Self {
            for_seed: format!("{driver}://{address}"),
            for_ours: format!("postgres://{address}"),
            has_cli_login: driver.ends_with("psycopg"),
            python: python.into(),
            plain: format!("postgresql://{address}"),
            created: Some((server.into(), name.into())),
        }
    }

    /// Runs statements and answers the rows of the last.
    pub fn sql(&self, statements: &[&str]) -> Vec<Value> {
        let rows = seed::ask(&self.python, &json!({"do": "sql", "url": self.plain, "statements": statements}));
        rows.as_array().cloned().unwrap_or_default()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.created {
            let statements = [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")];
            seed::ask(&self.python, &json!({"do": "sql", "url": server, "statements": statements}));
        }
    }
}

/// The same server URL with another database in it.
fn with_database(server: &str, name: &str) -> String {
    let (url, query) =
        server.split_once('?').map_or((server, String::new()), |(url, query)| (url, format!("?{query}")));
    let (scheme, rest) = url.split_once("://").expect("a URL has a scheme");
    let authority = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}/{name}{query}")
}

//! Which database.

use std::fmt;
use std::path::PathBuf;

/// What `DATABASE_URL` names.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A database in this process, gone with it.
    Memory,
    /// A file on this machine.
    File(PathBuf),
    /// One or more addresses of a PostgreSQL server, tried in order.
    Postgres(Vec<String>),
}

impl Database {
    /// Reads a URL, or for PostgreSQL several with commas between.
    ///
    /// # Errors
    ///
    /// What it must be instead, as the end of a sentence that begins with its name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let known = "must be sqlite://FILE, sqlite::memory: or postgres://…";
        if let Some(file) = text.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            return match file {
                ":memory:" => Ok(Self::Memory),
                "" => Err("names no file: sqlite://portcullis.db is one in the working folder".to_owned()),
                file if file.contains('?') => Err("must not have parameters behind the file's name".to_owned()),
                file => Ok(Self::File(PathBuf::from(file))),
            };
        }
        let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
        if let Some((database, driver)) = scheme.split_once('+') {
            return Err(format!(
                "must not name a Python driver: write {database}:// instead of {database}+{driver}://"
            ));
        }
        // A comma between URLs, not one inside a password.
        let mut urls: Vec<String> = Vec::new();
        for part in text.split(',') {
            let begins = ["postgres://", "postgresql://"].iter().any(|scheme| part.trim_start().starts_with(scheme));
            match urls.last_mut() {
                _ if begins => urls.push(part.trim().to_owned()),
                Some(url) => url.extend([",", part]),
                None => return Err(known.to_owned()),
            }
        }
        Ok(Self::Postgres(urls))
    }

    /// Whether nobody but this machine can reach it.
    pub const fn is_local(&self) -> bool {
        matches!(self, Self::Memory | Self::File(_))
    }
}

/// Shows it without password and parameters.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("sqlite::memory:"),
            Self::File(file) => write!(f, "sqlite://{}", file.display()),
            Self::Postgres(urls) => {
                let masked: Vec<_> = urls.iter().map(|url| masked(url)).collect();
                f.write_str(&masked.join(","))
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

fn masked(url: &str) -> String {
    let (url, parameters) = url.split_once('?').map_or((url, ""), |(url, _)| (url, "?…"));
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    // What stands before the last @-sign are credentials, also when somebody forgot to encode an @ in the password.
    match rest.rsplit_once('@') {
        Some((credentials, place)) => {
            let user = credentials.split_once(':').map_or(credentials, |(user, _)| user);
            let password = if credentials.contains(':') { ":…" } else { "" };
            format!("{scheme}://{user}{password}@{place}{parameters}")
        }
        None => format!("{scheme}://{rest}{parameters}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_say_which_database() {
        assert_eq!(Database::parse("sqlite::memory:"), Ok(Database::Memory));
        assert_eq!(Database::parse("sqlite://:memory:"), Ok(Database::Memory));
        assert_eq!(Database::parse("sqlite://a/b.db"), Ok(Database::File("a/b.db".into())));
        assert_eq!(Database::parse("sqlite:///a/b.db"), Ok(Database::File("/a/b.db".into())));
        let urls = ["postgres://u:a,b@one/db".to_owned(), "postgresql://two/db".to_owned()];
        assert_eq!(
            Database::parse("postgres://u:a,b@one/db, postgresql://two/db"),
            Ok(Database::Postgres(urls.into()))
        );
    }

    #[test]
    fn other_urls_are_refused_with_what_to_write() {
        for (url, told) in [
            ("portcullis.db", "must be sqlite://FILE"),
            ("mysql://localhost/db", "must be sqlite://FILE"),
            ("sqlite://", "names no file"),
            ("sqlite://a.db?mode=ro", "parameters"),
            ("sqlite+aiosqlite:///a.db", "write sqlite://"),
            ("postgresql+asyncpg://u:hunter2@h/db", "write postgresql://"),
        ] {
            let problem = Database::parse(url).unwrap_err();
            assert!(problem.contains(told) && !problem.contains("hunter2"), "{url}: {problem}");
        }
    }

    #[test]
    fn a_database_is_shown_without_its_password() {
        let shown = |url: &str| Database::parse(url).unwrap().to_string();
        assert_eq!(shown("postgres://ada:hunter2@h:5432/db?password=hunter2"), "postgres://ada:…@h:5432/db?…");
        assert_eq!(shown("postgres://ada:hun@ter2@h/db,postgres://h2/db"), "postgres://ada:…@h/db,postgres://h2/db");
        assert_eq!(shown("sqlite://a.db"), "sqlite://a.db");
    }
}

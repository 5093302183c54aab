//! Dev mode or production.
//!
//! With a configured admin it is production. Without one it is dev mode, in which every new account is a superuser,
//! and that is only for the machine in front of its developer: the listener is loopback, the database is a local
//! SQLite file, no proxy is trusted, and there is no https address. Anything else is refused with the ways out, instead
//! of serving the world with doors open or with nobody who could administer it.

use super::ServerConfig;
use crate::exit::Failure;
use portcullis::config::{ConfigError, DefaultAdmin, variable};

/// How the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For users.
    Production,
    /// For a developer: every new account is a superuser.
    Dev,
}

impl Mode {
    /// The word for people and for `/healthz`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Dev => "dev",
        }
    }

    /// Decides.
    ///
    /// # Errors
    ///
    /// Neither is possible with these settings.
    pub fn of(config: &ServerConfig) -> Result<Self, Failure> {
        if let DefaultAdmin::Configured { .. } = config.auth.default_admin {
            if config.auth.secret_key.is_none() {
                let problem = "is missing: with a configured admin it must be set to at least 32 random bytes, for \
                               example from `portcullis keygen`";
                return Err(ConfigError::missing("SECRET_KEY", problem).into());
            }
            return Ok(Self::Production);
        }
        let obstacles = obstacles(config);
        if obstacles.is_empty() { Ok(Self::Dev) } else { Err(Failure::config(neither(&obstacles))) }
    }
}

/// What keeps these settings from being a developer's own machine.
fn obstacles(config: &ServerConfig) -> Vec<String> {
    let mut obstacles = Vec::new();
    if !config.listen.ip().to_canonical().is_loopback() {
        obstacles.push(format!("{} is {}, which other machines can reach", variable("LISTEN"), config.listen));
    }
    if !config.database.is_local() {
        obstacles.push(format!("{} is not a SQLite file: {}", variable("DATABASE_URL"), config.database));
    }
    if !config.auth.trusted_proxies.is_empty() {
        obstacles.push(format!("{} is set, so others come through a proxy", variable("TRUSTED_PROXIES")));
    }
    if let Some(url) = config.auth.public_url.as_ref().filter(|url| url.is_https()) {
        obstacles.push(format!("{} is {url}, so others come through a proxy", variable("PUBLIC_URL")));
    }
    obstacles
}

fn neither(obstacles: &[String]) -> String {
    let list: String = obstacles.iter().map(|obstacle| format!("\n  * {obstacle}")).collect();
    format!(
        "no admin is configured, which means dev mode (every new account is a superuser), but this is not only your \
         own machine:{list}\nFor production set {}, {} and {}. For dev mode change what is listed.",
        variable("DEFAULT_ADMIN_EMAIL"),
        variable("DEFAULT_ADMIN_PASSWORD"),
        variable("SECRET_KEY"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: [(&str, &str); 2] =
        [("DEFAULT_ADMIN_EMAIL", "ada@example.com"), ("DEFAULT_ADMIN_PASSWORD", "hunter2-password")];
    const SECRET: (&str, &str) = ("SECRET_KEY", "hunter2-hunter2-hunter2-hunter2-hunter2");

    fn mode(values: &[(&'static str, &str)]) -> Result<Mode, Failure> {
        Mode::of(&ServerConfig::of_values(values)?)
    }

    #[test]
    fn with_an_admin_it_is_production_wherever_it_listens() {
        for listen in ["127.0.0.1:8000", "0.0.0.0:80"] {
            for database in ["sqlite://a.db", "postgres://h/db"] {
                let values = [ADMIN[0], ADMIN[1], SECRET, ("LISTEN", listen), ("DATABASE_URL", database)];
                assert_eq!(mode(&values).unwrap(), Mode::Production);
            }
        }
    }

    #[test]
    fn production_without_a_good_secret_is_refused() {
        let missing = mode(&ADMIN).unwrap_err();
        assert_eq!(missing.code(), 78);
        assert!(missing.to_string().starts_with("PORTCULLIS_SECRET_KEY is missing"), "{missing}");
        for weak in ["", "hunter2", "CHANGE-ME-IN-PRODUCTION", "CHANGE-ME-IN-PRODUCTION-SECRET!"] {
            let weak = mode(&[ADMIN[0], ADMIN[1], ("SECRET_KEY", weak)]).unwrap_err();
            assert_eq!(weak.code(), 78);
            assert!(weak.to_string().contains("secret_key") && !weak.to_string().contains("hunter2"), "{weak}");
        }
    }

    #[test]
    fn without_an_admin_it_is_dev_on_this_machine_only() {
        for listen in ["127.0.0.1:8000", "[::1]:0", "127.9.9.9:1", "localhost:8000"] {
            assert_eq!(mode(&[("LISTEN", listen)]).unwrap(), Mode::Dev);
        }
        for values in [
            &[("DATABASE_URL", "sqlite::memory:")][..],
            &[("PUBLIC_URL", "http://localhost:8000")],
            &[SECRET],
            &[("CORS_ORIGINS", "http://localhost:5173")],
        ] {
            assert_eq!(mode(values).unwrap(), Mode::Dev);
        }
        for (values, named) in [
            (("LISTEN", "0.0.0.0:8000"), "PORTCULLIS_LISTEN is 0.0.0.0:8000"),
            (("LISTEN", "[::]:8000"), "PORTCULLIS_LISTEN is [::]:8000"),
            (("LISTEN", "192.168.1.2:8000"), "PORTCULLIS_LISTEN is 192.168.1.2:8000"),
            (("DATABASE_URL", "postgres://u:hunter2@h/db"), "PORTCULLIS_DATABASE_URL"),
            (("TRUSTED_PROXIES", "127.0.0.1"), "PORTCULLIS_TRUSTED_PROXIES"),
            (("PUBLIC_URL", "https://auth.example.com"), "PORTCULLIS_PUBLIC_URL is https://auth.example.com"),
        ] {
            let failure = mode(&[values]).unwrap_err();
            let text = failure.to_string();
            assert_eq!(failure.code(), 78);
            assert!(text.contains(named) && text.matches("\n  * ").count() == 1, "{text}");
            assert!(text.contains("PORTCULLIS_DEFAULT_ADMIN_EMAIL") && !text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn every_obstacle_is_listed_at_once() {
        let values = [("LISTEN", "0.0.0.0:80"), ("DATABASE_URL", "postgres://h/db"), ("TRUSTED_PROXIES", "::1")];
        assert_eq!(mode(&values).unwrap_err().to_string().matches("\n  * ").count(), 3);
    }
}

//! The server's settings: the library's, and a few of its own.
//!
//! Precedence: flags, then environment, then `.env` in the working folder, then the settings file, then defaults. Each
//! value keeps its origin, which is what `portcullis config check` and every error about it say.

mod database;
mod file;
mod mode;
mod setting;
mod show;

pub use database::Database;
pub use mode::Mode;
pub use setting::SERVER_SETTINGS;
pub use show::{shown, table};

use portcullis::config::{AuthConfig, ConfigError, Origin, SETTINGS, Settings, boolean, seconds};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The settings file that is read if it is there.
const DEFAULT_FILE: &str = "portcullis.toml";
/// The database if nobody names one.
const DEFAULT_DATABASE: &str = "portcullis.db";
/// Where to listen if nobody says so.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);

/// A flag of the command line with its value.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The setting, or the setting + `_FILE`.
    pub name: String,
    /// The flag as it was written.
    pub flag: String,
    /// Its value.
    pub value: String,
}

/// The settings of a server.
#[derive(Debug)]
pub struct ServerConfig {
    /// The library's.
    pub auth: AuthConfig,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where everything is stored.
    pub database: Database,
    /// Where Prometheus finds numbers.
    pub metrics_listen: Option<SocketAddr>,
    /// Whether the API's description is served; `None` leaves it to the mode.
    pub docs: bool,
    /// Whether requests are logged.
    pub access_log: bool,
    /// What else is logged.
    pub log: String,
    /// How long to accept after the first signal.
    pub drain: Duration,
    /// Each value with its origin.
    pub settings: Settings,
    /// What is odd about them, beside what the library says.
    pub notes: Vec<String>,
}

impl ServerConfig {
    /// Reads all sources.
    ///
    /// # Errors
    ///
    /// The first setting that cannot be used.
    pub fn load(flags: &[Flag]) -> Result<Self, ConfigError> {
        let mut settings = Settings::of(&[SERVER_SETTINGS, SETTINGS]);
        for flag in flags {
            settings.offer(&flag.name, &flag.value, Origin::Flag(flag.flag.clone()))?;
        }
        settings.offer_environment()?;
        settings.offer_dotenv(Path::new(".env"))?;
        match settings.find("CONFIG").map(|given| PathBuf::from(given.expose())) {
            Some(file) => file::offer(&mut settings, &file)?,
            None if Path::new(DEFAULT_FILE).exists() => file::offer(&mut settings, Path::new(DEFAULT_FILE))?,
            None => {}
        }
        Self::from_settings(settings)
    }

    fn from_settings(settings: Settings) -> Result<Self, ConfigError> {
        let notes = settings.strangers().iter().map(|(name, origin)| stranger(&settings, name, origin)).collect();
        Ok(Self {
            auth: AuthConfig::from_settings(&settings)?,
            listen: settings.read("LISTEN", address)?.unwrap_or(DEFAULT_LISTEN),
            database: settings
                .read("DATABASE_URL", Database::parse)?
                .unwrap_or_else(|| Database::File(DEFAULT_DATABASE.into())),
            metrics_listen: settings.read("METRICS_LISTEN", address)?,
            docs: settings.read("DOCS", boolean)?.unwrap_or(true),
            access_log: settings.read("ACCESS_LOG", boolean)?.unwrap_or(true),
            log: settings.read("LOG", |text| Ok(text.to_owned()))?.unwrap_or_else(|| "info".to_owned()),
            drain: settings.read("DRAIN_SECONDS", drain)?.unwrap_or(Duration::from_secs(1)),
            settings,
            notes,
        })
    }

    /// Everything that an operator should be told at start, one sentence each, beside what building finds.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.notes.clone();
        warnings.extend(self.auth.warnings());
        warnings
    }

    /// The settings that these values make, for tests.
    #[cfg(test)]
    pub fn of_values(values: &[(&'static str, &str)]) -> Result<Self, ConfigError> {
        let mut settings = Settings::of(&[SERVER_SETTINGS, SETTINGS]);
        for (name, value) in values {
            let origin = Origin::File { key: name.to_ascii_lowercase(), file: "test.toml".into() };
            assert!(settings.offer(name, value, origin)?, "no setting {name}");
        }
        Self::from_settings(settings)
    }
}

/// A variable of ours that no setting has. It is not an error: another version may know it, and a rollback must start.
fn stranger(settings: &Settings, name: &str, origin: &Origin) -> String {
    let meant = file::suggestion(settings.known(), name.trim_start_matches("PORTCULLIS_"));
    let hint = meant.map_or_else(String::new, |key| format!("; PORTCULLIS_{} is one", key.to_ascii_uppercase()));
    format!("{origin} is not a setting and is ignored{hint}.")
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| {
        "must be an address with a port, such as 127.0.0.1:8000, [::1]:8000, or 0.0.0.0:8000 for all of this machine"
            .to_owned()
    })
}

fn drain(text: &str) -> Result<Duration, String> {
    if text == "0" { Ok(Duration::ZERO) } else { seconds(text).map_err(|_| "must be a whole number of seconds".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_settings_it_listens_on_loopback_and_stores_in_a_file() {
        let config = ServerConfig::of_values(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8000");
        assert_eq!(config.database, Database::File("portcullis.db".into()));
        assert!(config.access_log && config.metrics_listen.is_none());
        assert_eq!(config.warnings(), Vec::<String>::new());
    }

    #[test]
    fn every_refusal_names_its_origin_and_never_a_password() {
        for (name, value, told) in [
            ("LISTEN", ":8000", "must be an address with a port"),
            ("LISTEN", "example.com:8000", "must be an address with a port"),
            ("METRICS_LISTEN", "9000", "must be an address with a port"),
            ("DATABASE_URL", "mysql://ada:hunter2@h/db", "must be sqlite://FILE"),
            ("ACCESS_LOG", "maybe", "true or false"),
            ("DRAIN_SECONDS", "soon", "whole number of seconds"),
        ] {
            let problem = ServerConfig::of_values(&[(name, value)]).unwrap_err().to_string();
            assert!(problem.starts_with(&format!("`{}` (test.toml) ", name.to_ascii_lowercase())), "{problem}");
            assert!(problem.contains(told) && !problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn every_default_that_is_shown_is_the_one_that_holds() {
        let nothing = ServerConfig::of_values(&[]).unwrap();
        for setting in nothing.settings.known() {
            let shown = setting.default.split(&[';', ','][..]).next().unwrap_or_default();
            if shown.is_empty() || setting.name == "CONFIG" {
                continue;
            }
            let same = ServerConfig::of_values(&[(setting.name, shown)]).unwrap();
            let [mut nothing, mut same] = [&nothing, &same].map(|config| {
                let ServerConfig { auth, listen, database, metrics_listen, access_log, log, drain, .. } = config;
                format!("{auth:?} {listen} {database} {metrics_listen:?} {access_log} {log} {drain:?}")
            });
            nothing.retain(|c| !c.is_whitespace());
            same.retain(|c| !c.is_whitespace());
            assert_eq!(nothing, same, "{}", setting.name);
        }
    }
}

//! The settings.
//!
//! 1. A setting has one name, `TOKEN_LIFETIME_SECONDS`, in all places: the variable
//!    `PORTCULLIS_TOKEN_LIFETIME_SECONDS`, the same in a `.env` file, the key `token_lifetime_seconds` in the server's
//!    file, the server's flag `--token-lifetime-seconds`. [`SETTINGS`] is the list.
//! 2. [`Settings`] collects values from sources in order of precedence (flags, environment, `.env`, file) and keeps
//!    with each where it comes from.
//! 3. [`AuthConfig::from_settings`] reads them. What cannot be used is a [`ConfigError`], a sentence that names
//!    setting and origin and says what to do, and that never holds a secret.
//! 4. [`AuthConfig::warnings`] says which settings loosen something. They are printed at every start.
//!
//! zndraw-auth's variables (`ZNDRAW_AUTH_…`) are understood. A secret can come from a file: `…SECRET_KEY_FILE`.
//! An application that has its own configuration fills an [`AuthConfig`] by hand and needs none of this.

mod dotenv;
mod error;
mod paths;
mod public_url;
mod read;
mod setting;
mod settings;
#[cfg(test)]
mod tests;

pub use error::ConfigError;
pub use paths::{Paths, mount_point};
pub use public_url::{PublicUrl, is_loopback};
pub use read::{boolean, seconds};
pub use setting::{Kind, SETTINGS, Setting};
pub use settings::{Given, Origin, Settings, variable};

use ipnet::IpNet;
use portcullis_core::clock::Timestamp;
use portcullis_core::password_policy::PasswordPolicy;
use portcullis_core::rng::{OsRng, letters};
use portcullis_core::rules::{Limits, Profile, Rules};
use secrecy::SecretString;
use std::path::Path;
use std::time::Duration;

/// A token lifetime beyond this is worth a warning.
const LONG_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// A minimum below this is worth a warning.
const SHORT_PASSWORD: usize = 8;

/// The settings of a deployment.
///
/// ```
/// use portcullis::config::AuthConfig;
///
/// let config = AuthConfig { allow_guests: true, ..AuthConfig::new("a secret of at least thirty-two bytes") };
/// assert_eq!(config.paths.auth, "/auth");
/// assert_eq!(config.warnings().len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct AuthConfig {
    /// Signs access tokens, and every other key comes from it.
    pub secret_key: Option<SecretString>,
    /// Compat or strict.
    pub profile: Profile,
    /// How long an access token lasts.
    pub token_lifetime: Duration,
    /// How long a minted token lasts.
    pub mint_lifetime: Duration,
    /// How long a device login can be approved and redeemed.
    pub device_lifetime: Duration,
    /// The shortest new password, in characters.
    pub password_min_length: usize,
    /// Where the routes are mounted.
    pub paths: Paths,
    /// Where users reach the server.
    pub public_url: Option<PublicUrl>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// The first superuser.
    pub default_admin: DefaultAdmin,
    /// Whether anybody gets a guest account.
    pub allow_guests: bool,
    /// Whether there are no limits.
    pub allow_unlimited: bool,
    /// Whether superusers may make tokens for superusers.
    pub allow_mint_superuser: bool,
    /// Until when tokens without a session are accepted, beyond what adopting a database allows by itself.
    pub allow_legacy_tokens_until: Option<Timestamp>,
    /// Whether every new account is a superuser. No setting does this: the library's user says `.dev_mode()`, and the
    /// server decides by where it listens and what it stores in.
    pub dev_mode: bool,
    /// What was odd about the settings as they were read.
    #[doc(hidden)]
    pub notes: Vec<String>,
}

/// The first superuser, made when the server starts.
#[derive(Clone, Debug, Default)]
pub enum DefaultAdmin {
    /// None is configured.
    #[default]
    None,
    /// This one.
    Configured {
        /// The address, as it is stored.
        email: String,
        /// The password that the account gets when it is made, and only then.
        password: SecretString,
    },
}

impl AuthConfig {
    /// The defaults, with this secret.
    pub fn new(secret_key: impl Into<String>) -> Self {
        Self { secret_key: Some(SecretString::from(secret_key.into())), ..Self::with_profile(Profile::Compat) }
    }

    /// The defaults, with a secret that only this process knows: the tokens it makes end with it. For trials and tests.
    pub fn ephemeral() -> Self {
        Self::new(letters(&OsRng, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 43))
    }

    /// Reads the environment, then a `.env` file in the working folder.
    ///
    /// # Errors
    ///
    /// The first setting that cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut settings = Settings::of(&[SETTINGS]);
        settings.offer_environment()?;
        settings.offer_dotenv(Path::new(".env"))?;
        Self::from_settings(&settings)
    }

    /// The defaults of a profile, without a secret.
    fn with_profile(profile: Profile) -> Self {
        let rules = Rules::default();
        let (token_lifetime, passwords) = match profile {
            Profile::Compat => (rules.token_lifetime, PasswordPolicy::compat()),
            Profile::Strict => (Duration::from_secs(900), PasswordPolicy::strict()),
        };
        Self {
            secret_key: None,
            profile,
            token_lifetime,
            mint_lifetime: rules.mint_lifetime,
            device_lifetime: rules.device_lifetime,
            password_min_length: passwords.min_length(),
            paths: Paths::default(),
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            default_admin: DefaultAdmin::None,
            allow_guests: false,
            allow_unlimited: false,
            allow_mint_superuser: false,
            allow_legacy_tokens_until: None,
            dev_mode: false,
            notes: Vec::new(),
        }
    }

    /// The settings that the flows obey.
    pub fn rules(&self) -> Rules {
        Rules {
            profile: self.profile,
            passwords: PasswordPolicy::compat().with_min_length(self.password_min_length),
            token_lifetime: self.token_lifetime,
            mint_lifetime: self.mint_lifetime,
            device_lifetime: self.device_lifetime,
            dev_mode: self.dev_mode,
            allow_guests: self.allow_guests,
            allow_mint_superuser: self.allow_mint_superuser,
            legacy_until: self.allow_legacy_tokens_until,
            limits: Limits { unlimited: self.allow_unlimited, ..Limits::default() },
            ..Rules::default()
        }
    }

    /// What an operator should know about these settings, one sentence each; printed at every start.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.notes.clone();
        let mut warn = |on: bool, name: &str, sentence: &str| {
            if on {
                warnings.push(format!("{} {sentence}", variable(name)));
            }
        };
        warn(self.allow_guests, "ALLOW_GUESTS", "is on: anybody gets an account without a password.");
        warn(self.allow_unlimited, "ALLOW_UNLIMITED", "is on: passwords and codes can be guessed without limit.");
        warn(self.allow_mint_superuser, "ALLOW_MINT_SUPERUSER", "is on: a superuser can act as another superuser.");
        if let Some(until) = self.allow_legacy_tokens_until {
            let sentence = format!("accepts tokens that cannot be ended one by one until {}.", until.to_rfc3339());
            warn(true, "ALLOW_LEGACY_TOKENS_UNTIL", &sentence);
        }
        for (name, lifetime) in
            [("TOKEN_LIFETIME_SECONDS", self.token_lifetime), ("MINT_LIFETIME_SECONDS", self.mint_lifetime)]
        {
            let hours = lifetime.as_secs() / 3600;
            let sentence = format!("lets a token live for {hours} hours: a stolen one works as long.");
            warn(lifetime > LONG_LIFETIME, name, &sentence);
        }
        warn(
            self.password_min_length < SHORT_PASSWORD,
            "PASSWORD_MIN_LENGTH",
            "is below 8: passwords that are guessed in minutes are accepted, and common ones are not refused.",
        );
        warnings
    }
}

//! From text to typed settings.

use super::{AuthConfig, ConfigError, DefaultAdmin, Paths, PublicUrl, Settings, mount_point, variable};
use ipnet::IpNet;
use portcullis_core::clock::Timestamp;
use portcullis_core::email_address::EmailAddress;
use portcullis_core::keys::Keys;
use portcullis_core::password_policy::{MAX_CHARS, PasswordPolicy};
use portcullis_core::rules::Profile;
use secrecy::SecretString;
use std::net::IpAddr;
use std::time::Duration;

impl AuthConfig {
    /// Reads the library's settings out of `settings`.
    ///
    /// # Errors
    ///
    /// The first setting that cannot be used.
    pub fn from_settings(settings: &Settings) -> Result<Self, ConfigError> {
        let mut config = Self::with_profile(settings.read("PROFILE", profile)?.unwrap_or_default());
        config.secret_key = secret_key(settings)?;
        set(&mut config.token_lifetime, settings.read("TOKEN_LIFETIME_SECONDS", seconds)?);
        set(&mut config.mint_lifetime, settings.read("MINT_LIFETIME_SECONDS", seconds)?);
        set(&mut config.device_lifetime, settings.read("DEVICE_LIFETIME_SECONDS", seconds)?);
        set(&mut config.password_min_length, settings.read("PASSWORD_MIN_LENGTH", min_length)?);
        config.paths = paths(settings)?;
        config.public_url = settings.read("PUBLIC_URL", PublicUrl::parse)?;
        set(&mut config.trusted_proxies, settings.read("TRUSTED_PROXIES", |text| list(text, network))?);
        set(&mut config.cors_origins, settings.read("CORS_ORIGINS", |text| list(text, origin))?);
        config.default_admin = default_admin(settings, config.password_min_length)?;
        set(&mut config.allow_guests, settings.read("ALLOW_GUESTS", boolean)?);
        set(&mut config.allow_unlimited, settings.read("ALLOW_UNLIMITED", boolean)?);
        set(&mut config.allow_mint_superuser, settings.read("ALLOW_MINT_SUPERUSER", boolean)?);
        config.allow_legacy_tokens_until = settings.read("ALLOW_LEGACY_TOKENS_UNTIL", date)?;
        config.notes = settings
            .ignored()
            .map(|(setting, given)| format!("{} is ignored. {}.", given.origin, setting.help))
            .collect();
        Ok(config)
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// The secret, which must be a good one in every mode: an empty variable is a mistake and not an absence.
fn secret_key(settings: &Settings) -> Result<Option<SecretString>, ConfigError> {
    let Some(given) = settings.find("SECRET_KEY") else { return Ok(None) };
    let secret = SecretString::from(given.expose());
    match Keys::derive(secret.clone()) {
        Ok(_) => Ok(Some(secret)),
        Err(weak) => Err(ConfigError::invalid("SECRET_KEY", &given.origin, weak.to_string())),
    }
}

/// The configured admin: address and password, or neither. zndraw-auth starts without any superuser, or with one
/// that nobody can log in as, when half of it is missing.
fn default_admin(settings: &Settings, min_length: usize) -> Result<DefaultAdmin, ConfigError> {
    const EMAIL: &str = "DEFAULT_ADMIN_EMAIL";
    const PASSWORD: &str = "DEFAULT_ADMIN_PASSWORD";
    let (email, password) = match (settings.find(EMAIL), settings.find(PASSWORD)) {
        (None, None) => return Ok(DefaultAdmin::None),
        (Some(email), Some(password)) => (email, password),
        (Some(email), None) => {
            let problem = format!("is set, but {} is not: set both, or neither", variable(PASSWORD));
            return Err(ConfigError::invalid(EMAIL, &email.origin, problem));
        }
        (None, Some(password)) => {
            let problem = format!("is set, but {} is not: set both, or neither", variable(EMAIL));
            return Err(ConfigError::invalid(PASSWORD, &password.origin, problem));
        }
    };
    if email.expose().trim().is_empty() {
        let problem = "is empty: set it to the admin's address, or remove it and the password";
        return Err(ConfigError::invalid(EMAIL, &email.origin, problem));
    }
    let address = EmailAddress::parse(email.expose()).map_err(|refused| {
        let problem = format!("is not an email address that could log in. {}", refused.reason());
        ConfigError::invalid(EMAIL, &email.origin, problem)
    })?;
    let policy = PasswordPolicy::compat().with_min_length(min_length);
    policy
        .check_length_only(password.expose())
        .map_err(|refused| ConfigError::invalid(PASSWORD, &password.origin, format!("cannot be used. {refused}")))?;
    Ok(DefaultAdmin::Configured { email: address.as_str().to_owned(), password: SecretString::from(password.expose()) })
}

fn paths(settings: &Settings) -> Result<Paths, ConfigError> {
    let mut paths = Paths::default();
    set(&mut paths.auth, settings.read("PATHS_AUTH", mount_point)?);
    set(&mut paths.users, settings.read("PATHS_USERS", mount_point)?);
    set(&mut paths.admin, settings.read("PATHS_ADMIN", mount_point)?);
    let Some((name, taken)) = paths.collision() else { return Ok(paths) };
    let problem = format!("collides with the routes at {taken}: choose a path of its own");
    // A default can only collide with something that was set.
    let origin = [name, "PATHS_AUTH", "PATHS_USERS"].into_iter().find_map(|name| settings.find(name));
    Err(match origin {
        Some(given) => ConfigError::invalid(name, &given.origin, problem),
        None => ConfigError::missing(name, problem),
    })
}

fn profile(text: &str) -> Result<Profile, String> {
    match text.to_ascii_lowercase().as_str() {
        "compat" => Ok(Profile::Compat),
        "strict" => Ok(Profile::Strict),
        _ => Err("must be compat or strict".to_owned()),
    }
}

/// Reads a number of seconds above zero.
///
/// # Errors
///
/// What it must be instead, as the end of a sentence that begins with its name.
pub fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(secs) if secs > 0 => Ok(Duration::from_secs(secs)),
        _ => Err("must be a whole number of seconds, at least 1".to_owned()),
    }
}

fn min_length(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(length) if (1..=MAX_CHARS).contains(&length) => Ok(length),
        _ => Err(format!("must be a number of characters from 1 to {MAX_CHARS}")),
    }
}

/// Reads yes or no in the words that pydantic takes.
///
/// # Errors
///
/// What it must be instead, as the end of a sentence that begins with its name.
pub fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

fn date(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z".to_owned())
}

fn list<T>(text: &str, item: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(item).collect()
}

fn network(text: &str) -> Result<IpNet, String> {
    let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
        format!("must list addresses or networks such as 10.0.0.1 or 10.0.0.0/8, which {text:?} is not")
    })?;
    if net.prefix_len() == 0 {
        return Err(format!("must not trust everybody ({text}): anybody could claim any address"));
    }
    Ok(net.trunc())
}

fn origin(text: &str) -> Result<String, String> {
    let problem = || format!("must list origins such as https://app.example.com, which {text:?} is not");
    if text == "*" {
        return Err("must list single origins: * would open the API to the pages of everybody".to_owned());
    }
    let uri: http::Uri = text.parse().map_err(|_| problem())?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(problem());
    };
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() || authority.as_str().contains('@') {
        return Err(problem());
    }
    // As browsers write it: lower case, without the scheme's own port.
    let port = uri.port_u16().filter(|port| *port != if scheme == "https" { 443 } else { 80 });
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{scheme}://{}{port}", authority.host().to_ascii_lowercase()))
}

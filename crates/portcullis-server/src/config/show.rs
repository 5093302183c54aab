//! The settings as they hold, for an operator's eyes.

use super::ServerConfig;
use portcullis::config::{DefaultAdmin, Kind, Setting, variable};
use portcullis::core::rules::Profile;
use serde::Serialize;

/// A setting as it is shown.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// Its variable.
    pub name: String,
    /// Its value; a secret is masked, `null` is not set.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: String,
}

/// Every setting with its value and origin, secrets masked.
pub fn shown(config: &ServerConfig) -> Vec<Shown> {
    let show = |setting: &&'static Setting| {
        let given = config.settings.find(setting.name).filter(|given| !given.expose().trim().is_empty());
        Shown {
            name: variable(setting.name),
            value: match setting.kind {
                Kind::Secret | Kind::Ignored => given.map(|_| "(set, not shown)".to_owned()),
                Kind::Plain | Kind::Url => value(config, setting.name).filter(|value| !value.is_empty()),
            },
            origin: given.map_or_else(|| "default".to_owned(), |given| given.origin.to_string()),
        }
    };
    let known = config.settings.known().iter();
    known
        .filter(|setting| setting.kind != Kind::Ignored || config.settings.find(setting.name).is_some())
        .map(show)
        .collect()
}

/// The value that holds, whether given or default.
fn value(config: &ServerConfig, name: &str) -> Option<String> {
    let auth = &config.auth;
    let text = match name {
        "LISTEN" => config.listen.to_string(),
        "DATABASE_URL" => config.database.to_string(),
        "METRICS_LISTEN" => config.metrics_listen?.to_string(),
        "ACCESS_LOG" => if config.access_log { "on" } else { "off" }.to_owned(),
        "DOCS" => if config.docs { "on" } else { "off" }.to_owned(),
        "LOG" => config.log.clone(),
        "DRAIN_SECONDS" => config.drain.as_secs().to_string(),
        "PROFILE" => match auth.profile {
            Profile::Compat => "compat".to_owned(),
            Profile::Strict => "strict".to_owned(),
        },
        "TOKEN_LIFETIME_SECONDS" => auth.token_lifetime.as_secs().to_string(),
        "MINT_LIFETIME_SECONDS" => auth.mint_lifetime.as_secs().to_string(),
        "DEVICE_LIFETIME_SECONDS" => auth.device_lifetime.as_secs().to_string(),
        "PASSWORD_MIN_LENGTH" => auth.password_min_length.to_string(),
        "PATHS_AUTH" => auth.paths.auth.clone(),
        "PATHS_USERS" => auth.paths.users.clone(),
        "PATHS_ADMIN" => auth.paths.admin.clone(),
        "PUBLIC_URL" => auth.public_url.as_ref()?.to_string(),
        "TRUSTED_PROXIES" => auth.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        "CORS_ORIGINS" => auth.cors_origins.join(","),
        "DEFAULT_ADMIN_EMAIL" => match &auth.default_admin {
            DefaultAdmin::None => return None,
            DefaultAdmin::Configured { email, .. } => email.clone(),
        },
        "ALLOW_GUESTS" => auth.allow_guests.to_string(),
        "ALLOW_UNLIMITED" => auth.allow_unlimited.to_string(),
        "ALLOW_MINT_SUPERUSER" => auth.allow_mint_superuser.to_string(),
        "ALLOW_LEGACY_TOKENS_UNTIL" => auth.allow_legacy_tokens_until?.to_rfc3339(),
        _ => config.settings.find(name)?.expose().to_owned(),
    };
    Some(text)
}

/// Lines of aligned columns.
pub fn table(rows: &[[String; 3]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [first, second] = [width(0), width(1)];
    let line = |[a, b, c]: &[String; 3]| format!("{a:first$}  {b:second$}  {c}").trim_end().to_owned() + "\n";
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_everything_else_has_its_value_and_origin() {
        let config = ServerConfig::of_values(&[
            ("SECRET_KEY", "hunter2-hunter2-hunter2-hunter2-hunter2"),
            ("DEFAULT_ADMIN_EMAIL", "ada@example.com"),
            ("DEFAULT_ADMIN_PASSWORD", "hunter2-password"),
            ("DATABASE_URL", "postgres://ada:hunter2@h/db"),
            ("RESET_PASSWORD_TOKEN_SECRET", "hunter2"),
        ])
        .unwrap();
        let all = shown(&config);
        let find = |name: &str| all.iter().find(|shown| shown.name == format!("PORTCULLIS_{name}")).unwrap();
        assert_eq!(find("SECRET_KEY").value.as_deref(), Some("(set, not shown)"));
        assert_eq!(find("SECRET_KEY").origin, "`secret_key` (test.toml)");
        assert_eq!(find("DATABASE_URL").value.as_deref(), Some("postgres://ada:…@h/db"));
        assert_eq!(find("TOKEN_LIFETIME_SECONDS").value.as_deref(), Some("3600"));
        assert_eq!(find("TOKEN_LIFETIME_SECONDS").origin, "default");
        assert_eq!(find("PUBLIC_URL").value, None);
        assert!(!serde_json::to_string(&all).unwrap().contains("hunter2"));
        assert!(!format!("{config:?}").contains("hunter2"));
        // A setting with a default that is not shown would look as if it were not set.
        for setting in config.settings.known() {
            if !setting.default.is_empty() && setting.name != "CONFIG" {
                assert!(find(setting.name).value.is_some(), "{}", setting.name);
            }
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        assert_eq!(table(&[row(["a", "ü", "c"]), row(["aa", "", ""])]), "a   ü  c\naa\n");
    }
}

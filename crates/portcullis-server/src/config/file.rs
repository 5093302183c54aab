//! The settings file: TOML.
//!
//! A key is the name of a setting in lower case. Tables only group: `[paths]` with `auth = "/v1/auth"` is
//! `paths_auth = "/v1/auth"`. A list is what the variable would say with commas between. A key that no setting has is
//! an error, because a setting that is silently not set is worse than a server that does not start.

use portcullis::config::{ConfigError, Origin, Setting, Settings};
use std::path::Path;
use toml::{Table, Value};

/// Takes what `file` has.
///
/// # Errors
///
/// When it cannot be read, is not TOML, or holds a key or a kind of value that is not understood.
pub fn offer(settings: &mut Settings, file: &Path) -> Result<(), ConfigError> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|error| ConfigError::missing(&name, format!("cannot be read: {error}")))?;
    let table = text.parse::<Table>().map_err(|error| {
        // Only the message: the parser's full text repeats the line, and a secret may stand in it.
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        ConfigError::missing(&name, format!("is not TOML: line {line}: {}", error.message()))
    })?;
    take(settings, file, "", table)
}

fn take(settings: &mut Settings, file: &Path, prefix: &str, table: Table) -> Result<(), ConfigError> {
    for (key, value) in table {
        let key = format!("{prefix}{key}");
        if let Value::Table(inner) = value {
            take(settings, file, &format!("{key}_"), inner)?;
            continue;
        }
        let origin = Origin::File { key: key.clone(), file: file.to_owned() };
        let lower = key.chars().all(|c| !c.is_ascii_uppercase()) && key != "config";
        let text = text(&value).map_err(|problem| ConfigError::invalid(&key, &origin, problem))?;
        if !lower || !settings.offer(&key.to_ascii_uppercase(), &text, origin.clone())? {
            return Err(unknown(settings.known(), &key, file));
        }
    }
    Ok(())
}

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Boolean(on) => Ok(on.to_string()),
        Value::Datetime(date) => Ok(date.to_string()),
        Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(text).collect();
            Ok(items?.join(","))
        }
        Value::Float(_) => Err("must not be a number with a fraction".to_owned()),
        Value::Table(_) => Err("must not be a list of tables".to_owned()),
    }
}

fn unknown(known: &[&'static Setting], key: &str, file: &Path) -> ConfigError {
    let hint = suggestion(known, key).map_or_else(String::new, |key| format!("; did you mean `{key}`?"));
    ConfigError::missing(&file.display().to_string(), format!("has the unknown key `{key}`{hint}"))
}

/// The key of the setting that somebody probably meant.
pub fn suggestion(known: &[&'static Setting], key: &str) -> Option<String> {
    let key = key.to_ascii_lowercase();
    let candidates = known.iter().map(|setting| (strsim::jaro_winkler(&setting.key(), &key), setting.key()));
    let (likeness, best) = candidates.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (likeness > 0.85).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::config::SETTINGS;

    fn settings(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("portcullis.toml");
        std::fs::write(&file, text).unwrap();
        let mut settings = Settings::of(&[SETTINGS, super::super::SERVER_SETTINGS]);
        offer(&mut settings, &file).map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn keys_tables_and_lists_are_settings() {
        let settings = settings(
            "listen = '[::1]:80'\ntoken_lifetime_seconds = 60\nallow_guests = true\ntrusted_proxies = ['::1', '10.0.0.0/8']\n\
             allow_legacy_tokens_until = 2027-01-31\n[paths]\nauth = '/v1/auth'\n",
        )
        .unwrap();
        for (name, text) in [
            ("LISTEN", "[::1]:80"),
            ("TOKEN_LIFETIME_SECONDS", "60"),
            ("ALLOW_GUESTS", "true"),
            ("TRUSTED_PROXIES", "::1,10.0.0.0/8"),
            ("ALLOW_LEGACY_TOKENS_UNTIL", "2027-01-31"),
            ("PATHS_AUTH", "/v1/auth"),
        ] {
            assert_eq!(settings.find(name).map(portcullis::config::Given::expose), Some(text), "{name}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion() {
        let problem = |text| settings(text).unwrap_err();
        let misspelt = problem("passwrd_min_length = 4");
        assert!(
            misspelt.ends_with("unknown key `passwrd_min_length`; did you mean `password_min_length`?"),
            "{misspelt}"
        );
        assert!(problem("[paths]\nauht = '/a'").ends_with("`paths_auht`; did you mean `paths_auth`?"));
        assert!(problem("colour = 'red'").ends_with("unknown key `colour`"));
        assert!(problem("LISTEN = 'x'").contains("unknown key `LISTEN`; did you mean `listen`?"));
        assert!(problem("config = 'other.toml'").contains("unknown key `config`"));
    }

    #[test]
    fn what_is_not_understood_is_named_by_line_and_without_its_text() {
        let problem = settings("listen = 'x'\nsecret_key = 'hunter2").unwrap_err();
        assert!(problem.contains("line 2") && !problem.contains("hunter2"), "{problem}");
        assert!(settings("token_lifetime_seconds = 1.5").unwrap_err().contains("with a fraction"));
        assert!(settings("[[listen]]\na = 1").unwrap_err().contains("list of tables"));
    }
}

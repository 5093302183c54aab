//! Where values come from, and which one holds.

use super::setting::{Kind, Setting};
use super::{ConfigError, dotenv};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// What our own variables begin with.
const PREFIX: &str = "PORTCULLIS_";
/// What zndraw-auth's variables begin with.
const INHERITED_PREFIX: &str = "ZNDRAW_AUTH_";

/// The variable that sets `name`.
pub fn variable(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') { format!("{PREFIX}{name}") } else { name.to_owned() }
}

/// Where a value comes from; the beginning of a sentence about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line, `--listen`.
    Flag(String),
    /// A variable of the environment.
    Environment(String),
    /// A line of a `.env` file.
    DotEnv {
        /// The variable.
        variable: String,
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
    },
    /// A key of the settings file.
    File {
        /// The key.
        key: String,
        /// The file.
        file: PathBuf,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "the flag {flag}"),
            Self::Environment(variable) => write!(f, "{variable} (environment)"),
            Self::DotEnv { variable, file, line } => write!(f, "{variable} ({}, line {line})", file.display()),
            Self::File { key, file } => write!(f, "`{key}` ({})", file.display()),
        }
    }
}

/// A value with its origin. `Debug` hides the value.
#[derive(Clone, Debug)]
pub struct Given {
    text: SecretString,
    /// Where it comes from.
    pub origin: Origin,
}

impl Given {
    /// The value as text.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

/// The values that were found, for a list of settings.
///
/// Sources are asked in order of precedence, and the first one that knows a setting wins. Within the environment
/// (and within `.env`) the name that begins with `PORTCULLIS_` wins over the one that begins with `ZNDRAW_AUTH_`.
/// Letter case of variables does not matter, as in zndraw-auth.
#[derive(Debug)]
pub struct Settings {
    known: Vec<&'static Setting>,
    given: BTreeMap<&'static str, Given>,
    strangers: Vec<(String, Origin)>,
}

impl Settings {
    /// No values yet, for the settings in `tables`.
    pub fn of(tables: &[&'static [Setting]]) -> Self {
        let known = tables.iter().flat_map(|table| table.iter()).collect();
        Self { known, given: BTreeMap::new(), strangers: Vec::new() }
    }

    /// The settings, in the order of their tables.
    pub fn known(&self) -> &[&'static Setting] {
        &self.known
    }

    /// Variables that begin with `PORTCULLIS_` and that no setting has: a misspelling, probably.
    pub fn strangers(&self) -> &[(String, Origin)] {
        &self.strangers
    }

    /// The value of a setting.
    pub fn find(&self, name: &str) -> Option<&Given> {
        self.given.get(name)
    }

    /// Gives a value to the setting `name`, or with `…_FILE` the file that holds it, unless an earlier source gave
    /// one. `Ok(false)` if there is no such setting.
    ///
    /// # Errors
    ///
    /// When the file that should hold the value cannot be read.
    pub fn offer(&mut self, name: &str, text: &str, origin: Origin) -> Result<bool, ConfigError> {
        let Some((setting, from_file)) = self.setting(name) else { return Ok(false) };
        if self.given.contains_key(setting.name) {
            return Ok(true);
        }
        let text = if from_file { secret_file(name, text, &origin)? } else { SecretString::from(text) };
        self.given.insert(setting.name, Given { text, origin });
        Ok(true)
    }

    /// Takes what the environment has.
    ///
    /// # Errors
    ///
    /// When a value is not text, a file cannot be read, or a value and its file are both given.
    #[expect(clippy::disallowed_methods, reason = "this is how the configuration reads the environment")]
    pub fn offer_environment(&mut self) -> Result<(), ConfigError> {
        self.offer_variables(std::env::vars_os().map(|(name, value)| (name, value, None)), None)
    }

    /// Takes what a `.env` file has, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Settings::offer_environment`], and when a line that concerns us cannot be understood.
    pub fn offer_dotenv(&mut self, file: &Path) -> Result<(), ConfigError> {
        let lines = dotenv::read(file, |name| name.starts_with(PREFIX) || name.starts_with(INHERITED_PREFIX))?;
        let variables = lines.into_iter().map(|line| (line.name.into(), line.value.into(), Some(line.number)));
        self.offer_variables(variables, Some(file))
    }

    /// One level of variables: collects those that concern us under their names in capitals, then offers them.
    pub(super) fn offer_variables(
        &mut self,
        variables: impl Iterator<Item = (OsString, OsString, Option<usize>)>,
        file: Option<&Path>,
    ) -> Result<(), ConfigError> {
        let mut level = BTreeMap::new();
        for (name, value, line) in variables {
            let Ok(written) = name.into_string() else { continue };
            let name = written.to_ascii_uppercase();
            if !name.starts_with(PREFIX) && !name.starts_with(INHERITED_PREFIX) {
                continue;
            }
            let origin = match file {
                None => Origin::Environment(written.clone()),
                Some(file) => {
                    Origin::DotEnv { variable: written.clone(), file: file.to_owned(), line: line.unwrap_or_default() }
                }
            };
            let Ok(value) = value.into_string() else {
                return Err(ConfigError::invalid(&name, &origin, "is not UTF-8 text"));
            };
            // Of several spellings the one in capitals wins; in a file, of several lines the last.
            if written == name || !level.contains_key(&name) {
                level.insert(name, (SecretString::from(value), origin));
            }
        }
        for setting in self.known.clone() {
            let [own, file] = [variable(setting.name), format!("{}_FILE", variable(setting.name))];
            if let (Some(_), Some((_, origin)), true) = (level.get(&own), level.get(&file), setting.has_file()) {
                return Err(ConfigError::invalid(&file, origin, format!("is given beside {own}: keep one of the two")));
            }
            for (prefix, suffix) in [(PREFIX, ""), (PREFIX, "_FILE"), (INHERITED_PREFIX, "")] {
                if prefix == INHERITED_PREFIX && !setting.inherited || suffix == "_FILE" && !setting.has_file() {
                    continue;
                }
                let name = format!("{}{suffix}", setting.name);
                if let Some((text, origin)) = level.remove(&format!("{prefix}{name}")) {
                    self.offer(&name, text.expose_secret(), origin)?;
                }
            }
        }
        // zndraw-auth ignores what it does not know, and so do we for its names. One of ours is worth a word.
        self.strangers.extend(
            level.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).map(|(name, (_, origin))| (name, origin)),
        );
        Ok(())
    }

    /// Reads a setting, if it is given. `parse` gets the value without surrounding blanks and says what is wrong
    /// with it as the end of the sentence "NAME …"; a public value is quoted in front of that.
    ///
    /// An empty value counts as not given: that is how a compose file passes a variable that is not set.
    ///
    /// # Errors
    ///
    /// When `parse` refuses the value.
    pub fn read<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(given) = self.find(name).filter(|given| !given.expose().trim().is_empty()) else { return Ok(None) };
        let text = given.expose().trim();
        parse(text).map(Some).map_err(|problem| {
            let public = self.known.iter().any(|setting| setting.name == name && setting.is_public());
            let quoted = if public { format!("is {:?}: it ", shortened(text)) } else { String::new() };
            ConfigError::invalid(name, &given.origin, format!("{quoted}{problem}"))
        })
    }

    fn setting(&self, name: &str) -> Option<(&'static Setting, bool)> {
        if let Some(setting) = self.known.iter().find(|setting| setting.name == name) {
            return Some((setting, false));
        }
        let name = name.strip_suffix("_FILE")?;
        self.known.iter().find(|setting| setting.name == name && setting.has_file()).map(|setting| (*setting, true))
    }

    /// Settings that were given and are not used.
    pub(super) fn ignored(&self) -> impl Iterator<Item = (&'static Setting, &Given)> {
        let ignored = self.known.iter().filter(|setting| setting.kind == Kind::Ignored);
        ignored.filter_map(|setting| Some((*setting, self.find(setting.name)?)))
    }
}

/// Enough of a value to recognise it.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The secret in a file, without the line end that editors put there.
fn secret_file(name: &str, path: &str, origin: &Origin) -> Result<SecretString, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::invalid(name, origin, format!("names the file {path:?}, which cannot be read: {error}"))
    })?;
    let text = zeroize::Zeroizing::new(text);
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(SecretString::from(text))
}

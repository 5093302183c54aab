//! A flag for each setting, made from the tables of settings.
//!
//! A secret has no flag, because every user of a machine sees the flags of its processes; it has `--…-file`.

use crate::config::{Flag, SERVER_SETTINGS, ServerConfig};
use crate::exit::Failure;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use portcullis::config::{Kind, SETTINGS, Setting, variable};

/// Flags for all settings.
#[derive(Clone, Debug, Default)]
pub struct AllFlags(Vec<Flag>);

/// Flags for what a command needs that only looks at the database.
#[derive(Clone, Debug, Default)]
pub struct StoreFlags(Vec<Flag>);

impl AllFlags {
    /// The settings, with these flags over everything else.
    pub fn load(&self) -> Result<ServerConfig, Failure> {
        Ok(ServerConfig::load(&self.0)?)
    }
}

impl StoreFlags {
    /// The settings, with these flags over everything else.
    pub fn load(&self) -> Result<ServerConfig, Failure> {
        Ok(ServerConfig::load(&self.0)?)
    }
}

fn all() -> impl Iterator<Item = &'static Setting> {
    SERVER_SETTINGS.iter().chain(SETTINGS).filter(|setting| setting.kind != Kind::Ignored)
}

fn for_store() -> impl Iterator<Item = &'static Setting> {
    all().filter(|setting| matches!(setting.name, "CONFIG" | "DATABASE_URL"))
}

/// The name behind the dashes, and the setting (or setting + `_FILE`) that it sets.
fn names(setting: &'static Setting) -> (String, String) {
    let name = match setting.kind {
        Kind::Secret => format!("{}_FILE", setting.name),
        Kind::Plain | Kind::Url | Kind::Ignored => setting.name.to_owned(),
    };
    (name.to_ascii_lowercase().replace('_', "-"), name)
}

fn argument(setting: &'static Setting) -> Arg {
    let (flag, name) = names(setting);
    let argument = Arg::new(setting.name).long(flag).help(with_default(setting)).help_heading("Settings");
    let argument = argument.long_help(format!("{}.\n[variable: {}]", with_default(setting), variable(&name)));
    match (setting.kind, setting.default) {
        (_, default) if default == "false" || default.starts_with("on") => {
            argument.value_name("BOOL").num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        (Kind::Secret, _) => argument.value_name("FILE"),
        (Kind::Url, _) => argument.value_name("URL"),
        _ => argument.value_name("VALUE"),
    }
}

fn with_default(setting: &Setting) -> String {
    match setting.default {
        "" => setting.help.to_owned(),
        default => format!("{} [default: {default}]", setting.help),
    }
}

fn augment(command: Command, settings: impl Iterator<Item = &'static Setting>) -> Command {
    settings.fold(command, |command, setting| command.arg(argument(setting)))
}

fn given(matches: &ArgMatches, settings: impl Iterator<Item = &'static Setting>) -> Vec<Flag> {
    let flag = |setting: &'static Setting| {
        let (flag, name) = names(setting);
        let value = matches.get_one::<String>(setting.name)?.clone();
        Some(Flag { name, flag: format!("--{flag}"), value })
    };
    settings.filter_map(flag).collect()
}

macro_rules! flags {
    ($name:ident, $settings:ident) => {
        impl Args for $name {
            fn augment_args(command: Command) -> Command {
                augment(command, $settings())
            }
            fn augment_args_for_update(command: Command) -> Command {
                augment(command, $settings())
            }
        }

        impl FromArgMatches for $name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                Ok(Self(given(matches, $settings())))
            }
            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

flags!(AllFlags, all);
flags!(StoreFlags, for_store);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Vec<(String, String)>, clap::Error> {
        let command = AllFlags::augment_args(Command::new("serve").no_binary_name(true));
        let flags = AllFlags::from_arg_matches(&command.try_get_matches_from(arguments)?)?;
        Ok(flags.0.into_iter().map(|flag| (flag.name, flag.value)).collect())
    }

    #[test]
    fn every_setting_has_its_flag_and_no_secret_has_one() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(parse(&["--listen", "[::1]:80"]).unwrap(), [pair("LISTEN", "[::1]:80")]);
        assert_eq!(parse(&["--allow-guests"]).unwrap(), [pair("ALLOW_GUESTS", "true")]);
        assert_eq!(parse(&["--access-log=off"]).unwrap(), [pair("ACCESS_LOG", "off")]);
        assert_eq!(parse(&["--secret-key-file", "a"]).unwrap(), [pair("SECRET_KEY_FILE", "a")]);
        assert!(parse(&["--secret-key", "a"]).is_err());
        assert!(parse(&["--default-admin-password", "a"]).is_err());
    }
}

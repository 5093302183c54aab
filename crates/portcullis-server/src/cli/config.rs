//! `portcullis config check`

use super::flags::AllFlags;
use super::{for_programs, json, say};
use crate::config::{Mode, shown, table};
use crate::exit::Failure;
use serde_json::json;

/// Look at the settings
#[derive(Debug, clap::Subcommand)]
pub enum Config {
    /// Show every setting with its value and origin, secrets masked; fails as `serve` would
    Check {
        /// Write JSON, also to a terminal
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: AllFlags,
    },
}

impl Config {
    pub fn run(self) -> Result<(), Failure> {
        let Self::Check { json: wanted, flags } = self;
        let config = flags.load()?;
        let mode = Mode::of(&config);
        let name = mode.as_ref().ok().map(|mode| mode.as_str());
        let settings = shown(&config);
        let warnings = config.warnings();
        if for_programs(wanted) {
            say(&json(&json!({ "mode": name, "settings": settings, "warnings": warnings }))?);
        } else {
            let rows: Vec<_> = settings
                .into_iter()
                .map(|shown| [shown.name, shown.value.unwrap_or_else(|| "-".to_owned()), shown.origin])
                .collect();
            say(&table(&rows));
            for warning in warnings {
                say(&format!("warning: {warning}\n"));
            }
            if let Some(name) = name {
                say(&format!("mode: {name}\n"));
            }
        }
        mode.map(|_| ())
    }
}

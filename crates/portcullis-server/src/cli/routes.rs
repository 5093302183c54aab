//! `portcullis routes`

use super::flags::AllFlags;
use super::{for_programs, json, say};
use crate::config::table;
use crate::exit::Failure;
use portcullis::RouteInfo;
use serde_json::json;

/// List what is served, and to whom
#[derive(Debug, clap::Args)]
pub struct Routes {
    /// Write JSON, also to a terminal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: AllFlags,
}

impl Routes {
    pub fn run(self) -> Result<(), Failure> {
        let config = self.flags.load()?;
        let mut manifest = portcullis::manifest(&config.auth.paths);
        if !config.docs {
            manifest.retain(|route| !["/openapi.json", "/docs"].contains(&route.path.as_str()));
        }
        if for_programs(self.json) {
            let entry = |route: &RouteInfo| {
                json!({
                    "method": route.method.as_str(),
                    "path": route.path,
                    "policy": route.policy.as_str(),
                    "operation": route.operation,
                })
            };
            say(&json(&manifest.iter().map(entry).collect::<Vec<_>>())?);
        } else {
            let row = |route: &RouteInfo| {
                [
                    format!("{:6} {}", route.method.as_str(), route.path),
                    route.policy.as_str().into(),
                    route.operation.into(),
                ]
            };
            say(&table(&manifest.iter().map(row).collect::<Vec<_>>()));
        }
        Ok(())
    }
}

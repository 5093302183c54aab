//! `portcullis doctor`

use super::flags::AllFlags;
use super::{runtime, say};
use crate::config::{Mode, ServerConfig};
use crate::exit::Failure;
use crate::store::open_existing;
use std::process::ExitCode;

/// Look for what would keep the server from starting, or should not stay as it is
#[derive(Debug, clap::Args)]
pub struct Doctor {
    #[command(flatten)]
    flags: AllFlags,
}

impl Doctor {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let config = self.flags.load()?;
        let mut worst = ExitCode::SUCCESS;
        let mut tell = |finding: &str, result: Result<String, Failure>| match result {
            Ok(text) => say(&format!("ok       {finding}: {text}\n")),
            Err(failure) => {
                worst = failure.exit_code();
                say(&format!("problem  {finding}: {failure}\n"));
            }
        };
        let mode = Mode::of(&config);
        let production = mode.as_ref().is_ok_and(|mode| *mode == Mode::Production);
        tell("mode", mode.map(|mode| mode.as_str().to_owned()));
        let warnings = config.warnings();
        runtime()?.block_on(async {
            tell("database", database(&config).await);
            if production {
                tell("superusers made in dev mode", dev_superusers(&config).await);
            }
        });
        for warning in warnings {
            say(&format!("warning  {warning}\n"));
        }
        Ok(worst)
    }
}

async fn database(config: &ServerConfig) -> Result<String, Failure> {
    let store = open_existing(&config.database).await?;
    match store.ready().await {
        Ok(()) => Ok(format!("{} answers, and its schema is up to date", config.database)),
        Err(error) if error.is_unavailable() => Err(error.into()),
        Err(_) => Ok(format!("{} answers; its schema will be brought up to date by `serve`", config.database)),
    }
}

async fn dev_superusers(config: &ServerConfig) -> Result<String, Failure> {
    let store = open_existing(&config.database).await?;
    if store.ready().await.is_err() {
        return Ok("not looked for".to_owned());
    }
    match store.list_dev_superusers().await?.as_slice() {
        [] => Ok("none".to_owned()),
        users => {
            let list: Vec<_> = users.iter().map(|user| format!("{} ({})", user.email, user.id)).collect();
            Err(Failure::config(format!(
                "{}: `portcullis user promote` keeps one, `portcullis user demote` does not",
                list.join(", ")
            )))
        }
    }
}

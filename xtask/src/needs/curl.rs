//! curl, with which the README's commands are run as they stand there.

use std::process::Command;

use super::{Install, Need};
use crate::process;

/// The need for curl.
pub struct Curl;

impl Need for Curl {
    type Found = String;

    fn name(&self) -> String {
        "curl".to_owned()
    }

    fn find(&self) -> Result<String, String> {
        // "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 …"; `--json` is there since 7.82.
        let version =
            process::output(Command::new("curl").arg("--version")).map_err(|_| "no `curl` on the PATH".to_owned())?;
        let version = version.split_whitespace().nth(1).unwrap_or_default().to_owned();
        let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
        let known = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        if known >= (7, 82) { Ok(version) } else { Err(format!("curl {version} has no `--json`: 7.82 is the first")) }
    }

    fn describe(&self, found: &String) -> String {
        found.clone()
    }

    fn install(&self) -> Install {
        Install::Packages(&["curl"])
    }
}

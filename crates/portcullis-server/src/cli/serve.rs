//! `portcullis serve`

use super::flags::AllFlags;
use super::runtime;
use crate::exit::Failure;
use crate::serve;
use std::process::ExitCode;
use std::time::Duration;

/// Serve until SIGTERM or Ctrl-C
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    flags: AllFlags,
}

impl Serve {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let config = self.flags.load()?;
        let runtime = runtime()?;
        let stopped = runtime.block_on(serve::run(config));
        // What is still running by now was asked to stop and has had its time.
        runtime.shutdown_timeout(Duration::from_secs(1));
        stopped
    }
}

//! `portcullis completions`

use super::{Cli, say};
use clap::CommandFactory;
use clap_complete::Shell;

/// Print a script that completes commands and flags in a shell
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub fn run(self) {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "portcullis", &mut script);
        say(&String::from_utf8_lossy(&script));
    }
}

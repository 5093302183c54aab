//! `portcullis keygen`

use super::say;
use portcullis::core::rng::OsRng;
use portcullis::core::secret::Token;

/// Print a new secret for PORTCULLIS_SECRET_KEY: 256 random bits, as text
#[derive(Debug, clap::Args)]
pub struct Keygen {}

impl Keygen {
    #[expect(clippy::unused_self, reason = "every command is run the same way")]
    pub fn run(self) {
        say(&format!("{}\n", Token::random(&OsRng).expose()));
    }
}

//! What the script needs of a server besides its socket.

use std::path::PathBuf;

use portcullis_core::keys::Keys;
use portcullis_core::mail::Mail;
use portcullis_testkit::process::ServerProcess;
use serde_json::json;

use crate::seed::{self, Seed};

/// A running server under comparison.
pub trait Peer: Send + Sync {
    /// `http://HOST:PORT`.
    fn base(&self) -> String;
    /// The signing secret it was started with.
    fn secret(&self) -> &str;
    /// The latest one-time token (`reset`, `verify`) it delivered to this address.
    fn one_time_token(&self, kind: &str, email: &str) -> Option<String>;
    /// What it complained about, for the message of a failing test.
    fn errors(&self) -> String;
}

/// The seed and the secret it was given.
pub struct SeedPeer {
    /// The process.
    pub seed: Seed,
    /// `ZNDRAW_AUTH_SECRET_KEY`.
    pub secret: String,
}

impl Peer for SeedPeer {
    fn base(&self) -> String {
        self.seed.base()
    }

    fn secret(&self) -> &str {
        &self.secret
    }

    fn one_time_token(&self, kind: &str, email: &str) -> Option<String> {
        self.seed.one_time_token(kind, email)
    }

    fn errors(&self) -> String {
        self.seed.errors()
    }
}

/// Our binary, the secret it was given, and its database.
pub struct BinaryPeer {
    /// The process.
    pub process: ServerProcess,
    /// `ZNDRAW_AUTH_SECRET_KEY`.
    pub secret: String,
    /// The interpreter that reads the database.
    pub python: PathBuf,
    /// The database, as `seed/tool.py` names it.
    pub database: String,
}

impl Peer for BinaryPeer {
    fn base(&self) -> String {
        self.process.url()
    }

    fn secret(&self) -> &str {
        &self.secret
    }

    /// Opens the mail that waits in the outbox, as the job that would send it does.
    fn one_time_token(&self, kind: &str, email: &str) -> Option<String> {
        let keys = Keys::derive(self.secret.clone().into()).ok()?;
        let kind = if kind == "reset" { "reset_password" } else { "verify_email" };
        let statement = format!(
            "SELECT sealed FROM portcullis_outbox WHERE recipient = '{email}' AND kind = '{kind}' ORDER BY id DESC LIMIT 1"
        );
        let rows = seed::ask(&self.python, &json!({"do": "sql", "url": self.database, "statements": [statement]}));
        let mail: Mail = serde_json::from_slice(&keys.open(&bytes(rows[0][0].as_str()?))?).ok()?;
        mail.token().map(String::from)
    }

    fn errors(&self) -> String {
        self.process.output()
    }
}

/// The bytes that a text of hexadecimal digits stands for.
fn bytes(hex: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    hex.as_bytes().chunks(2).filter_map(digits).collect()
}

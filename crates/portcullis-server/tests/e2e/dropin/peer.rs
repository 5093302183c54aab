//! What the script needs of a server besides its socket.

use portcullis_testkit::process::ServerProcess;

use crate::seed::Seed;

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

/// Our binary and the secret it was given.
pub struct BinaryPeer {
    /// The process.
    pub process: ServerProcess,
    /// `PORTCULLIS_SECRET_KEY`.
    pub secret: String,
}

impl Peer for BinaryPeer {
    fn base(&self) -> String {
        self.process.url()
    }

    fn secret(&self) -> &str {
        &self.secret
    }

    fn one_time_token(&self, _kind: &str, _email: &str) -> Option<String> {
        None
    }

    fn errors(&self) -> String {
        self.process.output()
    }
}

//! Commands as documents show them, run in a shell against a real server.
//!
//! A document says `localhost:8000` or `localhost:3000`, and `Bearer …` where a reader pastes their token. Both are
//! replaced: by the address of the server, and by the last token that an answer brought. Everything else stands in the
//! document as it is run here.

use crate::process::ServerProcess;
use serde_json::Value;
use std::process::Command;

/// The places that documents name.
const PLACES: [&str; 2] = ["localhost:8000", "localhost:3000"];

/// A shell, and the token it was given last.
#[derive(Debug)]
pub struct Shell<'a> {
    server: &'a ServerProcess,
    token: Option<String>,
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body; `Value::Null` for an empty one, a string for one that is not JSON.
    pub body: Value,
}

impl<'a> Shell<'a> {
    /// A shell against `server`.
    pub fn new(server: &'a ServerProcess) -> Self {
        Self { server, token: None }
    }

    /// Runs a curl command.
    ///
    /// # Panics
    ///
    /// When it is another command, there is no curl, or it reaches nobody; and when the command wants a token before
    /// one was given.
    pub fn run(&mut self, command: &str) -> Answered {
        assert!(command.starts_with("curl "), "only curl is run: {command}");
        let address = self.server.address().to_string();
        let mut run = PLACES.iter().fold(command.to_owned(), |command, place| command.replace(place, &address));
        if run.contains("Bearer …") {
            let token = self.token.as_ref().unwrap_or_else(|| panic!("no token was given before {command}"));
            run = run.replace('…', token);
        }
        let ended = Command::new("sh")
            .args(["-c", &format!("{run} --silent --show-error --write-out '\\n%{{http_code}}'")])
            .output()
            .unwrap_or_else(|error| panic!("there is no shell: {error}"));
        let output = String::from_utf8_lossy(&ended.stdout);
        let failed = || format!("{command}\n{output}{}", String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success(), "{}", failed());
        let (text, status) = output.rsplit_once('\n').unwrap_or_else(|| panic!("{}", failed()));
        let body = match text {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        };
        if let Some(token) = body.get("access_token").and_then(Value::as_str) {
            self.token = Some(token.to_owned());
        }
        Answered { status: status.parse().unwrap_or_else(|_| panic!("{}", failed())), body }
    }
}

/// The curl commands of a document: lines that begin with `curl`, after a comment's or a prompt's signs.
pub fn curl_lines(document: &str) -> Vec<&str> {
    document
        .lines()
        .map(|line| line.trim_start_matches(['/', '!', '$', ' ']))
        .filter(|line| line.starts_with("curl "))
        .collect()
}

//! The seed, running: zndraw-auth in uvicorn, as `seed/app.py` mounts it.
//!
//! A test asks for a [`Seed`] with a database and a few settings, gets one that answers on a port of its own, and loses
//! it when the value is dropped. The Python process also watches its standard input and ends with it, so it cannot outlive
//! a test binary that was killed.
//!
//! The package hands reset and verify tokens to nobody. `app.py` prints them, and [`Seed::one_time_token`] hands out the latest.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long the seed may take until it answers; a cold import on a busy machine takes several seconds.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a printed token may take from the child's pipe to us.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(10);

/// Asks `seed/tool.py`: rows of a database, the claims of a token, whether a hash fits a password.
///
/// # Panics
///
/// When Python fails; the message is its traceback.
pub fn ask(python: &Path, request: &Value) -> Value {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/seed/tool.py");
    let mut child = Command::new(python)
        .arg("-B")
        .arg(tool)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    child.stdin.take().expect("piped").write_all(request.to_string().as_bytes()).expect("the tool reads its request");
    let output = child.wait_with_output().expect("the tool ends");
    assert!(output.status.success(), "{request}:\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the tool answers JSON")
}

/// What a seed is started with.
pub struct SeedOptions {
    /// An SQLAlchemy URL with an async driver.
    pub database_url: String,
    /// `ZNDRAW_AUTH_*` and `SEED_*` variables, by full name.
    pub environment: BTreeMap<String, String>,
}

impl SeedOptions {
    /// A seed on an SQLite file.
    pub fn sqlite(file: &Path) -> Self {
        Self::url(format!("sqlite+aiosqlite:///{}", file.display()))
    }

    /// A seed on any database SQLAlchemy has an async driver for.
    pub fn url(database_url: String) -> Self {
        Self { database_url, environment: BTreeMap::new() }
    }

    /// Sets one variable of the child's environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }
}

/// A running zndraw-auth, stopped on drop.
pub struct Seed {
    child: Child,
    port: u16,
    heard: Arc<Heard>,
}

/// What the child said so far, shared with the threads that read its pipes.
#[derive(Default)]
struct Heard {
    said: Mutex<Said>,
    changed: Condvar,
}

#[derive(Default)]
struct Said {
    port: Option<u16>,
    one_time: Vec<(String, String, String)>,
    errors: String,
    ended: bool,
}

impl Seed {
    /// Starts the seed and waits until it answers.
    ///
    /// # Panics
    ///
    /// When it does not start; the message carries what it wrote.
    pub fn start(python: &Path, options: &SeedOptions) -> Self {
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/seed/app.py");
        let mut child = Command::new(python)
            .arg("-B")
            .arg(app)
            // The package reads a `.env` of the working directory; the temporary directory has none of this repository's.
            .current_dir(std::env::temp_dir())
            .env("SEED_DATABASE_URL", &options.database_url)
            .env("PGTZ", "UTC")
            .envs(&options.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the interpreter starts");
        let heard = Arc::new(Heard::default());
        let (stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        thread::spawn({
            let heard = Arc::clone(&heard);
            move || heard.listen(stdout)
        });
        thread::spawn({
            let heard = Arc::clone(&heard);
            move || heard.collect_errors(stderr)
        });
        let mut seed = Self { child, port: 0, heard };
        seed.port = seed
            .heard
            .wait(START_TIMEOUT, |said| said.port)
            .unwrap_or_else(|said| panic!("the seed did not start:\n{said}"));
        seed
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The latest token of this kind (`reset`, `verify`) made for this address.
    pub fn one_time_token(&self, kind: &str, email: &str) -> Option<String> {
        let find = |said: &mut Said| {
            let found = said.one_time.iter().rposition(|(k, e, _)| k == kind && e == email)?;
            Some(said.one_time.remove(found).2)
        };
        self.heard.wait(TOKEN_TIMEOUT, find).ok()
    }

    /// Everything the seed wrote to standard error: its tracebacks, when an answer was a 500.
    pub fn errors(&self) -> String {
        self.heard.said.lock().expect("no reader panicked").errors.clone()
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Heard {
    fn listen(&self, stdout: impl Read) {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
            let mut said = self.said.lock().expect("no reader panicked");
            if let Some(port) = message["listening"].as_u64() {
                said.port = u16::try_from(port).ok();
            } else if let (Some(kind), Some(email), Some(token)) =
                (message["one_time"].as_str(), message["email"].as_str(), message["token"].as_str())
            {
                said.one_time.push((kind.into(), email.into(), token.into()));
            }
            self.changed.notify_all();
        }
        self.said.lock().expect("no reader panicked").ended = true;
        self.changed.notify_all();
    }

    fn collect_errors(&self, stderr: impl Read) {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let mut said = self.said.lock().expect("no reader panicked");
            said.errors.push_str(&line);
            said.errors.push('\n');
        }
    }

    /// Waits until `find` finds something; gives up at the time-out or when the child ended, with what it wrote.
    fn wait<T>(&self, timeout: Duration, mut find: impl FnMut(&mut Said) -> Option<T>) -> Result<T, String> {
        let deadline = Instant::now() + timeout;
        let mut said = self.said.lock().expect("no reader panicked");
        loop {
            if let Some(found) = find(&mut said) {
                return Ok(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || said.ended {
                return Err(said.errors.clone());
            }
            said = self.changed.wait_timeout(said, left).expect("no reader panicked").0;
        }
    }
}

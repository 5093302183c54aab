//! The real server binary, as an operator runs it.
//!
//! A [`Launch`] says how: program, arguments, environment, folder. [`Launch::start`] waits for the line that
//! says where the server listens and gives a [`ServerProcess`]; [`Launch::run`] is for commands that end. The
//! child sees nothing of the test's own environment but `PATH`, works in a temporary folder of its own, listens
//! on a free port, and does not outlive its handle.
//!
//! ```no_run
//! # async fn example() {
//! # use portcullis_testkit::process::Launch;
//! let launch = Launch::new("target/debug/portcullis").env("PORTCULLIS_SECRET_KEY", "at least thirty-two bytes of it");
//! let server = launch.start().await;
//! assert!(server.url().starts_with("http://127.0.0.1:"));
//! drop(server); // SIGKILL: what it acknowledged is in the folder
//! let again = launch.start().await;
//! assert!(again.terminate().await.success());
//! # }
//! ```

mod output;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use output::Output;

/// How long a step may take before the test fails; a loaded machine is slow, a hanging server is slower.
const PATIENCE: Duration = Duration::from_secs(60);

/// How to start the binary. Clones share the folder, and so does every process started from one.
#[derive(Clone, Debug)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    folder: Arc<TempDir>,
}

impl Launch {
    /// `portcullis serve` on a free port, in a new folder. A test of the server's own package knows the program
    /// as `env!("CARGO_BIN_EXE_portcullis")`; others find it with [`built_binary`].
    ///
    /// # Panics
    ///
    /// When no temporary folder can be made.
    pub fn new(program: impl AsRef<Path>) -> Self {
        let folder = tempfile::Builder::new().prefix("portcullis-test-").tempdir();
        let folder = folder.unwrap_or_else(|error| panic!("cannot make a temporary folder: {error}"));
        let launch = Self {
            program: program.as_ref().to_owned(),
            arguments: vec!["serve".into()],
            environment: BTreeMap::new(),
            folder: Arc::new(folder),
        };
        launch.env("PORTCULLIS_LISTEN", "127.0.0.1:0")
    }

    /// Other arguments instead of `serve`.
    #[must_use]
    pub fn arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// One more environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// One environment variable less.
    #[must_use]
    pub fn without_env(mut self, name: impl AsRef<OsStr>) -> Self {
        self.environment.remove(name.as_ref());
        self
    }

    /// The folder that the process works in; it goes with the last launch and process that use it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the server and waits until it says where it listens.
    ///
    /// # Panics
    ///
    /// When it ends first or says nothing for a minute; the message holds what it wrote.
    pub async fn start(&self) -> ServerProcess {
        let (child, output) = self.spawn();
        // From here on the handle owns the child: a panic below ends it.
        let mut server = ServerProcess { child, output, address: None, launch: self.clone() };
        let line = server.wait_for_line("listening on").await;
        server.address = address_in(&line);
        assert!(server.address.is_some(), "no address in {line:?}");
        server
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    ///
    /// When it cannot be started or takes more than a minute.
    pub async fn run(&self) -> Finished {
        let (child, output) = self.spawn();
        let mut process = ServerProcess { child, output, address: None, launch: self.clone() };
        let status = process.exited().await;
        process.output.ended().await;
        Finished { status, output: process.output() }
    }

    fn spawn(&self) -> (Child, Output) {
        let mut command = Command::new(&self.program);
        command.env_clear().envs(inherited()).env("HOME", self.folder()).envs(&self.environment);
        command.args(&self.arguments).current_dir(self.folder());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn();
        let mut child = child.unwrap_or_else(|error| panic!("cannot start {}: {error}", self.program.display()));
        let output = Output::read(child.stdout.take(), child.stderr.take());
        (child, output)
    }
}

/// The server that cargo built beside the running test.
///
/// # Panics
///
/// When it was not built.
pub fn built_binary() -> PathBuf {
    // target/debug/deps/it-0123 → target/debug/portcullis
    let test = std::env::current_exe().unwrap_or_else(|error| panic!("cannot tell where the test is: {error}"));
    let program = test.ancestors().nth(2).map(|folder| folder.join("portcullis")).unwrap_or_default();
    assert!(program.exists(), "{} is not there: `cargo build -p portcullis-server` makes it", program.display());
    program
}

#[expect(clippy::disallowed_methods, reason = "a child needs the PATH, and says its coverage where it is told to")]
fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    ["PATH", "LLVM_PROFILE_FILE"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// How a command ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status.
    pub status: ExitStatus,
    /// What it wrote to standard output and standard error, line by line as it came.
    pub output: String,
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    output: Output,
    address: Option<SocketAddr>,
    launch: Launch,
}

impl ServerProcess {
    /// Where it listens.
    ///
    /// # Panics
    ///
    /// Never for a server that [`Launch::start`] gave.
    pub fn address(&self) -> SocketAddr {
        self.address.unwrap_or_else(|| panic!("the server has not said where it listens"))
    }

    /// Its origin, `http://127.0.0.1:4711`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// How it was started.
    pub fn launch(&self) -> &Launch {
        &self.launch
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written so far to standard output and standard error.
    pub fn output(&self) -> String {
        self.output.text()
    }

    /// Waits for a line that contains `text`, earlier lines included.
    ///
    /// # Panics
    ///
    /// When the server ends without it or a minute passes; the message holds what it wrote.
    pub async fn wait_for_line(&self, text: &str) -> String {
        let Ok(found) = timeout(PATIENCE, self.output.line_with(text)).await else {
            panic!("no line with {text:?} within {PATIENCE:?}:\n{}", self.output());
        };
        found.unwrap_or_else(|| panic!("the server ended without a line with {text:?}:\n{}", self.output()))
    }

    /// Asks it to stop with SIGTERM and waits for its end.
    ///
    /// # Panics
    ///
    /// When it takes more than a minute.
    pub async fn terminate(mut self) -> ExitStatus {
        self.send_terminate();
        self.exited().await
    }

    /// Sends SIGTERM and does not wait: for tests that look at what happens while it stops.
    pub fn send_terminate(&mut self) {
        // A child that has ended but was not waited for still owns its id, so this cannot hit another process.
        if let (Ok(None), Ok(id)) = (self.child.try_wait(), i32::try_from(self.child.id()))
            && let Some(id) = Pid::from_raw(id)
        {
            // It may end in this moment; then there is nothing to stop.
            let _ = kill_process(id, Signal::TERM);
        }
    }

    /// Kills it with SIGKILL, as a machine that loses power, and starts it again in the same folder.
    ///
    /// # Panics
    ///
    /// As [`Launch::start`].
    pub async fn kill_and_restart(self) -> Self {
        let launch = self.launch.clone();
        drop(self);
        launch.start().await
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When it takes more than a minute.
    pub async fn exited(&mut self) -> ExitStatus {
        let ended = async {
            loop {
                match self.child.try_wait() {
                    Ok(Some(status)) => return status,
                    Ok(None) => sleep(Duration::from_millis(5)).await,
                    Err(error) => panic!("cannot wait for the server: {error}"),
                }
            }
        };
        let Ok(status) = timeout(PATIENCE, ended).await else {
            panic!("the server did not end within {PATIENCE:?}:\n{}", self.output());
        };
        status
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Both fail only for a child that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address behind "listening on", with or without `http://`.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("listening on")?;
    let rest = rest.trim_start().trim_start_matches("http://");
    let end = rest.find(|c: char| !c.is_ascii_hexdigit() && !".:[]".contains(c)).unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', ':']).parse().ok()
}

#[cfg(test)]
mod tests;

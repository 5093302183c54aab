//! Our side: the real binary, started with an environment of its own and stopped on drop.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the binary may take until it is ready: migrations on a busy machine included.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running `portcullis serve`, stopped on drop.
pub struct Binary {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Binary {
    /// Starts `portcullis serve` with exactly these variables, and waits until it is ready.
    ///
    /// The folder is its working directory and takes its log.
    ///
    /// # Panics
    ///
    /// When it ends or is not ready in time; the message carries what it wrote.
    pub fn start(folder: &std::path::Path, environment: &BTreeMap<String, String>) -> Self {
        let port = free_port();
        let log = folder.join(format!("portcullis-{port}.log"));
        let file = File::create(&log).expect("the log can be made");
        let child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .arg("serve")
            .current_dir(folder)
            .env_clear()
            .envs(environment)
            .env("PORTCULLIS_LISTEN", format!("127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file handle can be doubled"))
            .stderr(file)
            .spawn()
            .expect("the binary of this workspace starts");
        let mut binary = Self { child, port, log };
        let deadline = Instant::now() + START_TIMEOUT;
        while !binary.is_ready() {
            let ended = binary.child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "portcullis ended with {ended:?}:\n{}", binary.said());
            assert!(Instant::now() < deadline, "portcullis was not ready in time:\n{}", binary.said());
            pause();
        }
        binary
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything it wrote.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn is_ready(&self) -> bool {
        let asked = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            write!(stream, "GET /readyz HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\n\r\n", self.port)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        asked().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago. Another process could take it; then the start fails and says so.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a listener has an address").port()
}

/// A short wait for another process, which has no clock that a test could advance.
#[expect(clippy::disallowed_methods, reason = "the other process has no clock that a test could advance")]
pub fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}

//! A private PostgreSQL cluster that lives as long as a run.
//!
//! It is made with `initdb` in a temporary folder, listens on a free port of 127.0.0.1 and on a socket in that
//! folder, and is open only to a random password. PostgreSQL refuses to run as root, so as root it runs as
//! `postgres` or `nobody`. Nothing in it survives, so it does not wait for the disk. The machine's own clusters
//! are neither used nor touched.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::needs::postgres::PostgresPrograms;
use crate::workspace::TemporaryFolder;
use crate::{Result, interrupt, process};

const SETTINGS: [&str; 9] = [
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    // Checkpoints would only cost time: there is no crash to recover from.
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
    "timezone=UTC",
    "log_line_prefix=%m %d ",
];

/// A running cluster; dropping it stops the server and removes its files.
pub struct Cluster {
    server: Child,
    url: String,
    // Last: the folder goes after the server has stopped.
    _folder: TemporaryFolder,
}

impl Cluster {
    /// Makes and starts a cluster and waits until it answers.
    pub fn start(programs: &PostgresPrograms) -> Result<Self> {
        let folder = TemporaryFolder::new("postgres")?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
        let user = User::for_server()?;
        let password = random_password()?;
        let password_file = folder.path().join("password");
        fs::write(&password_file, &password)?;
        if let Some(user) = &user {
            for path in [folder.path(), &password_file] {
                chown(path, Some(user.uid), Some(user.gid))?;
            }
        }

        let data = folder.path().join("data");
        let mut initdb = as_user(user.as_ref(), &programs.folder.join("initdb"), folder.path());
        // C.UTF-8 is on every Debian: the same order and the same `lower()` everywhere.
        // The password goes over the loopback as it is: SCRAM is thousands of hashes for each of thousands of connections,
        // in a client that is not optimised.
        initdb.args(["--username=postgres", "--auth=password", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        process::output(initdb.arg("--pgdata").arg(&data).arg("--pwfile").arg(&password_file))?;

        // Between our look for a free port and the server's use of it somebody else may take it.
        let mut failure = None;
        for _ in 0..3 {
            let port = free_port()?;
            let mut command = as_user(user.as_ref(), &programs.folder.join("postgres"), folder.path());
            command.arg("-D").arg(&data).arg("-p").arg(port.to_string()).arg("-k").arg(folder.path());
            for setting in SETTINGS {
                command.arg("-c").arg(setting);
            }
            let log = folder.path().join("log");
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&log)?);
            let mut server = process::start(&mut command)?;
            match wait_until_ready(&mut server, &data) {
                Ok(()) => {
                    let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
                    println!("  started    a private PostgreSQL on 127.0.0.1:{port}");
                    return Ok(Self { server, url, _folder: folder });
                }
                Err(error) => {
                    process::end_group(&mut server);
                    interrupt::check()?;
                    let log = fs::read_to_string(&log).unwrap_or_default();
                    failure = Some(format!("{error}\n{}", log.trim()));
                }
            }
        }
        Err(format!("PostgreSQL did not start: {}", failure.unwrap_or_default()).into())
    }

    /// The URL of the superuser; it holds the password.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGQUIT is PostgreSQL's immediate stop, without a last checkpoint of data that is thrown away.
        if process::stop(&mut self.server, Signal::QUIT, Duration::from_secs(10)).is_none() {
            process::end_group(&mut self.server);
        }
    }
}

/// The unprivileged user that the server runs as when we are root.
struct User {
    uid: u32,
    gid: u32,
}

impl User {
    fn for_server() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = fs::read_to_string("/etc/passwd")?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| {
                let mut fields =
                    passwd.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':').skip(1);
                Some(Self { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
            })
            .map(Some)
            .ok_or_else(|| {
                "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`".into()
            })
    }
}

/// `program` as that user; it dies with us where setpriv can arrange it, even when we are killed.
fn as_user(user: Option<&User>, program: &Path, folder: &Path) -> Command {
    let setpriv = Path::new("/usr/bin/setpriv");
    let mut command = if setpriv.exists() {
        let mut command = Command::new(setpriv);
        command.args(["--pdeathsig", "QUIT", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    // The user may not be allowed into the folder we stand in.
    command.current_dir(folder).env_remove("PGDATA").env_remove("PGPORT").env_remove("PGOPTIONS");
    command
}

/// Waits for the line that the server adds to its pid file once it takes connections.
fn wait_until_ready(server: &mut Child, data: &Path) -> Result {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) {
        interrupt::check()?;
        if let Some(status) = server.try_wait()? {
            return Err(format!("the server ended at once: {status}").into());
        }
        let pid_file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        let mut lines = pid_file.lines();
        let ours = lines.next().is_some_and(|pid| pid.trim() == server.id().to_string());
        if ours && lines.nth(6).is_some_and(|state| state.trim() == "ready") {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err("the server took no connections within a minute".into())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn random_password() -> Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

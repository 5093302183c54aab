//! Child processes that do not outlive us.
//!
//! Each command runs in a process group of its own. When it ends, or when a stop is asked for, the whole
//! group is told to end: SIGTERM, then SIGKILL for what is still there after five seconds. So a server that
//! a failed test left behind does not survive the run.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use rustix::process::set_child_subreaper;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpgid};

use crate::Result;
use crate::interrupt;

const POLL: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs `command` to its end, its output on ours, nothing on its input; it fails if the command does.
pub fn run(command: &mut Command) -> Result {
    let shown = show(command);
    let mut child = start(command.stdin(Stdio::null()))?;
    let outcome = loop {
        if let Err(interrupted) = interrupt::check() {
            break Err(interrupted.into());
        }
        match child.try_wait() {
            Ok(Some(status)) if status.success() => break Ok(()),
            Ok(Some(status)) => break Err(format!("`{shown}` failed: {status}").into()),
            Ok(None) => thread::sleep(POLL),
            Err(error) => break Err(error.into()),
        }
    };
    end_group(&mut child);
    outcome
}

/// Runs `command` and returns what it wrote, or a failure that quotes what it complained about.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("cannot run `{shown}`: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{shown}` failed: {}\n{}", output.status, complaint.trim()).into())
    }
}

/// Starts `command` in a process group of its own.
pub fn start(command: &mut Command) -> Result<Child> {
    let shown = show(command);
    command.process_group(0).spawn().map_err(|error| format!("cannot run `{shown}`: {error}").into())
}

/// Sends `signal` to the child and waits for its end, at most `patience`.
pub fn stop(child: &mut Child, signal: Signal, patience: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    if let (Ok(None), Some(pid)) = (child.try_wait(), pid(child)) {
        // It may have ended in between; waiting below finds that out.
        let _ = kill_process(pid, signal);
    }
    while started.elapsed() < patience {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => thread::sleep(POLL),
            Err(_) => return None,
        }
    }
    None
}

/// Ends the child and everything else in its process group.
pub fn end_group(child: &mut Child) {
    let Some(group) = pid(child) else { return };
    let started = Instant::now();
    loop {
        // Ended processes stay in the group until somebody reaps them: the child's turn first, as its handle
        // wants to know how it went, then what we adopted from it.
        if let Ok(Some(_)) = child.try_wait() {
            while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
        }
        let waited = started.elapsed();
        let signal = if waited < PATIENCE { Signal::TERM } else { Signal::KILL };
        let gone = kill_process_group(group, signal).is_err();
        // What SIGKILL does not end, nobody can.
        if gone || waited > 2 * PATIENCE {
            return;
        }
        thread::sleep(POLL);
    }
}

/// Makes orphans of our children ours, so that they can be reaped where the system's first process does not.
#[cfg(target_os = "linux")]
pub fn adopt_orphans() -> Result {
    set_child_subreaper(Some(rustix::process::getpid()))?;
    Ok(())
}

/// Elsewhere the system's first process does it.
#[cfg(not(target_os = "linux"))]
pub fn adopt_orphans() -> Result {
    Ok(())
}

/// The command as one would type it.
pub fn show(command: &Command) -> String {
    let mut shown = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        shown.push(' ');
        shown.push_str(&argument.to_string_lossy());
    }
    shown
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

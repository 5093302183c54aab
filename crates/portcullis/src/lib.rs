//! Under construction.

pub mod hashing;

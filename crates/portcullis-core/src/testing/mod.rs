//! What tests need: of this workspace, of hosts, and of those who write a store of their own.
//!
//! * [`conformance!`](crate::testing::conformance!): the contract of [`crate::store`] as test cases.
//! * [`fixture`]: ready-made values, so that a test names only what it is about.
//! * [`ManualClock`] and [`SeededRng`]: time that is advanced, and randomness that repeats.
//! * [`Memory`]: a store that needs nothing installed.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

pub mod conformance;
pub mod fixture;

pub use crate::clock::ManualClock;
pub use crate::conformance;
pub use crate::rng::SeededRng;
pub use crate::store::memory::Memory;

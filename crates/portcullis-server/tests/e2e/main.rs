//! End-to-end tests: the real binary, over real sockets, beside the real zndraw-auth.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "whole processes live by the machine's clock and environment")]

mod admin;
mod config;
mod dropin;
mod health;
mod operator;
mod readme;
mod seed;
mod side_by_side;
mod start;
mod stop;

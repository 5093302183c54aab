//! The routes, the manager and the extractors, called as a client or a host calls them.
//!
//! One module for each part of the API. `PORTCULLIS_TEST_DB` (`memory`, `sqlite` or `postgres`) says on which store.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod fence;
mod login;
mod logout;
mod openapi;

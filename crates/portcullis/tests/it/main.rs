//! The routes, the manager and the extractors, called as a client or a host calls them.
//!
//! One module for each part of the API. `PORTCULLIS_TEST_DB` (`memory`, `sqlite` or `postgres`; memory if it is not
//! set) says on which store. Races run on SQLite where the run says memory: one lock hides them.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin_users;
mod audit;
mod cli_login;
mod default_admin;
mod dev_mode;
mod extractors;
mod fence;
mod guest;
mod headers;
mod legacy;
mod limits;
mod login;
mod logout;
mod manager;
mod mint;
mod openapi;
mod prefixes;
mod register;
mod reset;
mod secrets;
mod session;
mod strict;
mod support;
mod tokens;
mod users_id;
mod users_me;
mod verify;

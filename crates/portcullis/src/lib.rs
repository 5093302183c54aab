//! Sign-in for axum: passwords, device login, impersonation, audit; mounted in ten lines.
//!
//! 1. [`Auth::builder`] takes the settings and a store, migrates the store's own tables and starts the hashing
//!    threads.
//! 2. [`Auth::routes`] is a router with everything under the configured prefixes; [`Auth::routes_of`] one feature's.
//! 3. Handlers say whom they want: [`CurrentUser`], [`Superuser`], [`VerifiedUser`], `Option<CurrentUser>`.
//! 4. [`Auth::users`] is the manager: the same flows as the routes, for the host's own code.
//!
//! The rules live in `portcullis-core`, the SQL in `portcullis-sqlx`; this crate is what speaks HTTP.

mod answer;
mod auth;
mod body;
mod builder;
mod client_addr;
pub mod config;
mod detail;
mod extract;
pub mod hashing;
pub mod jobs;
#[cfg(feature = "openapi")]
mod openapi;
mod problem;
mod routes;
mod users;
mod wire;

pub use auth::Auth;
pub use builder::{AuthBuilder, BuildError};
pub use client_addr::{ClientAddr, RequestTag};
pub use config::AuthConfig;
pub use extract::{CurrentUser, Rejection, Superuser, VerifiedUser};
pub use routes::{Feature, Policy, RouteInfo, Style, manifest};
pub use users::Users;

pub use portcullis_core as core;
pub use portcullis_core::account::{CreateAccount, UpdateAccount, User};
pub use portcullis_core::email_address::EmailAddress;
pub use portcullis_core::ids::UserId;
pub use portcullis_core::password_hasher::Password;
pub use portcullis_core::store::{InTx, StoreTx, Veto};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use portcullis_sqlx::OpenError;
#[cfg(feature = "postgres")]
pub use portcullis_sqlx::{Postgres, postgres_connection};
#[cfg(feature = "sqlite")]
pub use portcullis_sqlx::{Sqlite, sqlite_connection};

/// The program of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// So do the snippets of the guide for hosts.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../../docs/guides/host-app.md")]
struct HostApp;

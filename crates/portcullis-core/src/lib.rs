//! The rules of Portcullis.
//!
//! This crate decides; it never talks. There is no HTTP, no SQL, no socket, no environment and no clock of its
//! own in here. What it needs from the world comes in through traits:
//!
//! * [`store::Store`]: one method per atomic promise, implemented for memory, SQLite and PostgreSQL,
//! * [`clock::Clock`] and [`rng::Rng`]: time and randomness,
//! * [`password_hasher::PasswordHasher`]: hashing, which happens on threads of its own,
//! * [`token::TokenStrategy`]: how an access token is written and read.
//!
//! [`Core`] holds them and carries the flows, one folder per feature: [`account`], [`password`], [`session`],
//! [`refresh`], [`one_time`], [`device`], [`impersonation`]. Pages, JSON routes and the command line call the same flows.

pub mod account;
pub mod actor;
pub mod audit;
pub mod bootstrap;
pub mod clock;
pub mod context;
pub mod device;
pub mod digest;
pub mod email_address;
mod engine;
pub mod event;
pub mod ids;
pub mod impersonation;
pub mod keys;
pub mod mail;
mod noise;
pub mod one_time;
pub mod outbox;
pub mod password;
pub mod password_hasher;
pub mod password_policy;
pub mod refresh;
pub mod revoke;
pub mod rng;
pub mod rules;
pub mod secret;
pub mod session;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod throttle;
pub mod token;

pub use crate::engine::Core;

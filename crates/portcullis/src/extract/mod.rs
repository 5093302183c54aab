//! Who is calling, for handlers.
//!
//! The token is taken from `Authorization: Bearer`, checked once per request, and the result is shared by every
//! extractor through the request's extensions. None of them holds a database connection while the handler runs.

mod caller;
mod ctx;
mod current_user;
mod rejection;

pub(crate) use caller::Caller;
pub(crate) use ctx::Ctx;
pub use current_user::{CurrentUser, Superuser, VerifiedUser};
pub use rejection::Rejection;

//! Reading a request as FastAPI and pydantic read it, and answering 400, 413 and 422 as they do.
//!
//! Clients of the original see its validation errors, so the order and the words of the checks are
//! part of the wire. A request with a body passes these steps:
//!
//! 1. [`limit`]: the body is collected, up to 64 KiB; more is a 413.
//! 2. [`json::JsonBody::read`] checks that it is JSON at all. This comes **before**
//!    authentication: `{` to `PATCH /users/me` without a token is a 422, not a 401.
//! 3. The route authenticates (401, 403) and finds what the path names (404).
//! 4. [`json::JsonBody::fields`] and the typed readers of [`fields`] check each field, and
//!    report everything that is wrong at once, in the order of the schema (422).
//!
//! The login form ([`form`]) is read in one step, as no authentication comes before it. The user
//! id in a path and the secret in a query have their readers in [`path`] and [`query`].
//!
//! Both bodies are axum extractors. A handler that authenticates takes the caller as a `Result`
//! and looks into it in step 3; a caller extracted outright would be refused before step 2.
//!
//! Where the original fails with a 500 (a lone surrogate, `NaN`, bytes that are not UTF-8 under
//! another content type, null for a column that cannot be null), this answers 400 or 422. What a
//! 422 never repeats is told in [`validation`].

pub(crate) mod fields;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod limit;
pub(crate) mod login;
mod media;
pub(crate) mod path;
pub(crate) mod query;
mod syntax;
pub(crate) mod validation;

use axum::response::{IntoResponse, Response};

use self::validation::{Invalid, ValidationError};
use crate::detail::Detail;

/// Why a body was refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Refused {
    /// It can be read, and is wrong: 422 with the list of errors.
    Invalid(Invalid),
    /// It cannot be read: too long (413), or not what its content type says (400).
    Unreadable(Detail),
}

impl From<Invalid> for Refused {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<ValidationError> for Refused {
    fn from(error: ValidationError) -> Self {
        Self::Invalid(error.into())
    }
}

impl From<Detail> for Refused {
    fn from(detail: Detail) -> Self {
        Self::Unreadable(detail)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Invalid(invalid) => invalid.into_response(),
            Self::Unreadable(detail) => detail.into_response(),
        }
    }
}

#[cfg(test)]
mod tests;

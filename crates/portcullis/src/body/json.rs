//! A JSON body, read in two steps: syntax before authentication, fields after.
//!
//! What the original takes, and this takes too: `application/json` and `application/*+json`, also
//! with no content type at all; a byte order mark; a member twice (the last one counts); members
//! nobody asked for. A body of another type is not looked at; it is answered in the second step
//! like a body that is no object.
//!
//! Unlike the original this reads UTF-8 only (RFC 8259 §8.1), neither `NaN` nor `Infinity`, and no
//! half of a surrogate pair.

use std::fmt;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value};

use super::fields::Fields;
use super::media::Media;
use super::syntax::{self, Fault};
use super::validation::{Invalid, ValidationError};
use super::{Refused, limit};
use crate::detail::Detail;

/// A body of which only the syntax has been checked.
pub(crate) struct JsonBody(Content);

enum Content {
    /// No body, or the body `null`.
    Nothing,
    /// Something that is not JSON by its content type. Not kept: it is never looked at or echoed.
    Foreign,
    /// JSON.
    Json(Value),
}

impl JsonBody {
    /// The first step: is it JSON?
    ///
    /// # Errors
    ///
    /// * 422 `json_invalid` at the character where it stops being JSON.
    /// * 400 when it is nested too deeply, or is not UTF-8.
    pub(crate) fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, Refused> {
        if body.is_empty() {
            return Ok(Self(Content::Nothing));
        }
        if !matches!(Media::of(headers), Media::Json | Media::Unstated) {
            return Ok(Self(Content::Foreign));
        }
        let text = std::str::from_utf8(body).map_err(|_| Detail::unparsable_body())?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match serde_json::from_str(text) {
            Ok(Value::Null) => Ok(Self(Content::Nothing)),
            Ok(value) => Ok(Self(Content::Json(value))),
            Err(_) => Err(match syntax::first_fault(text) {
                Some(Fault::Syntax { offset, error }) => ValidationError::json_invalid(offset, error).into(),
                Some(Fault::TooDeep) | None => Detail::unparsable_body().into(),
            }),
        }
    }

    /// The second step: its fields, to be read one by one.
    ///
    /// # Errors
    ///
    /// * `missing` at `["body"]` when there is no body, or it is `null`.
    /// * `model_attributes_type` at `["body"]` when it is no object, or was not sent as JSON.
    pub(crate) fn fields(self) -> Result<Fields, Invalid> {
        match self.0 {
            Content::Json(Value::Object(members)) => Ok(Fields::new(members)),
            Content::Nothing => Err(ValidationError::missing_body().into()),
            Content::Foreign | Content::Json(_) => Err(ValidationError::not_an_object().into()),
        }
    }

    /// The second step of the routes for reset and verification, where the original declares each field by itself
    /// and no model around them: a body without an object is one without fields, and `null` is not there.
    pub(crate) fn parameters(self) -> Fields {
        let Content::Json(Value::Object(mut members)) = self.0 else { return Fields::new(Map::new()) };
        members.retain(|_, value| !value.is_null());
        Fields::new(members)
    }
}

/// Shows no content: it may hold a password.
impl fmt::Debug for JsonBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonBody").finish_non_exhaustive()
    }
}

/// Collects the body, up to the limit, and takes the first step.
impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        Self::read(&parts.headers, &limit::collect(body).await?)
    }
}

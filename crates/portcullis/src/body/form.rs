//! The OAuth 2 password form of `POST {auth}/jwt/login`.
//!
//! `username` and `password`, URL-encoded or as multipart. `grant_type`, if it is there, must be
//! `password` (RFC 6749 §4.3.2 wants it there; the original does not). `scope`, `client_id` and
//! `client_secret` may be there and mean nothing.
//!
//! As in the original:
//!
//! * an empty field counts as not there, so an empty password never reaches a hash;
//! * of a field given twice the last counts;
//! * a body of any other type, JSON included, is a form without fields;
//! * bytes that are not UTF-8 become replacement characters (URL-encoded) or Latin-1 (multipart);
//! * a file where a text is expected is not a text.
//!
//! Not as in the original, whose parser predates the standard: `;` does not separate fields, raw
//! UTF-8 is read as UTF-8, text before the first multipart boundary is skipped, and a multipart
//! body that breaks off is a 400 rather than a form with fewer fields.

use std::fmt;

use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use secrecy::SecretString;
use serde_json::Value;

use super::fields::not_a_string;
use super::media::Media;
use super::validation::{Invalid, Kind, ValidationError};
use super::{Refused, limit};
use crate::detail::Detail;

/// What a caller signs in with.
pub(crate) struct PasswordForm {
    /// The e-mail address, as typed.
    pub(crate) username: String,
    /// The password, as typed; never empty.
    pub(crate) password: SecretString,
}

/// The fields that the form knows, in the order in which their errors are listed.
const NAMES: [&str; 6] = ["grant_type", "username", "password", "scope", "client_id", "client_secret"];

/// The most parts that a multipart form may have.
const PARTS: usize = 1000;

/// What was given for each of [`NAMES`].
#[derive(Default)]
struct Given([Option<Part>; NAMES.len()]);

enum Part {
    Text(String),
    File,
}

impl PasswordForm {
    /// Reads the form.
    ///
    /// # Errors
    ///
    /// * 422 with everything that is wrong with the fields.
    /// * 400 for a multipart body that cannot be taken apart.
    pub(crate) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, Refused> {
        let given = match Media::of(headers) {
            Media::UrlEncoded => Given::url_encoded(&body),
            Media::Multipart => Given::multipart(headers, body).await?,
            Media::Json | Media::Unstated | Media::Other => Given::default(),
        };
        Ok(given.check()?)
    }
}

impl Given {
    fn put(&mut self, name: &str, part: Part) {
        for (slot, known) in self.0.iter_mut().zip(NAMES) {
            if known == name {
                *slot = Some(part);
                return;
            }
        }
    }

    fn url_encoded(body: &[u8]) -> Self {
        let mut given = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            given.put(&name, Part::Text(value.into_owned()));
        }
        given
    }

    async fn multipart(headers: &HeaderMap, body: Bytes) -> Result<Self, Refused> {
        let mut request = Request::new(body.clone().into());
        *request.headers_mut() = headers.clone();
        let mut parts =
            Multipart::from_request(request, &()).await.map_err(|_| bad_request("Missing boundary in multipart."))?;
        let mut given = Self::default();
        if body.is_empty() {
            return Ok(given);
        }
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(|_| Detail::unparsable_body())? {
            count += 1;
            if count > PARTS {
                return Err(bad_request("Too many fields. Maximum number of fields is 1000."));
            }
            let name = part
                .name()
                .map(str::to_owned)
                .ok_or_else(|| bad_request("The Content-Disposition header field \"name\" must be provided."))?;
            let is_file = part.file_name().is_some();
            let bytes = part.bytes().await.map_err(|_| Detail::unparsable_body())?;
            given.put(&name, if is_file { Part::File } else { Part::Text(decode(&bytes)) });
        }
        Ok(given)
    }

    fn check(self) -> Result<PasswordForm, Invalid> {
        let mut errors = Vec::new();
        let mut texts = [const { None }; NAMES.len()];
        for ((slot, name), part) in texts.iter_mut().zip(NAMES).zip(self.0) {
            *slot = match part {
                Some(Part::Text(text)) if !text.is_empty() => Some(text),
                Some(Part::File) => {
                    errors.push(not_a_string(name, &Value::Null));
                    continue;
                }
                _ => None,
            };
            match (name, slot.as_deref()) {
                ("grant_type", Some(other)) if other != "password" => errors.push(pattern(other)),
                ("username" | "password", None) => {
                    errors.push(ValidationError::missing_parameter("body", name));
                }
                _ => {}
            }
        }
        let [_, username, password, ..] = texts;
        match (username, password) {
            (Some(username), Some(password)) if errors.is_empty() => {
                Ok(PasswordForm { username, password: password.into() })
            }
            _ => Err(Invalid(errors)),
        }
    }
}

fn pattern(given: &str) -> ValidationError {
    const PATTERN: &str = "^password$";
    let msg = "String should match pattern '^password$'";
    let kind = Kind::StringPatternMismatch;
    ValidationError::at(kind, "body", "grant_type", msg, &given.into()).with("pattern", PATTERN)
}

fn bad_request(text: &'static str) -> Refused {
    Detail::new(StatusCode::BAD_REQUEST, text).into()
}

/// UTF-8, or else Latin-1, in which any bytes are a text.
fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// Shows no password, and no username either: people mistype one for the other.
impl fmt::Debug for PasswordForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordForm").finish_non_exhaustive()
    }
}

/// Collects the body, up to the limit, and reads the form.
impl<S: Send + Sync> FromRequest<S> for PasswordForm {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        Self::read(&parts.headers, limit::collect(body).await?).await
    }
}

#[cfg(test)]
mod tests;

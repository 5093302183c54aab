//! The 422 answer: a list of everything that is wrong with a request, in the form pydantic gives it.
//!
//! `{"detail":[{"type", "loc", "msg", "input", "ctx"?}, …]}`, the errors in the order of the fields
//! in the schema (not in the body). Clients match `type` and `loc`; `msg` is for people.
//!
//! # Security
//!
//! The original puts what it received into `input`, which for a missing field is the **whole body**:
//! a registration without an address comes back with its password, into browser consoles and the
//! logs of proxies. Here, on purpose:
//!
//! * an error about the body as a whole, or about a field that is not there, has `"input": {}`;
//! * an error about a field has that field's value, if it is a text, a number or a boolean; a list
//!   or an object comes back empty;
//! * a field whose name speaks of a secret ([`is_secret`]) has `"input": null`, whatever it held.
//!
//! [`ValidationError::at`] applies these rules itself, so that no caller can forget them.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::detail;

/// One step on the way to the place of an error: a name, or a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Loc {
    /// `body`, `path`, `query`, or the name of a field.
    Name(Cow<'static, str>),
    /// The character at which the JSON text stops being JSON.
    Offset(usize),
}

impl From<&'static str> for Loc {
    fn from(name: &'static str) -> Self {
        Self::Name(Cow::Borrowed(name))
    }
}

/// The kinds of error; the `type` that clients match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The field, or the whole body, is not there.
    Missing,
    /// Not a string.
    StringType,
    /// Not a boolean, and nothing that could stand for one.
    BoolType,
    /// A number or text that does not stand for a boolean.
    BoolParsing,
    /// The value breaks a rule of its type, told in `ctx.reason`.
    ValueError,
    /// Not JSON, told in `ctx.error`.
    JsonInvalid,
    /// The body is not an object, or not sent as JSON.
    ModelAttributesType,
    /// The text does not match `ctx.pattern`.
    StringPatternMismatch,
    /// Not a UUID, told in `ctx.error`.
    UuidParsing,
    /// Not a whole number.
    IntParsing,
    /// Less than `ctx.ge`.
    GreaterThanEqual,
    /// More than `ctx.le`.
    LessThanEqual,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ValidationError {
    #[serde(rename = "type")]
    kind: Kind,
    loc: Vec<Loc>,
    msg: Cow<'static, str>,
    input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

impl ValidationError {
    /// An error about the value of one field, in `part` (`body`, `path`, `query`) of the request.
    ///
    /// # Security
    ///
    /// `input` is reduced to what may be echoed, by the rules of this module.
    pub(crate) fn at(
        kind: Kind,
        part: &'static str,
        field: &'static str,
        msg: impl Into<Cow<'static, str>>,
        input: &Value,
    ) -> Self {
        Self { kind, loc: vec![part.into(), field.into()], msg: msg.into(), input: echo(field, input), ctx: None }
    }

    /// A field of the JSON body that is required and not there.
    pub(crate) fn missing(field: &'static str) -> Self {
        Self { input: empty_object(), ..Self::at(Kind::Missing, "body", field, REQUIRED, &Value::Null) }
    }

    /// A field of a form or of the query that is required and not there.
    pub(crate) fn missing_parameter(part: &'static str, field: &'static str) -> Self {
        Self::at(Kind::Missing, part, field, REQUIRED, &Value::Null)
    }

    /// No body where one is required.
    pub(crate) fn missing_body() -> Self {
        Self { input: Value::Null, ..Self::about_body(Kind::Missing, REQUIRED) }
    }

    /// A body that is not a JSON object, or not sent as JSON.
    pub(crate) fn not_an_object() -> Self {
        Self::about_body(
            Kind::ModelAttributesType,
            "Input should be a valid dictionary or object to extract fields from",
        )
    }

    /// A body that stops being JSON at the character `offset`.
    pub(crate) fn json_invalid(offset: usize, error: &'static str) -> Self {
        let mut invalid = Self::about_body(Kind::JsonInvalid, "JSON decode error");
        invalid.loc.push(Loc::Offset(offset));
        invalid.with("error", error)
    }

    fn about_body(kind: Kind, msg: &'static str) -> Self {
        Self { kind, loc: vec!["body".into()], msg: msg.into(), input: empty_object(), ctx: None }
    }

    /// Adds one member of `ctx`.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let ctx = self.ctx.get_or_insert_with(empty_object);
        if let Value::Object(members) = ctx {
            members.insert(name.to_owned(), value.into());
        }
        self
    }
}

const REQUIRED: &str = "Field required";

/// Everything that is wrong with a request; a 422.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Invalid(pub(crate) Vec<ValidationError>);

impl From<ValidationError> for Invalid {
    fn from(error: ValidationError) -> Self {
        Self(vec![error])
    }
}

impl IntoResponse for Invalid {
    fn into_response(self) -> Response {
        detail::render(StatusCode::UNPROCESSABLE_ENTITY, &self.0)
    }
}

/// Whether a field of this name may never be echoed.
///
/// Decided by parts of words, so that a field added later (`new_password`, `refresh_token`,
/// `client_secret`, `user_code`, `api_key`) is covered before anyone thinks of it.
pub(crate) fn is_secret(field: &str) -> bool {
    ["password", "secret", "token", "code", "key", "credential"].iter().any(|word| field.contains(word))
}

fn echo(field: &str, input: &Value) -> Value {
    match input {
        _ if is_secret(field) => Value::Null,
        Value::Object(_) => empty_object(),
        Value::Array(_) => Value::Array(Vec::new()),
        scalar => scalar.clone(),
    }
}

fn empty_object() -> Value {
    Value::Object(serde_json::Map::new())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_never_echoed_whatever_is_wrong_with_it() {
        for field in ["password", "new_password", "current_password", "token", "secret", "client_secret"] {
            for held in [json!("hunter2"), json!(5), json!({"p": "hunter2"}), json!(["hunter2"])] {
                let error = ValidationError::at(Kind::StringType, "body", field, "", &held);
                assert_eq!(error.input, Value::Null, "{field}");
            }
        }
    }

    #[test]
    fn what_is_not_secret_is_echoed_but_nothing_inside_it() {
        for (held, echoed) in [
            (json!("x"), json!("x")),
            (json!(1.5), json!(1.5)),
            (json!(true), json!(true)),
            (json!(null), json!(null)),
            (json!({"password": "hunter2"}), json!({})),
            (json!(["hunter2"]), json!([])),
        ] {
            let error = ValidationError::at(Kind::StringType, "body", "email", "", &held);
            assert_eq!(error.input, echoed);
        }
    }

    #[tokio::test]
    async fn the_answer_has_the_members_in_the_order_of_the_original() {
        use http_body_util::BodyExt;

        let error =
            ValidationError::at(Kind::ValueError, "body", "email", "bad", &json!("x")).with("reason", "because");
        let response = Invalid::from(error).into_response();
        assert_eq!(response.status().as_u16(), 422);
        assert_eq!(response.headers()["content-type"], "application/json");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(
            body,
            r#"{"detail":[{"type":"value_error","loc":["body","email"],"msg":"bad","input":"x","ctx":{"reason":"because"}}]}"#
        );
    }
}

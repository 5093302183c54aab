//! The schemas that belong to no operation: errors, and the types of parameters.

use super::operation::Type;
use crate::config::AuthConfig;
use portcullis_core::password_policy::MAX_CHARS;
use serde::Serialize;
use serde_json::{Value, json};
use std::ops::RangeInclusive;
use utoipa::ToSchema;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, SchemaType};
use utoipa::openapi::{RefOr, Schema, SchemaFormat, Type as Kind};

/// `{"detail": …}`: a stable code or a sentence, or for some 400 and 409 both.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is described, never made: `Detail` is what is sent")]
pub(super) struct ErrorModel {
    detail: ErrorDetail,
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "as `ErrorModel`")]
enum ErrorDetail {
    /// A stable code, or a sentence.
    Text(String),
    /// A stable code and a sentence for a person.
    Reason { code: String, reason: String },
}

/// Everything that is wrong with a request.
#[derive(ToSchema)]
#[schema(as = HTTPValidationError)]
#[expect(dead_code, reason = "as `ErrorModel`")]
pub(super) struct HttpValidationError {
    detail: Vec<ValidationErrorItem>,
}

/// One thing that is wrong, and where.
#[derive(ToSchema)]
#[schema(as = ValidationError)]
#[expect(dead_code, reason = "as `ErrorModel`")]
struct ValidationErrorItem {
    /// The kind of error, stable: `missing`, `string_type`, `value_error` and the like.
    r#type: String,
    /// The way to it: `body`, `path` or `query`, then the name of the field or the offset of the fault.
    loc: Vec<Step>,
    /// A sentence for a person.
    msg: String,
    /// What was sent, where that can be no secret.
    #[schema(value_type = Value, required = true, nullable)]
    input: Value,
    /// What the sentence is made of.
    #[schema(value_type = Option<Object>, nullable = false)]
    ctx: Option<Value>,
}

/// A name, or a position.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "as `ErrorModel`")]
enum Step {
    Name(String),
    Offset(u64),
}

/// An RFC 9457 problem.
#[derive(ToSchema)]
#[expect(dead_code, reason = "as `ErrorModel`")]
pub(super) struct Problem {
    /// Always `about:blank`: the status and the code say it all.
    r#type: String,
    /// The name of the status.
    title: String,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A sentence for a person.
    detail: String,
    /// A stable code.
    code: String,
    /// The request, as in the log and in the audit trail.
    id: String,
    /// What is wrong with the parameters, for `INVALID_REQUEST`.
    #[schema(nullable = false)]
    errors: Option<Vec<ValidationErrorItem>>,
}

/// A text.
pub(crate) fn text() -> Type {
    text_with(None)
}

/// A text in a known format.
pub(crate) fn formatted(format: KnownFormat) -> Type {
    text_with(Some(format))
}

fn text_with(format: Option<KnownFormat>) -> Type {
    let text = ObjectBuilder::new().schema_type(Kind::String).format(format.map(SchemaFormat::KnownFormat));
    RefOr::T(Schema::Object(text.build()))
}

/// An RFC 3339 date and time, or a date.
pub(crate) fn moment() -> Type {
    let one_of = OneOfBuilder::new().item(formatted(KnownFormat::DateTime)).item(formatted(KnownFormat::Date));
    RefOr::T(Schema::OneOf(one_of.build()))
}

/// A whole number within bounds, with its default.
pub(crate) fn number(default: u32, bounds: RangeInclusive<u32>) -> Type {
    let number = ObjectBuilder::new()
        .schema_type(Kind::Integer)
        .minimum(Some(*bounds.start()))
        .maximum(Some(*bounds.end()))
        .default(Some(json!(default)));
    RefOr::T(Schema::Object(number.build()))
}

/// A whole number.
pub(crate) fn integer() -> Type {
    let number =
        ObjectBuilder::new().schema_type(Kind::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    RefOr::T(Schema::Object(number.build()))
}

/// One of these words.
pub(crate) fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Type {
    let text = ObjectBuilder::new().schema_type(Kind::String).enum_values(Some(words.into_iter().map(Value::from)));
    RefOr::T(Schema::Object(text.build()))
}

/// Nothing but `null`.
pub(super) fn null() -> Type {
    RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(SchemaType::Type(Kind::Null)).build()))
}

/// A password to be set, as long as this deployment wants it.
pub(super) fn new_password(config: &AuthConfig) -> Type {
    let least = config.rules().passwords.min_length();
    let password = ObjectBuilder::new()
        .schema_type(Kind::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .min_length(Some(least))
        .max_length(Some(MAX_CHARS))
        .write_only(true)
        .description(Some(format!(
            "A password to be set: {least} to {MAX_CHARS} characters of any script, and none that attackers try first."
        )));
    RefOr::T(Schema::Object(password.build()))
}

/// Stands for [`new_password`] in a body.
#[derive(ToSchema)]
#[schema(value_type = String)]
#[expect(dead_code, reason = "as `ErrorModel`")]
pub(crate) struct NewPassword(String);

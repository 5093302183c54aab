//! The documentation of one operation, as a route's feature writes it.
//!
//! A feature says what only it knows: a summary, parameters, the body, the success, and *when* it refuses. Everything
//! else is known already and is never said again: the policy gives 401, 403 and the security requirement, the body
//! gives 400, 413 and 422, and a refusal is the very [`Detail`] that the handler answers with, so that its status, its
//! words and its headers cannot differ from the wire.

use super::schema;
use crate::body::validation::{Invalid, ValidationError};
use crate::detail::Detail;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema};

/// How a value in the documentation is typed.
pub(crate) type Type = RefOr<Schema>;

/// A refusal and the sentence that says when it comes.
pub(super) struct Refusal {
    pub(super) when: String,
    pub(super) answer: Refused,
}

/// What is answered: a detail, or the list of what is wrong.
pub(super) enum Refused {
    Detail(Detail),
    Invalid(Invalid),
}

/// One operation on its way into the document.
pub(crate) struct Operation {
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<RequestBody>,
    pub(super) answers: Vec<(StatusCode, Response)>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) hashes: bool,
    pub(super) schemas: Vec<(String, Type)>,
}

impl Operation {
    pub(super) fn new(id: &'static str, summary: &'static str, description: &'static str) -> Self {
        Self {
            id,
            summary,
            description,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: Vec::new(),
            hashes: false,
            schemas: Vec::new(),
        }
    }

    /// A part of the path.
    pub(crate) fn path(&mut self, name: &str, what: &str, of: impl Into<Type>, example: impl Into<Value>) -> &mut Self {
        self.parameter(ParameterIn::Path, Required::True, name, what, of.into(), example.into())
    }

    /// A parameter of the query that may be left out.
    pub(crate) fn query(
        &mut self,
        name: &str,
        what: &str,
        of: impl Into<Type>,
        example: impl Into<Value>,
    ) -> &mut Self {
        self.parameter(ParameterIn::Query, Required::False, name, what, of.into(), example.into())
    }

    /// A header, required or not.
    pub(crate) fn header(
        &mut self,
        name: &str,
        required: bool,
        what: &str,
        of: impl Into<Type>,
        example: impl Into<Value>,
    ) -> &mut Self {
        let required = if required { Required::True } else { Required::False };
        self.parameter(ParameterIn::Header, required, name, what, of.into(), example.into())
    }

    fn parameter(
        &mut self,
        place: ParameterIn,
        required: Required,
        name: &str,
        what: &str,
        of: Type,
        example: Value,
    ) -> &mut Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(what))
            .schema(Some(of))
            .example(Some(example));
        self.parameters.push(parameter.build());
        self
    }

    /// A JSON body. `example` is sent as it stands; `wrong` is what a client is told who sends a wrong one.
    pub(crate) fn json<T: ToSchema + Serialize>(&mut self, example: &T, wrong: ValidationError) -> &mut Self {
        self.body(&["application/json"], example)
            .refuses("The body is nested too deeply, or is not UTF-8.", Detail::unparsable_body())
            .invalid("The body is not JSON, or a field is missing or wrong.", wrong)
    }

    /// A form, URL-encoded or multipart.
    pub(crate) fn form<T: ToSchema + Serialize>(&mut self, example: &T, wrong: ValidationError) -> &mut Self {
        self.body(&["application/x-www-form-urlencoded", "multipart/form-data"], example)
            .refuses("The multipart body cannot be taken apart.", Detail::unparsable_body())
            .invalid("A field is missing or wrong.", wrong)
    }

    /// A body that may be JSON or a form.
    pub(crate) fn json_or_form<T: ToSchema + Serialize>(&mut self, example: &T, wrong: ValidationError) -> &mut Self {
        self.body(&["application/json", "application/x-www-form-urlencoded", "multipart/form-data"], example)
            .refuses("The body cannot be taken apart, or is nested too deeply.", Detail::unparsable_body())
            .invalid("A field is missing or wrong.", wrong)
    }

    fn body<T: ToSchema + Serialize>(&mut self, types: &[&str], example: &T) -> &mut Self {
        let content = self.content(example);
        let mut body = RequestBodyBuilder::new().required(Some(Required::True));
        for content_type in types {
            body = body.content(*content_type, content.clone());
        }
        self.body = Some(body.build());
        self.refuses("The body is longer than 64 KiB.", Detail::body_too_large())
    }

    /// A success with a body.
    pub(crate) fn answers<T: ToSchema + Serialize>(&mut self, status: StatusCode, what: &str, body: &T) -> &mut Self {
        let content = self.content(body);
        self.answer(status, ResponseBuilder::new().description(what).content("application/json", content))
    }

    /// A success of which the body is `null`.
    pub(crate) fn answers_null(&mut self, status: StatusCode, what: &str) -> &mut Self {
        let content = ContentBuilder::new().schema(Some(schema::null())).example(Some(Value::Null));
        self.answer(status, ResponseBuilder::new().description(what).content("application/json", content.build()))
    }

    /// A success without a body.
    pub(crate) fn answers_nothing(&mut self, what: &str) -> &mut Self {
        self.answer(StatusCode::NO_CONTENT, ResponseBuilder::new().description(what))
    }

    fn answer(&mut self, status: StatusCode, response: ResponseBuilder) -> &mut Self {
        self.answers.push((status, response.build()));
        self
    }

    /// A refusal, as the handler answers it.
    pub(crate) fn refuses(&mut self, when: impl Into<String>, detail: impl Into<Detail>) -> &mut Self {
        self.refusals.push(Refusal { when: when.into(), answer: Refused::Detail(detail.into()) });
        self
    }

    /// The 422 that names what is wrong with a parameter or a field.
    pub(crate) fn invalid(&mut self, when: impl Into<String>, wrong: impl Into<Invalid>) -> &mut Self {
        self.refusals.push(Refusal { when: when.into(), answer: Refused::Invalid(wrong.into()) });
        self
    }

    /// The 429 of a limit.
    pub(crate) fn throttled(&mut self, when: &str) -> &mut Self {
        self.refuses(when, Detail::too_many_requests(Duration::from_secs(60)))
    }

    /// A password is hashed or verified, for which there is a queue with an end.
    pub(crate) fn hashes(&mut self) -> &mut Self {
        self.hashes = true;
        self
    }

    fn content<T: ToSchema + Serialize>(&mut self, example: &T) -> utoipa::openapi::Content {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(T::name())))
            .example(Some(serde_json::to_value(example).unwrap_or_default()))
            .build()
    }
}

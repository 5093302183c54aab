//! From a described operation and its route to what the document says.

use super::SCHEME;
use super::operation::{Operation, Refusal, Refused};
use super::schema;
use crate::detail::Detail;
use crate::problem::Problem;
use crate::routes::{Policy, RouteInfo, Style};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use portcullis_core::clock::Timestamp;
use portcullis_core::context::Context;
use portcullis_core::ids::RequestId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::{
    Content, ContentBuilder, HttpMethod, Ref, ResponseBuilder, ResponsesBuilder, SecurityRequirement,
};
use uuid::Uuid;

/// Says who may call an operation: the policy in one word, for people and for the explorer.
const POLICY: &str = "x-policy";

pub(super) fn method(method: &Method) -> Option<HttpMethod> {
    Some(match *method {
        Method::GET => HttpMethod::Get,
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => return None,
    })
}

pub(super) fn operation(route: &RouteInfo, mut described: Operation) -> OperationBuilder {
    follow_from_policy(route, &mut described);
    let mut responses = ResponsesBuilder::new();
    for (status, response) in described.answers {
        responses = responses.response(status.as_str(), response);
    }
    let mut by_status: BTreeMap<u16, Vec<Refusal>> = BTreeMap::new();
    for refusal in described.refusals {
        by_status.entry(refusal.answer.status().as_u16()).or_default().push(refusal);
    }
    for (status, refusals) in by_status {
        responses = responses.response(status.to_string(), response(route.style, &refusals));
    }
    let mut operation = OperationBuilder::new()
        .operation_id(Some(described.id))
        .summary(Some(described.summary))
        .tag(route.feature.title())
        .responses(responses.build())
        .request_body(described.body)
        .extensions(Some([(POLICY, route.policy.as_str())].into_iter().collect()));
    if !described.description.is_empty() {
        operation = operation.description(Some(described.description));
    }
    if !described.parameters.is_empty() {
        operation = operation.parameters(Some(described.parameters));
    }
    if route.policy != Policy::Public {
        operation = operation.security(SecurityRequirement::new(SCHEME, [""; 0]));
    }
    operation
}

/// What every operation of a policy can answer, and every operation at all.
fn follow_from_policy(route: &RouteInfo, described: &mut Operation) {
    if route.policy != Policy::Public {
        described.refuses("There are two `Authorization` headers.", Detail::conflicting_credentials());
        described.refuses(
            "There is no token, or it is expired or ended, or its user is inactive or gone.",
            Detail::unauthorized(),
        );
    }
    if route.policy == Policy::Superuser {
        described.refuses("The caller is no superuser, or acts with a minted token.", Detail::forbidden());
    }
    let when = if described.hashes {
        "The database does not answer, or too many passwords wait to be hashed."
    } else {
        "The database does not answer."
    };
    described.refuses(when, Detail::service_unavailable(Duration::from_secs(1)));
}

fn response(style: Style, refusals: &[Refusal]) -> ResponseBuilder {
    let whens: Vec<&str> = refusals.iter().map(|refusal| refusal.when.as_str()).collect();
    let mut response = ResponseBuilder::new().description(whens.join(" "));
    for (name, value) in refusals.iter().filter_map(|refusal| refusal.answer.header()) {
        let header = HeaderBuilder::new().schema(Some(schema::text())).example(value.to_str().ok().map(Value::from));
        response = response.header(spelled(name), header.build());
    }
    let content_type = match style {
        Style::Detail => "application/json",
        Style::Problem => "application/problem+json",
    };
    response.content(content_type, content(style, refusals))
}

/// One example if there is one refusal with this status, else one for each, under its code.
fn content(style: Style, refusals: &[Refusal]) -> Content {
    let schema = match (style, refusals) {
        (Style::Problem, _) => "Problem",
        (Style::Detail, [Refusal { answer: Refused::Invalid(_), .. }, ..]) => "HTTPValidationError",
        (Style::Detail, _) => "ErrorModel",
    };
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema)));
    content = match refusals {
        [one] => content.example(Some(one.answer.body(style))),
        several => content.examples_from_iter(several.iter().map(|refusal| {
            let body = refusal.answer.body(style);
            (name(&body), ExampleBuilder::new().summary(refusal.when.as_str()).value(Some(body)).build())
        })),
    };
    content.build()
}

impl Refused {
    fn status(&self) -> StatusCode {
        match self {
            Self::Detail(detail) => detail.status_and_header().0,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn header(&self) -> Option<&(HeaderName, HeaderValue)> {
        match self {
            Self::Detail(detail) => detail.status_and_header().1,
            Self::Invalid(_) => None,
        }
    }

    fn body(&self, style: Style) -> Value {
        let id = RequestId(Uuid::from_u128(0x8d3c_52ae_6c0e_4b8e_9d0a_5f0e_6a3b_7c11));
        let ctx = Context { now: Timestamp::from_secs(0), request_id: id, peer: None, agent: None };
        match (style, self) {
            (Style::Detail, Self::Detail(detail)) => json!({"detail": detail.json()}),
            (Style::Detail, Self::Invalid(invalid)) => json!({"detail": invalid.0}),
            (Style::Problem, Self::Detail(detail)) => Problem::of(&ctx, detail.clone()).json(),
            (Style::Problem, Self::Invalid(invalid)) => Problem::invalid(&ctx, invalid.clone()).json(),
        }
    }
}

/// What an example is called: the code in it, or the sentence.
fn name(body: &Value) -> String {
    let detail = &body["detail"];
    let text = detail["code"].as_str().or(detail.as_str()).or(body["code"].as_str()).unwrap_or("INVALID");
    text.to_uppercase().replace(' ', "_")
}

/// The names of the headers that a refusal has, as people write them.
fn spelled(name: &HeaderName) -> &str {
    match *name {
        WWW_AUTHENTICATE => "WWW-Authenticate",
        RETRY_AFTER => "Retry-After",
        _ => name.as_str(),
    }
}

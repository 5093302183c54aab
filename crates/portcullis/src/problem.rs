//! Errors of the JSON routes that are ours and not the seed's: RFC 9457 problems with a stable code and an id.

use crate::body::Refused;
use crate::body::validation::Invalid;
use crate::detail::Detail;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue};
use portcullis_core::context::Context;
use serde_json::{Value, json};

/// An answer with `application/problem+json`.
pub(crate) struct Problem {
    answer: Response,
    title: Value,
    id: String,
}

impl Problem {
    /// Says the same as a [`Detail`], with its headers, as a problem. The id is the request's, which the audit trail
    /// and the log carry too.
    pub(crate) fn of(ctx: &Context, detail: Detail) -> Self {
        let title = detail.json();
        Self { answer: detail.into_response(), title, id: ctx.request_id.to_string() }
    }

    /// Says why a body was refused.
    pub(crate) fn refused(ctx: &Context, refused: Refused) -> Self {
        match refused {
            Refused::Invalid(invalid) => Self::invalid(ctx, invalid),
            Refused::Unreadable(detail) => Self::of(ctx, detail),
        }
    }

    /// Says which parameters are wrong.
    pub(crate) fn invalid(ctx: &Context, invalid: Invalid) -> Self {
        let title =
            json!({"code": "INVALID_REQUEST", "reason": "A parameter is not what it should be.", "errors": invalid.0});
        Self { answer: invalid.into_response(), title, id: ctx.request_id.to_string() }
    }
}

impl Problem {
    /// The members of the body.
    pub(crate) fn json(&self) -> Value {
        let Self { answer, title, id } = self;
        let status = answer.status();
        let reason = status.canonical_reason().unwrap_or("Error");
        let code = title["code"].as_str().map_or_else(|| reason.to_uppercase().replace(' ', "_"), str::to_owned);
        let sentence = title["reason"].as_str().or(title.as_str()).unwrap_or(reason);
        let mut problem = json!({
            "type": "about:blank",
            "title": reason,
            "status": status.as_u16(),
            "detail": sentence,
            "code": code,
            "id": id,
        });
        if let Some(errors) = title.get("errors") {
            problem["errors"] = errors.clone();
        }
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let problem = self.json();
        let mut answer = self.answer;
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        answer.headers_mut().remove(http::header::CONTENT_LENGTH);
        *answer.body_mut() = Body::from(problem.to_string());
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;
    use http_body_util::BodyExt;
    use portcullis_core::clock::Timestamp;
    use portcullis_core::ids::RequestId;

    fn ctx() -> Context {
        Context { now: Timestamp::from_secs(0), request_id: RequestId(uuid::Uuid::nil()), peer: None, agent: None }
    }

    #[tokio::test]
    async fn a_problem_has_a_code_a_sentence_and_the_requests_id() {
        let answer = Problem::of(&ctx(), Detail::unauthorized()).into_response();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let body: Value = serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap();
        assert_eq!(body["code"], "UNAUTHORIZED");
        assert_eq!(body["status"], 401);
        assert_eq!(body["id"], uuid::Uuid::nil().to_string());
    }
}

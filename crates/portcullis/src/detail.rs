//! `{"detail": …}`: the error shape of every route that zndraw-auth had before us, and of every
//! 404, 405, 413, 429, 500 and 503.
//!
//! The wire is a closed list. Clients match the texts exactly, letter case included, so every text
//! lives here, once, behind a constructor named after it; a handler never spells one out.
//!
//! * The body is an object with the single member `detail`: a text, or for a refused password an
//!   object of `code` and `reason`, or for a 422 the list made in [`crate::body::validation`].
//! * The content type is `application/json`, without a charset.
//! * A 401 names its scheme (`WWW-Authenticate: Bearer`, RFC 9110 §11.6.1), which the original does
//!   not; a 405 names the allowed methods; 429 and 503 say when to come back.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

/// An error answer in the `{"detail": …}` shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detail {
    status: StatusCode,
    what: What,
    // Boxed, so that a `Result` with it stays small.
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

/// What stands behind `detail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum What {
    Text(Cow<'static, str>),
    Reason { code: Cow<'static, str>, reason: String },
}

/// Which request refused a new password; the `code` of [`Detail::invalid_password`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordCode {
    /// Registering an account.
    Register,
    /// Changing a password, one's own or as a superuser.
    UpdateUser,
    /// Setting a password with a reset token.
    Reset,
}

impl PasswordCode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "REGISTER_INVALID_PASSWORD",
            Self::UpdateUser => "UPDATE_USER_INVALID_PASSWORD",
            Self::Reset => "RESET_PASSWORD_INVALID_PASSWORD",
        }
    }
}

impl Detail {
    /// Any status with any text; for the few answers that have no constructor of their own.
    pub(crate) fn new(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, what: What::Text(text.into()), header: None }
    }

    /// Any status with an object: a stable code and a sentence for a person.
    pub(crate) fn with_reason(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        reason: impl Into<String>,
    ) -> Self {
        Self { status, what: What::Reason { code: code.into(), reason: reason.into() }, header: None }
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    fn bad_request(text: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// 401 with an object: a stable code and a sentence for a person.
    pub(crate) fn unauthorized_because(code: &'static str, reason: impl Into<String>) -> Self {
        Self::with_reason(StatusCode::UNAUTHORIZED, code, reason)
            .with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    fn unauthorized_with(text: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, text).with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    fn not_found_with(text: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    /// What stands behind `detail`, for an answer of another shape.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::to_value(&self.what).unwrap_or_default()
    }

    /// The status and the header of the answer, for whoever describes it.
    #[cfg(feature = "openapi")]
    pub(crate) fn status_and_header(&self) -> (StatusCode, Option<&(HeaderName, HeaderValue)>) {
        (self.status, self.header.as_deref())
    }

    // 400

    /// 400: unknown user, wrong password or inactive account; one text for all three.
    pub(crate) fn login_bad_credentials() -> Self {
        Self::bad_request("LOGIN_BAD_CREDENTIALS")
    }

    /// 400: the address belongs to an account already.
    pub(crate) fn register_user_already_exists() -> Self {
        Self::bad_request("REGISTER_USER_ALREADY_EXISTS")
    }

    /// 400: the new address belongs to an account already.
    pub(crate) fn update_user_email_already_exists() -> Self {
        Self::bad_request("UPDATE_USER_EMAIL_ALREADY_EXISTS")
    }

    /// 400: the reset token is unknown, used, expired or for something else.
    pub(crate) fn reset_password_bad_token() -> Self {
        Self::bad_request("RESET_PASSWORD_BAD_TOKEN")
    }

    /// 400: the verification token is unknown, used, expired or for something else.
    pub(crate) fn verify_user_bad_token() -> Self {
        Self::bad_request("VERIFY_USER_BAD_TOKEN")
    }

    /// 400: the address is verified already.
    pub(crate) fn verify_user_already_verified() -> Self {
        Self::bad_request("VERIFY_USER_ALREADY_VERIFIED")
    }

    /// 400: the body could not be read at all: nested too deeply, not UTF-8, broken multipart.
    pub(crate) fn unparsable_body() -> Self {
        Self::bad_request("There was an error parsing the body")
    }

    /// 400: two credentials of one kind; nobody guesses which of them a proxy in front has looked at.
    pub(crate) fn conflicting_credentials() -> Self {
        Self::bad_request("Conflicting credentials")
    }

    /// 400 with an object: the new password breaks a rule, named in `reason`.
    pub(crate) fn invalid_password(code: PasswordCode, reason: impl Into<String>) -> Self {
        Self::with_reason(StatusCode::BAD_REQUEST, code.as_str(), reason)
    }

    // 401 and 403

    /// 401: no valid credential, or its owner is inactive or gone.
    pub(crate) fn unauthorized() -> Self {
        Self::unauthorized_with("Unauthorized")
    }

    /// 403: a valid credential without the right that the route needs.
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden")
    }

    // 404, 405, 410, 413

    /// 404: no such route, or no such account behind an id in the path.
    pub(crate) fn not_found() -> Self {
        Self::not_found_with("Not Found")
    }

    /// 404: the device code is wrong, used, rejected, or somebody else's.
    pub(crate) fn challenge_not_found() -> Self {
        Self::not_found_with("Challenge not found")
    }

    /// 404: nobody to mint a token for, or an inactive account.
    pub(crate) fn user_not_found() -> Self {
        Self::not_found_with("User not found")
    }

    /// 405: the route exists, not with this method; `allow` goes into the header of that name.
    pub(crate) fn method_not_allowed(allow: HeaderValue) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed").with(ALLOW, allow)
    }

    /// 410: the device code was right, and is past its time.
    pub(crate) fn challenge_expired() -> Self {
        Self::new(StatusCode::GONE, "Challenge expired")
    }

    /// 413: the body is longer than [`crate::body::limit::AUTH_BODY_LIMIT`].
    pub(crate) fn body_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large")
    }

    // 429, 500, 503

    /// 429: come back after `wait`.
    pub(crate) fn too_many_requests(wait: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests").with(RETRY_AFTER, seconds(wait))
    }

    /// 503: the database or the hashing queue cannot serve this now; come back after `wait`.
    pub(crate) fn service_unavailable(wait: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").with(RETRY_AFTER, seconds(wait))
    }

    /// 500: a defect of ours; the log has the rest.
    pub(crate) fn internal_server_error() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }
}

/// Whole seconds, rounded up and never zero: a client told "0" would come back at once.
fn seconds(wait: Duration) -> HeaderValue {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    HeaderValue::from(whole.max(1))
}

impl IntoResponse for Detail {
    fn into_response(self) -> Response {
        let mut response = render(self.status, &self.what);
        if let Some((name, value)) = self.header.map(|header| *header) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// The one place where `{"detail": …}` is written.
pub(crate) fn render(status: StatusCode, detail: &impl Serialize) -> Response {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        detail: &'a T,
    }

    // Texts and trees of JSON values always serialise; the fallback keeps the status anyway.
    let body = serde_json::to_vec(&Envelope { detail }).map_or_else(|_| Body::from(r#"{"detail":null}"#), Body::from);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn text(response: Response) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn every_text_of_the_contract_is_spelled_as_the_original_spells_it() {
        let list = [
            (Detail::login_bad_credentials(), 400, "LOGIN_BAD_CREDENTIALS"),
            (Detail::register_user_already_exists(), 400, "REGISTER_USER_ALREADY_EXISTS"),
            (Detail::update_user_email_already_exists(), 400, "UPDATE_USER_EMAIL_ALREADY_EXISTS"),
            (Detail::reset_password_bad_token(), 400, "RESET_PASSWORD_BAD_TOKEN"),
            (Detail::verify_user_bad_token(), 400, "VERIFY_USER_BAD_TOKEN"),
            (Detail::verify_user_already_verified(), 400, "VERIFY_USER_ALREADY_VERIFIED"),
            (Detail::unparsable_body(), 400, "There was an error parsing the body"),
            (Detail::conflicting_credentials(), 400, "Conflicting credentials"),
            (Detail::unauthorized(), 401, "Unauthorized"),
            (Detail::forbidden(), 403, "Forbidden"),
            (Detail::not_found(), 404, "Not Found"),
            (Detail::challenge_not_found(), 404, "Challenge not found"),
            (Detail::user_not_found(), 404, "User not found"),
            (Detail::method_not_allowed(HeaderValue::from_static("GET")), 405, "Method Not Allowed"),
            (Detail::challenge_expired(), 410, "Challenge expired"),
            (Detail::body_too_large(), 413, "Request body too large"),
            (Detail::too_many_requests(Duration::ZERO), 429, "Too Many Requests"),
            (Detail::internal_server_error(), 500, "Internal Server Error"),
            (Detail::service_unavailable(Duration::ZERO), 503, "Service Unavailable"),
        ];
        for (detail, status, spelled) in list {
            let response = detail.into_response();
            assert_eq!(response.status().as_u16(), status, "{spelled}");
            assert_eq!(response.headers()[CONTENT_TYPE], "application/json", "{spelled}");
            assert_eq!(text(response).await, format!(r#"{{"detail":"{spelled}"}}"#));
        }
    }

    #[tokio::test]
    async fn a_refused_password_is_an_object_of_code_and_reason() {
        for (code, spelled) in [
            (PasswordCode::Register, "REGISTER_INVALID_PASSWORD"),
            (PasswordCode::UpdateUser, "UPDATE_USER_INVALID_PASSWORD"),
            (PasswordCode::Reset, "RESET_PASSWORD_INVALID_PASSWORD"),
        ] {
            let response = Detail::invalid_password(code, "too short").into_response();
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
            assert_eq!(text(response).await, format!(r#"{{"detail":{{"code":"{spelled}","reason":"too short"}}}}"#));
        }
    }

    #[test]
    fn the_headers_say_what_to_do_next() {
        let header = |detail: Detail, name| detail.into_response().headers()[name].clone();
        assert_eq!(header(Detail::unauthorized(), WWW_AUTHENTICATE), "Bearer");
        let allow = HeaderValue::from_static("GET, PATCH");
        assert_eq!(header(Detail::method_not_allowed(allow), ALLOW), "GET, PATCH");
        for (wait, told) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (59_999, "60")] {
            let wait = Duration::from_millis(wait);
            assert_eq!(header(Detail::too_many_requests(wait), RETRY_AFTER), told);
            assert_eq!(header(Detail::service_unavailable(wait), RETRY_AFTER), told);
        }
    }
}

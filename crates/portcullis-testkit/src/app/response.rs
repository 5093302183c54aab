//! An answer, with what it left behind.

use super::TestApp;
use axum::body::Bytes;
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use portcullis_core::audit::AuditRow;
use portcullis_core::ids::RequestId;
use serde_json::Value;

/// What no answer of any route may hold.
const NEVER: [&str; 4] = ["hashed_password", "$argon2", "$2b$", "SELECT "];

/// An answer.
#[derive(Debug)]
pub struct Response {
    app: TestApp,
    what: String,
    parts: Parts,
    body: Bytes,
    request_id: RequestId,
}

impl Response {
    pub(super) fn new(app: TestApp, what: String, parts: Parts, body: Bytes, request_id: RequestId) -> Self {
        Self { app, what, parts, body, request_id }
    }

    pub(super) fn app(&self) -> &TestApp {
        &self.app
    }

    /// What holds for every answer.
    pub(super) fn check(&self, may_fail: bool) {
        let Self { what, .. } = self;
        assert!(may_fail || !self.status().is_server_error(), "{what} answered {}: {}", self.status(), self.text());
        let shown = format!("{:?} {}", self.headers(), self.text());
        for never in NEVER {
            assert!(!shown.contains(never), "the answer to {what} holds {never:?}");
        }
        assert_eq!(self.app.leaked_password(&shown), None, "the answer to {what} holds a password");
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.parts.status
    }

    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The value of a header, if it is there once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers().get_all(name).iter();
        values.next().filter(|_| values.next().is_none())?.to_str().ok()
    }

    /// Its body.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// Its body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Its body as JSON.
    ///
    /// # Panics
    ///
    /// When it is something else.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("the answer to {} is no JSON ({error}): {}", self.what, self.text()))
    }

    /// The `detail` of an error.
    ///
    /// # Panics
    ///
    /// When the body is no object with that member.
    pub fn detail(&self) -> Value {
        let mut body = self.json();
        body.get_mut("detail").unwrap_or_else(|| panic!("no detail in {}", self.text())).take()
    }

    /// The same answer, if it has this status.
    ///
    /// # Panics
    ///
    /// When it has another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status().as_u16(), status, "{} answered {}", self.what, self.text());
        self
    }

    /// The same answer, if it is this error.
    ///
    /// # Panics
    ///
    /// When it has another status or detail.
    #[track_caller]
    pub fn refused(self, status: u16, detail: &str) -> Self {
        let response = self.expect(status);
        assert_eq!(response.detail(), detail, "{}", response.what);
        response
    }

    /// The name of the request, as audit rows have it.
    pub fn request_id(&self) -> String {
        self.request_id.to_string()
    }

    /// The audit rows that the request left.
    ///
    /// # Panics
    ///
    /// When the database fails.
    pub async fn audit(&self) -> Vec<AuditRow> {
        let id = self.request_id();
        self.app.audit().await.into_iter().filter(|row| row.request_id == id).collect()
    }

    /// The audit rows that the request left, each as `event result` or `event result reason`.
    ///
    /// # Panics
    ///
    /// When the database fails.
    pub async fn trail(&self) -> Vec<String> {
        let line = |row: AuditRow| match row.reason {
            Some(reason) => format!("{} {} {reason}", row.event, row.result),
            None => format!("{} {}", row.event, row.result),
        };
        self.audit().await.into_iter().map(line).collect()
    }
}

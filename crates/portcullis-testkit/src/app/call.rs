//! A request on its way.

use super::{Response, TestApp};
use axum::body::Body;
use axum::extract::Request;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Uri};
use portcullis::{ClientAddr, RequestTag};
use portcullis_core::ids::RequestId;
use portcullis_core::rng::OsRng;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use tower::ServiceExt;

/// From where calls come unless they say otherwise: an address of the documentation range (RFC 5737).
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// A request to be changed and then awaited.
#[derive(Debug)]
#[must_use = "a call does nothing until it is awaited"]
pub struct Call {
    app: TestApp,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    peer: Option<IpAddr>,
    may_fail: bool,
}

impl Call {
    pub(super) fn new(app: TestApp, method: Method, path: &str) -> Self {
        let path = path.to_owned();
        Self { app, method, path, headers: HeaderMap::new(), body: Vec::new(), peer: Some(PEER), may_fail: false }
    }

    /// Adds a header; a second one of the same name stands beside the first.
    ///
    /// # Panics
    ///
    /// When no such header can be sent.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.raw_header(name, value.as_bytes())
    }

    /// Adds a header of any bytes.
    ///
    /// # Panics
    ///
    /// When no such header can be sent.
    pub fn raw_header(mut self, name: &str, value: &[u8]) -> Self {
        let name: HeaderName = name.parse().unwrap_or_else(|_| panic!("{name:?} is no header"));
        let value = HeaderValue::from_bytes(value).unwrap_or_else(|_| panic!("no value for {name}: {value:?}"));
        self.headers.append(name, value);
        self
    }

    /// Adds a bearer token.
    ///
    /// # Panics
    ///
    /// When it cannot be sent in a header.
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// A body of JSON.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// A body of form fields.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", body)
    }

    /// Any body.
    ///
    /// # Panics
    ///
    /// When the type cannot be sent in a header.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut call = self.header(CONTENT_TYPE.as_str(), content_type);
        call.body = body.into();
        call
    }

    /// A body without a type.
    pub fn untyped_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// From another address.
    pub fn from(mut self, peer: impl Into<IpAddr>) -> Self {
        self.peer = Some(peer.into());
        self
    }

    /// The answer may be a 5xx.
    pub fn may_fail(mut self) -> Self {
        self.may_fail = true;
        self
    }

    async fn send(self) -> Response {
        let id = RequestId::random(&OsRng);
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.path.parse::<Uri>().unwrap_or_else(|error| panic!("{:?}: {error}", self.path));
        *request.headers_mut() = self.headers;
        request.extensions_mut().insert(RequestTag(id));
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(ClientAddr(peer));
        }
        let Ok(answer) = self.app.router().oneshot(request).await;
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await;
        let body = body.unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.path));
        let what = format!("{} {}", self.method, self.path);
        let objection = self
            .app
            .documented()
            .and_then(|documented| documented.objection(&self.method, &self.path, parts.status, &parts.headers, &body));
        assert_eq!(objection, None, "{what} is not as the OpenAPI document says: {}", String::from_utf8_lossy(&body));
        let changed = parts.status.is_success() && !self.method.is_safe();
        let response = Response::new(self.app, what, parts, body, id);
        response.check(self.may_fail);
        if changed {
            response.app().deliver().await;
        }
        response
    }
}

impl IntoFuture for Call {
    type Output = Response;
    type IntoFuture = BoxFuture<'static, Response>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

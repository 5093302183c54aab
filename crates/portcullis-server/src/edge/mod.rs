//! What stands around every route: one middleware, fused, because it is paid for by every request.
//!
//! On the way in: the client's address ([`client`]), the request's name ([`request_id`]), in dev mode the Host header
//! ([`host`]), preflights of configured origins ([`cors`]). On the way out: a panic becomes a 500, security headers
//! ([`headers`]), word of a connection that ends because a body was not read ([`unread`]), numbers
//! ([`crate::telemetry::metrics`]), the access log ([`crate::telemetry::access`]).

pub mod client;
pub mod cors;
pub mod headers;
pub mod host;
pub mod request_id;
pub mod unread;

use crate::telemetry::access::{AccessLog, Line};
use crate::telemetry::metrics::Requests;
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::response::Response;
use client::Proxies;
use cors::Cors;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use headers::SecurityHeaders;
use host::HostGuard;
use http::{HeaderValue, StatusCode, Version, header};
use portcullis::{ClientAddr, RequestTag};
use request_id::{RequestIds, X_REQUEST_ID};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tower::{Layer, Service};
use unread::Reading;

/// The middleware, as a layer. Cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Parts>);

/// What the middleware works with.
pub struct Parts {
    /// Who the client is.
    pub proxies: Proxies,
    /// How requests are named.
    pub ids: RequestIds,
    /// In dev mode, which names the server answers to.
    pub host: Option<HostGuard>,
    /// Whose pages may call.
    pub cors: Cors,
    /// What every answer says.
    pub headers: SecurityHeaders,
    /// Counts requests, if anybody reads the numbers.
    pub requests: Option<Requests>,
    /// Writes a line for each request.
    pub access: Option<AccessLog>,
}

impl Edge {
    /// The middleware of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl<S> Layer<S> for Edge {
    type Service = EdgeService<S>;

    fn layer(&self, inner: S) -> EdgeService<S> {
        EdgeService { inner, parts: Arc::clone(&self.0) }
    }
}

/// A service with the middleware around it.
#[derive(Clone)]
pub struct EdgeService<S> {
    inner: S,
    parts: Arc<Parts>,
}

impl<S> Service<Request> for EdgeService<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let started = Instant::now();
        let parts = Arc::clone(&self.parts);
        let socket = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(socket)| socket.ip());
        let socket = socket.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
        let client = parts.proxies.client(socket, request.headers());
        let tag = parts.ids.name(request.headers(), parts.proxies.trusts(socket));
        let cors = parts.cors.grant(request.headers());
        let line = Line {
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            path: request.uri().path().to_owned(),
            client,
            id: tag.0,
        };
        let refused = match &parts.host {
            Some(guard) if !guard.admits(request.headers()) => Some(host::misdirected()),
            _ => Cors::preflight(&request, cors.as_ref()),
        };
        let persistent = request.version() == Version::HTTP_11;
        let reading = Reading::watch(request.body_mut());
        request.extensions_mut().insert(ClientAddr(client));
        request.extensions_mut().insert(tag);
        let answer = match refused {
            Some(answer) => Err(answer),
            None => Ok(self.inner.call(request)),
        };
        async move {
            let mut answer = match answer {
                Err(answer) => answer,
                // A handler holds no lock and no half-written state of ours across the point where it panics.
                Ok(answer) => match AssertUnwindSafe(answer).catch_unwind().await {
                    Ok(Ok(answer)) => answer,
                    Ok(Err(never)) => match never {},
                    Err(_panic) => panicked(tag),
                },
            };
            let headers = answer.headers_mut();
            parts.headers.add(headers);
            parts.cors.add(headers, cors);
            headers.insert(X_REQUEST_ID, request_id::header(tag.0));
            if persistent && reading.is_unfinished() {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            let status = answer.status();
            let took = started.elapsed();
            if let Some(requests) = &parts.requests {
                requests.count(&line.method, line.route.as_ref(), status, took);
            }
            if let Some(access) = &parts.access {
                access.write(&line, status, took);
            }
            Ok(answer)
        }
        .boxed()
    }
}

/// The answer to a request whose handler panicked. The panic itself was logged where it happened.
fn panicked(RequestTag(id): RequestTag) -> Response {
    tracing::error!(request_id = %id.0.as_hyphenated(), "a handler panicked; the request was answered with 500");
    let mut answer = Response::new(Body::from("Internal Server Error"));
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

#[cfg(test)]
mod tests;

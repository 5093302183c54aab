//! The access log: who asked for what, when, and what came of it.
//!
//! A request that a route took is logged with the route's template, because the path itself can hold a code; one that
//! no route took is logged with its path. The query is never logged: a poll carries the device's secret in it.
//! Neither are headers.

use super::Format;
use super::writer::Lines;
use axum::extract::MatchedPath;
use http::{Method, StatusCode};
use portcullis::core::clock::{Clock, SystemClock};
use portcullis::core::ids::RequestId;
use serde::Serialize;
use std::net::IpAddr;
use std::time::Duration;

/// How much of an unknown path is logged.
const PATH_CHARS: usize = 200;

/// Writes the access log.
#[derive(Clone, Debug)]
pub struct AccessLog {
    lines: Lines,
    format: Format,
}

/// What is known of a request before it is answered.
#[derive(Debug)]
pub struct Line {
    /// Its method.
    pub method: Method,
    /// The route that took it.
    pub route: Option<MatchedPath>,
    /// Its path.
    pub path: String,
    /// The client's address.
    pub client: IpAddr,
    /// Its name.
    pub id: RequestId,
}

#[derive(Serialize)]
struct Json<'a> {
    timestamp: String,
    level: &'static str,
    target: &'static str,
    message: &'static str,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    status: u16,
    took_us: u128,
    client: IpAddr,
    request_id: String,
}

impl AccessLog {
    /// A log that writes to `lines`.
    pub const fn new(lines: Lines, format: Format) -> Self {
        Self { lines, format }
    }

    /// Writes the line of an answered request.
    pub fn write(&self, line: &Line, status: StatusCode, took: Duration) {
        let route = line.route.as_ref().map(MatchedPath::as_str);
        let end = line.path.char_indices().nth(PATH_CHARS).map_or(line.path.len(), |(end, _)| end);
        let path = &line.path[..end];
        let written = match self.format {
            Format::Json => {
                let json = Json {
                    timestamp: SystemClock.now().to_rfc3339(),
                    level: "INFO",
                    target: "access",
                    message: "request",
                    method: line.method.as_str(),
                    route,
                    path: route.is_none().then_some(path),
                    status: status.as_u16(),
                    took_us: took.as_micros(),
                    client: line.client,
                    request_id: line.id.to_string(),
                };
                let mut written = Vec::with_capacity(256);
                if serde_json::to_writer(&mut written, &json).is_err() {
                    return;
                }
                written
            }
            Format::Text => {
                let now = SystemClock.now().to_rfc3339();
                let what = route.unwrap_or(path).escape_debug();
                let (method, status, client, id) = (&line.method, status.as_u16(), line.client, line.id);
                format!("{now} {method} {what} {status} {took:.1?} {client} {id}").into_bytes()
            }
        };
        self.lines.send([written, b"\n".to_vec()].concat());
    }
}

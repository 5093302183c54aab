//! In dev mode: which names the server answers to.
//!
//! A page on the Internet can make a browser call a server on the developer's machine by letting its own name point to
//! 127.0.0.1 ("DNS rebinding"); for the browser that is the page's own origin. The request still says which name was
//! meant, and in dev mode only names of this machine are answered. In production a foreign page cannot do anything with
//! such a call, because it has no credentials, and any name may be the right one.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use portcullis::config::{PublicUrl, is_loopback};
use std::net::SocketAddr;

/// The names that are answered, beside those that always mean this machine.
#[derive(Debug)]
pub struct HostGuard {
    names: Vec<String>,
}

impl HostGuard {
    /// Answers to the address that is listened on, and to the public URL.
    pub fn new(listen: SocketAddr, public_url: Option<&PublicUrl>) -> Self {
        let listen = match listen {
            SocketAddr::V4(v4) => v4.ip().to_string(),
            SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
        };
        Self { names: [Some(listen), public_url.map(|url| url.host().to_owned())].into_iter().flatten().collect() }
    }

    /// Whether the request names this machine. One without a Host header names nothing.
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let Ok(host) = host.to_str() else { return false };
        let name = without_port(host);
        is_loopback(name) || self.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) && !name.is_empty() => name,
        _ => host,
    }
}

/// The answer to a request for another name.
pub fn misdirected() -> Response {
    let mut answer = Response::new(Body::from(r#"{"detail":"Misdirected Request"}"#));
    *answer.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let url = PublicUrl::parse("http://app.localhost:8000").unwrap();
        let guard = HostGuard::new("127.0.0.1:8000".parse().unwrap(), Some(&url));
        let admits = |hosts: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, HeaderValue::from_static(host));
            }
            guard.admits(&headers)
        };
        for host in ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "127.0.0.1", "[::1]", "[::1]:9", "app.localhost"]
        {
            assert!(admits(&[host]), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", ":8000", "0.0.0.0", "::1:x"]
        {
            assert!(!admits(&[host]), "{host}");
        }
        assert!(!admits(&[]));
        assert!(!admits(&["localhost", "evil.example"]));
    }
}

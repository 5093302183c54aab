use super::*;
use crate::telemetry::Format;
use crate::telemetry::writer;
use axum::Router;
use axum::routing::{get, post};
use http::Method;
use portcullis::core::rng::OsRng;
use std::io::{self, Write};
use std::sync::Mutex;
use tower::ServiceExt;

fn parts() -> Parts {
    Parts {
        proxies: Proxies::new(vec!["10.0.0.0/8".parse().unwrap()]),
        ids: RequestIds::new(&OsRng),
        host: None,
        cors: Cors::default(),
        headers: SecurityHeaders { https: false },
        requests: None,
        access: None,
    }
}

fn app(parts: Parts) -> Router {
    Router::new()
        .route("/code/{code}", get(echo))
        .route("/panic", get(panics))
        .route("/read", post(async |_: String| {}))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(Edge::new(parts))
}

/// Says who came and what the request is called.
async fn echo(request: Request) -> String {
    let ClientAddr(address) = request.extensions().get().copied().unwrap();
    let RequestTag(id) = request.extensions().get().copied().unwrap();
    format!("{address} {id}")
}

async fn panics() -> String {
    panic!("a defect")
}

async fn send(app: &Router, socket: &str, method: Method, uri: &str, headers: &[(&str, &str)]) -> (Response, String) {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(socket.parse().unwrap(), 1)));
    let answer = app.clone().oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, 1 << 16).await.unwrap();
    (Response::from_parts(head, Body::empty()), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_handler_learns_the_client_and_the_name_that_the_answer_says() {
    let app = app(parts());
    let id = "01234567-89ab-4def-8123-456789abcdef";
    let headers = [("x-forwarded-for", "1.2.3.4"), ("x-request-id", id)];
    let (answer, body) = send(&app, "10.0.0.1", Method::GET, "/code/1", &headers).await;
    assert_eq!(body, format!("1.2.3.4 {id}"));
    assert_eq!(answer.headers()[X_REQUEST_ID], id);
    let (answer, body) = send(&app, "192.0.2.1", Method::GET, "/code/1", &headers).await;
    let named = answer.headers()[X_REQUEST_ID].to_str().unwrap();
    assert_eq!(body, format!("192.0.2.1 {named}"));
    assert_ne!(named, id);
}

#[tokio::test]
async fn a_panic_is_a_500_with_the_headers_of_every_answer() {
    let (answer, body) = send(&app(parts()), "192.0.2.1", Method::GET, "/panic", &[]).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body, "Internal Server Error");
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    assert!(answer.headers().contains_key(X_REQUEST_ID));
}

#[tokio::test]
async fn every_answer_has_the_headers_whatever_its_status() {
    let app = app(parts());
    for (method, uri, status) in
        [(Method::GET, "/code/1", 200), (Method::POST, "/code/1", 405), (Method::GET, "/x", 404)]
    {
        let (answer, _) = send(&app, "192.0.2.1", method, uri, &[]).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{uri}");
        assert!(answer.headers().contains_key(X_REQUEST_ID), "{uri}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn dev_mode_answers_only_to_names_of_this_machine() {
    let host = Some(HostGuard::new("127.0.0.1:8000".parse().unwrap(), None));
    let app = app(Parts { host, ..parts() });
    let (answer, _) = send(&app, "127.0.0.1", Method::GET, "/code/1", &[("host", "localhost:8000")]).await;
    assert_eq!(answer.status(), 200);
    let (answer, body) = send(&app, "127.0.0.1", Method::GET, "/code/1", &[("host", "evil.example:8000")]).await;
    assert_eq!((answer.status().as_u16(), body.as_str()), (421, r#"{"detail":"Misdirected Request"}"#));
}

#[tokio::test]
async fn pages_of_configured_origins_may_call_and_others_get_405_and_no_header() {
    let app = app(Parts { cors: Cors::new(&["https://app.example.com".to_owned()]), ..parts() });
    let preflight = |origin: &'static str| [("origin", origin), ("access-control-request-method", "PATCH")];
    let (answer, _) = send(&app, "192.0.2.1", Method::OPTIONS, "/code/1", &preflight("https://app.example.com")).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.com");
    assert_eq!(answer.headers()["vary"], "origin");
    assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    let (answer, _) = send(&app, "192.0.2.1", Method::OPTIONS, "/code/1", &preflight("https://evil.example")).await;
    assert_eq!(answer.status(), 405);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let (answer, _) = send(&app, "192.0.2.1", Method::GET, "/code/1", &[("origin", "https://app.example.com")]).await;
    assert_eq!((answer.status().as_u16(), answer.headers().contains_key("access-control-allow-origin")), (200, true));
}

#[tokio::test]
async fn an_answer_to_a_body_that_was_not_read_says_that_the_connection_ends() {
    let app = app(parts());
    let mut told = Vec::new();
    for (uri, body) in [("/read", "text"), ("/read", ""), ("/nowhere", ""), ("/nowhere", "text"), ("/code/1", "text")] {
        let request = Request::post(uri).body(Body::from(body)).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        told.push(answer.headers().get(header::CONNECTION).cloned());
    }
    let close = Some(HeaderValue::from_static("close"));
    assert_eq!(told, [None, None, None, close.clone(), close]);
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_access_log_has_the_route_and_never_a_code_or_a_query() {
    let paper = Paper::default();
    let (lines, guard) = writer::start(paper.clone()).unwrap();
    for format in [Format::Json, Format::Text] {
        let app = app(Parts { access: Some(AccessLog::new(lines.clone(), format)), ..parts() });
        send(&app, "192.0.2.1", Method::GET, "/code/SECRETCODE?secret=hunter2", &[]).await;
        send(&app, "192.0.2.1", Method::GET, "/wp-admin?secret=hunter2", &[]).await;
    }
    drop(guard);
    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    let [took, unknown, text_took, text_unknown] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
    let json: serde_json::Value = serde_json::from_str(took).unwrap();
    assert_eq!(
        (&json["route"], &json["status"], &json["client"]),
        (&"/code/{code}".into(), &200.into(), &"192.0.2.1".into())
    );
    let json: serde_json::Value = serde_json::from_str(unknown).unwrap();
    assert_eq!((&json["path"], &json["status"]), (&"/wp-admin".into(), &404.into()));
    assert!(text_took.contains(" GET /code/{code} 200 ") && text_unknown.contains(" GET /wp-admin 404 "), "{text}");
    assert!(!text.contains("SECRETCODE") && !text.contains("hunter2"), "{text}");
}

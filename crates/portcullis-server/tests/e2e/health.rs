//! What is public besides the routes, and what every answer says.

use crate::operator::{Http, launch, production};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn production_says_that_it_lives_and_nothing_else() {
    let server = production().start().await;
    let http = Http::to(&server);
    assert_eq!(http.get("/healthz").await.text().await.unwrap(), r#"{"status":"ok"}"#);
    assert_eq!(http.get("/readyz").await.status(), 200);
    for path in ["/metrics", "/debug", "/dev/mails", "/", "/nowhere"] {
        let answer = http.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({ "detail": "Not Found" }));
    }
    for method in [Method::POST, Method::DELETE, Method::OPTIONS] {
        let answer = http.request(method, "/healthz").send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "GET"));
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({ "detail": "Method Not Allowed" }));
    }
}

#[tokio::test]
async fn the_description_of_the_api_is_served_unless_it_is_switched_off() {
    for launch in [launch(), production()] {
        let server = launch.start().await;
        let http = Http::to(&server);
        let document: Value = http.get("/openapi.json").await.json().await.unwrap();
        assert!(document["paths"]["/auth/jwt/login"].is_object());
    }
    let closed = production().env("PORTCULLIS_DOCS", "off").start().await;
    for path in ["/openapi.json", "/docs"] {
        assert_eq!(Http::to(&closed).get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn every_answer_says_how_browsers_and_caches_shall_treat_it() {
    let server = production().env("PORTCULLIS_PUBLIC_URL", "https://auth.example.com").start().await;
    let http = Http::to(&server);
    for (path, status) in [("/healthz", 200), ("/users/me", 401), ("/nowhere", 404), ("/auth/jwt/login", 405)] {
        let answer = http.get(path).await;
        assert_eq!(answer.status(), status, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.headers()[name], value, "{name} of {path}");
        }
        assert_eq!(answer.headers()["x-request-id"].len(), 36);
        assert!(!answer.headers().keys().any(|name| name.as_str().starts_with("access-control")), "{path}");
    }
}

#[tokio::test]
async fn the_audit_trail_has_the_address_that_a_trusted_proxy_tells_and_no_other() {
    for (proxies, recorded) in [("", "127.0.0.1"), ("127.0.0.1", "203.0.113.7")] {
        let server = production().env("PORTCULLIS_TRUSTED_PROXIES", proxies).start().await;
        let http = Http::to(&server);
        let token = http.login("admin@example.com", "the configured password").await.expect("a login");
        let form = [("username", "admin@example.com"), ("password", "wrong")];
        let claimed = http
            .request(Method::POST, "/auth/jwt/login")
            .header("x-forwarded-for", "6.6.6.6, 203.0.113.7")
            .header("x-real-ip", "6.6.6.6")
            .form(&form);
        let answer = claimed.send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let audit = http.request(Method::GET, "/admin/audit").bearer_auth(token).send().await.unwrap();
        let audit: Value = audit.json().await.unwrap();
        let row = audit["items"].as_array().expect("rows").iter().find(|row| row["request_id"] == id.as_str());
        let row = row.unwrap_or_else(|| panic!("no row of the request {id} in {audit}"));
        assert_eq!(row["peer"], recorded, "{row}");
        if proxies.is_empty() {
            server.wait_for_line("PORTCULLIS_TRUSTED_PROXIES").await;
        }
    }
}

#[tokio::test]
async fn numbers_are_served_on_a_listener_of_their_own() {
    let server = launch().env("PORTCULLIS_METRICS_LISTEN", "127.0.0.1:0").start().await;
    let line = server.wait_for_line("metrics on http://").await;
    let (_, address) = line.split_once("metrics on ").unwrap();
    let address = address.split("/metrics").next().unwrap();
    let http = Http::to(&server);
    http.get("/healthz").await;
    http.get("/nowhere/42").await;
    let answer = Http::at(address.to_owned()).get("/metrics").await;
    let text = answer.text().await.unwrap();
    for line in [
        r#"portcullis_http_requests_total{method="GET",route="/healthz",status="200"} 1"#,
        r#"portcullis_http_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"portcullis_http_request_seconds_count{method="GET",route="/healthz"} 1"#,
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(http.get("/metrics").await.status(), 404);
}

#[tokio::test]
async fn a_device_secret_is_in_no_log() {
    let server = launch().start().await;
    let http = Http::to(&server);
    let started: Value = http.post("/auth/cli-login", json!({})).await.json().await.unwrap();
    let (code, secret) = (started["code"].as_str().unwrap(), started["secret"].as_str().unwrap());
    assert_eq!(http.get(&format!("/auth/cli-login/{code}?secret={secret}")).await.status(), 200);
    server.wait_for_line("/auth/cli-login/{code}").await;
    assert!(!server.output().contains(secret) && !server.output().contains(code), "{}", server.output());
}

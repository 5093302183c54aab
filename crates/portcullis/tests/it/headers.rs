//! What every answer says besides its body.

use portcullis::{Policy, Style};
use portcullis_testkit::{Identity, TestApp};

const ALWAYS: [(&str, &str); 3] =
    [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")];

#[tokio::test]
async fn every_route_and_every_refusal_asks_to_be_kept_by_nobody() {
    let app = TestApp::builder().ignore_mails().build().await;
    let admin = app.admin().await;
    for route in app.auth().manifest().into_iter().filter(|route| !route.path.starts_with("/docs")) {
        let path = route.path.replace("{id}", "x").replace("{user_id}", "x").replace("{code}", "BCDFGHJK");
        let asked = [
            app.anonymous().call(route.method.clone(), &path).await,
            admin.call(route.method.clone(), &path).await,
            app.anonymous().call(http::Method::PUT, &path).await,
        ];
        for answer in asked {
            let what = format!("{} {path} {}", route.method, answer.status());
            for (name, value) in ALWAYS {
                assert_eq!(answer.header(name), Some(value), "{what}");
            }
            assert!(answer.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{what}");
            assert!(answer.header("set-cookie").is_none() && answer.header("access-control-allow-origin").is_none());
            assert!(answer.header("server").is_none() && answer.header("x-powered-by").is_none());
        }
    }
}

#[tokio::test]
async fn a_route_refuses_nobody_in_the_style_that_it_declares() {
    let app = TestApp::new().await;
    for route in app.auth().manifest().into_iter().filter(|route| route.policy != Policy::Public) {
        let path = route.path.replace("{id}", "x").replace("{user_id}", "x").replace("{code}", "BCDFGHJK");
        let answer = app.anonymous().call(route.method.clone(), &path).await.expect(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
        let expected = match route.style {
            Style::Detail => "application/json",
            Style::Problem => "application/problem+json",
        };
        assert_eq!(answer.header("content-type"), Some(expected), "{} {path}", route.method);
    }
}

#[tokio::test]
async fn another_method_is_405_and_names_one_that_is_served() {
    let app = TestApp::new().await;
    for (path, allow) in [("/auth/jwt/login", "POST"), ("/users/me", "GET"), ("/auth/cli-login/BCDFGHJK", "GET")] {
        for method in ["PUT", "TRACE", "OPTIONS", "HEAD", "FOO"] {
            let answer = app.anonymous().call(method.parse().unwrap(), path).await.expect(405);
            assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
        }
    }
}

//! `POST {auth}/jwt/login`.

use portcullis_testkit::{Identity, TestApp, forge};
use serde_json::json;

const LOGIN: &str = "/auth/jwt/login";

#[tokio::test]
async fn the_right_password_gives_a_bearer_token_that_nobody_may_keep() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let answer = app.anonymous().form(LOGIN, &[("username", ada.email()), ("password", ada.password())]).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let answer = answer.expect(200);
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["access_token", "token_type"]);
    assert_eq!(body["token_type"], "bearer");
    let claims = forge::claims_of(body["access_token"].as_str().unwrap());
    assert_eq!(claims["aud"], json!(["fastapi-users:auth"]));
    assert_eq!(claims["sub"], ada.id().to_string());
    assert_eq!(answer.trail().await, ["password.login success"]);
}

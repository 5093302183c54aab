//! `GET /openapi.json`, and whether the document says what the routes do.
//!
//! The kit compares every answer of every test with the document. Here the requests that the document shows are sent.

use portcullis_testkit::{Identity, Person, Response, TestApp};
use serde_json::{Value, json};

async fn document(app: &TestApp) -> Value {
    app.anonymous().get("/openapi.json").await.expect(200).json()
}

#[tokio::test]
async fn the_document_is_served_without_a_credential() {
    let app = TestApp::new().await;
    let answer = app.anonymous().get("/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), serde_json::to_value(app.auth().openapi()).unwrap());
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

/// The example of a body that the document shows, sent by `caller`.
async fn send_example(document: &Value, caller: &impl Identity, method: &str, path: &str) -> Response {
    let operation = &document["paths"][path][method];
    let content = operation["requestBody"]["content"].as_object().unwrap();
    let call = caller.call(method.to_uppercase().parse().unwrap(), path);
    match content.get("application/json") {
        Some(json) => call.json(&json["example"]).await,
        None => {
            let example = &content["application/x-www-form-urlencoded"]["example"];
            let fields =
                example.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
            call.form(&fields.collect::<Vec<_>>()).await
        }
    }
}

#[tokio::test]
async fn the_examples_of_requests_can_be_sent() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    let nobody = app.anonymous();
    send_example(&document, &nobody, "post", "/auth/register").await.expect(201);
    let token = send_example(&document, &nobody, "post", "/auth/jwt/login").await.expect(200).json();
    let ada = app.bearer(token["access_token"].as_str().unwrap());
    send_example(&document, &ada, "patch", "/users/me").await.expect(200);
    let refused = send_example(&document, &nobody, "post", "/auth/jwt/login").await;
    refused.refused(400, "LOGIN_BAD_CREDENTIALS");
    for path in ["/auth/forgot-password", "/auth/request-verify-token"] {
        send_example(&document, &nobody, "post", path).await.expect(202);
    }
    // The mailed token is another one than the example's; everything else is understood.
    let refused = send_example(&document, &nobody, "post", "/auth/reset-password").await;
    refused.refused(400, "RESET_PASSWORD_BAD_TOKEN");
    send_example(&document, &nobody, "post", "/auth/verify").await.refused(400, "VERIFY_USER_BAD_TOKEN");
    app.mailbox().take();
}

#[tokio::test]
async fn the_examples_of_parameters_are_understood() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    let admin: Person = app.superuser("root").await;
    for path in ["/admin/users", "/admin/audit"] {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let one = |parameter: &Value| match &parameter["example"] {
            Value::String(text) => format!("{}={text}", parameter["name"].as_str().unwrap()),
            other => format!("{}={other}", parameter["name"].as_str().unwrap()),
        };
        let query: Vec<_> = parameters.iter().map(one).collect();
        assert!(query.len() >= 2);
        admin.get(&format!("{path}?{}", query.join("&"))).await.expect(200);
    }
}

/// The bodies that the document shows for refusals, found by status.
fn examples(document: &Value, path: &str, method: &str, status: u16) -> Vec<Value> {
    let response = &document["paths"][path][method]["responses"][status.to_string()];
    let (_, content) = response["content"].as_object().unwrap().iter().next().unwrap();
    match content.get("examples").and_then(Value::as_object) {
        Some(several) => several.values().map(|example| example["value"].clone()).collect(),
        None => vec![content["example"].clone()],
    }
}

#[tokio::test]
async fn the_examples_of_refusals_are_what_is_answered() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    let (nobody, ada, root) = (app.anonymous(), app.user("ada").await, app.superuser("root").await);
    let taken = json!({"email": ada.email(), "password": "seven quiet copper boats"});
    let short = json!({"email": "new@example.com", "password": "short"});
    let answers = [
        ("/auth/register", "post", nobody.post("/auth/register").json(&taken).await),
        ("/auth/register", "post", nobody.post("/auth/register").json(&short).await),
        ("/auth/register", "post", nobody.post("/auth/register").json(&json!({"email": "new@example.com"})).await),
        ("/auth/guest", "post", nobody.post("/auth/guest").await),
        ("/auth/jwt/login", "post", nobody.post("/auth/jwt/login").form(&[("username", "nobody@example.com")]).await),
        ("/users/me", "get", nobody.get("/users/me").await),
        ("/users/me", "patch", ada.patch("/users/me").await),
        ("/users/{id}", "get", ada.get(&ada.path()).await),
        ("/users/{id}", "get", root.get("/users/nobody").await),
        ("/admin/users/{user_id}/token", "post", root.post("/admin/users/ada/token").await),
        ("/admin/users/{user_id}/token", "post", root.post(&format!("/admin/users/{}/token", root.id())).await),
        ("/admin/users", "get", root.get("/admin/users?limit=0").await),
        ("/auth/cli-login/{code}", "get", nobody.get("/auth/cli-login/BDWPHQXK").await),
        ("/auth/cli-login/{code}", "patch", ada.patch("/auth/cli-login/BDWPHQXK").await),
    ];
    for (path, method, answer) in answers {
        let status = answer.status().as_u16();
        let mut shown = examples(&document, path, method, status);
        let mut given = answer.json();
        for body in shown.iter_mut().chain([&mut given]) {
            without_echo(body);
        }
        assert!(shown.contains(&given), "{method} {path} {status}: {given} is not among {shown:?}");
    }
    let mut problem = root.get("/admin/audit?result=maybe").await.expect(422).json();
    let mut shown = examples(&document, "/admin/audit", "get", 422).remove(0);
    for body in [&mut problem, &mut shown] {
        body["id"].take();
    }
    assert_eq!(problem, shown);
}

/// What was sent differs, and what the error says of it.
fn without_echo(body: &mut Value) {
    for error in body["detail"].as_array_mut().into_iter().flatten() {
        error["input"].take();
    }
}

#[tokio::test]
async fn the_explorer_is_served_whole_and_held_to_its_own_files() {
    let app = TestApp::new().await;
    let page = app.anonymous().get("/docs").await.expect(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert!(page.text().contains("<code class=\"path\">/auth/register</code>"));
    for (file, kind) in [("explorer.css", "text/css; charset=utf-8"), ("explorer.js", "text/javascript; charset=utf-8")]
    {
        assert!(page.text().contains(&format!("\"docs/{file}\"")), "{file}");
        let served = app.anonymous().get(&format!("/docs/{file}")).await.expect(200);
        assert_eq!(served.header("content-type"), Some(kind));
        assert_eq!(served.header("x-content-type-options"), Some("nosniff"));
    }
}

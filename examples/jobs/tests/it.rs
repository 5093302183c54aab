//! Drives the program as its header does, and looks into its database afterwards.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use portcullis_testkit::process::{Launch, ServerProcess};
use portcullis_testkit::shell::{Shell, curl_lines};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

const PASSWORD: &str = "correct horse battery";

struct App(ServerProcess);

impl App {
    async fn start() -> Self {
        let launch = Launch::new(env!("CARGO_BIN_EXE_example-jobs"))
            .arguments(["127.0.0.1:0"])
            .env("PORTCULLIS_SECRET_KEY", "a secret of the test, at least thirty-two bytes long")
            .env("PORTCULLIS_DEFAULT_ADMIN_EMAIL", "root@example.com")
            .env("PORTCULLIS_DEFAULT_ADMIN_PASSWORD", PASSWORD);
        Self(launch.start().await)
    }

    /// A signed-in user's token; `None` if the address and password open nothing.
    async fn log_in(&self, email: &str) -> Option<String> {
        let form = [("username", email), ("password", PASSWORD)];
        let answer = Client::new().post(format!("{}/auth/jwt/login", self.0.url())).form(&form).send().await;
        let body: Value = answer.expect("an answer").json().await.expect("JSON");
        body["access_token"].as_str().map(str::to_owned)
    }

    async fn sign_up(&self, email: &str) -> String {
        let account = json!({ "email": email, "password": PASSWORD });
        let (status, _) = self.send(Method::POST, "/auth/register", "", Some(account)).await;
        assert_eq!(status, StatusCode::CREATED);
        self.log_in(email).await.expect("a token")
    }

    async fn send(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = Client::new().request(method, format!("{}{path}", self.0.url()));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("text"));
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn count(&self, table: &'static str) -> i64 {
        let count = match table {
            "job" => "SELECT COUNT(*) FROM job",
            "_sqlx_migrations" => "SELECT COUNT(*) FROM _sqlx_migrations",
            _ => "SELECT COUNT(*) FROM portcullis_migration",
        };
        let file = self.0.launch().folder().join("app.db");
        let mut conn: SqliteConnection =
            SqliteConnectOptions::new().filename(file).read_only(true).connect().await.expect("the database");
        let count = sqlx::query_scalar(count).fetch_one(&mut conn).await.expect("a count");
        conn.close().await.expect("an end");
        count
    }
}

#[tokio::test]
async fn everybody_sees_their_own_jobs_only() {
    let app = App::start().await;
    let (ada, bob) = (app.sign_up("ada@example.com").await, app.sign_up("bob@example.com").await);
    let job = json!({ "title": "Weigh the anchor" });
    assert_eq!(app.send(Method::POST, "/jobs", "", Some(job.clone())).await.0, StatusCode::UNAUTHORIZED);
    let (status, created) = app.send(Method::POST, "/jobs", &ada, Some(job)).await;
    assert_eq!((status, &created["title"]), (StatusCode::CREATED, &json!("Weigh the anchor")));

    let path = format!("/jobs/{}", created["id"]);
    assert_eq!(app.send(Method::GET, &path, &ada, None).await, (StatusCode::OK, created.clone()));
    assert_eq!(app.send(Method::GET, "/jobs", &ada, None).await, (StatusCode::OK, json!([created])));
    assert_eq!(app.send(Method::GET, &path, &bob, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(app.send(Method::GET, "/jobs/4711", &bob, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(app.send(Method::GET, "/jobs", &bob, None).await, (StatusCode::OK, json!([])));
}

#[tokio::test]
async fn jobs_go_with_their_account() {
    let app = App::start().await;
    let (ada, root) = (app.sign_up("ada@example.com").await, app.log_in("root@example.com").await.expect("a token"));
    for title in ["Weigh the anchor", "Set the sails"] {
        app.send(Method::POST, "/jobs", &ada, Some(json!({ "title": title }))).await;
    }
    assert_eq!(app.count("job").await, 2);
    let (_, me) = app.send(Method::GET, "/users/me", &ada, None).await;
    let path = format!("/users/{}", me["id"].as_str().expect("an id"));
    assert_eq!(app.send(Method::DELETE, &path, &root, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(app.count("job").await, 0);
}

#[tokio::test]
async fn an_account_and_its_first_job_come_together_or_not_at_all() {
    let app = App::start().await;
    let root = app.log_in("root@example.com").await.expect("a token");
    let member = |title: &str| Some(json!({ "email": "eve@example.com", "password": PASSWORD, "title": title }));

    // The table refuses a job without a title, after Portcullis created the account.
    assert_eq!(app.send(Method::POST, "/members", &root, member("")).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.log_in("eve@example.com").await, None);
    assert_eq!(app.count("job").await, 0);

    let (status, created) = app.send(Method::POST, "/members", &root, member("Set the sails")).await;
    assert_eq!(status, StatusCode::CREATED);
    let eve = app.log_in("eve@example.com").await.expect("a token");
    assert_eq!(app.send(Method::GET, "/jobs", &eve, None).await.1, json!([created["job"]]));
    let (status, refused) = app.send(Method::POST, "/members", &root, member("Again")).await;
    assert_eq!((status, &refused["detail"]), (StatusCode::BAD_REQUEST, &json!("REGISTER_USER_ALREADY_EXISTS")));
    assert_eq!(app.send(Method::POST, "/members", &eve, member("For a friend")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(app.count("job").await, 1);
}

#[tokio::test]
async fn each_keeps_its_own_books_and_a_restart_changes_nothing() {
    let app = App::start().await;
    let before = (app.count("_sqlx_migrations").await, app.count("portcullis_migration").await);
    assert_eq!(before.0, 1);
    assert!(before.1 > 1);
    let app = App(app.0.kill_and_restart().await);
    assert_eq!((app.count("_sqlx_migrations").await, app.count("portcullis_migration").await), before);
}

#[tokio::test]
async fn the_lines_of_the_header_do_what_they_promise() {
    let server = App::start().await.0;
    let mut shell = Shell::new(&server);
    let statuses: Vec<_> =
        curl_lines(include_str!("../src/main.rs")).into_iter().map(|line| shell.run(line).status).collect();
    assert_eq!(statuses, [201, 200, 201, 200, 200]);
}

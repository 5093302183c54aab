//! What an operator does: starts the binary with settings, looks at what it says, and tries it over HTTP.

use portcullis_testkit::process::{Launch, ServerProcess};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// A secret as it should be, and which no output may hold.
pub const SECRET: &str = "hunter2-hunter2-hunter2-hunter2-hunter2";
/// The configured admin.
pub const ADMIN: (&str, &str) = ("admin@example.com", "the configured password");

/// The binary in a folder of its own, that stops without waiting for a load balancer.
pub fn launch() -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_portcullis")).env("PORTCULLIS_DRAIN_SECONDS", "0")
}

/// The same with an admin and a secret.
pub fn production() -> Launch {
    with_admin(&launch())
}

/// The same folder and settings, with an admin and a secret.
pub fn with_admin(launch: &Launch) -> Launch {
    launch
        .clone()
        .env("PORTCULLIS_SECRET_KEY", SECRET)
        .env("PORTCULLIS_DEFAULT_ADMIN_EMAIL", ADMIN.0)
        .env("PORTCULLIS_DEFAULT_ADMIN_PASSWORD", ADMIN.1)
}

/// Runs a command to its end and gives what it wrote; panics if it ended otherwise than expected.
pub async fn run(launch: &Launch, arguments: &[&str], code: i32) -> String {
    let finished = launch.clone().arguments(arguments.iter().copied()).run().await;
    assert_eq!(finished.status.code(), Some(code), "{arguments:?}: {}", finished.output);
    assert!(!finished.output.contains("hunter2"), "a secret in {}", finished.output);
    finished.output
}

/// A start that must be refused with exit code 78.
pub async fn refused(launch: &Launch) -> String {
    run(launch, &["serve"], 78).await
}

/// A client of a running server.
pub struct Http {
    base: String,
    client: reqwest::Client,
}

impl Http {
    pub fn to(server: &ServerProcess) -> Self {
        Self::at(server.url())
    }

    pub fn at(base: String) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        Self { base, client: client.build().expect("a plain client builds") }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("the server answers")
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.request(Method::POST, path).json(&body).send().await.expect("the server answers")
    }

    /// Registers, and gives the account.
    pub async fn register(&self, email: &str, password: &str) -> Value {
        let answer = self.post("/auth/register", json!({ "email": email, "password": password })).await;
        assert_eq!(answer.status(), 201);
        answer.json().await.expect("an account")
    }

    /// Logs in; `None` if that is refused.
    pub async fn login(&self, email: &str, password: &str) -> Option<String> {
        let form = [("username", email), ("password", password)];
        let answer =
            self.request(Method::POST, "/auth/jwt/login").form(&form).send().await.expect("the server answers");
        if answer.status() == 400 {
            return None;
        }
        assert_eq!(answer.status(), 200);
        let body: Value = answer.json().await.expect("a token");
        Some(body["access_token"].as_str().expect("a token").to_owned())
    }

    /// Who a token stands for; `None` if it opens nothing.
    pub async fn me(&self, token: &str) -> Option<Value> {
        let answer = self.request(Method::GET, "/users/me").bearer_auth(token).send().await;
        let answer = answer.expect("the server answers");
        if answer.status() == 401 {
            return None;
        }
        assert_eq!(answer.status(), 200);
        Some(answer.json().await.expect("an account"))
    }

    /// Changes an account with a superuser's token.
    pub async fn change(&self, token: &str, id: &str, change: Value) {
        let request = self.request(Method::PATCH, &format!("/users/{id}")).bearer_auth(token).json(&change);
        assert_eq!(request.send().await.expect("the server answers").status(), 200);
    }
}

//! A protected route, and what the extractors make of a caller.
//!
//! ```console
//! $ cargo run -p example-protected
//! $ curl localhost:3000/auth/register --json '{"email": "ada@example.com", "password": "correct horse battery"}'
//! $ curl localhost:3000/auth/jwt/login -d username=ada@example.com -d password='correct horse battery'
//! $ curl localhost:3000/protected -H 'Authorization: Bearer …'
//! $ curl localhost:3000/
//! ```
//!
//! Accounts live in memory, and the secret that signs the tokens is drawn at start: everything ends with the process,
//! and there is nothing in here that could be pasted into production by mistake. There, take
//! `AuthConfig::from_env()` and `Sqlite::open("app.db")`, as the example `minimal` does.

use axum::routing::get;
use axum::{Json, Router};
use portcullis::{Auth, AuthConfig, CurrentUser, Sqlite, Superuser, VerifiedUser};
use serde::Serialize;
use std::net::SocketAddr;

#[derive(Serialize)]
struct Greeting {
    message: String,
}

fn greet(whom: &str) -> Json<Greeting> {
    Json(Greeting { message: format!("Hello {whom}!") })
}

/// For everybody. A bad token is refused here too: only who sends none is anonymous.
async fn index(user: Option<CurrentUser>) -> Json<Greeting> {
    greet(user.as_ref().map_or("stranger", |user| &user.email))
}

/// For active users; others get 401.
async fn protected(user: CurrentUser) -> Json<Greeting> {
    greet(&user.email)
}

/// For users who proved their address; others get 403.
async fn verified(user: VerifiedUser) -> Json<Greeting> {
    greet(&user.email)
}

/// For superusers who act as themselves; others get 403.
async fn superuser(user: Superuser) -> Json<Greeting> {
    greet(&user.email)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth =
        Auth::builder().config(AuthConfig::ephemeral()).store(Sqlite::open("sqlite::memory:").await?).build().await?;
    let app = Router::new()
        .route("/", get(index))
        .route("/protected", get(protected))
        .route("/verified", get(verified))
        .route("/superuser", get(superuser))
        .merge(auth.routes())
        .with_state(auth);

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

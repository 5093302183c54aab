//! Accounts, and a route for those who are signed in.
//!
//! ```console
//! $ PORTCULLIS_SECRET_KEY=$(openssl rand -hex 32) cargo run -p example-minimal
//! $ curl localhost:3000/auth/register --json '{"email": "ada@example.com", "password": "correct horse battery"}'
//! $ curl localhost:3000/auth/jwt/login -d username=ada@example.com -d password='correct horse battery'
//! $ curl localhost:3000/hello -H 'Authorization: Bearer …'
//! ```
//!
//! Another address to listen on is the first argument. Accounts are kept in `app.db`; tokens end when the secret
//! changes, so keep it.

use axum::{Router, routing::get};
use portcullis::{Auth, AuthConfig, CurrentUser, Sqlite};
use std::net::SocketAddr;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::builder().config(AuthConfig::from_env()?).store(Sqlite::open("app.db").await?).build().await?;
    let app = Router::new()
        .route("/hello", get(|user: CurrentUser| async move { format!("Hello {}!", user.email) }))
        .merge(auth.routes())
        .with_state(auth);

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

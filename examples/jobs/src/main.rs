//! A host with a table of its own: jobs, which belong to accounts.
//!
//! ```console
//! $ PORTCULLIS_SECRET_KEY=$(openssl rand -hex 32) cargo run -p example-jobs
//! $ curl localhost:3000/auth/register --json '{"email": "ada@example.com", "password": "correct horse battery"}'
//! $ curl localhost:3000/auth/jwt/login -d username=ada@example.com -d password='correct horse battery'
//! $ curl localhost:3000/jobs -H 'Authorization: Bearer …' --json '{"title": "Weigh the anchor"}'
//! $ curl localhost:3000/jobs -H 'Authorization: Bearer …'
//! $ curl localhost:3000/jobs/1 -H 'Authorization: Bearer …'
//! ```
//!
//! 1. The table `job` lies in the database of the accounts and refers to them (`migrations/0001_job.sql`). Its
//!    migrations are this program's: sqlx keeps its books of them in `_sqlx_migrations`, Portcullis its own in
//!    `portcullis_migration`.
//! 2. Everybody sees their own jobs; somebody else's job is 404, as one that does not exist.
//! 3. `POST /members` creates an account together with its first job: both or neither. It is for superusers; there is
//!    one if `PORTCULLIS_DEFAULT_ADMIN_EMAIL` and `PORTCULLIS_DEFAULT_ADMIN_PASSWORD` are set at start.
//! 4. `DELETE /users/{id}`, a route of Portcullis, takes the jobs of the account along.

use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use axum::response::Result;
use axum::routing::{get, post};
use axum::{Json, Router};
use portcullis::{
    Auth, AuthConfig, CreateAccount, CurrentUser, EmailAddress, Password, Rejection, Sqlite, Superuser, UserId,
};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use sqlx::error::DatabaseError;
use std::net::SocketAddr;

#[derive(Clone)]
struct AppState {
    auth: Auth,
    database: Sqlite,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

#[derive(Serialize, sqlx::FromRow)]
struct Job {
    id: i64,
    title: String,
}

#[derive(Deserialize)]
struct NewJob {
    title: String,
}

async fn list(State(app): State<AppState>, user: CurrentUser) -> Result<Json<Vec<Job>>> {
    let jobs = sqlx::query_as("SELECT id, title FROM job WHERE user_id = $1 ORDER BY id")
        .bind(user.id.to_string())
        .fetch_all(app.database.pool());
    Ok(Json(jobs.await.map_err(failed)?))
}

async fn create(
    State(app): State<AppState>,
    user: CurrentUser,
    Json(new): Json<NewJob>,
) -> Result<(StatusCode, Json<Job>)> {
    let mut conn = app.database.write_pool().acquire().await.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(insert(&mut conn, user.id, &new.title).await?)))
}

async fn find(State(app): State<AppState>, user: CurrentUser, Path(id): Path<i64>) -> Result<Json<Job>> {
    let job = sqlx::query_as("SELECT id, title FROM job WHERE id = $1 AND user_id = $2")
        .bind(id)
        .bind(user.id.to_string())
        .fetch_optional(app.database.pool());
    Ok(Json(job.await.map_err(failed)?.ok_or(StatusCode::NOT_FOUND)?))
}

#[derive(Deserialize)]
struct NewMember {
    email: String,
    password: String,
    title: String,
}

#[derive(Serialize)]
struct Member {
    user_id: String,
    job: Job,
}

/// One transaction of this program's, in which Portcullis creates the account.
async fn create_member(
    State(AppState { auth, database }): State<AppState>,
    _: Superuser,
    Json(new): Json<NewMember>,
) -> Result<(StatusCode, Json<Member>)> {
    let email = EmailAddress::parse(&new.email).map_err(Rejection::from)?;
    let account = CreateAccount::new(email, Password::new(new.password));
    // Hashing takes time, and there is one writer: so the password is hashed before the transaction begins.
    let account = auth.users().prepare(account).await.map_err(Rejection::from)?;

    let mut tx = database.write_pool().begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let user = auth.users().create_in(&mut *tx, account).await.map_err(Rejection::from)?;
    // Returning early drops the transaction, and with it the account.
    let job = insert(&mut tx, user.id, &new.title).await?;
    tx.commit().await.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(Member { user_id: user.id.to_string(), job })))
}

async fn insert(conn: &mut SqliteConnection, user: UserId, title: &str) -> Result<Job> {
    let inserted = sqlx::query_as("INSERT INTO job (user_id, title) VALUES ($1, $2) RETURNING id, title")
        .bind(user.to_string())
        .bind(title)
        .fetch_one(conn);
    Ok(inserted.await.map_err(failed)?)
}

/// A row that breaks a rule of the table is the client's mistake; anything else is ours, and not its business.
fn failed(error: sqlx::Error) -> StatusCode {
    if error.as_database_error().is_some_and(DatabaseError::is_check_violation) {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    eprintln!("the database failed: {error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let database = Sqlite::open("app.db").await?;
    // First the accounts, then what refers to them.
    let auth = Auth::builder().config(AuthConfig::from_env()?).store(database.clone()).build().await?;
    sqlx::migrate!().run(database.write_pool()).await?;

    let app = Router::new()
        .route("/jobs", get(list).post(create))
        .route("/jobs/{id}", get(find))
        .route("/members", post(create_member))
        .merge(auth.routes())
        .with_state(AppState { auth, database });

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

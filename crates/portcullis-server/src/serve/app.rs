//! The routes of the server: the library's, and a few of its own.

use super::health::{self, Health};
use crate::mail::ConsoleMailer;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, header};
use portcullis::Auth;
use serde_json::json;
use std::sync::Arc;

/// Everything that is served, without the edge.
pub fn router(auth: &Auth, health: &Arc<Health>, docs: bool, mailer: Option<Arc<ConsoleMailer>>) -> Router {
    let health = Router::new()
        .route("/healthz", get(health::alive).fallback(only_get))
        .route("/readyz", get(health::ready).fallback(only_get))
        .with_state(Arc::clone(health));
    let docs = if docs { auth.docs_routes() } else { Router::new() };
    let router = auth.routes().merge(docs).merge(health);
    let router = match mailer {
        Some(mailer) => router.route("/dev/mails", get(mails).fallback(only_get).with_state(mailer)),
        None => router,
    };
    router.fallback(auth.fallback::<()>())
}

/// `GET /dev/mails`: what was printed instead of sent.
async fn mails(State(mailer): State<Arc<ConsoleMailer>>) -> Response {
    Json(mailer.sent()).into_response()
}

async fn only_get() -> Response {
    let body = Json(json!({ "detail": "Method Not Allowed" }));
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, HeaderValue::from_static("GET"))], body).into_response()
}

//! Whether the server lives, and whether it wants requests.

use crate::config::Mode;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use portcullis::core::store::Store;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the two routes look at.
pub struct Health {
    store: Arc<dyn Store>,
    mode: Mode,
    stopping: AtomicBool,
}

impl Health {
    /// Of a server on this store.
    pub fn new(store: Arc<dyn Store>, mode: Mode) -> Self {
        Self { store, mode, stopping: AtomicBool::new(false) }
    }

    /// From now on nobody should send requests here.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

/// `GET /healthz`: the process answers. Names no version; in dev mode says so.
pub async fn alive(State(health): State<Arc<Health>>) -> Response {
    match health.mode {
        Mode::Production => Json(json!({ "status": "ok" })).into_response(),
        Mode::Dev => Json(json!({ "status": "ok", "mode": "dev" })).into_response(),
    }
}

/// `GET /readyz`: the database answers, its schema is the right one, and the server is not stopping.
pub async fn ready(State(health): State<Arc<Health>>) -> Response {
    if health.stopping.load(Ordering::Relaxed) {
        return unavailable();
    }
    match health.store.ready().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(error) => {
            tracing::warn!(error = crate::exit::with_causes(&error), "not ready");
            unavailable()
        }
    }
}

fn unavailable() -> Response {
    let body = Json(json!({ "detail": "Service Unavailable" }));
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, HeaderValue::from_static("1"))], body).into_response()
}

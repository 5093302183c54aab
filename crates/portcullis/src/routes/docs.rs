//! The OpenAPI document and the explorer.

use super::table::{Policy, Routes, contract};
use crate::Auth;
use axum::extract::State;
use axum::response::IntoResponse;
use http::Method;
use http::header::CONTENT_TYPE;

pub(super) fn declare(routes: &mut Routes) {
    let public = |operation| contract(Policy::Public, operation);
    routes.add(Method::GET, "/openapi.json".into(), public("get_openapi"), openapi);
}

/// The document.
async fn openapi(State(auth): State<Auth>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], auth.served().json(auth.config()))
}

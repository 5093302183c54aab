//! The OpenAPI document and the explorer.

use super::table::{Policy, Routes, contract};
use crate::Auth;
use crate::openapi::page::{CONTENT_SECURITY, SCRIPT, STYLE};
use axum::extract::State;
use axum::response::IntoResponse;
use http::Method;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};

pub(super) fn declare(routes: &mut Routes) {
    let public = |operation| contract(Policy::Public, operation);
    routes.add(Method::GET, "/openapi.json".into(), public("get_openapi"), openapi);
    routes.add(Method::GET, "/docs".into(), public("get_docs"), page);
    routes.add(Method::GET, "/docs/explorer.css".into(), public("get_docs_style"), style);
    routes.add(Method::GET, "/docs/explorer.js".into(), public("get_docs_script"), script);
}

/// The document.
async fn openapi(State(auth): State<Auth>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], auth.served().json(auth.config()))
}

/// The explorer's page.
async fn page(State(auth): State<Auth>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, CONTENT_SECURITY),
        (REFERRER_POLICY, "same-origin"),
    ];
    (headers, auth.served().page(auth.config()))
}

/// The explorer's style sheet.
async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// The explorer's script.
async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}

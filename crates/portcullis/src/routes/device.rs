//! Device login on the seed's wire.

#[cfg(feature = "openapi")]
pub(super) mod doc;

use super::table::{Policy, Routes, contract};
use crate::Auth;
use crate::body::Refused;
use crate::body::path::Segment;
use crate::body::query::required;
use crate::config::Paths;
use crate::detail::Detail;
use crate::extract::{Caller, Ctx};
use crate::wire::{DeviceApproved, DevicePoll, DeviceStarted};
use axum::Json;
use axum::extract::{RawQuery, State};
use http::{HeaderMap, Method, StatusCode};
use portcullis_core::device::Poll;
use portcullis_core::rules::Profile;
use portcullis_core::secret::Token;

/// Where a tool may put the device secret instead of the query string, which proxies like to log.
const SECRET_HEADER: &str = "x-cli-login-secret";

pub(super) fn declare(routes: &mut Routes, paths: &Paths) {
    let all = format!("{}/cli-login", paths.auth);
    let one = format!("{all}/{{code}}");
    routes.add(Method::POST, all, contract(Policy::Public, "start_device"), start);
    routes.add(Method::GET, one.clone(), contract(Policy::Public, "poll_device"), poll);
    routes.add(Method::PATCH, one.clone(), contract(Policy::SignedIn, "approve_device"), approve);
    routes.add(Method::DELETE, one, contract(Policy::SignedIn, "reject_device"), reject);
}

/// Starts a device login.
async fn start(State(auth): State<Auth>, Ctx(ctx): Ctx) -> Result<Json<DeviceStarted>, Detail> {
    let started = auth.core().start_device(&ctx).await?;
    Ok(Json(DeviceStarted {
        // Whatever the mount prefix, as the seed has it; its clients ignore it.
        approve_url: format!("/auth/cli-login/{}", started.code),
        code: started.code,
        secret: started.secret.expose().to_owned(),
    }))
}

/// Polls; the first poll after an approval gets the token.
async fn poll(
    State(auth): State<Auth>,
    Ctx(ctx): Ctx,
    Segment(code): Segment,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<DevicePoll>, Refused> {
    let in_header = headers.get(SECRET_HEADER).and_then(|secret| secret.to_str().ok());
    let secret = match in_header {
        Some(secret) => secret.to_owned(),
        None if auth.core().rules.profile == Profile::Strict => {
            return Err(Detail::challenge_not_found().into());
        }
        None => required(query.as_deref(), "secret")?,
    };
    let found = auth.core().poll_device(&ctx, &code, &Token::presented(secret)).await;
    Ok(Json(match found.map_err(Detail::from)? {
        Poll::Pending => DevicePoll { status: "pending", token: None },
        Poll::Approved(signed_in) => DevicePoll { status: "approved", token: Some(signed_in.access_token) },
    }))
}

/// Approves a device login as the caller.
async fn approve(
    State(auth): State<Auth>,
    Ctx(ctx): Ctx,
    caller: Caller,
    Segment(code): Segment,
) -> Result<Json<DeviceApproved>, Detail> {
    auth.core().approve_device(&ctx, &caller.signed_in()?.principal, &code).await?;
    Ok(Json(DeviceApproved { status: "approved" }))
}

/// Rejects a device login, or takes an approval back.
async fn reject(
    State(auth): State<Auth>,
    Ctx(ctx): Ctx,
    caller: Caller,
    Segment(code): Segment,
) -> Result<StatusCode, Detail> {
    auth.core().reject_device(&ctx, &caller.signed_in()?.principal, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}

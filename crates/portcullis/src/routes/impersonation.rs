//! Minting tokens for others.

#[cfg(feature = "openapi")]
pub(super) mod doc;

use super::table::{Policy, Routes, contract};
use crate::Auth;
use crate::body::Refused;
use crate::body::path::{Segment, user_id};
use crate::config::Paths;
use crate::detail::Detail;
use crate::extract::{Caller, Ctx};
use crate::wire::BearerToken;
use axum::Json;
use axum::extract::State;
use http::Method;
use portcullis_core::ids::UserId;

pub(super) fn declare(routes: &mut Routes, paths: &Paths) {
    let path = format!("{}/users/{{user_id}}/token", paths.admin);
    routes.add(Method::POST, path, contract(Policy::Superuser, "mint_token"), mint);
}

/// A token with which the caller acts as somebody else. A body is ignored.
async fn mint(
    State(auth): State<Auth>,
    ctx: Ctx,
    caller: Caller,
    Segment(target): Segment,
) -> Result<Json<BearerToken>, Refused> {
    let admin = caller.superuser(&auth, &ctx, "mint_token").await?;
    let target = UserId(user_id(&target)?);
    let minted = auth.core().mint(&ctx.0, admin, target).await;
    Ok(Json(BearerToken::new(minted.map_err(Detail::from)?.access_token)))
}

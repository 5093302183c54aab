//! The list of accounts, and beside it the routes that ZnDraw's clients call.

#[cfg(feature = "openapi")]
pub(super) mod doc;

use super::account::{delete_user, update_user};
use super::table::{Policy, Routes, contract};
use crate::Auth;
use crate::body::Refused;
use crate::body::query::bounded;
use crate::config::Paths;
use crate::detail::Detail;
use crate::extract::{Caller, Ctx};
use crate::wire::UserList;
use axum::Json;
use axum::extract::{RawQuery, State};
use http::Method;
use std::ops::RangeInclusive;

/// How many accounts a page has, if the request does not say, and how many it may say.
const LIMIT: u32 = 100;
const LIMITS: RangeInclusive<u32> = 1..=1000;

pub(super) fn declare(routes: &mut Routes, paths: &Paths) {
    let admin = &paths.admin;
    let one = format!("{admin}/users/{{id}}");
    routes.add(Method::GET, format!("{admin}/users"), contract(Policy::Superuser, "list_users"), list);
    routes.add(Method::PATCH, one.clone(), contract(Policy::Superuser, "update_user_as_admin"), update_user);
    routes.add(Method::DELETE, one, contract(Policy::Superuser, "delete_user_as_admin"), delete_user);
}

/// A page of accounts, oldest first.
async fn list(
    State(auth): State<Auth>,
    ctx: Ctx,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<UserList>, Refused> {
    caller.superuser(&auth, &ctx, "list_users").await?;
    let query = query.as_deref();
    let limit = bounded(query, "limit", LIMIT, LIMITS)?;
    let offset = bounded(query, "offset", 0, 0..=u32::MAX)?;
    let page = auth.core().store.list_users(offset, limit).await;
    let page = page.map_err(Detail::from)?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Json(UserList { items, total: page.total, offset, limit }))
}

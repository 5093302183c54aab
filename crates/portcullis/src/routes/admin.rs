//! The list of accounts, and beside it the routes that ZnDraw's clients call.

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
    let limit = bounded(query, "limit", 100, 1..=1000)?;
    let offset = bounded(query, "offset", 0, 0..=u32::MAX)?;
    let page = auth.core().store.list_users(offset, limit).await;
    let page = page.map_err(Detail::from)?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Json(UserList { items, total: page.total, offset, limit }))
}

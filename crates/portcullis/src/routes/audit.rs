//! Reading the audit trail.

#[cfg(feature = "openapi")]
pub(super) mod doc;

use super::table::{Policy, Routes, ours};
use crate::Auth;
use crate::body::path::parse_uuid;
use crate::body::query::{bounded, parsed};
use crate::body::validation::Invalid;
use crate::config::Paths;
use crate::detail::Detail;
use crate::extract::{Caller, Ctx};
use crate::problem::Problem;
use crate::wire::AuditPage;
use axum::Json;
use axum::extract::{RawQuery, State};
use http::Method;
use portcullis_core::audit::{AuditEvent, AuditFilter, AuditResult};
use portcullis_core::clock::Timestamp;
use portcullis_core::ids::UserId;
use std::ops::RangeInclusive;

/// How many rows a page has, if the request does not say, and how many it may say.
const LIMIT: u32 = 50;
const LIMITS: RangeInclusive<u32> = 1..=500;

pub(super) fn declare(routes: &mut Routes, paths: &Paths) {
    routes.add(Method::GET, format!("{}/audit", paths.admin), ours(Policy::Superuser, "list_audit"), list);
}

/// Rows, newest first. `next` of one page is `before` of the following.
async fn list(
    State(auth): State<Auth>,
    ctx: Ctx,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<AuditPage>, Problem> {
    let failed = |detail: Detail| Problem::of(&ctx.0, detail);
    caller.superuser(&auth, &ctx, "list_audit").await.map_err(failed)?;
    let filter = read_filter(query.as_deref()).map_err(|invalid| Problem::invalid(&ctx.0, invalid))?;
    let rows = auth.core().store.list_audit(&filter).await.map_err(|error| failed(error.into()))?;
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == filter.limit);
    let next = rows.last().map(|row| row.id).filter(|_| full);
    Ok(Json(AuditPage { items: rows.into_iter().map(Into::into).collect(), next }))
}

fn read_filter(query: Option<&str>) -> Result<AuditFilter, Invalid> {
    const ID: &str = "Input should be the id of a user";
    const MOMENT: &str = "Input should be an RFC 3339 date and time, or a date";
    Ok(AuditFilter {
        actor: parsed(query, "actor", ID, parse_uuid)?.map(UserId),
        subject: parsed(query, "subject", ID, parse_uuid)?.map(UserId),
        event: parsed(query, "event", "Input should be the name of an audit event", AuditEvent::from_name)?
            .map(|event| event.as_str().to_owned()),
        result: parsed(query, "result", "Input should be `success` or `refused`", AuditResult::from_name)?,
        since: parsed(query, "since", MOMENT, Timestamp::parse)?,
        until: parsed(query, "until", MOMENT, Timestamp::parse)?,
        before_id: parsed(query, "before", "Input should be the `next` of a page", |text| text.parse().ok())?,
        limit: bounded(query, "limit", LIMIT, LIMITS)?,
    })
}

//! Signing in to stay, and seeing and ending one's sessions.

#[cfg(feature = "openapi")]
pub(super) mod doc;

use super::account::to_password;
use super::table::{Policy, Routes, ours};
use crate::Auth;
use crate::body::Refused;
use crate::body::json::JsonBody;
use crate::body::login::LoginBody;
use crate::body::path::{Segment, parse_uuid};
use crate::config::Paths;
use crate::detail::Detail;
use crate::extract::{Caller, Ctx};
use crate::problem::Problem;
use crate::wire::{SessionItem, SessionList, TokenSet};
use axum::Json;
use axum::extract::State;
use http::{Method, StatusCode};
use portcullis_core::ids::SessionId;
use portcullis_core::password::LoginError;
use portcullis_core::session::Lasting;
use secrecy::{ExposeSecret, SecretString};

pub(super) fn declare(routes: &mut Routes, paths: &Paths) {
    let auth = &paths.auth;
    let sessions = format!("{auth}/sessions");
    routes.add(Method::POST, format!("{auth}/login"), ours(Policy::Public, "login"), login);
    routes.add(Method::POST, format!("{auth}/refresh"), ours(Policy::Public, "refresh_session"), refresh);
    routes.add(Method::POST, format!("{auth}/logout"), ours(Policy::SignedIn, "logout"), logout);
    routes.add(Method::GET, sessions.clone(), ours(Policy::SignedIn, "list_sessions"), list);
    routes.add(Method::DELETE, sessions.clone(), ours(Policy::SignedIn, "end_other_sessions"), end_others);
    routes.add(Method::DELETE, format!("{sessions}/{{id}}"), ours(Policy::SignedIn, "end_session"), end);
}

/// Signs in with a name and a password, given as JSON or as a form.
async fn login(
    State(auth): State<Auth>,
    Ctx(ctx): Ctx,
    body: Result<LoginBody, Refused>,
) -> Result<Json<TokenSet>, Problem> {
    let LoginBody { username, password } = body.map_err(|refused| Problem::refused(&ctx, refused))?;
    let signed_in = auth.core().login(&ctx, &username, to_password(&password), Lasting::Refreshable).await;
    match signed_in {
        Ok((_, signed_in)) => Ok(Json(TokenSet::from(signed_in))),
        Err(LoginError::BadCredentials) => Err(Problem::of(&ctx, wrong_credentials())),
        Err(error) => Err(Problem::of(&ctx, error.into())),
    }
}

fn wrong_credentials() -> Detail {
    Detail::unauthorized_because(LoginError::BadCredentials.code(), "The name or the password is wrong.")
}

/// Exchanges a refresh token.
async fn refresh(
    State(auth): State<Auth>,
    Ctx(ctx): Ctx,
    body: Result<JsonBody, Refused>,
) -> Result<Json<TokenSet>, Problem> {
    let token = body.and_then(read_refresh).map_err(|refused| Problem::refused(&ctx, refused))?;
    let refreshed = auth.core().refresh(&ctx, token.expose_secret()).await;
    Ok(Json(TokenSet::from(refreshed.map_err(|error| Problem::of(&ctx, error.into()))?)))
}

fn read_refresh(body: JsonBody) -> Result<SecretString, Refused> {
    let mut fields = body.fields()?;
    let token = fields.secret("refresh_token");
    let (token,) = fields.finish((token,))?;
    Ok(token)
}

/// Ends the session of the token.
async fn logout(State(auth): State<Auth>, Ctx(ctx): Ctx, caller: Caller) -> Result<StatusCode, Problem> {
    let known = caller.signed_in().map_err(|detail| Problem::of(&ctx, detail))?;
    let done = auth.core().logout(&ctx, &known.principal, &known.token).await;
    done.map_err(|error| Problem::of(&ctx, error.into()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's live sessions, the latest used first.
async fn list(State(auth): State<Auth>, Ctx(ctx): Ctx, caller: Caller) -> Result<Json<SessionList>, Problem> {
    let known = caller.signed_in().map_err(|detail| Problem::of(&ctx, detail))?;
    let this = known.principal.session_id();
    let sessions = auth.core().store.list_sessions(known.principal.user.id, ctx.now).await;
    let sessions = sessions.map_err(|error| Problem::of(&ctx, error.into()))?;
    Ok(Json(SessionList { items: sessions.into_iter().map(|session| SessionItem::of(session, this)).collect() }))
}

/// Ends one of the caller's sessions; this one too.
async fn end(
    State(auth): State<Auth>,
    Ctx(ctx): Ctx,
    caller: Caller,
    Segment(id): Segment,
) -> Result<StatusCode, Problem> {
    let known = caller.signed_in().map_err(|detail| Problem::of(&ctx, detail))?;
    let id = parse_uuid(&id).map(SessionId).ok_or_else(|| Problem::of(&ctx, Detail::not_found()))?;
    let ended = auth.core().end_session(&ctx, &known.principal, id).await;
    ended.map_err(|error| Problem::of(&ctx, error.into()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of the caller but this one.
async fn end_others(State(auth): State<Auth>, Ctx(ctx): Ctx, caller: Caller) -> Result<StatusCode, Problem> {
    let known = caller.signed_in().map_err(|detail| Problem::of(&ctx, detail))?;
    let ended = auth.core().end_other_sessions(&ctx, &known.principal).await;
    ended.map_err(|error| Problem::of(&ctx, error.into()))?;
    Ok(StatusCode::NO_CONTENT)
}

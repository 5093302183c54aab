//! Forgotten passwords and unproved addresses.

#[cfg(feature = "openapi")]
pub(super) mod doc;

use super::account::{parse_email, to_password};
use super::table::{Policy, Routes, contract};
use crate::Auth;
use crate::answer;
use crate::body::Refused;
use crate::body::json::JsonBody;
use crate::config::Paths;
use crate::detail::Detail;
use crate::extract::Ctx;
use crate::wire::UserRead;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use portcullis_core::email_address::EmailAddress;
use portcullis_core::one_time::OneTimeError;
use portcullis_core::password_hasher::Password;
use portcullis_core::secret::Token;
use secrecy::ExposeSecret;
use serde_json::Value;

pub(super) fn declare(routes: &mut Routes, paths: &Paths) {
    let auth = &paths.auth;
    let public = |operation| contract(Policy::Public, operation);
    routes.add(Method::POST, format!("{auth}/forgot-password"), public("request_password_reset"), forgot);
    routes.add(Method::POST, format!("{auth}/reset-password"), public("reset_password"), reset);
    routes.add(Method::POST, format!("{auth}/request-verify-token"), public("request_verify_token"), request_verify);
    routes.add(Method::POST, format!("{auth}/verify"), public("verify_email"), verify);
}

/// 202 whether or not anybody has the address.
async fn forgot(State(auth): State<Auth>, Ctx(ctx): Ctx, body: JsonBody) -> Result<Response, Refused> {
    let email = read_email(body)?;
    accepted(auth.core().request_reset(&ctx, &email).await)
}

/// 202 whether or not anybody has the address, and whether or not it is verified.
async fn request_verify(State(auth): State<Auth>, Ctx(ctx): Ctx, body: JsonBody) -> Result<Response, Refused> {
    let email = read_email(body)?;
    accepted(auth.core().request_verify(&ctx, &email).await)
}

/// Sets a password with a mailed token.
async fn reset(State(auth): State<Auth>, Ctx(ctx): Ctx, body: JsonBody) -> Result<Json<Value>, Refused> {
    let (token, password) = read_reset(body)?;
    let done = auth.core().reset_password(&ctx, &token, password).await;
    done.map_err(answer::reset)?;
    Ok(Json(Value::Null))
}

/// Marks an address as proved with a mailed token.
async fn verify(State(auth): State<Auth>, Ctx(ctx): Ctx, body: JsonBody) -> Result<Json<UserRead>, Refused> {
    let token = read_token(body)?;
    let user = auth.core().verify_email(&ctx, &token).await;
    Ok(Json(user.map_err(Detail::from)?.into()))
}

fn accepted(outcome: Result<(), OneTimeError>) -> Result<Response, Refused> {
    outcome.map_err(Detail::from)?;
    Ok((StatusCode::ACCEPTED, Json(Value::Null)).into_response())
}

fn read_email(body: JsonBody) -> Result<EmailAddress, Refused> {
    let mut fields = body.parameters();
    let email = fields.email("email", parse_email);
    let (email,) = fields.finish((email,))?;
    Ok(email)
}

fn read_token(body: JsonBody) -> Result<Token, Refused> {
    let mut fields = body.parameters();
    let token = fields.secret("token");
    let (token,) = fields.finish((token,))?;
    Ok(Token::presented(token.expose_secret()))
}

fn read_reset(body: JsonBody) -> Result<(Token, Password), Refused> {
    let mut fields = body.parameters();
    let token = fields.secret("token");
    let password = fields.secret("password");
    let (token, password) = fields.finish((token, password))?;
    Ok((Token::presented(token.expose_secret()), to_password(&password)))
}

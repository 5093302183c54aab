//! Login and logout.

#[cfg(feature = "openapi")]
pub(super) mod doc;

use super::table::{Policy, Routes, contract};
use crate::Auth;
use crate::body::Refused;
use crate::body::form::PasswordForm;
use crate::config::Paths;
use crate::detail::Detail;
use crate::extract::{Caller, Ctx};
use crate::wire::BearerToken;
use axum::Json;
use axum::extract::State;
use http::{Method, StatusCode};
use portcullis_core::password_hasher::Password;
use portcullis_core::session::Lasting;
use secrecy::ExposeSecret;

pub(super) fn declare(routes: &mut Routes, paths: &Paths) {
    let auth = &paths.auth;
    routes.add(Method::POST, format!("{auth}/jwt/login"), contract(Policy::Public, "login_jwt"), login);
    routes.add(Method::POST, format!("{auth}/jwt/logout"), contract(Policy::SignedIn, "logout_jwt"), logout);
}

/// Signs in with an address and a password; the token's session ends with the token.
async fn login(
    State(auth): State<Auth>,
    Ctx(ctx): Ctx,
    form: Result<PasswordForm, Refused>,
) -> Result<Json<BearerToken>, Refused> {
    let PasswordForm { username, password } = form?;
    let password = Password::new(password.expose_secret().to_owned());
    let signed_in = auth.core().login(&ctx, &username, password, Lasting::OneToken).await;
    let (_, signed_in) = signed_in.map_err(Detail::from)?;
    Ok(Json(BearerToken::new(signed_in.access_token)))
}

/// Ends the session of the token.
async fn logout(State(auth): State<Auth>, Ctx(ctx): Ctx, caller: Caller) -> Result<StatusCode, Detail> {
    let known = caller.signed_in()?;
    auth.core().logout(&ctx, &known.principal, &known.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Registration, guests, one's own account, and accounts for superusers.

#[cfg(feature = "openapi")]
pub(super) mod doc;

use super::table::{Policy, Routes, contract};
use crate::Auth;
use crate::body::Refused;
use crate::body::json::JsonBody;
use crate::body::path::{Segment, parse_uuid};
use crate::config::Paths;
use crate::detail::Detail;
use crate::extract::{Caller, Ctx};
use crate::wire::{GuestToken, UserRead};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use portcullis_core::account::{RegisterError, UpdateAccount, UpdateMe};
use portcullis_core::email_address::EmailAddress;
use portcullis_core::ids::UserId;
use portcullis_core::password_hasher::Password;
use portcullis_core::rules::Profile;
use portcullis_core::store::NoHook;
use secrecy::{ExposeSecret, SecretString};

pub(super) fn declare(routes: &mut Routes, paths: &Paths) {
    let (auth, users) = (&paths.auth, &paths.users);
    routes.add(Method::POST, format!("{auth}/register"), contract(Policy::Public, "register_user"), register);
    routes.add(Method::POST, format!("{auth}/guest"), contract(Policy::Public, "create_guest"), guest);
    routes.add(Method::GET, format!("{users}/me"), contract(Policy::SignedIn, "get_me"), me);
    routes.add(Method::PATCH, format!("{users}/me"), contract(Policy::SignedIn, "update_me"), update_me);
    // `me` is no id; the seed's DELETE of it matches the id route, and so does this one.
    routes.add(Method::DELETE, format!("{users}/me"), contract(Policy::Superuser, "delete_user_me"), delete_me);
    routes.add(Method::GET, format!("{users}/{{id}}"), contract(Policy::Superuser, "get_user"), user);
    routes.add(Method::PATCH, format!("{users}/{{id}}"), contract(Policy::Superuser, "update_user"), update_user);
    routes.add(Method::DELETE, format!("{users}/{{id}}"), contract(Policy::Superuser, "delete_user"), delete_user);
}

/// Creates an account. The flags that the seed's schema knows are checked for their type and ignored.
async fn register(State(auth): State<Auth>, Ctx(ctx): Ctx, body: JsonBody) -> Result<Response, Refused> {
    let (email, password) = read_register(body)?;
    let strict = auth.core().rules.profile == Profile::Strict;
    match auth.core().register(&ctx, email, password, &NoHook).await {
        // In the strict profile nobody learns here whether the address was taken.
        Ok(_) | Err(RegisterError::EmailTaken) if strict => {
            Ok((StatusCode::ACCEPTED, Json(serde_json::Value::Null)).into_response())
        }
        Ok(user) => Ok((StatusCode::CREATED, Json(UserRead::from(user))).into_response()),
        Err(error) => Err(Detail::from(error).into()),
    }
}

fn read_register(body: JsonBody) -> Result<(EmailAddress, Password), Refused> {
    let mut fields = body.fields()?;
    let email = fields.email("email", parse_email);
    let password = fields.secret("password");
    let ignored = ["is_active", "is_superuser", "is_verified"].map(|flag| fields.nullable_bool(flag));
    let [active, superuser, verified] = ignored;
    let (email, password, ..) = fields.finish((email, password, active, superuser, verified))?;
    Ok((email, to_password(&password)))
}

/// Makes a guest, where the deployment allows guests.
async fn guest(State(auth): State<Auth>, Ctx(ctx): Ctx) -> Result<Json<GuestToken>, Detail> {
    let (user, signed_in) = auth.core().guest(&ctx).await?;
    Ok(Json(GuestToken { access_token: signed_in.access_token, token_type: "bearer", email: user.email }))
}

/// The caller's own account.
async fn me(caller: Caller) -> Result<Json<UserRead>, Detail> {
    Ok(Json(caller.signed_in()?.principal.user.clone().into()))
}

/// Changes the caller's own address or password.
async fn update_me(
    State(auth): State<Auth>,
    Ctx(ctx): Ctx,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<UserRead>, Refused> {
    let known = caller.signed_in()?;
    let input = read_update_me(body)?;
    let updated = auth.core().update_me(&ctx, &known.principal, input).await;
    Ok(Json(updated.map_err(Detail::from)?.into()))
}

fn read_update_me(body: JsonBody) -> Result<UpdateMe, Refused> {
    let mut fields = body.fields()?;
    let password = fields.nullable_secret("password");
    let email = fields.optional_email("email", parse_email);
    let [active, superuser, verified] =
        ["is_active", "is_superuser", "is_verified"].map(|flag| fields.nullable_bool(flag));
    let current = fields.nullable_secret("current_password");
    let (password, email, _, _, _, current) = fields.finish((password, email, active, superuser, verified, current))?;
    Ok(UpdateMe {
        email,
        password: password.value().as_ref().map(to_password),
        current_password: current.value().as_ref().map(to_password),
    })
}

/// Somebody's account, for a superuser.
async fn user(
    State(auth): State<Auth>,
    ctx: Ctx,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Json<UserRead>, Detail> {
    caller.superuser(&auth, &ctx, "get_user").await?;
    let user = auth.core().store.find_user(known_id(&id)?).await?;
    Ok(Json(user.ok_or_else(Detail::not_found)?.into()))
}

/// Changes somebody's account.
pub(super) async fn update_user(
    State(auth): State<Auth>,
    ctx: Ctx,
    caller: Caller,
    Segment(id): Segment,
    body: JsonBody,
) -> Result<Json<UserRead>, Refused> {
    let admin = caller.superuser(&auth, &ctx, "update_user").await?;
    let id = known_id(&id)?;
    // FastAPI looks for the account before it looks into the body.
    auth.core().find_to_update(&ctx.0, admin, id).await.map_err(Detail::from)?;
    let update = read_update(body)?;
    let updated = auth.core().update_user_as(&ctx.0, admin, id, update).await;
    Ok(Json(updated.map_err(Detail::from)?.into()))
}

fn read_update(body: JsonBody) -> Result<UpdateAccount, Refused> {
    let mut fields = body.fields()?;
    let password = fields.nullable_secret("password");
    let email = fields.optional_email("email", parse_email);
    let [active, superuser, verified] =
        ["is_active", "is_superuser", "is_verified"].map(|flag| fields.optional_bool(flag));
    let (password, email, is_active, is_superuser, is_verified) =
        fields.finish((password, email, active, superuser, verified))?;
    let password = password.value().as_ref().map(to_password);
    Ok(UpdateAccount { email, password, is_active, is_superuser, is_verified })
}

/// Deletes somebody's account.
pub(super) async fn delete_user(
    State(auth): State<Auth>,
    ctx: Ctx,
    caller: Caller,
    Segment(id): Segment,
) -> Result<StatusCode, Detail> {
    let admin = caller.superuser(&auth, &ctx, "delete_user").await?;
    auth.core().delete_user_as(&ctx.0, admin, known_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `me` where an id is wanted: 403 for whoever is no superuser, 404 for a superuser.
async fn delete_me(State(auth): State<Auth>, ctx: Ctx, caller: Caller) -> Result<StatusCode, Detail> {
    caller.superuser(&auth, &ctx, "delete_user").await?;
    Err(Detail::not_found())
}

/// An id in a path; what is no id names nobody.
fn known_id(written: &str) -> Result<UserId, Detail> {
    parse_uuid(written).map(UserId).ok_or_else(Detail::not_found)
}

pub(super) fn parse_email(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|refused| refused.reason().into_owned())
}

pub(super) fn to_password(secret: &SecretString) -> Password {
    Password::new(secret.expose_secret().to_owned())
}

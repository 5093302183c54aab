//! The extractors for the host's handlers.

use super::caller::{Caller, Known};
use super::ctx::Ctx;
use super::rejection::Rejection;
use crate::Auth;
use crate::detail::Detail;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use portcullis_core::account::User;
use portcullis_core::ids::{SessionId, UserId};
use std::ops::Deref;
use std::sync::Arc;

/// The signed-in, active user who calls. Refuses with 401 otherwise.
///
/// `Option<CurrentUser>` is `None` only when the request carries no credential; a bad one is refused all the same.
///
/// ```
/// use portcullis::CurrentUser;
///
/// async fn hello(user: CurrentUser) -> String {
///     format!("Hello {}!", user.email)
/// }
/// ```
#[derive(Clone)]
pub struct CurrentUser(Arc<Known>);

impl CurrentUser {
    /// The session behind the token; `None` for a token from before sessions existed.
    pub fn session_id(&self) -> Option<SessionId> {
        self.0.principal.session_id()
    }

    /// The superuser who acts as this user, when the token was minted.
    pub fn impersonator(&self) -> Option<UserId> {
        self.0.principal.impersonator()
    }
}

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0.principal.user
    }
}

impl std::fmt::Debug for CurrentUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CurrentUser").field(&**self).finish()
    }
}

/// A superuser who calls as themselves. Refuses others with 403, and a token that was minted for a superuser too.
#[derive(Clone, Debug)]
pub struct Superuser(pub CurrentUser);

impl Deref for Superuser {
    type Target = CurrentUser;

    fn deref(&self) -> &CurrentUser {
        &self.0
    }
}

/// A user whose address is proved. Refuses others with 403.
#[derive(Clone, Debug)]
pub struct VerifiedUser(pub CurrentUser);

impl Deref for VerifiedUser {
    type Target = CurrentUser;

    fn deref(&self) -> &CurrentUser {
        &self.0
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let caller = Caller::of(parts, &Auth::from_ref(state)).await;
        Ok(Self(Arc::clone(caller.signed_in()?)))
    }
}

impl<S> OptionalFromRequestParts<S> for CurrentUser
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        match Caller::of(parts, &Auth::from_ref(state)).await {
            Caller::Nobody => Ok(None),
            caller => Ok(Some(Self(Arc::clone(caller.signed_in()?)))),
        }
    }
}

impl<S> FromRequestParts<S> for Superuser
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = Auth::from_ref(state);
        let ctx = Ctx::of(parts, &auth);
        let caller = Caller::of(parts, &auth).await;
        let what = format!("{} {}", parts.method, parts.uri.path());
        caller.superuser(&auth, &ctx, &what).await?;
        Ok(Self(CurrentUser(Arc::clone(caller.signed_in()?))))
    }
}

impl<S> FromRequestParts<S> for VerifiedUser
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = Auth::from_ref(state);
        let Ctx(ctx) = Ctx::of(parts, &auth);
        let user = <CurrentUser as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        if user.is_verified {
            return Ok(Self(user));
        }
        auth.core().note_denied(&ctx, &user.0.principal, "verified address").await;
        Err(Detail::forbidden().into())
    }
}

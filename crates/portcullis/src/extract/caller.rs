//! The caller of one of our own routes, judged when the handler asks.
//!
//! FastAPI reads a body before it looks at the token, and its clients see the difference. So this extractor never
//! refuses: it looks, and the handler asks for what the route's policy says after the body's syntax was checked.

use super::ctx::Ctx;
use crate::Auth;
use crate::answer;
use crate::detail::Detail;
use axum::extract::{FromRef, FromRequestParts};
use http::header::AUTHORIZATION;
use http::request::Parts;
use portcullis_core::session::{AuthenticateError, Due, Principal};
use portcullis_core::store::StoreError;
use std::convert::Infallible;
use std::sync::Arc;

/// What a request's credential is worth.
#[derive(Clone)]
pub(crate) enum Caller {
    /// A token that opens its account.
    SignedIn(Arc<Known>),
    /// No credential at all.
    Nobody,
    /// A credential that opens nothing.
    Refused,
    /// Two credentials of one kind.
    Conflict,
    /// Nobody knows: the database did not answer.
    Unknown(Arc<StoreError>),
}

/// A signed-in caller with the token they came with.
pub(crate) struct Known {
    pub(crate) principal: Principal,
    pub(crate) token: String,
}

impl Caller {
    /// Looks at the request's credential, once per request.
    pub(crate) async fn of(parts: &mut Parts, auth: &Auth) -> Self {
        if let Some(known) = parts.extensions.get::<Self>() {
            return known.clone();
        }
        let caller = match credential(parts) {
            Credential::None => Self::Nobody,
            Credential::Conflict => Self::Conflict,
            Credential::Unusable => Self::Refused,
            Credential::Bearer(token) => {
                let Ctx(ctx) = Ctx::of(parts, auth);
                match auth.core().authenticate(&ctx, &token).await {
                    Ok(principal) => {
                        note_use(auth, &principal, ctx.now);
                        Self::SignedIn(Arc::new(Known { principal, token }))
                    }
                    Err(AuthenticateError::Refused { code }) => {
                        tracing::debug!(code, "a token was refused");
                        Self::Refused
                    }
                    Err(AuthenticateError::Store(error)) => Self::Unknown(Arc::new(error)),
                }
            }
        };
        parts.extensions.insert(caller.clone());
        caller
    }

    /// A signed-in, active caller.
    pub(crate) fn signed_in(&self) -> Result<&Arc<Known>, Detail> {
        match self {
            Self::SignedIn(known) => Ok(known),
            Self::Nobody | Self::Refused => Err(Detail::unauthorized()),
            Self::Conflict => Err(Detail::conflicting_credentials()),
            Self::Unknown(error) => Err(answer::store(error)),
        }
    }

    /// A superuser, acting as themselves. Who is signed in but is not leaves a row in the audit trail.
    pub(crate) async fn superuser(&self, auth: &Auth, ctx: &Ctx, what: &str) -> Result<&Principal, Detail> {
        let known = self.signed_in()?;
        if known.principal.may_administer() {
            return Ok(&known.principal);
        }
        auth.core().note_denied(&ctx.0, &known.principal, what).await;
        Err(Detail::forbidden())
    }
}

impl<S> FromRequestParts<S> for Caller
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts, &Auth::from_ref(state)).await)
    }
}

enum Credential {
    None,
    Bearer(String),
    Unusable,
    Conflict,
}

/// Reads `Authorization` as FastAPI does: the scheme in any case, one space, the rest is the token. Another scheme is
/// no credential of ours.
fn credential(parts: &Parts) -> Credential {
    let mut values = parts.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Credential::None };
    if values.next().is_some() {
        return Credential::Conflict;
    }
    let Ok(text) = value.to_str() else { return Credential::Unusable };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return if text.is_empty() { Credential::None } else { Credential::Unusable };
    }
    if token.is_empty() { Credential::Unusable } else { Credential::Bearer(token.to_owned()) }
}

/// Notes outside the request that the session is in use: nobody waits for it, and losing it harms nobody.
fn note_use(auth: &Auth, principal: &Principal, now: portcullis_core::clock::Timestamp) {
    let due = principal.due;
    if let Some(session) = principal.session_id().filter(|_| due != Due::default()) {
        let auth = auth.clone();
        tokio::spawn(async move {
            if let Err(error) = auth.core().note_use(session, due, now).await {
                tracing::debug!(%error, "the use of a session was not noted");
            }
        });
    }
}

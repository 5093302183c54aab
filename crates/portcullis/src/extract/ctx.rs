//! The facts of a request.

use crate::Auth;
use crate::client_addr::{ClientAddr, RequestTag};
use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use http::header::USER_AGENT;
use http::request::Parts;
use portcullis_core::context::Context;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Once;

/// When, from where, with what: one per request, shared by everything that serves it.
#[derive(Clone, Debug)]
pub(crate) struct Ctx(pub(crate) Context);

impl Ctx {
    pub(crate) fn of(parts: &mut Parts, auth: &Auth) -> Self {
        if let Some(known) = parts.extensions.get::<Self>() {
            return known.clone();
        }
        let peer = parts.extensions.get::<ClientAddr>().map(|ClientAddr(addr)| *addr).or_else(|| {
            parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(socket)| socket.ip().to_canonical())
        });
        if peer.is_none() {
            warn_of_strangers();
        }
        let agent = parts.headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        let mut context = auth.core().context_from(peer, agent.as_deref());
        if let Some(RequestTag(id)) = parts.extensions.get::<RequestTag>() {
            context.request_id = *id;
        }
        let ctx = Self(context);
        parts.extensions.insert(ctx.clone());
        ctx
    }
}

/// Says once that limits per address cannot work, because nobody says what the addresses are.
fn warn_of_strangers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::warn!(
            "requests come without the address of their client, so registrations and logins are not limited by it: \
             serve the router with `into_make_service_with_connect_info::<SocketAddr>()`"
        );
    });
}

impl<S> FromRequestParts<S> for Ctx
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts, &Auth::from_ref(state)))
    }
}

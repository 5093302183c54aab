//! The table of routes.

use crate::Auth;
use crate::detail::Detail;
use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use http::header::{CACHE_CONTROL, HeaderValue};
use http::{HeaderName, Method};
use std::panic::Location;

/// A part of Portcullis that a host may mount by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feature {
    /// Login and logout.
    Password,
    /// Signing in to stay, refreshing, and one's sessions.
    Session,
    /// Registration, guests, one's own account, and accounts for superusers.
    Account,
    /// Forgotten passwords and unproved addresses.
    OneTime,
    /// Device login.
    Device,
    /// Minting tokens for others.
    Impersonation,
    /// The list of accounts.
    Admin,
    /// The audit trail.
    Audit,
    /// The OpenAPI document and the explorer. Not among [`Auth::routes`], as a host has its own.
    #[cfg(feature = "openapi")]
    Docs,
}

impl Feature {
    /// Every feature that [`Auth::routes`] mounts.
    pub const ALL: [Self; 8] = [
        Self::Password,
        Self::Session,
        Self::Account,
        Self::OneTime,
        Self::Device,
        Self::Impersonation,
        Self::Admin,
        Self::Audit,
    ];

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Password => "Password",
            Self::Session => "Sessions",
            Self::Account => "Account",
            Self::OneTime => "Reset and verification",
            Self::Device => "Device login",
            Self::Impersonation => "Impersonation",
            Self::Admin => "Administration",
            Self::Audit => "Audit",
            #[cfg(feature = "openapi")]
            Self::Docs => "Documentation",
        }
    }

    /// What it does, in a sentence.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Password => "Login and logout.",
            Self::Session => "Signing in to stay, refreshing, and one's sessions.",
            Self::Account => "Registration, guests, one's own account, and accounts for superusers.",
            Self::OneTime => "Forgotten passwords and unproved addresses.",
            Self::Device => "A tool without a browser signs in: a person approves it somewhere else.",
            Self::Impersonation => "A superuser acts as somebody else, and it shows.",
            Self::Admin => "The list of accounts, with what ZnDraw's clients call beside it.",
            Self::Audit => "Who did what, to whom, from where, and how it ended.",
            #[cfg(feature = "openapi")]
            Self::Docs => "This document, and pages to read it with.",
        }
    }
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Anybody.
    Public,
    /// A signed-in, active user.
    SignedIn,
    /// A superuser, as themselves.
    Superuser,
}

impl Policy {
    /// The word that lists use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SignedIn => "signed_in",
            Self::Superuser => "superuser",
        }
    }
}

/// How a route says what went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `{"detail": …}`, as FastAPI does.
    Detail,
    /// RFC 9457.
    Problem,
}

/// A route that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// Its method.
    pub method: Method,
    /// Its path, as a template.
    pub path: String,
    /// Who may call it.
    pub policy: Policy,
    /// How it says what went wrong.
    pub style: Style,
    /// Its name: `verb_resource`, as in the OpenAPI document.
    pub operation: &'static str,
    /// The feature that it belongs to.
    pub feature: Feature,
    /// Where it is declared.
    pub source: String,
}

/// Routes on their way to a router.
pub(crate) struct Routes {
    feature: Feature,
    entries: Vec<(RouteInfo, MethodRouter<Auth>)>,
}

/// What a route declares besides its handler.
#[derive(Clone, Copy)]
pub(crate) struct Declaration {
    pub(crate) policy: Policy,
    pub(crate) style: Style,
    pub(crate) operation: &'static str,
}

/// Declares a route in the seed's style.
pub(crate) const fn contract(policy: Policy, operation: &'static str) -> Declaration {
    Declaration { policy, style: Style::Detail, operation }
}

/// Declares a route in our own style.
pub(crate) const fn ours(policy: Policy, operation: &'static str) -> Declaration {
    Declaration { policy, style: Style::Problem, operation }
}

impl Routes {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { feature: Feature::Password, entries: Vec::new() }
    }

    /// What is added from now on belongs to this feature.
    pub(crate) fn of(&mut self, feature: Feature) -> &mut Self {
        self.feature = feature;
        self
    }

    /// Adds one route.
    #[track_caller]
    pub(crate) fn add<H, T>(&mut self, method: Method, path: String, declaration: Declaration, handler: H)
    where
        H: Handler<T, Auth>,
        T: 'static,
    {
        let source = Location::caller();
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::POST);
        let Declaration { policy, style, operation } = declaration;
        let info = RouteInfo {
            method,
            path,
            policy,
            style,
            operation,
            feature: self.feature,
            source: format!("{}:{}", source.file(), source.line()),
        };
        self.entries.push((info, on(filter, handler)));
    }

    pub(crate) fn into_manifest(self) -> Vec<RouteInfo> {
        self.entries.into_iter().map(|(info, _)| info).collect()
    }

    /// One method router for each path. Another method is 405, as Starlette answers it: `Allow` names the path's first
    /// method only, and HEAD is not GET, because a GET that redeems something must not run for it.
    pub(crate) fn into_router(self) -> Router<Auth> {
        let mut paths: Vec<(String, Method, MethodRouter<Auth>)> = Vec::new();
        for (info, method_router) in self.entries {
            match paths.iter_mut().find(|(path, ..)| *path == info.path) {
                Some((_, _, merged)) => *merged = std::mem::take(merged).merge(method_router),
                None => paths.push((info.path, info.method, method_router)),
            }
        }
        let mut router = Router::new();
        for (path, first, methods) in paths {
            let allow = HeaderValue::from_str(first.as_str()).unwrap_or(HeaderValue::from_static(""));
            let refuse = move || async move { Detail::method_not_allowed(allow) };
            router = router.route(&path, methods.on(MethodFilter::HEAD, refuse.clone()).fallback(refuse));
        }
        router.layer(from_fn(headers))
    }
}

const API_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (http::header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (http::header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// What every answer of ours says, wherever the routes are mounted: keep nothing, guess nothing, tell nobody.
async fn headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await.into_response();
    for (name, value) in API_HEADERS {
        answer.headers_mut().entry(name).or_insert(value);
    }
    answer
}

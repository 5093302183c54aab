//! The handle that everything hangs on.

use crate::builder::AuthBuilder;
use crate::config::AuthConfig;
use crate::routes::{self, Feature, RouteInfo};
use crate::users::Users;
use axum::Router;
use axum::extract::{FromRef, FromRequestParts};
use axum::routing::MethodRouter;
use http::request::Parts;
use portcullis_core::Core;
use portcullis_core::mail::Mailer;
use std::convert::Infallible;
use std::sync::Arc;

/// Portcullis, built and running. Cheap to clone; background work stops when the last clone is dropped.
///
/// It is the state of the routes and, through [`FromRef`], of the extractors in the host's handlers.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) core: Core,
    pub(crate) config: AuthConfig,
    pub(crate) warnings: Vec<String>,
    pub(crate) mailer: Option<Arc<dyn Mailer>>,
    #[cfg(feature = "openapi")]
    pub(crate) served: crate::openapi::Served,
}

impl Auth {
    /// Starts building one.
    pub fn builder() -> AuthBuilder {
        AuthBuilder::default()
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// All routes, under the configured prefixes, ready to be merged into any router.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        routes::router(self, &Feature::ALL)
    }

    /// The routes of one feature, under the configured prefixes.
    pub fn routes_of<S: Clone + Send + Sync + 'static>(&self, feature: Feature) -> Router<S> {
        routes::router(self, &[feature])
    }

    /// For [`Router::fallback`], if the host has none of its own: FastAPI's 404, and its 307 for one of our paths with a
    /// slash at the end.
    pub fn fallback<S: Clone + Send + Sync + 'static>(&self) -> MethodRouter<S> {
        routes::fallback(&self.0.config.paths)
    }

    /// What [`Auth::routes`] serves, and `Auth::docs_routes`: method, path, policy, in the order of declaration.
    pub fn manifest(&self) -> Vec<RouteInfo> {
        routes::manifest(&self.0.config.paths)
    }

    /// The OpenAPI document of what [`Auth::routes`] serves, for a host that merges it into its own.
    #[cfg(feature = "openapi")]
    pub fn openapi(&self) -> utoipa::openapi::OpenApi {
        crate::openapi::document(&self.0.config)
    }

    /// `GET /openapi.json` and an explorer at `GET /docs`, for a host that has none of its own.
    #[cfg(feature = "openapi")]
    pub fn docs_routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        routes::router(self, &[Feature::Docs])
    }

    /// The manager: accounts for the host's own code.
    pub fn users(&self) -> Users<'_> {
        Users::new(self)
    }

    /// The rules, for jobs and commands.
    pub fn core(&self) -> &Core {
        &self.0.core
    }

    /// The settings it was built with.
    pub fn config(&self) -> &AuthConfig {
        &self.0.config
    }

    /// What an operator should be told at start: loosened settings, a dropped trigger that was put back, an admin
    /// whose password is another one.
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// How mails leave, if they do.
    pub fn mailer(&self) -> Option<&Arc<dyn Mailer>> {
        self.0.mailer.as_ref()
    }

    #[cfg(feature = "openapi")]
    pub(crate) fn served(&self) -> &crate::openapi::Served {
        &self.0.served
    }

    /// For background work that must not keep the last handle alive.
    pub(crate) fn downgrade(&self) -> std::sync::Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    pub(crate) fn upgrade(weak: &std::sync::Weak<Inner>) -> Option<Self> {
        weak.upgrade().map(Self)
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Auth").field(&self.0.core).finish()
    }
}

impl<S> FromRequestParts<S> for Auth
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Auth::from_ref(state))
    }
}

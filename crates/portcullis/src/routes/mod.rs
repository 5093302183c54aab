//! What is served: every route with its method, path and policy, declared once.
//!
//! [`table`] is the list. The router, the manifest, the OpenAPI document and the fence test are made from it, so a
//! route that is served is a route that is listed. Each feature declares its own routes in its file here, and describes
//! them for the OpenAPI document in the `doc` beside it.

mod account;
mod admin;
mod audit;
mod device;
#[cfg(feature = "openapi")]
mod docs;
mod fallback;
mod impersonation;
mod one_time;
mod password;
mod session;
mod table;

pub(crate) use table::Routes;
pub use table::{Feature, Policy, RouteInfo, Style};

use crate::Auth;
use crate::config::Paths;
use axum::Router;
use axum::routing::MethodRouter;

fn declare(routes: &mut Routes, feature: Feature, paths: &Paths) {
    match feature {
        Feature::Password => password::declare(routes, paths),
        Feature::Session => session::declare(routes, paths),
        Feature::Account => account::declare(routes, paths),
        Feature::OneTime => one_time::declare(routes, paths),
        Feature::Device => device::declare(routes, paths),
        Feature::Impersonation => impersonation::declare(routes, paths),
        Feature::Admin => admin::declare(routes, paths),
        Feature::Audit => audit::declare(routes, paths),
        #[cfg(feature = "openapi")]
        Feature::Docs => docs::declare(routes),
    }
}

/// Says of each of a feature's operations what the table does not.
#[cfg(feature = "openapi")]
pub(crate) fn describe(feature: Feature, docs: &mut crate::openapi::Docs<'_>) {
    match feature {
        Feature::Password => password::doc::describe(docs),
        Feature::Session => session::doc::describe(docs),
        Feature::Account => account::doc::describe(docs),
        Feature::OneTime => one_time::doc::describe(docs),
        Feature::Device => device::doc::describe(docs),
        Feature::Impersonation => impersonation::doc::describe(docs),
        Feature::Admin => admin::doc::describe(docs),
        Feature::Audit => audit::doc::describe(docs),
        Feature::Docs => {}
    }
}

fn declared(features: &[Feature], paths: &Paths) -> Routes {
    let mut routes = Routes::new();
    for feature in features {
        declare(routes.of(*feature), *feature, paths);
    }
    routes
}

/// The router of `features`.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(auth: &Auth, features: &[Feature]) -> Router<S> {
    declared(features, &auth.config().paths).into_router().with_state(auth.clone())
}

/// The answer where no route is.
pub(crate) fn fallback<S: Clone + Send + Sync + 'static>(paths: &Paths) -> MethodRouter<S> {
    fallback::fallback(manifest_of(&Feature::ALL, paths).into_iter().map(|route| route.path).collect())
}

/// The features that are mounted apart.
#[cfg(feature = "openapi")]
const APART: &[Feature] = &[Feature::Docs];
#[cfg(not(feature = "openapi"))]
const APART: &[Feature] = &[];

/// What [`Auth::routes`] serves under these mount points, and `Auth::docs_routes`: method, path, policy, in the order of
/// declaration.
pub fn manifest(paths: &Paths) -> Vec<RouteInfo> {
    manifest_of(&[&Feature::ALL[..], APART].concat(), paths)
}

/// The list of what these features serve.
pub(crate) fn manifest_of(features: &[Feature], paths: &Paths) -> Vec<RouteInfo> {
    declared(features, paths).into_manifest()
}

//! What is served: every route with its method, path and policy, declared once.
//!
//! [`table`] is the list. The router, the manifest, the OpenAPI document and the fence test are made from it, so a
//! route that is served is a route that is listed. Each feature declares its own routes in its file here.

mod account;
mod admin;
mod audit;
mod device;
mod fallback;
mod impersonation;
mod one_time;
mod password;
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
        Feature::Account => account::declare(routes, paths),
        Feature::OneTime => one_time::declare(routes, paths),
        Feature::Device => device::declare(routes, paths),
        Feature::Impersonation => impersonation::declare(routes, paths),
        Feature::Admin => admin::declare(routes, paths),
        Feature::Audit => audit::declare(routes, paths),
    }
}

fn declared(features: &[Feature], paths: &Paths) -> Routes {
    let mut routes = Routes::default();
    for feature in features {
        declare(&mut routes, *feature, paths);
    }
    routes
}

/// The router of `features`.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(auth: &Auth, features: &[Feature]) -> Router<S> {
    declared(features, &auth.config().paths).into_router().with_state(auth.clone())
}

/// The answer where no route is.
pub(crate) fn fallback<S: Clone + Send + Sync + 'static>(paths: &Paths) -> MethodRouter<S> {
    fallback::fallback(manifest(paths).into_iter().map(|route| route.path).collect())
}

/// What [`Auth::routes`] serves under these mount points: method, path, policy, in the order of declaration.
pub fn manifest(paths: &Paths) -> Vec<RouteInfo> {
    declared(&Feature::ALL, paths).into_manifest()
}

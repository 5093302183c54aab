//! What is answered where no route is.
//!
//! As in FastAPI: 404 `{"detail":"Not Found"}`, and 307 for a path that is a route but for slashes at its end, whatever
//! the method. The target is told as a path, not with the host that the request claims, so that nobody can be sent elsewhere.

use crate::detail::Detail;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode, Uri};
use std::sync::Arc;

/// The answer for paths that none of these templates serve.
pub(crate) fn fallback<S: Clone + Send + Sync + 'static>(templates: Vec<String>) -> MethodRouter<S> {
    let templates: Arc<[String]> = templates.into();
    any(move |uri: Uri| {
        let found = redirect(&uri, &templates);
        async move { found.unwrap_or_else(|| Detail::not_found().into_response()) }
    })
}

fn redirect(uri: &Uri, templates: &[String]) -> Option<Response> {
    let path = uri.path().strip_suffix('/')?.trim_end_matches('/');
    templates.iter().find(|template| serves(template, path))?;
    let target = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let target = HeaderValue::from_str(&target).ok()?;
    Some((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, target)]).into_response())
}

/// Whether a template such as `/users/{id}` serves this path.
fn serves(template: &str, path: &str) -> bool {
    let fits = |(wanted, segment): (&str, &str)| wanted == segment || (wanted.starts_with('{') && !segment.is_empty());
    template.split('/').count() == path.split('/').count() && template.split('/').zip(path.split('/')).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(path: &str) -> Option<String> {
        let templates = ["/users/me", "/users/{id}", "/auth/cli-login"].map(String::from);
        let response = redirect(&path.parse().expect("a path"), &templates)?;
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
        response.headers()[LOCATION].to_str().ok().map(String::from)
    }

    #[test]
    fn slashes_at_the_end_are_dropped_and_the_query_is_kept() {
        assert_eq!(location("/users/me/").as_deref(), Some("/users/me"));
        assert_eq!(location("/users/me//").as_deref(), Some("/users/me"));
        assert_eq!(location("/users/7/?a=1&b=%20").as_deref(), Some("/users/7?a=1&b=%20"));
        assert_eq!(location("/auth/cli-login/?").as_deref(), Some("/auth/cli-login?"));
    }

    #[test]
    fn nobody_is_sent_where_no_route_is() {
        for path in [
            "/",
            "//",
            "/users/me",
            "/users//",
            "/users/",
            "/users/me/x/",
            "//users/me/",
            "//elsewhere/me/",
            "/nothing/",
        ] {
            assert_eq!(location(path), None, "{path}");
        }
    }
}

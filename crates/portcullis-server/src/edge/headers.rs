//! What every answer says to browsers and caches: keep nothing, guess nothing, frame nothing, tell nobody.
//!
//! An answer that says otherwise by itself keeps its word. A page (`text/html`) brings its own policy for content and
//! referrers, which this would only break.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

const EVERYWHERE: [(HeaderName, HeaderValue); 2] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];
const API: [(HeaderName, HeaderValue); 3] = [
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (COOP, HeaderValue::from_static("same-origin")),
];
/// A year, which is what browsers' preload lists ask for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The headers of a deployment.
#[derive(Clone, Copy, Debug)]
pub struct SecurityHeaders {
    /// Whether users come by https, so that their browsers shall not come otherwise.
    pub https: bool,
}

impl SecurityHeaders {
    /// Adds what is not there.
    pub fn add(self, headers: &mut HeaderMap) {
        let page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        headers.reserve(EVERYWHERE.len() + API.len() + 2);
        for (name, value) in EVERYWHERE {
            headers.entry(name).or_insert(value);
        }
        if !page {
            for (name, value) in API {
                headers.entry(name).or_insert(value);
            }
        }
        if self.https {
            headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(HSTS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(https: bool, before: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = before.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        SecurityHeaders { https }.add(&mut headers);
        headers
    }

    #[test]
    fn an_api_answer_says_everything_and_keeps_its_own_words() {
        let headers = added(true, &[(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "max-age=60")]);
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[REFERRER_POLICY], "no-referrer");
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(headers[COOP], "same-origin");
        assert_eq!(headers[STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        assert_eq!(headers.get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(), ["max-age=60"]);
        assert_eq!(added(false, &[])[CACHE_CONTROL], "no-store");
    }

    #[test]
    fn a_page_brings_its_own_policies_and_http_has_no_hsts() {
        let headers = added(false, &[(CONTENT_TYPE, "text/html; charset=utf-8")]);
        assert!(!headers.contains_key(CONTENT_SECURITY_POLICY) && !headers.contains_key(REFERRER_POLICY));
        assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY));
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}

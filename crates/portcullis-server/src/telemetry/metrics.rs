//! Numbers for Prometheus.
//!
//! | name | kind | labels |
//! |---|---|---|
//! | `portcullis_http_requests_total` | counter | `method`, `route` (the template, `none` for an unknown path), `status` |
//! | `portcullis_http_request_seconds` | histogram | `method`, `route` |
//!
//! The library adds its own, the hashing pool's among them. They are served on a listener of their own
//! (`METRICS_LISTEN`), so that they are not public by mistake.

use axum::extract::MatchedPath;
use http::{Method, StatusCode};
use metrics::{Counter, Histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// What requests take, from a cached answer to a login behind a queue, in seconds.
const SECONDS: [f64; 12] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0, 30.0];

/// Starts counting. The handle renders the numbers.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    let handle = builder.install_recorder()?;
    metrics::describe_counter!("portcullis_http_requests_total", "Requests that were answered");
    metrics::describe_histogram!("portcullis_http_request_seconds", "How long answering took");
    Ok(handle)
}

/// Counts requests. Keeps the handles that it has used, so that a request costs a look into a map.
#[derive(Debug, Default)]
pub struct Requests(RwLock<HashMap<Key, Handles>>);

type Key = (&'static str, String, u16);

#[derive(Clone)]
struct Handles {
    count: Counter,
    seconds: Histogram,
}

impl std::fmt::Debug for Handles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handles")
    }
}

impl Requests {
    /// Counts one.
    pub fn count(&self, method: &Method, route: Option<&MatchedPath>, status: StatusCode, took: Duration) {
        let route = route.map_or("none", MatchedPath::as_str);
        let key = (known(method), route.to_owned(), status.as_u16());
        let handles = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let handles = handles.unwrap_or_else(|| {
            let (method, route, status) = key.clone();
            let new = Handles {
                count: metrics::counter!(
                    "portcullis_http_requests_total",
                    "method" => method, "route" => route.clone(), "status" => status.to_string()
                ),
                seconds: metrics::histogram!("portcullis_http_request_seconds", "method" => method, "route" => route),
            };
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, new.clone());
            new
        });
        handles.count.increment(1);
        handles.seconds.record(took);
    }
}

/// A method as a label. A stranger can invent methods, and each would be a series for ever.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

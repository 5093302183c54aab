//! The name of a request: in the answer's `X-Request-Id`, the access log, the audit trail.
//!
//! A trusted proxy may name it, so that its log and ours can be brought together; the name must be a UUID, in any of
//! its spellings (nginx's `$request_id` is one). Anybody else's is replaced: who can choose names can make two
//! requests look like one. Names are unique, not secret, so they come from a counter under a random beginning.

use http::{HeaderMap, HeaderName, HeaderValue};
use portcullis::RequestTag;
use portcullis::core::ids::RequestId;
use portcullis::core::rng::Rng;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// The header.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names requests.
#[derive(Debug)]
pub struct RequestIds {
    beginning: u64,
    next: AtomicU64,
}

impl RequestIds {
    /// Names that no other process will give.
    pub fn new(rng: &dyn Rng) -> Self {
        let mut bytes = [[0; 8]; 2];
        for half in &mut bytes {
            rng.fill(half);
        }
        Self { beginning: u64::from_le_bytes(bytes[0]), next: AtomicU64::new(u64::from_le_bytes(bytes[1])) }
    }

    /// The name that a trusted proxy gave, or a new one.
    pub fn name(&self, headers: &HeaderMap, from_trusted: bool) -> RequestTag {
        let given = if from_trusted { headers.get(X_REQUEST_ID) } else { None };
        let given = given.and_then(|text| Uuid::try_parse_ascii(text.as_bytes()).ok());
        RequestTag(RequestId(given.unwrap_or_else(|| self.fresh())))
    }

    fn fresh(&self) -> Uuid {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.beginning.to_be_bytes());
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// The header's value.
pub fn header(RequestId(id): RequestId) -> HeaderValue {
    let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
    let text = id.as_hyphenated().encode_lower(&mut buffer);
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::core::rng::OsRng;

    #[test]
    fn only_a_trusted_proxy_names_a_request_and_only_with_a_uuid() {
        let ids = RequestIds::new(&OsRng);
        let headers = |text: &'static str| HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_static(text))]);
        let name = |text, trusted| header(ids.name(&headers(text), trusted).0).to_str().unwrap().to_owned();
        let given = "0123456789abcdef0123456789abcdef";
        assert_eq!(name(given, true), "01234567-89ab-cdef-0123-456789abcdef");
        assert_ne!(name(given, false), "01234567-89ab-cdef-0123-456789abcdef");
        assert_eq!(name("not a uuid", true).len(), 36);
        assert_ne!(name("not a uuid", true), name("not a uuid", true));
    }
}

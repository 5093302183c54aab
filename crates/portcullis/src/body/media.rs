//! What the `Content-Type` header says the body is.
//!
//! Of several such headers the first counts, and letter case never does.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The content types that a route here can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// No header, or an empty one.
    Unstated,
    /// `application/json` or `application/*+json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    UrlEncoded,
    /// `multipart/form-data`.
    Multipart,
    /// Anything else.
    Other,
}

impl Media {
    /// Reads the header; parameters (`charset`, `boundary`) play no part.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE).filter(|value| !value.is_empty()) else {
            return Self::Unstated;
        };
        // A value that is not ASCII is none of the types below.
        let essence = value.to_str().unwrap_or("?").split(';').next();
        let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/x-www-form-urlencoded" => Self::UrlEncoded,
            "multipart/form-data" => Self::Multipart,
            other => match other.strip_prefix("application/") {
                Some(subtype) if subtype.contains('/') => Self::Other,
                Some(subtype) if subtype == "json" || subtype.ends_with("+json") => Self::Json,
                _ => Self::Other,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// Which header values the original takes for JSON, observed on `POST /auth/register`.
    #[test]
    fn json_is_what_the_original_takes_for_json() {
        for (header, media) in [
            ("", Media::Unstated),
            ("application/json", Media::Json),
            ("APPLICATION/JSON", Media::Json),
            (" application/json", Media::Json),
            ("application/json; charset=utf-8", Media::Json),
            ("application/json;charset=latin-1", Media::Json),
            ("application/x+json", Media::Json),
            ("application/problem+json", Media::Json),
            ("application/vnd.api+JSON ; x=1", Media::Json),
            ("application /json", Media::Other),
            ("application/json/x", Media::Other),
            ("application/json, text/plain", Media::Other),
            ("application/jsonx", Media::Other),
            ("application/", Media::Other),
            ("application", Media::Other),
            ("/json", Media::Other),
            ("json", Media::Other),
            ("text/json", Media::Other),
            ("text/plain", Media::Other),
            ("*/*", Media::Other),
            ("multipart/mixed; boundary=x", Media::Other),
            ("application/x-www-form-urlencoded, x", Media::Other),
            ("application/x-www-form-urlencoded", Media::UrlEncoded),
            ("application/x-www-form-urlencoded;", Media::UrlEncoded),
            ("APPLICATION/X-WWW-FORM-URLENCODED", Media::UrlEncoded),
            ("application/x-www-form-urlencoded; charset=latin-1", Media::UrlEncoded),
            ("multipart/form-data", Media::Multipart),
            ("Multipart/Form-Data; boundary=x", Media::Multipart),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(header));
            assert_eq!(Media::of(&headers), media, "{header:?}");
        }
    }

    #[test]
    fn the_first_of_two_headers_counts_and_none_is_unstated() {
        let mut headers = HeaderMap::new();
        assert_eq!(Media::of(&headers), Media::Unstated);
        headers.append(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(Media::of(&headers), Media::Other);
        let opaque = HeaderValue::from_bytes(b"application/json\xff").unwrap();
        headers.insert(CONTENT_TYPE, opaque);
        assert_eq!(Media::of(&headers), Media::Other);
    }
}

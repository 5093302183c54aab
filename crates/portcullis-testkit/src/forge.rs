//! Tokens signed by hand, byte by byte, so that the malformed ones can be made too.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The header that both this server and fastapi-users write.
pub fn plain_header() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

/// `header.claims.` and the HMAC-SHA256 of both under this key.
pub fn signed(header: &Value, claims: &Value, key: &[u8]) -> String {
    signed_text(&header.to_string(), &claims.to_string(), key)
}

/// The same with header and claims that need not be what a JSON library would write.
pub fn signed_text(header: &str, claims: &str, key: &[u8]) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// `header.claims.` and no signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// The header of a token, whoever signed it.
///
/// # Panics
///
/// When the text is no token.
pub fn header_of(token: &str) -> Value {
    part(token, 0)
}

/// The claims of a token, whoever signed it.
///
/// # Panics
///
/// When the text is no token.
pub fn claims_of(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let part = part.unwrap_or_else(|| panic!("this is no token"));
    serde_json::from_slice(&part).unwrap_or_else(|error| panic!("this is no token: {error}"))
}

//! An answer, reduced to what the contract promises, with everything that differs from run to run replaced by a placeholder.

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::forge;
use super::world::World;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads a response to its end.
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("the body arrives whole").to_vec();
        Self { status, headers, body }
    }

    /// The body as JSON, if it is.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the body carries an access token.
    pub fn is_token(&self) -> bool {
        self.json().is_some_and(|body| body["access_token"].is_string() || body["token"].is_string())
    }

    /// Whether the detail is a list of validation errors.
    pub fn is_validation(&self) -> bool {
        self.status == 422 && self.json().is_some_and(|body| body["detail"].is_array())
    }

    /// The body with placeholders: what has to be equal on both servers.
    pub fn masked_body(&self, world: &World) -> Value {
        match self.json() {
            Some(body) => mask(body, world),
            None if self.body.is_empty() => Value::String("<empty>".into()),
            None => Value::String(world.mask(&String::from_utf8_lossy(&self.body))),
        }
    }

    /// The redirect target as a path, whether or not the server's own address stands before it.
    pub fn masked_location(&self, world: &World) -> Option<String> {
        let location = self.header("location")?;
        Some(world.mask(location.strip_prefix(&world.peer.base()).unwrap_or(location)))
    }
}

fn mask(value: Value, world: &World) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(|item| mask(item, world)).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, member)| (name, mask(member, world))).collect())
        }
        Value::String(text) => Value::String(mask_text(&text, world)),
        plain => plain,
    }
}

fn mask_text(text: &str, world: &World) -> String {
    if let Some(claims) = forge::claims_of(text) {
        return describe_token(&claims, world);
    }
    if is_uuid(text) {
        return world.name_of(text).map_or_else(|| "<uuid>".into(), |name| format!("${{{name}}}"));
    }
    let all = |len: usize, allowed: fn(u8) -> bool| text.len() == len && text.bytes().all(allowed);
    if all(8, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return "<code>".into();
    }
    if all(43, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        return "<secret>".into();
    }
    world.mask(text)
}

/// What a client can rely on in a token: whose it is, for which audience, in whose name, and for how many minutes.
fn describe_token(claims: &Value, world: &World) -> String {
    let person = |claim: &Value| claim.as_str().map_or_else(|| claim.to_string(), |id| mask_text(id, world));
    let audience = match &claims["aud"] {
        Value::Array(values) if values.len() == 1 => values[0].to_string(),
        other => other.to_string(),
    };
    let minutes = claims["exp"].as_u64().map(|exp| (exp + 30).saturating_sub(forge::now()) / 60);
    let lifetime = minutes.map_or_else(|| "minutes=none".into(), |minutes| format!("minutes={minutes}"));
    let mut parts = vec![format!("sub={}", person(&claims["sub"])), format!("aud={audience}"), lifetime];
    if !claims["impersonated_by"].is_null() {
        parts.push(format!("impersonated_by={}", person(&claims["impersonated_by"])));
    }
    format!("<token {}>", parts.join(" "))
}

fn is_uuid(text: &str) -> bool {
    let shape = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    text.len() == 36 && text.bytes().enumerate().all(shape)
}

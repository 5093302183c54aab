//! Whether an answer is one that the OpenAPI document tells of.
//!
//! For a path of ours and a method that it has, the document must know the status, the content type, and a schema that
//! the body fits: no member too few, none too many, each of its type. So every test of a route is also a test of the
//! document. Other paths and methods are the router's, and nothing is said of them.

use http::{HeaderMap, Method, StatusCode};
use portcullis::Auth;
use serde_json::Value;

/// The document of an app.
pub(super) struct Documented(Value);

impl Documented {
    pub(super) fn of(auth: &Auth) -> Self {
        Self(serde_json::to_value(auth.openapi()).unwrap_or_else(|error| panic!("the document: {error}")))
    }

    /// What the document does not say of an answer.
    pub(super) fn objection(
        &self,
        method: &Method,
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Option<String> {
        let operation = self.operation(method, path)?;
        // A defect is no part of an API.
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            return None;
        }
        let Some(response) = operation["responses"].get(status.as_str()) else {
            return Some(format!("{} is not among its statuses", status.as_u16()));
        };
        let content_type = headers.get("content-type").and_then(|value| value.to_str().ok());
        match (response.get("content"), content_type) {
            (None, None) if body.is_empty() => None,
            (Some(content), Some(content_type)) => {
                let Some(described) = content.get(content_type) else {
                    return Some(format!("{content_type} is not among its content types"));
                };
                match serde_json::from_slice(body) {
                    Ok(body) => self.misfit(&described["schema"], &body, "the body"),
                    Err(error) => Some(error.to_string()),
                }
            }
            (described, _) => Some(format!("its body is {content_type:?}, described as {described:?}")),
        }
    }

    fn operation(&self, method: &Method, path: &str) -> Option<&Value> {
        let path = path.split('?').next().unwrap_or_default();
        let paths = self.0["paths"].as_object()?;
        let fits = |template: &&String| {
            template.split('/').count() == path.split('/').count()
                && template
                    .split('/')
                    .zip(path.split('/'))
                    .all(|(want, is)| want == is || (want.starts_with('{') && !is.is_empty()))
        };
        // `/users/me` is before `/users/{id}`.
        let template = paths.keys().filter(fits).min_by_key(|template| template.matches('{').count())?;
        paths[template].get(method.as_str().to_lowercase())
    }

    fn misfit(&self, schema: &Value, value: &Value, place: &str) -> Option<String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.0.pointer(reference.trim_start_matches('#'));
            return self.misfit(target.unwrap_or_else(|| panic!("{reference} leads nowhere")), value, place);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let fits = |choice: &&Value| self.misfit(choice, value, place).is_none();
            let count = choices.iter().filter(fits).count();
            return (count != 1).then(|| format!("{place} fits {count} of {} choices: {value}", choices.len()));
        }
        let types = &schema["type"];
        let named = |name: &str| types == name || types.as_array().is_some_and(|types| types.iter().any(|t| t == name));
        if !types.is_null() && !named(type_of(value)) {
            return Some(format!("{place} is {value}, not {types}"));
        }
        match value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .find_map(|(at, item)| self.misfit(&schema["items"], item, &format!("{place}[{at}]"))),
            Value::Object(members) => {
                let known = schema["properties"].as_object()?;
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                required
                    .filter(|name| !members.contains_key(*name))
                    .map(|name| format!("{place} has no {name}"))
                    .next()
                    .or_else(|| {
                        members.iter().find_map(|(name, member)| match known.get(name) {
                            Some(schema) => self.misfit(schema, member, &format!("{place}.{name}")),
                            None => Some(format!("{place} has a member {name}")),
                        })
                    })
            }
            _ => None,
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

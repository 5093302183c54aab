//! Parameters in the query, by the rules of a form: percent and `+` decoded, the last one counts.

use super::validation::{Invalid, ValidationError};

/// A parameter that is required. It may be empty; what that means is the route's business.
///
/// # Errors
///
/// `missing` at `["query", name]`.
pub(crate) fn required(query: Option<&str>, name: &'static str) -> Result<String, Invalid> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(given, _)| given == name)
        .last()
        .map(|(_, value)| value.into_owned())
        .ok_or_else(|| ValidationError::missing_parameter("query", name).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The query of `GET /auth/cli-login/{code}`, and the secret that the original looked up.
    #[test]
    fn the_secret_is_found_as_the_original_finds_it() {
        for (query, secret) in [
            (None, None),
            (Some(""), None),
            (Some("Secret=x"), None),
            (Some("secret[]=1"), None),
            (Some("a=1;secret=2"), None),
            (Some("secret"), Some("")),
            (Some("secret="), Some("")),
            (Some("secret=x"), Some("x")),
            (Some("sec%72et=x"), Some("x")),
            (Some("secret=a&secret=b"), Some("b")),
            (Some("secret=&secret=x"), Some("x")),
            (Some("secret=x&secret="), Some("")),
            (Some("secret=a+b"), Some("a b")),
            (Some("secret=%ff"), Some("\u{fffd}")),
            (Some("secret=%"), Some("%")),
        ] {
            assert_eq!(required(query, "secret").ok().as_deref(), secret, "{query:?}");
        }
    }

    #[test]
    fn a_missing_secret_is_named_with_its_place() {
        let answer = serde_json::to_value(required(None, "secret").unwrap_err().0).unwrap();
        let expected = json!([{
            "type": "missing", "loc": ["query", "secret"], "msg": "Field required", "input": null,
        }]);
        assert_eq!(answer, expected);
    }
}

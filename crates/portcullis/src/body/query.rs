//! Parameters in the query, by the rules of a form: percent and `+` decoded, the last one counts.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::validation::{Invalid, Kind, ValidationError};

/// A parameter that is required. It may be empty; what that means is the route's business.
///
/// # Errors
///
/// `missing` at `["query", name]`.
pub(crate) fn required(query: Option<&str>, name: &'static str) -> Result<String, Invalid> {
    last(query, name).ok_or_else(|| ValidationError::missing_parameter("query", name).into())
}

/// A whole number within bounds, or `default` when it is not given.
///
/// # Errors
///
/// `int_parsing`, `greater_than_equal` or `less_than_equal` at `["query", name]`.
pub(crate) fn bounded(
    query: Option<&str>,
    name: &'static str,
    default: u32,
    bounds: RangeInclusive<u32>,
) -> Result<u32, Invalid> {
    let Some(text) = last(query, name) else { return Ok(default) };
    let wrong = |kind, msg: String| ValidationError::at(kind, "query", name, msg, &Value::from(text.as_str()));
    let Ok(number) = text.trim().parse::<i128>() else {
        let msg = "Input should be a valid integer, unable to parse string as an integer";
        return Err(wrong(Kind::IntParsing, msg.to_owned()).into());
    };
    let (least, most) = (*bounds.start(), *bounds.end());
    if number < i128::from(least) {
        let msg = format!("Input should be greater than or equal to {least}");
        return Err(wrong(Kind::GreaterThanEqual, msg).with("ge", least).into());
    }
    u32::try_from(number).ok().filter(|number| *number <= most).ok_or_else(|| {
        let msg = format!("Input should be less than or equal to {most}");
        wrong(Kind::LessThanEqual, msg).with("le", most).into()
    })
}

/// A parameter that may be left out, read by `parse`.
///
/// # Errors
///
/// `value_error` at `["query", name]` with `msg` when `parse` finds nothing in it.
pub(crate) fn parsed<T>(
    query: Option<&str>,
    name: &'static str,
    msg: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Invalid> {
    let Some(text) = last(query, name) else { return Ok(None) };
    match parse(&text) {
        Some(value) => Ok(Some(value)),
        None => Err(ValidationError::at(Kind::ValueError, "query", name, msg, &Value::from(text)).into()),
    }
}

fn last(query: Option<&str>, name: &str) -> Option<String> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(given, _)| given == name)
        .last()
        .map(|(_, value)| value.into_owned())
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

    #[test]
    fn a_number_has_a_default_and_bounds() {
        let limit = |query| bounded(Some(query), "limit", 50, 1..=500);
        assert_eq!(limit(""), Ok(50));
        assert_eq!(limit("limit=7"), Ok(7));
        for (query, kind) in [
            ("limit=", "int_parsing"),
            ("limit=x", "int_parsing"),
            ("limit=0", "greater_than_equal"),
            ("limit=-99999999999999999999", "greater_than_equal"),
            ("limit=501", "less_than_equal"),
            ("limit=99999999999999999999", "less_than_equal"),
        ] {
            let answer = serde_json::to_value(limit(query).unwrap_err().0).unwrap();
            assert_eq!(answer[0]["type"], kind, "{query}");
            assert_eq!(answer[0]["loc"], json!(["query", "limit"]));
        }
    }
}

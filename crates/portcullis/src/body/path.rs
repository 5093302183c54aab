//! User ids in paths, in every spelling that the original takes.
//!
//! It has two parsers, and so have we. The routes under `/users` try Python's `uuid.UUID`, which
//! removes `urn:`, `uuid:`, hyphens and outer braces wherever they stand, and answer 404 to what is
//! no id. Minting asks pydantic, which wants one of the four standard forms (RFC 9562 §4: hyphens,
//! none, braces, `urn:uuid:`), and answers 422 `uuid_parsing`.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde_json::Value;
use uuid::Uuid;

use super::validation::{Invalid, Kind, ValidationError};

/// The parameter of a path, decoded.
///
/// Bytes that are no UTF-8 are U+FFFD, as in the original. That is neither an id nor a code, and whoever asks for it
/// is refused by the same checks in the same order as for any other unknown name.
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let decoded = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(decoded.map_or_else(|_| char::REPLACEMENT_CHARACTER.into(), |Path(text)| text)))
    }
}

/// A user id as Python's `uuid.UUID` reads it; `None` is the route's 404.
pub(crate) fn parse_uuid(written: &str) -> Option<Uuid> {
    // The longest spelling anyone writes has 47 characters. Python has no limit; a path has.
    if written.len() > 128 {
        return None;
    }
    let bare = written.replace("urn:", "").replace("uuid:", "");
    let digits = bare.trim_matches(['{', '}']).replace('-', "");
    // Checked here because Python's own check (`int(digits, 16)`) lets underscores and signs in.
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Uuid::try_parse(&digits).ok()
}

/// A user id as pydantic reads it.
///
/// # Errors
///
/// `uuid_parsing` at `["path","user_id"]`.
pub(crate) fn user_id(written: &str) -> Result<Uuid, Invalid> {
    Uuid::parse_str(written).map_err(|error| {
        let error = error.to_string();
        let msg = format!("Input should be a valid UUID, {error}");
        let input = Value::from(written);
        ValidationError::at(Kind::UuidParsing, "path", "user_id", msg, &input).with("error", error).into()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "3c112032-9ae2-4db1-9dca-94267d7038f4";

    /// Spelling, whether `GET /users/{id}` found it, whether minting took it.
    const OBSERVED: &[(&str, bool, bool)] = &[
        ("3c112032-9ae2-4db1-9dca-94267d7038f4", true, true),
        ("3C112032-9AE2-4DB1-9DCA-94267D7038F4", true, true),
        ("3c1120329ae24db19dca94267d7038f4", true, true),
        ("3C1120329AE24DB19DCA94267D7038F4", true, true),
        ("{3c112032-9ae2-4db1-9dca-94267d7038f4}", true, true),
        ("urn:uuid:3c112032-9ae2-4db1-9dca-94267d7038f4", true, true),
        ("{3c1120329ae24db19dca94267d7038f4}", true, false),
        ("urn:uuid:3c1120329ae24db19dca94267d7038f4", true, false),
        ("uuid:3c112032-9ae2-4db1-9dca-94267d7038f4", true, false),
        ("urn:3c112032-9ae2-4db1-9dca-94267d7038f4", true, false),
        ("{urn:uuid:3c112032-9ae2-4db1-9dca-94267d7038f4}", true, false),
        ("urn:uuid:{3c112032-9ae2-4db1-9dca-94267d7038f4}", true, false),
        ("{{3c112032-9ae2-4db1-9dca-94267d7038f4}}", true, false),
        ("{3c112032-9ae2-4db1-9dca-94267d7038f4", true, false),
        ("3c112032-9ae2-4db1-9dca-94267d7038f4}", true, false),
        ("}3c112032-9ae2-4db1-9dca-94267d7038f4{", true, false),
        ("3c11-20329ae24db19dca94267d7038f4", true, false),
        ("-3c1120329ae24db19dca94267d7038f4", true, false),
        ("3c1120329ae24db19dca94267d7038f4-", true, false),
        ("3c112032urn:-9ae2-4db1-9dca-94267d7038f4", true, false),
        // Minting refuses it in the original; RFC 8141 §3.1 says that case means nothing here.
        ("URN:UUID:3c112032-9ae2-4db1-9dca-94267d7038f4", false, true),
        ("3c112032-9ae2-4db1-9dca-94267d7038f", false, false),
        ("3c112032-9ae2-4db1-9dca-94267d7038f40", false, false),
        ("3c112032-9ae2-4db1-9dca-94267d7038fg", false, false),
        (" 3c112032-9ae2-4db1-9dca-94267d7038f4", false, false),
        ("3c112032-9ae2-4db1-9dca-94267d7038f4 ", false, false),
        ("3c1120329ae24db19dca94267d7038f\n", false, false),
        ("+c1120329ae24db19dca94267d7038f4", false, false),
        ("0x1120329ae24db19dca94267d7038f4", false, false),
        ("3c112_329ae24db19dca94267d7038f4", false, false),
        ("\u{661}c1120329ae24db19dca94267d7038f4", false, false),
        ("\0c1120329ae24db19dca94267d7038f4", false, false),
        ("3c112032–9ae2–4db1–9dca–94267d7038f4", false, false),
        ("me", false, false),
        ("zzz", false, false),
        ("0", false, false),
        ("", false, false),
        ("%6de", false, false),
    ];

    #[test]
    fn both_parsers_take_the_spellings_that_the_original_takes() {
        let id = Uuid::parse_str(ID).unwrap();
        for &(written, found, minted) in OBSERVED {
            assert_eq!(parse_uuid(written), found.then_some(id), "{written:?}");
            assert_eq!(user_id(written).ok(), minted.then_some(id), "{written:?}");
        }
    }

    #[test]
    fn a_refused_id_is_a_uuid_parsing_error_in_the_path() {
        let answer = serde_json::to_value(user_id("zzz").unwrap_err().0).unwrap();
        assert_eq!(answer[0]["type"], "uuid_parsing");
        assert_eq!(answer[0]["loc"], serde_json::json!(["path", "user_id"]));
        assert_eq!(answer[0]["input"], "zzz");
        let error = answer[0]["ctx"]["error"].as_str().unwrap();
        assert_eq!(answer[0]["msg"], format!("Input should be a valid UUID, {error}"));
    }

    proptest! {
        #[test]
        fn any_text_is_an_id_or_not_without_panicking(written in any::<String>()) {
            let _ = (parse_uuid(&written), user_id(&written));
        }

        #[test]
        fn every_id_is_read_back_from_its_spellings(number in any::<u128>()) {
            let id = Uuid::from_u128(number);
            prop_assert_eq!(parse_uuid(&id.simple().to_string()), Some(id));
            prop_assert_eq!(parse_uuid(&id.urn().to_string()), Some(id));
            prop_assert_eq!(user_id(&id.braced().to_string()).ok(), Some(id));
        }
    }
}

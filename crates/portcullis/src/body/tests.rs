//! JSON bodies against the observed answers of the original, from bytes to the 422.
//!
//! Observed with zndraw-auth 0.2.3 on FastAPI 0.128. `register` is `POST /auth/register`; `update`
//! is `PATCH /users/{id}`.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::Refused;
use super::fields::Field;
use super::form::PasswordForm;
use super::json::JsonBody;
use super::limit::AUTH_BODY_LIMIT;

async fn answer(response: Response) -> Value {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap()
}

/// `422 type@loc type@loc`, or `400 text`.
pub(super) async fn summary(response: Response) -> String {
    let status = response.status().as_u16();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    let body = answer(response).await;
    let detail = &body["detail"];
    let Some(errors) = detail.as_array() else {
        return format!("{status} {}", detail.as_str().unwrap());
    };
    let mut summary = status.to_string();
    for error in errors {
        let place = error["loc"].as_array().unwrap().iter().map(|step| match step {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        });
        let place = place.collect::<Vec<_>>().join(".");
        summary += &format!(" {}@{place}", error["type"].as_str().unwrap());
    }
    summary
}

/// Stands in for the parser of addresses, with two of its reasons.
fn address(text: &str) -> Result<String, String> {
    match text.split_once('@') {
        None => Err("An email address must have an @-sign.".into()),
        Some((_, domain)) if !domain.contains('.') => {
            Err("The part after the @-sign is not valid. It should have a period.".into())
        }
        Some(_) => Ok(text.trim().into()),
    }
}

fn body(content_type: Option<&'static str>, bytes: impl Into<Bytes>) -> Result<JsonBody, Refused> {
    let mut headers = HeaderMap::new();
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    JsonBody::read(&headers, &bytes.into())
}

type Flags = [Field<bool>; 3];

fn register(bytes: impl Into<Bytes>) -> Result<(String, String, Flags), Refused> {
    let mut fields = body(Some("application/json"), bytes)?.fields()?;
    let email = fields.email("email", address);
    let password = fields.secret("password");
    let active = fields.nullable_bool("is_active");
    let superuser = fields.nullable_bool("is_superuser");
    let verified = fields.nullable_bool("is_verified");
    let (email, password, active, superuser, verified) =
        fields.finish((email, password, active, superuser, verified))?;
    Ok((email, password.expose_secret().into(), [active, superuser, verified]))
}

#[expect(clippy::type_complexity, reason = "spelled out once, for the eye")]
fn update(bytes: impl Into<Bytes>) -> Result<(Field<String>, Option<String>, [Option<bool>; 3]), Refused> {
    let mut fields = body(Some("application/json"), bytes)?.fields()?;
    let password = fields.nullable_secret("password");
    let email = fields.optional_email("email", address);
    let active = fields.optional_bool("is_active");
    let superuser = fields.optional_bool("is_superuser");
    let verified = fields.optional_bool("is_verified");
    let (password, email, active, superuser, verified) =
        fields.finish((password, email, active, superuser, verified))?;
    let password = match password {
        Field::Value(password) => Field::Value(password.expose_secret().to_owned()),
        Field::Null => Field::Null,
        Field::Absent => Field::Absent,
    };
    Ok((password, email, [active, superuser, verified]))
}

async fn refused<T: std::fmt::Debug>(read: Result<T, Refused>) -> String {
    summary(read.expect_err("a refusal").into_response()).await
}

#[tokio::test]
async fn a_body_without_fields_is_refused_in_the_words_of_the_original() {
    const NO_OBJECT: &str = "422 model_attributes_type@body";
    const NO_BODY: &str = "422 missing@body";
    for (bytes, expected) in [
        ("", NO_BODY),
        ("null", NO_BODY),
        (" null\n", NO_BODY),
        ("true", NO_OBJECT),
        ("5", NO_OBJECT),
        ("\"x\"", NO_OBJECT),
        ("[]", NO_OBJECT),
        ("[{}]", NO_OBJECT),
        ("{}", "422 missing@body.email missing@body.password"),
        ("\u{feff}{}", "422 missing@body.email missing@body.password"),
        ("{", "422 json_invalid@body.1"),
        (" ", "422 json_invalid@body.1"),
        ("\u{feff}", "422 json_invalid@body.0"),
        ("{\"é😀\":x}", "422 json_invalid@body.6"),
    ] {
        assert_eq!(refused(register(bytes)).await, expected, "{bytes:?}");
    }
    for bytes in ["", "null", "[]", "5", "{"] {
        assert_eq!(refused(update(bytes)).await, refused(register(bytes)).await);
    }
}

#[tokio::test]
async fn parameters_are_missing_one_by_one_whatever_the_body_is() {
    const BOTH: &str = "422 missing@body.token missing@body.password";
    let reset = |content_type: Option<&'static str>, bytes: &str| {
        let mut fields = body(content_type, bytes.to_owned())?.parameters();
        let (token, password) = (fields.secret("token"), fields.secret("password"));
        Ok::<_, Refused>(fields.finish((token, password))?)
    };
    for bytes in ["", "null", "[]", "\"x\"", "{}", r#"{"token":null,"password":null}"#] {
        assert_eq!(refused(reset(None, bytes)).await, BOTH, "{bytes:?}");
    }
    assert_eq!(refused(reset(Some("text/plain"), r#"{"token":"t","password":"p"}"#)).await, BOTH);
    assert_eq!(refused(reset(None, r#"{"token":7}"#)).await, "422 string_type@body.token missing@body.password");
    assert_eq!(refused(reset(None, "{")).await, "422 json_invalid@body.1");
    assert!(reset(None, r#"{"token":"t","password":"p"}"#).is_ok());
}

#[tokio::test]
async fn bytes_that_are_no_text_and_texts_too_deep_cannot_be_parsed() {
    const UNPARSABLE: &str = "400 There was an error parsing the body";
    for bytes in [&b"\xff"[..], b"{\"a\":\"\xff\"}", b"\xc3", b"{\"a\":\"\xc0\x80\"}", b"\xff\xfe"] {
        assert_eq!(refused(register(bytes.to_vec())).await, UNPARSABLE);
    }
    // A 500 in the original: half a surrogate pair, in bytes and escaped.
    assert_eq!(refused(register(&b"{\"a\":\"\xed\xa0\x80\"}"[..])).await, UNPARSABLE);
    assert_eq!(refused(register(r#"{"a":"\ud800"}"#)).await, "422 json_invalid@body.7");
    for deep in ["[".repeat(2000), "{\"a\":".repeat(2000), "[".repeat(60_000)] {
        assert_eq!(refused(register(deep)).await, UNPARSABLE);
    }
}

#[tokio::test]
async fn the_content_type_decides_before_the_syntax() {
    for content_type in ["text/plain", "text/json", "application/x-www-form-urlencoded", "json"] {
        for bytes in [&b"{}"[..], b"{", b"\xff\xfe"] {
            let fields = body(Some(content_type), bytes).unwrap().fields();
            let refused = refused(fields.map(drop).map_err(Refused::from)).await;
            assert_eq!(refused, "422 model_attributes_type@body", "{content_type}");
        }
        // Nothing is nothing, whatever it is called.
        let fields = body(Some(content_type), "").unwrap().fields();
        assert_eq!(refused(fields.map(drop).map_err(Refused::from)).await, "422 missing@body");
    }
    for content_type in [None, Some(""), Some("application/json"), Some("application/problem+json")] {
        assert!(body(content_type, "{}").unwrap().fields().is_ok(), "{content_type:?}");
        assert!(body(content_type, "{").is_err(), "{content_type:?}");
    }
}

#[tokio::test]
async fn registering_lists_every_error_in_the_order_of_its_schema() {
    for (bytes, expected) in [
        (r#"{"password":"p"}"#, "422 missing@body.email"),
        (r#"{"email":"a@b.co"}"#, "422 missing@body.password"),
        (r#"{"Email":"a@b.co","password":"x"}"#, "422 missing@body.email"),
        (r#"{"email":null,"password":null}"#, "422 string_type@body.email string_type@body.password"),
        (r#"{"email":5,"password":6}"#, "422 string_type@body.email string_type@body.password"),
        (r#"{"email":[],"password":{}}"#, "422 string_type@body.email string_type@body.password"),
        (r#"{"email":true,"password":1.5}"#, "422 string_type@body.email string_type@body.password"),
        (r#"{"email":"x","password":"y"}"#, "422 value_error@body.email"),
        (r#"{"email":"","password":""}"#, "422 value_error@body.email"),
        (r#"{"email":"x","email":"u","password":"p"}"#, "422 value_error@body.email"),
        (
            r#"{"is_active":"maybe","is_superuser":2,"is_verified":[],"password":5,"email":"x"}"#,
            "422 value_error@body.email string_type@body.password bool_parsing@body.is_active \
             bool_parsing@body.is_superuser bool_type@body.is_verified",
        ),
    ] {
        assert_eq!(refused(register(bytes)).await, expected, "{bytes}");
    }
}

#[test]
fn registering_reads_what_the_original_reads() {
    let plain = |email: &str, password: &str| {
        (email.to_owned(), password.to_owned(), [Field::Absent, Field::Absent, Field::Absent])
    };
    for (bytes, expected) in [
        (r#"{"email":"a@b.co","password":"p"}"#, plain("a@b.co", "p")),
        (r#"{"password":"p","more":{"x":[1]},"email":"a@b.co"}"#, plain("a@b.co", "p")),
        (r#"{"email":"x","email":"a@b.co","password":"p"}"#, plain("a@b.co", "p")),
        (r#"{"email":"a@b.co","password":""}"#, plain("a@b.co", "")),
        (r#"{"email":"a@b.co","password":"\u0000😀\ud83d\ude00"}"#, plain("a@b.co", "\0😀😀")),
    ] {
        assert_eq!(register(bytes).unwrap(), expected, "{bytes}");
    }
    let flags = r#"{"email":"a@b.co","password":"p","is_active":null,"is_superuser":"yes","is_verified":0}"#;
    let [active, superuser, verified] = register(flags).unwrap().2;
    assert_eq!((active.value(), superuser.value(), verified.value()), (None, Some(true), Some(false)));
}

#[tokio::test]
async fn updating_ignores_a_null_password_and_refuses_every_other_null() {
    let nothing = (Field::Absent, None, [None, None, None]);
    assert_eq!(update("{}").unwrap(), nothing);
    let null = (Field::Null, None, [None, None, None]);
    assert_eq!(update(r#"{"password":null}"#).unwrap(), null);
    let all = (Field::Value("p".to_owned()), Some("a@b.co".to_owned()), [Some(true), Some(false), Some(true)]);
    let bytes = r#"{"email":"a@b.co","password":"p","is_active":true,"is_superuser":"no","is_verified":1}"#;
    assert_eq!(update(bytes).unwrap(), all);
    for (bytes, expected) in [
        // A 500 in the original.
        (r#"{"email":null}"#, "422 string_type@body.email"),
        (r#"{"is_active":null}"#, "422 bool_type@body.is_active"),
        // As in the original: the password comes first in this schema.
        (r#"{"email":5,"password":5}"#, "422 string_type@body.password string_type@body.email"),
        (
            r#"{"is_active":"maybe","is_superuser":2,"is_verified":[],"password":5,"email":"x"}"#,
            "422 string_type@body.password value_error@body.email bool_parsing@body.is_active \
             bool_parsing@body.is_superuser bool_type@body.is_verified",
        ),
        (r#"{"password":"p","email":"x"}"#, "422 value_error@body.email"),
    ] {
        assert_eq!(refused(update(bytes)).await, expected, "{bytes}");
    }
}

/// What `is_active` may be, and the error where it may not.
#[tokio::test]
async fn booleans_are_as_lax_as_in_the_original() {
    const PARSING: &str = "422 bool_parsing@body.is_active";
    const TYPE: &str = "422 bool_type@body.is_active";
    for (written, expected) in [
        ("true", Ok(true)),
        ("1", Ok(true)),
        ("1.0", Ok(true)),
        ("1e0", Ok(true)),
        ("10e-1", Ok(true)),
        ("\"1\"", Ok(true)),
        ("\"true\"", Ok(true)),
        ("\"True\"", Ok(true)),
        ("\"tRuE\"", Ok(true)),
        ("\"t\"", Ok(true)),
        ("\"T\"", Ok(true)),
        ("\"yes\"", Ok(true)),
        ("\"y\"", Ok(true)),
        ("\"Y\"", Ok(true)),
        ("\"on\"", Ok(true)),
        ("\"ON\"", Ok(true)),
        ("false", Ok(false)),
        ("0", Ok(false)),
        ("-0", Ok(false)),
        ("0.0", Ok(false)),
        ("-0.0", Ok(false)),
        ("\"0\"", Ok(false)),
        ("\"false\"", Ok(false)),
        ("\"FALSE\"", Ok(false)),
        ("\"f\"", Ok(false)),
        ("\"no\"", Ok(false)),
        ("\"n\"", Ok(false)),
        ("\"N\"", Ok(false)),
        ("\"oFf\"", Ok(false)),
        ("2", Err(PARSING)),
        ("-1", Err(PARSING)),
        ("2.0", Err(PARSING)),
        ("9223372036854775807", Err(PARSING)),
        ("\"01\"", Err(PARSING)),
        ("\" true\"", Err(PARSING)),
        ("\"true \"", Err(PARSING)),
        ("\"\"", Err(PARSING)),
        ("\"maybe\"", Err(PARSING)),
        ("\"enabled\"", Err(PARSING)),
        ("\"1.0\"", Err(PARSING)),
        ("\"tru\"", Err(PARSING)),
        ("\"ｔrue\"", Err(PARSING)),
        ("\"\\u0000\"", Err(PARSING)),
        ("0.5", Err(TYPE)),
        ("1.5", Err(TYPE)),
        ("1e300", Err(TYPE)),
        ("9223372036854775808", Err(TYPE)),
        ("18446744073709551615", Err(TYPE)),
        ("18446744073709551616", Err(TYPE)),
        ("-9223372036854775809", Err(TYPE)),
        ("[]", Err(TYPE)),
        ("[true]", Err(TYPE)),
        ("{}", Err(TYPE)),
        ("{\"a\":1}", Err(TYPE)),
    ] {
        let read = update(format!("{{\"is_active\":{written}}}"));
        match expected {
            Ok(boolean) => assert_eq!(read.unwrap().2[0], Some(boolean), "{written}"),
            Err(error) => assert_eq!(refused(read).await, error, "{written}"),
        }
    }
}

#[tokio::test]
async fn the_answers_are_those_of_the_original_to_the_letter() {
    let invalid = |error| json!({"detail": [error]});
    for (bytes, expected) in [
        (
            r#"{"email":"c@x","password":"pw"}"#,
            invalid(json!({
                "type": "value_error",
                "loc": ["body", "email"],
                "msg": "value is not a valid email address: The part after the @-sign is not valid. It should have a period.",
                "input": "c@x",
                "ctx": {"reason": "The part after the @-sign is not valid. It should have a period."},
            })),
        ),
        (
            "{",
            invalid(json!({
                "type": "json_invalid",
                "loc": ["body", 1],
                "msg": "JSON decode error",
                "input": {},
                "ctx": {"error": "Expecting property name enclosed in double quotes"},
            })),
        ),
        (
            "",
            invalid(json!({
                "type": "missing", "loc": ["body"], "msg": "Field required", "input": null,
            })),
        ),
        (
            r#"{"email":5,"password":"p"}"#,
            invalid(json!({
                "type": "string_type",
                "loc": ["body", "email"],
                "msg": "Input should be a valid string",
                "input": 5,
            })),
        ),
        (
            r#"{"email":"a@b.co","password":"p","is_active":"maybe"}"#,
            invalid(json!({
                "type": "bool_parsing",
                "loc": ["body", "is_active"],
                "msg": "Input should be a valid boolean, unable to interpret input",
                "input": "maybe",
            })),
        ),
        (
            r#"{"email":"a@b.co","password":"p","is_active":[true]}"#,
            invalid(json!({
                "type": "bool_type",
                "loc": ["body", "is_active"],
                "msg": "Input should be a valid boolean",
                // The original repeats what is inside.
                "input": [],
            })),
        ),
        (
            "5",
            invalid(json!({
                "type": "model_attributes_type",
                "loc": ["body"],
                "msg": "Input should be a valid dictionary or object to extract fields from",
                // The original repeats the whole body.
                "input": {},
            })),
        ),
    ] {
        let response = register(bytes).unwrap_err().into_response();
        assert_eq!(answer(response).await, expected, "{bytes}");
    }
}

#[tokio::test]
async fn no_answer_repeats_a_password() {
    for bytes in [
        r#"{"password":"hunter2"}"#,
        r#"{"passwd":"hunter2","email":"a@b.co"}"#,
        r#"{"email":5,"password":"hunter2"}"#,
        r#"{"email":"a@b.co","password":["hunter2"]}"#,
        r#"{"email":{"password":"hunter2"},"password":{"p":"hunter2"}}"#,
        r#"[{"email":"a@b.co","password":"hunter2"}]"#,
        r#""hunter2""#,
        r#"{"email":"a@b.co","password":"hunter2"#,
    ] {
        let response = register(bytes).unwrap_err().into_response();
        let answer = answer(response).await.to_string();
        assert!(!answer.contains("hunter2"), "{answer}");
    }
    let fields = body(Some("text/plain"), r#"{"password":"hunter2"}"#).unwrap().fields();
    let answer = answer(fields.map(drop).unwrap_err().into_response()).await.to_string();
    assert!(!answer.contains("hunter2"), "{answer}");
    let shown = format!("{:?}", body(None, r#"{"password":"hunter2"}"#).unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[tokio::test]
async fn the_extractors_stop_at_the_limit() {
    let request = |length: usize, content_type: &'static str| {
        Request::builder().header(CONTENT_TYPE, content_type).body(Body::from(vec![b' '; length])).unwrap()
    };
    for (length, json, form) in [
        (AUTH_BODY_LIMIT, "422 json_invalid@body.65536", "422 missing@body.username missing@body.password"),
        (AUTH_BODY_LIMIT + 1, "413 Request body too large", "413 Request body too large"),
    ] {
        let read = JsonBody::from_request(request(length, "application/json"), &()).await;
        assert_eq!(refused(read).await, json);
        let read = request(length, "application/x-www-form-urlencoded");
        assert_eq!(refused(PasswordForm::from_request(read, &()).await).await, form);
    }
}

/// Bytes, and texts that come close to a body.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let near = r#"([{}\[\],: ]|"email"|"password"|"is_active"|"x@y"|"\\ud800"|null|true|1e9+|é){0,32}"#;
    prop_oneof![proptest::collection::vec(any::<u8>(), 0..256), near.prop_map(String::into_bytes)]
}

proptest! {
    #[test]
    fn no_bytes_panic_or_end_in_a_5xx(bytes in anything()) {
        for content_type in [None, Some("application/json"), Some("text/plain")] {
            let read = body(content_type, bytes.clone());
            let fields = read.and_then(|body| Ok(body.fields()?));
            if let Err(error) = fields {
                prop_assert!(error.into_response().status().is_client_error());
            }
        }
        for refused in [register(bytes.clone()).err(), update(bytes.clone()).err()].into_iter().flatten() {
            prop_assert!(refused.into_response().status().is_client_error());
        }
    }

    #[test]
    fn a_password_is_read_to_the_character(password in any::<String>()) {
        let sent = json!({"email": "a@b.co", "password": password}).to_string();
        prop_assert_eq!(register(sent).unwrap().1, password);
    }
}

//! The login form against the observed answers of the original.

use axum::response::IntoResponse;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

const URL_ENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=B";

/// `user/password` of a form that was read, or `status type@loc …` of the answer.
async fn outcome(content_type: Option<&str>, body: impl Into<Bytes>) -> String {
    let mut headers = HeaderMap::new();
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
    }
    match PasswordForm::read(&headers, body.into()).await {
        Ok(form) => format!("{}/{}", form.username, form.password.expose_secret()),
        Err(error) => crate::body::tests::summary(error.into_response()).await,
    }
}

const BOTH_MISSING: &str = "422 missing@body.username missing@body.password";

#[tokio::test]
async fn a_url_encoded_form_is_read_as_the_original_reads_it() {
    let mismatch = "422 string_pattern_mismatch@body.grant_type";
    let no_user = "422 missing@body.username";
    let no_password = "422 missing@body.password";
    for (body, expected) in [
        ("username=a%40b.c&password=p", "a@b.c/p"),
        ("", BOTH_MISSING),
        ("username=a", no_password),
        ("password=b", no_user),
        ("username=&password=", BOTH_MISSING),
        ("username=a&password=", no_password),
        ("username&password", BOTH_MISSING),
        ("username=%20&password=%20", " / "),
        ("username=a+b&password=%2B", "a b/+"),
        ("username=a&password=b&grant_type=", "a/b"),
        ("username=a&password=b&grant_type=password", "a/b"),
        ("username=a&password=b&grant_type=Password", mismatch),
        ("username=a&password=b&grant_type=password%0A", mismatch),
        ("username=a&password=b&grant_type=client_credentials", mismatch),
        ("username=a&password=b&grant_type=x&grant_type=password", "a/b"),
        ("grant_type=x", "422 string_pattern_mismatch@body.grant_type missing@body.username missing@body.password"),
        ("username=a&password=b&scope=x&client_id=y&client_secret=z", "a/b"),
        ("username=a&password=b&scope=", "a/b"),
        ("username=a&username=b&password=c", "b/c"),
        ("username=a&password=b&username=", no_user),
        ("username=a&password=%ff", "a/\u{fffd}"),
        ("username=%ff&password=%zz", "\u{fffd}/%zz"),
        ("username=a&password=%", "a/%"),
        ("username=a&password=%u1234", "a/%u1234"),
        ("username=a&&password=b", "a/b"),
        ("=x&username=a&password=b", "a/b"),
        ("username=a=b&password=b=c", "a=b/b=c"),
        ("USERNAME=a&password=b", no_user),
        ("username%20=a&password=b", no_user),
        ("%75sername=a&password=b", "a/b"),
        ("user+name=a&password=b", no_user),
        (" username=a&password=b", no_user),
        ("?username=a&password=b", no_user),
        ("username[]=a&password=b", no_user),
        ("username=a%00&password=b%00", "a\0/b\0"),
        ("username=a&password=b\n", "a/b\n"),
        // Two fields in the original.
        ("username=a;password=b", no_password),
        // Two times two Latin-1 characters in the original.
        ("username=é&password=é", "é/é"),
    ] {
        assert_eq!(outcome(Some(URL_ENCODED), body).await, expected, "{body:?}");
    }
}

#[tokio::test]
async fn a_body_of_another_type_has_no_fields() {
    let body = "username=a&password=b";
    for (content_type, expected) in [
        (None, BOTH_MISSING),
        (Some(""), BOTH_MISSING),
        (Some("text/plain"), BOTH_MISSING),
        (Some("application/json"), BOTH_MISSING),
        (Some("application/xml"), BOTH_MISSING),
        (Some("multipart/mixed; boundary=x"), BOTH_MISSING),
        (Some("application/x-www-form-urlencoded, x"), BOTH_MISSING),
        (Some("application/x-www-form-urlencoded; charset=latin-1"), "a/b"),
        (Some("APPLICATION/X-WWW-FORM-URLENCODED"), "a/b"),
        (Some("multipart/form-data"), "400 Missing boundary in multipart."),
        (Some("multipart/form-data; boundary=x"), "400 There was an error parsing the body"),
    ] {
        assert_eq!(outcome(content_type, body).await, expected, "{content_type:?}");
    }
    for json in [r#"{"username":"a","password":"b"}"#, "{"] {
        assert_eq!(outcome(Some("application/json"), json).await, BOTH_MISSING);
    }
}

fn part(disposition: &str, value: &str) -> String {
    format!("--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n")
}

#[tokio::test]
async fn a_multipart_form_is_read_as_the_original_reads_it() {
    let user = part("name=\"username\"", "a");
    let password = part("name=\"password\"", "b");
    let broken = "400 There was an error parsing the body";
    let nameless = "400 The Content-Disposition header field \"name\" must be provided.";
    let no_text = |field: &str| format!("422 string_type@body.{field}");
    let file = |field: &str| part(&format!("name=\"{field}\"; filename=\"x.txt\""), "f");
    let cases = [
        ("a form", format!("{user}{password}--B--\r\n"), "a/b".to_owned()),
        ("nothing", String::new(), BOTH_MISSING.into()),
        ("only the end", "--B--\r\n".into(), BOTH_MISSING.into()),
        ("garbage", "asdf".into(), broken.into()),
        (
            "empty field",
            format!("{}{password}--B--\r\n", part("name=\"username\"", "")),
            "422 missing@body.username".into(),
        ),
        ("a field twice", format!("{}{user}{password}--B--\r\n", part("name=\"username\"", "z")), "a/b".into()),
        (
            "twice, then empty",
            format!("{user}{}{password}--B--\r\n", part("name=\"username\"", "")),
            "422 missing@body.username".into(),
        ),
        ("lines in a value", format!("{}{password}--B--\r\n", part("name=\"username\"", "a\r\nb")), "a\r\nb/b".into()),
        (
            "wrong grant",
            format!("{user}{password}{}--B--\r\n", part("name=\"grant_type\"", "x")),
            "422 string_pattern_mismatch@body.grant_type".into(),
        ),
        ("file for a user", format!("{}{password}--B--\r\n", file("username")), no_text("username")),
        ("file for a password", format!("{user}{}--B--\r\n", file("password")), no_text("password")),
        ("file for a grant", format!("{user}{password}{}--B--\r\n", file("grant_type")), no_text("grant_type")),
        ("file for a scope", format!("{user}{password}{}--B--\r\n", file("scope")), no_text("scope")),
        ("file for nothing", format!("{user}{password}{}--B--\r\n", file("x")), "a/b".into()),
        ("file, then field", format!("{}{user}{password}--B--\r\n", file("username")), "a/b".into()),
        ("field, then file", format!("{user}{}{password}--B--\r\n", file("username")), no_text("username")),
        (
            "file without a name",
            format!("{}{password}--B--\r\n", part("name=\"username\"; filename=\"\"", "f")),
            no_text("username"),
        ),
        ("unquoted name", format!("{}{password}--B--\r\n", part("name=username", "a")), "a/b".into()),
        ("part without a name", format!("{}{user}{password}--B--\r\n", part("x=y", "a")), nameless.into()),
        (
            "part without a disposition",
            format!("--B\r\nContent-Type: text/plain\r\n\r\nx\r\n{user}{password}--B--\r\n"),
            nameless.into(),
        ),
        (
            "an attachment",
            format!("--B\r\nContent-Disposition: attachment; name=\"username\"\r\n\r\na\r\n{password}--B--\r\n"),
            "a/b".into(),
        ),
        ("an empty line first", format!("\r\n{user}{password}--B--\r\n"), "a/b".into()),
        ("text after the end", format!("{user}{password}--B--\r\nbye"), "a/b".into()),
        ("bare line feeds", format!("{user}{password}--B--\r\n").replace("\r\n", "\n"), broken.into()),
        ("another boundary", user.replace("--B", "--C"), broken.into()),
        ("broken header", "--B\r\nContent Disposition form-data\r\n\r\nx\r\n--B--\r\n".into(), broken.into()),
        (
            "too many parts",
            format!("{}--B--\r\n", part("name=\"x\"", "").repeat(1001)),
            "400 Too many fields. Maximum number of fields is 1000.".into(),
        ),
        // A 422 for the unfinished field in the original.
        ("no end", format!("{user}{password}"), broken.into()),
        // A 400 in the original.
        ("text before the start", format!("hello\r\n{user}{password}--B--\r\n"), "a/b".into()),
    ];
    for (name, body, expected) in cases {
        assert_eq!(outcome(Some(MULTIPART), body).await, expected, "{name}");
    }
}

#[tokio::test]
async fn multipart_bytes_that_are_not_utf8_are_latin_1() {
    let mut body = part("name=\"username\"", "a").into_bytes();
    body.extend(b"--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n\xff\r\n--B--\r\n");
    assert_eq!(outcome(Some(MULTIPART), body).await, "a/ÿ");
}

#[tokio::test]
async fn the_boundary_may_be_quoted() {
    let body = format!("{}{}--B--\r\n", part("name=username", "a"), part("name=password", "b"));
    for content_type in [
        "multipart/form-data; boundary=\"B\"",
        "Multipart/Form-Data; boundary=B",
        "multipart/form-data; boundary=B; charset=nope",
    ] {
        assert_eq!(outcome(Some(content_type), body.clone()).await, "a/b", "{content_type}");
    }
}

#[tokio::test]
async fn a_refused_form_repeats_neither_password_nor_file() {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(URL_ENCODED));
    let body = Bytes::from_static(b"grant_type=x&password=hunter2&client_secret=hunter2");
    let response = PasswordForm::read(&headers, body).await.unwrap_err().into_response();
    let answer = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(
        answer,
        concat!(
            r#"{"detail":[{"type":"string_pattern_mismatch","loc":["body","grant_type"],"#,
            r#""msg":"String should match pattern '^password$'","input":"x","ctx":{"pattern":"^password$"}},"#,
            r#"{"type":"missing","loc":["body","username"],"msg":"Field required","input":null}]}"#
        )
    );
}

#[tokio::test]
async fn the_form_shows_nothing_when_printed() {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(URL_ENCODED));
    let body = Bytes::from_static(b"username=ada&password=hunter2");
    let shown = format!("{:?}", PasswordForm::read(&headers, body).await.unwrap());
    assert!(!shown.contains("hunter2") && !shown.contains("ada"), "{shown}");
}

proptest! {
    #[test]
    fn no_bytes_panic_or_end_in_a_5xx(
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..256),
            r#"(--B(--)?\r\n|Content-Disposition: form-data; name="?(username|password)"?|; filename=x|\r\n|[^B]|&|=|%|username|password){0,24}"#.prop_map(String::into_bytes),
        ],
        multipart in any::<bool>(),
    ) {
        let content_type = if multipart { MULTIPART } else { URL_ENCODED };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Err(error) = runtime.block_on(PasswordForm::read(&headers, body.into())) {
            prop_assert!(error.into_response().status().is_client_error());
        }
    }
}

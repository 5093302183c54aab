//! What the OpenAPI document says of login and logout.

use crate::body::validation::ValidationError;
use crate::detail::Detail;
use crate::openapi::Docs;
use crate::wire::BearerToken;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// RFC 6749 §4.3's form.
#[derive(Serialize, ToSchema)]
struct LoginForm {
    /// `password`, or empty.
    #[schema(pattern = "^(password)?$", nullable = false)]
    grant_type: Option<&'static str>,
    /// The e-mail address, in any letter case.
    #[schema(min_length = 1)]
    username: &'static str,
    /// The password.
    #[schema(format = Password, min_length = 1)]
    password: &'static str,
    /// Ignored.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    /// Ignored.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'static str>,
    /// Ignored.
    #[schema(format = Password, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'static str>,
}

pub(in crate::routes) fn describe(docs: &mut Docs<'_>) {
    let form = LoginForm {
        grant_type: Some("password"),
        username: "ada@example.com",
        password: "purple heron kite lamp",
        scope: None,
        client_id: None,
        client_secret: None,
    };
    docs.operation(
        "login_jwt",
        "Log in",
        "Signs in with an address and a password. The token's session ends with the token.",
    )
    .form(&form, ValidationError::missing_parameter("body", "password"))
    .answers(StatusCode::OK, "An access token.", &BearerToken::example())
    .refuses(
        "The address is unknown, the password wrong, or the account inactive; which of them is not told.",
        Detail::login_bad_credentials(),
    )
    .throttled("Too many logins from here, or too many wrong passwords for this account.")
    .hashes();

    docs.operation("logout_jwt", "Log out", "Ends the session of the token that the request carries.")
        .answers_nothing("The token opens nothing any more.");
}

//! What the OpenAPI document says of resets and verification.

use crate::body::validation::ValidationError;
use crate::detail::{Detail, PasswordCode};
use crate::openapi::Docs;
use crate::openapi::schema::NewPassword;
use crate::routes::account::doc::too_short;
use crate::wire::UserRead;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

const TOKEN: &str = "nC0bNl5kQ0mVx8sQ1xY3hZkq9kQe2s7W4tJ6uR8pLdE";

/// Whom to mail.
#[derive(Serialize, ToSchema)]
struct EmailOnly {
    /// The address.
    #[schema(format = "email", max_length = 320)]
    email: &'static str,
}

/// A new password with the token that was mailed.
#[derive(Serialize, ToSchema)]
struct ResetPassword {
    /// The token from the mail.
    token: &'static str,
    #[schema(value_type = NewPassword)]
    password: &'static str,
}

/// The token that was mailed.
#[derive(Serialize, ToSchema)]
struct VerifyEmail {
    /// The token from the mail.
    token: &'static str,
}

pub(in crate::routes) fn describe(docs: &mut Docs<'_>) {
    let email = EmailOnly { email: "ada@example.com" };
    docs.operation(
        "request_password_reset",
        "Ask for a reset mail",
        "Mails a token that sets a new password, if an active account has the address.",
    )
    .json(&email, ValidationError::missing("email"))
    .answers_null(StatusCode::ACCEPTED, "Whether or not anybody has the address.")
    .throttled("Too many mails were asked for from here.");

    let refused = too_short(docs);
    docs.operation("reset_password", "Set a password with a mailed token", "The token works once. All sessions end.")
        .json(
            &ResetPassword { token: TOKEN, password: "seven quiet copper boats" },
            ValidationError::missing("password"),
        )
        .answers_null(StatusCode::OK, "The password is set.")
        .refuses("The token is unknown, used or expired.", Detail::reset_password_bad_token())
        .refuses(
            "The password is too short, too long, or one that attackers try first. The token still works.",
            Detail::invalid_password(PasswordCode::Reset, refused),
        )
        .throttled("Too many tokens were tried from here.")
        .hashes();

    docs.operation(
        "request_verify_token",
        "Ask for a verification mail",
        "Mails a token that proves the address, if an active account has it and has not proved it yet.",
    )
    .json(&email, ValidationError::missing("email"))
    .answers_null(StatusCode::ACCEPTED, "Whether or not anybody has the address.")
    .throttled("Too many mails were asked for from here.");

    docs.operation("verify_email", "Prove an address with a mailed token", "The token works once.")
        .json(&VerifyEmail { token: TOKEN }, ValidationError::missing("token"))
        .answers(StatusCode::OK, "The account, verified.", &UserRead::verified_example())
        .refuses("The token is unknown or expired, or was made for another address.", Detail::verify_user_bad_token())
        .refuses("The address was proved before.", Detail::verify_user_already_verified())
        .throttled("Too many tokens were tried from here.");
}

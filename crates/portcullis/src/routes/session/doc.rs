//! What the OpenAPI document says of signing in to stay and of one's sessions.

use super::wrong_credentials;
use crate::body::validation::ValidationError;
use crate::detail::Detail;
use crate::openapi::Docs;
use crate::openapi::schema::formatted;
use crate::wire::{REFRESH_TOKEN, SessionList, TokenSet, UserRead};
use http::StatusCode;
use portcullis_core::refresh::RefreshError;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::KnownFormat;

/// A name and a password.
#[derive(Serialize, ToSchema)]
struct Login {
    /// The e-mail address, in any letter case.
    #[schema(min_length = 1)]
    username: &'static str,
    /// The password.
    #[schema(format = Password, min_length = 1)]
    password: &'static str,
}

/// The refresh token that the last answer carried.
#[derive(Serialize, ToSchema)]
struct Refresh {
    #[schema(format = Password)]
    refresh_token: &'static str,
}

pub(in crate::routes) fn describe(docs: &mut Docs<'_>) {
    docs.operation(
        "login",
        "Sign in to stay",
        "Gives an access token, and a refresh token that keeps the session open.",
    )
    .json_or_form(
        &Login { username: "ada@example.com", password: "purple heron kite lamp" },
        ValidationError::missing("password"),
    )
    .answers(StatusCode::OK, "Both tokens.", &TokenSet::example())
    .refuses(
        "The address is unknown, the password wrong, or the account inactive; which of them is not told.",
        wrong_credentials(),
    )
    .throttled("Too many logins from here, or too many wrong passwords for this account.")
    .hashes();

    docs.operation(
        "refresh_session",
        "Refresh",
        "Exchanges a refresh token for an access token and the next refresh token. An answer that was lost is given \
         again when the same token is sent again, until the next one was used.",
    )
    .json(&Refresh { refresh_token: REFRESH_TOKEN }, ValidationError::missing("refresh_token"))
    .answers(StatusCode::OK, "The next tokens.", &TokenSet::example())
    .refuses("The token is none, or its session is over.", RefreshError::Invalid)
    .throttled("Too many wrong tokens from here.");

    docs.operation("logout", "Log out", "Ends the session of the token that the request carries.")
        .answers_nothing("The token, and the session's refresh token, open nothing any more.");

    docs.operation("list_sessions", "List one's sessions", "The caller's live sessions, the latest used first.")
        .answers(StatusCode::OK, "The sessions.", &SessionList::example());

    docs.operation("end_other_sessions", "End the other sessions", "Ends every session of the caller but this one.")
        .answers_nothing("They are over.")
        .refuses("A minted token ends nobody's sessions.", Detail::forbidden());

    docs.operation("end_session", "End a session", "Ends one of the caller's sessions.")
        .path("id", "The session.", formatted(KnownFormat::Uuid), UserRead::EXAMPLE_ID)
        .answers_nothing("It is over.")
        .refuses("A minted token ends nobody's sessions.", Detail::forbidden())
        .refuses("The caller has no such open session.", Detail::not_found());
}

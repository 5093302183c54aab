//! What the OpenAPI document says of minting.

use crate::body::path::user_id;
use crate::detail::Detail;
use crate::openapi::Docs;
use crate::openapi::schema::formatted;
use crate::wire::{BearerToken, UserRead};
use http::StatusCode;
use portcullis_core::impersonation::MintError;
use utoipa::openapi::schema::KnownFormat;

pub(in crate::routes) fn describe(docs: &mut Docs<'_>) {
    let (strict, superusers) = (docs.strict(), docs.config().allow_mint_superuser);
    let operation = docs
        .operation(
            "mint_token",
            "Act as somebody else",
            "Makes a short token for another user. It says who made it (`impersonated_by`, and `act` of RFC 8693), \
             changes no credentials, and dies with the superuser's rights and session. Any body is ignored.",
        )
        .path("user_id", "The account's id.", formatted(KnownFormat::Uuid), UserRead::EXAMPLE_ID)
        .answers(StatusCode::OK, "An access token of that user.", &BearerToken::example())
        .refuses("There is no such account, or it is inactive.", Detail::user_not_found());
    if let Err(invalid) = user_id("ada") {
        operation.invalid("The id is no UUID.", invalid);
    }
    if !superusers {
        operation.refuses("The account is a superuser's.", MintError::Forbidden);
    }
    if strict {
        operation.refuses("The caller signed in too long ago.", MintError::LoginTooOld);
    }
}

//! What the OpenAPI document says of accounts.

use crate::body::validation::ValidationError;
use crate::detail::{Detail, PasswordCode};
use crate::openapi::Docs;
use crate::openapi::operation::Operation;
use crate::openapi::schema::{NewPassword, formatted};
use crate::wire::{GuestToken, UserRead};
use http::StatusCode;
use portcullis_core::account::{DeleteError, UpdateError};
use portcullis_core::password_policy::PasswordRefused;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::KnownFormat;

/// A new account.
#[derive(Serialize, ToSchema)]
struct UserCreate {
    /// The address. Special-use domains such as `.test` and `.local` are refused.
    #[schema(format = "email", max_length = 320)]
    email: &'static str,
    #[schema(value_type = NewPassword)]
    password: &'static str,
    /// Ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_active: Option<bool>,
    /// Ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_superuser: Option<bool>,
    /// Ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_verified: Option<bool>,
}

/// A change of one's own account. What is left out stays as it is.
#[derive(Serialize, ToSchema)]
struct UserUpdateMe {
    /// A new address; it is unproved until it is verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "email", max_length = 320, nullable = false)]
    email: Option<&'static str>,
    /// A new password. It ends the account's other sessions.
    #[schema(value_type = Option<NewPassword>)]
    password: Option<&'static str>,
    /// The present password. It is checked whenever it is given, and the strict profile asks for it.
    #[schema(format = Password)]
    current_password: Option<&'static str>,
    /// Ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_active: Option<bool>,
    /// Ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_superuser: Option<bool>,
    /// Ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_verified: Option<bool>,
}

/// A change of somebody's account. What is left out stays as it is.
#[derive(Serialize, ToSchema)]
struct UserUpdate {
    /// A new address; it is unproved unless `is_verified` says otherwise in the same request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "email", max_length = 320, nullable = false)]
    email: Option<&'static str>,
    /// A new password. It ends all sessions of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<NewPassword>)]
    password: Option<&'static str>,
    /// Whether the account may be used. Taking it away ends all sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    is_active: Option<bool>,
    /// Whether it may do everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    is_superuser: Option<bool>,
    /// Whether its address is proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    is_verified: Option<bool>,
}

pub(in crate::routes) fn describe(docs: &mut Docs<'_>) {
    describe_register(docs);
    describe_guest(docs);
    describe_me(docs);
    describe_users(docs);
}

fn describe_register(docs: &mut Docs<'_>) {
    let (strict, refused) = (docs.strict(), too_short(docs));
    let new = UserCreate {
        email: "ada@example.com",
        password: "purple heron kite lamp",
        is_active: None,
        is_superuser: None,
        is_verified: None,
    };
    let operation = docs
        .operation("register_user", "Register", "Creates an account: active, unproved, without rights.")
        .json(&new, ValidationError::missing("password"))
        .refuses(
            "The password is too short, too long, or one that attackers try first.",
            Detail::invalid_password(PasswordCode::Register, refused),
        )
        .throttled("Too many registrations from here.")
        .hashes();
    if strict {
        operation.answers_null(StatusCode::ACCEPTED, "The account was created, or somebody has the address already.");
    } else {
        operation.answers(StatusCode::CREATED, "The new account.", &UserRead::example()).refuses(
            "The address belongs to an account, perhaps in another spelling or an inactive one.",
            Detail::register_user_already_exists(),
        );
    }
}

fn describe_guest(docs: &mut Docs<'_>) {
    let allowed = docs.config().allow_guests;
    let operation = docs
        .operation("create_guest", "Become a guest", "Makes an account without a password and signs it in.")
        .answers(StatusCode::OK, "An access token and the guest's address.", &GuestToken::example())
        .throttled("Too many registrations from here.")
        .hashes();
    if !allowed {
        operation.refuses("Guests are not allowed here.", Detail::not_found());
    }
}

fn describe_me(docs: &mut Docs<'_>) {
    docs.operation("get_me", "Read one's own account", "The account of the token.").answers(
        StatusCode::OK,
        "The account.",
        &UserRead::example(),
    );

    let (strict, refused) = (docs.strict(), too_short(docs));
    let change = UserUpdateMe {
        email: None,
        password: Some("seven quiet copper boats"),
        current_password: Some("purple heron kite lamp"),
        is_active: None,
        is_superuser: None,
        is_verified: None,
    };
    let operation = docs
        .operation(
            "update_me",
            "Change one's own account",
            "Changes the address or the password. A new password ends the account's other sessions.",
        )
        .json(&change, ValidationError::missing_body());
    credentials(operation, refused)
        .answers(StatusCode::OK, "The account as it is now.", &UserRead::example())
        .refuses("The present password is wrong.", UpdateError::CurrentPasswordInvalid)
        .refuses("The token was minted for somebody else, who keeps address and password.", UpdateError::Forbidden)
        .throttled("Too many wrong passwords for this account.");
    if strict {
        operation.refuses("The present password is missing.", UpdateError::CurrentPasswordRequired);
    }

    docs.operation(
        "delete_user_me",
        "No account has the id me",
        "Deletes nothing: `me` is not an id. For compatibility it answers as an unknown id does.",
    )
    .refuses("There is no account with this id.", Detail::not_found());
}

fn describe_users(docs: &mut Docs<'_>) {
    of_one(docs.operation("get_user", "Read an account", "The account with this id.")).answers(
        StatusCode::OK,
        "The account.",
        &UserRead::example(),
    );
    describe_update(docs, "update_user");
    describe_delete(docs, "delete_user");
}

/// Served at two places.
pub(in crate::routes) fn describe_update(docs: &mut Docs<'_>, id: &'static str) {
    let refused = too_short(docs);
    let change =
        UserUpdate { email: None, password: None, is_active: None, is_superuser: None, is_verified: Some(true) };
    let operation = of_one(docs.operation(
        id,
        "Change an account",
        "Changes address, password or rights. Less rights, another password and deactivation end the sessions.",
    ))
    .json(&change, ValidationError::missing_body());
    credentials(operation, refused)
        .answers(StatusCode::OK, "The account as it is now.", &UserRead::example())
        .refuses("No active superuser would be left.", UpdateError::LastSuperuser);
}

/// Served at two places.
pub(in crate::routes) fn describe_delete(docs: &mut Docs<'_>, id: &'static str) {
    of_one(docs.operation(id, "Delete an account", "Deletes the account with its sessions. The audit trail stays."))
        .answers_nothing("It is gone.")
        .refuses("No active superuser would be left.", DeleteError::LastSuperuser)
        .refuses(
            "Rows of another table refer to the account.",
            DeleteError::HasDependents { table: "invoice".to_owned() },
        );
}

/// What every route to one account has.
fn of_one(operation: &mut Operation) -> &mut Operation {
    operation
        .path("id", "The account's id.", formatted(KnownFormat::Uuid), UserRead::EXAMPLE_ID)
        .refuses("There is no account with this id.", Detail::not_found())
}

/// What every change of an address or password has.
fn credentials(operation: &mut Operation, refused: String) -> &mut Operation {
    operation
        .refuses("Another account has the address.", UpdateError::EmailTaken)
        .refuses(
            "The password is too short, too long, or one that attackers try first.",
            Detail::invalid_password(PasswordCode::UpdateUser, refused),
        )
        .hashes()
}

pub(in crate::routes) fn too_short(docs: &Docs<'_>) -> String {
    let min_length = docs.config().rules().passwords.min_length();
    PasswordRefused::TooShort { min_length }.reason().into_owned()
}

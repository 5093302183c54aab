//! What the OpenAPI document says of device login.

use crate::body::validation::ValidationError;
use crate::detail::Detail;
use crate::openapi::Docs;
use crate::openapi::operation::Operation;
use crate::openapi::schema::text;
use crate::wire::{DeviceApproved, DevicePoll, DeviceStarted};
use http::StatusCode;
use portcullis_core::device::DeviceError;

pub(in crate::routes) fn describe(docs: &mut Docs<'_>) {
    docs.operation(
        "start_device",
        "Start a device login",
        "A tool shows `code` to the person and keeps `secret`. Any body is ignored.",
    )
    .answers(StatusCode::OK, "A code and a secret.", &DeviceStarted::example())
    .throttled("Too many device logins were started from here.");

    describe_poll(docs);

    let strict = docs.strict();
    let operation = decision(docs.operation(
        "approve_device",
        "Approve a device login",
        "The caller lets the tool that shows this code sign in as them. Any body is ignored.",
    ))
    .answers(StatusCode::OK, "The tool's next poll gets a token.", &DeviceApproved::example())
    .refuses("Its time is over.", DeviceError::Expired)
    .refuses("The token was minted, or came out of a device login itself.", DeviceError::Forbidden);
    if strict {
        operation.refuses("The caller signed in too long ago.", DeviceError::LoginTooOld);
    }

    decision(docs.operation(
        "reject_device",
        "Reject a device login",
        "Rejects a pending login, or takes the caller's own approval back if it was not redeemed.",
    ))
    .answers_nothing("The tool gets no token.")
    .refuses("The token was minted.", DeviceError::Forbidden);
}

fn describe_poll(docs: &mut Docs<'_>) {
    let strict = docs.strict();
    let DeviceStarted { secret, .. } = DeviceStarted::example();
    let operation = with_code(docs.operation(
        "poll_device",
        "Poll a device login",
        "The first poll after an approval gets the token, and only that one.",
    ))
    .answers(StatusCode::OK, "Pending, or approved with the token.", &DevicePoll::example())
    .refuses(
        "The code or the secret is wrong, or the login is rejected or redeemed; which of them is not told.",
        Detail::challenge_not_found(),
    )
    .refuses("Its time is over.", DeviceError::Expired)
    .throttled("Too many wrong codes or secrets from here; never for right ones.");
    let header = "The secret, out of the sight of proxies that log the query.";
    if strict {
        operation.header(super::SECRET_HEADER, true, header, text(), secret);
    } else {
        operation
            .query("secret", "The secret, unless the header has it.", text(), secret.clone())
            .header(super::SECRET_HEADER, false, header, text(), secret)
            .invalid("There is no secret.", ValidationError::missing_parameter("query", "secret"));
    }
}

fn with_code(operation: &mut Operation) -> &mut Operation {
    let DeviceStarted { code, .. } = DeviceStarted::example();
    operation.path("code", "The code, in capitals.", text(), code)
}

fn decision(operation: &mut Operation) -> &mut Operation {
    with_code(operation)
        .refuses(
            "The code is unknown, somebody else's, or the login is decided already.",
            Detail::challenge_not_found(),
        )
        .throttled("The caller tried too many unknown codes.")
}

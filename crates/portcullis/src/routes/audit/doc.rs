//! What the OpenAPI document says of the audit trail.

use crate::openapi::Docs;
use crate::openapi::schema::{formatted, integer, moment, number, one_of};
use crate::wire::{AuditPage, UserRead};
use http::StatusCode;
use portcullis_core::audit::{AuditEvent, AuditResult};
use utoipa::openapi::schema::KnownFormat;

pub(in crate::routes) fn describe(docs: &mut Docs<'_>) {
    let events = AuditEvent::ALL.iter().map(|event| event.as_str());
    let results = [AuditResult::Success, AuditResult::Refused].map(AuditResult::as_str);
    let operation = docs
        .operation(
            "list_audit",
            "Read the audit trail",
            "Rows, newest first. To read on, give the `next` of a page as `before`.",
        )
        .query("actor", "Only what this user did.", formatted(KnownFormat::Uuid), UserRead::EXAMPLE_ID)
        .query("subject", "Only what happened to this user.", formatted(KnownFormat::Uuid), UserRead::EXAMPLE_ID)
        .query("event", "Only this event.", one_of(events), AuditEvent::PasswordLogin.as_str())
        .query("result", "Only what ended so.", one_of(results), AuditResult::Success.as_str())
        .query("since", "Only from this moment on.", moment(), "2026-01-01T00:00:00Z")
        .query("until", "Only before this moment.", moment(), "2027-01-01")
        .query("before", "Only rows below this `next`.", integer(), 100)
        .query("limit", "How many at most.", number(super::LIMIT, super::LIMITS), 50)
        .answers(StatusCode::OK, "A page.", &AuditPage::example());
    if let Err(invalid) = super::read_filter(Some("result=maybe")) {
        operation.invalid("A parameter is not what it should be.", invalid);
    }
}

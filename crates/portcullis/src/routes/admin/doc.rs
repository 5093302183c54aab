//! What the OpenAPI document says of the list of accounts.

use crate::body::query::bounded;
use crate::openapi::Docs;
use crate::openapi::schema::number;
use crate::routes::account::doc::{describe_delete, describe_update};
use crate::wire::UserList;
use http::StatusCode;

pub(in crate::routes) fn describe(docs: &mut Docs<'_>) {
    let operation = docs
        .operation("list_users", "List accounts", "A page of accounts, oldest first.")
        .query("limit", "How many at most.", number(super::LIMIT, super::LIMITS), 2)
        .query("offset", "How many to skip.", number(0, 0..=u32::MAX), 0)
        .answers(StatusCode::OK, "A page.", &UserList::example());
    if let Err(invalid) = bounded(Some("limit=0"), "limit", super::LIMIT, super::LIMITS) {
        operation.invalid("A parameter is no number, or out of bounds.", invalid);
    }
    describe_update(docs, "update_user_as_admin");
    describe_delete(docs, "delete_user_as_admin");
}

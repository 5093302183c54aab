//! Rows turned into the rules' types.

use super::dialect::{Row, uuid_of};
use portcullis_core::account::User;
use portcullis_core::clock::Timestamp;
use portcullis_core::digest::Digest;
use portcullis_core::ids::UserId;
use sqlx::Row as _;
use std::borrow::Cow;
use uuid::Uuid;

/// The columns that [`user`] reads, of a table aliased `u`.
macro_rules! user_columns {
    () => {
        "u.id, u.email, u.is_active, u.is_superuser, u.is_verified"
    };
}

pub(super) fn user(row: &Row) -> sqlx::Result<User> {
    Ok(User {
        id: UserId(uuid(row, "id")?),
        email: row.try_get("email")?,
        is_active: row.try_get("is_active")?,
        is_superuser: row.try_get("is_superuser")?,
        is_verified: row.try_get("is_verified")?,
    })
}

pub(super) fn uuid(row: &Row, column: &str) -> sqlx::Result<Uuid> {
    row.try_get(column).map(uuid_of)
}

pub(super) fn uuid_option(row: &Row, column: &str) -> sqlx::Result<Option<Uuid>> {
    Ok(row.try_get::<Option<_>, _>(column)?.map(uuid_of))
}

pub(super) fn time(row: &Row, column: &str) -> sqlx::Result<Timestamp> {
    Ok(Timestamp::from_micros(row.try_get(column)?))
}

pub(super) fn time_option(row: &Row, column: &str) -> sqlx::Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_micros))
}

pub(super) fn digest(row: &Row, column: &str) -> sqlx::Result<Digest> {
    let bytes: Vec<u8> = row.try_get(column)?;
    Digest::from_stored(&bytes).ok_or_else(|| unreadable(column))
}

/// A stored word that is none of those that are ever stored.
pub(super) fn unreadable(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: "not a value that is ever stored".into() }
}

/// A text as a parameter. PostgreSQL refuses U+0000 in a text; nothing that is stored holds one.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// A count as a parameter of `LIMIT` or `OFFSET`.
pub(super) fn count(count: impl Into<i64>) -> i64 {
    count.into()
}

//! Accounts: creating, changing, deleting, each inside a transaction that the caller ends.
//!
//! An outcome other than success leaves statements behind that the caller rolls back.

use super::audit;
use super::dialect::{Conn, ask, attempt, failed, hold_superusers, id};
use super::email;
use super::foreign;
use super::held;
use super::outbox;
use super::row::text;
use portcullis_core::account::{NewUser, User, UserChange};
use portcullis_core::audit::AuditEntry;
use portcullis_core::clock::Timestamp;
use portcullis_core::email_address::EmailKey;
use portcullis_core::ids::UserId;
use portcullis_core::outbox::NewMail;
use portcullis_core::revoke::{RevokingEvent, Sweep};
use portcullis_core::store::{CreateUser, DeleteUser, StoreError, UpdateUser};
use sqlx::{query, query_scalar};

const INSERT: &str = r#"INSERT INTO "user" (id, email, hashed_password, is_active, is_superuser, is_verified)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"#;

const ID_TAKEN: &str = r#"SELECT EXISTS (SELECT 1 FROM "user" WHERE id = $1)"#;

/// The trigger made the row; this writes what only we know. It stands alone should the trigger be missing.
const DESCRIBE: &str = "INSERT INTO portcullis_account (user_id, kind, created_at, dev_superuser)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (user_id) DO UPDATE
    SET kind = excluded.kind, created_at = excluded.created_at, dev_superuser = excluded.dev_superuser";

const UPDATE: &str = r#"UPDATE "user" SET email = $2, hashed_password = COALESCE($3, hashed_password),
    is_active = $4, is_superuser = $5, is_verified = $6 WHERE id = $1"#;

/// Who is promoted again later was promoted by somebody, not by dev mode.
const FORGET_DEV: &str = "UPDATE portcullis_account SET dev_superuser = FALSE WHERE user_id = $1 AND dev_superuser";

const OTHER_SUPERUSER: &str = r#"SELECT EXISTS (SELECT 1 FROM "user" WHERE is_active AND is_superuser AND id <> $1)"#;

const DELETE: &str = r#"DELETE FROM "user" WHERE id = $1"#;

pub(super) async fn create(conn: &mut Conn, new: NewUser, audit: &AuditEntry) -> Result<CreateUser, StoreError> {
    email::fill_missing(conn).await?;
    let inserted = query(INSERT)
        .bind(id(new.id))
        .bind(text(&new.email).into_owned())
        .bind(text(new.password.as_str()).into_owned())
        .bind(new.is_active)
        .bind(new.is_superuser)
        .bind(new.is_verified);
    if ask(inserted.execute(&mut *conn)).await?.rows_affected() == 0 {
        return if ask(query_scalar(ID_TAKEN).bind(id(new.id)).fetch_one(conn)).await? {
            Err(StoreError::broken("an account with this id exists"))
        } else {
            Ok(CreateUser::EmailTaken)
        };
    }
    if !email::claim(conn, new.id, &new.email_key).await? {
        return Ok(CreateUser::EmailTaken);
    }
    let described = query(DESCRIBE)
        .bind(id(new.id))
        .bind(new.kind.as_str())
        .bind(new.created_at.as_micros())
        .bind(new.dev_superuser);
    ask(described.execute(&mut *conn)).await?;
    audit::write(conn, audit).await?;
    Ok(CreateUser::Created(User {
        id: new.id,
        email: new.email,
        is_active: new.is_active,
        is_superuser: new.is_superuser,
        is_verified: new.is_verified,
    }))
}

pub(super) async fn update(
    conn: &mut Conn,
    user: UserId,
    change: UserChange,
    mails: &[NewMail],
    audit: AuditEntry,
) -> Result<UpdateUser, StoreError> {
    let Some(before) = held::hold_one(conn, user).await? else { return Ok(UpdateUser::NotFound) };
    if change.email.value().is_some() {
        email::fill_missing(conn).await?;
    }
    let plan = change.plan(&before.user, &EmailKey::of(&before.user.email));
    if plan.removes_superuser && !other_superuser(conn, user).await? {
        return Ok(UpdateUser::LastSuperuser);
    }
    let updated = query(UPDATE)
        .bind(id(user))
        .bind(text(&plan.after.email).into_owned())
        .bind(change.password.value().map(|hash| text(hash.as_str()).into_owned()))
        .bind(plan.after.is_active)
        .bind(plan.after.is_superuser)
        .bind(plan.after.is_verified);
    match attempt(updated.execute(&mut *conn)).await {
        Ok(_) => {}
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => return Ok(UpdateUser::EmailTaken),
        Err(error) => return Err(failed(error)),
    }
    if let Some((_, key)) = change.email.value()
        && !email::claim(conn, user, key).await?
    {
        return Ok(UpdateUser::EmailTaken);
    }
    if !plan.after.is_superuser {
        ask(query(FORGET_DEV).bind(id(user)).execute(&mut *conn)).await?;
    }
    held::sweep(conn, &before, &plan.sweep).await?;
    outbox::write(conn, mails).await?;
    audit::write(conn, &plan.describe(audit)).await?;
    Ok(UpdateUser::Updated(plan.after))
}

pub(super) async fn delete(
    conn: &mut Conn,
    user: UserId,
    at: Timestamp,
    audit: &AuditEntry,
) -> Result<DeleteUser, StoreError> {
    let done = remove(conn, user, at).await?;
    if done == DeleteUser::Deleted {
        audit::write(conn, audit).await?;
    }
    Ok(done)
}

/// Deletes an account without a word in the audit trail, which the caller has to write.
pub(super) async fn remove(conn: &mut Conn, user: UserId, at: Timestamp) -> Result<DeleteUser, StoreError> {
    let Some(before) = held::hold_one(conn, user).await? else { return Ok(DeleteUser::NotFound) };
    if before.user.is_active && before.user.is_superuser && !other_superuser(conn, user).await? {
        return Ok(DeleteUser::LastSuperuser);
    }
    held::sweep(conn, &before, &Sweep::of(user, &[RevokingEvent::Deleted], None, at)).await?;
    foreign::clear_challenges(conn, user).await?;
    if let Some(table) = foreign::dependent(conn, user).await? {
        return Ok(DeleteUser::HasDependents { table });
    }
    match attempt(query(DELETE).bind(id(user)).execute(&mut *conn)).await {
        Ok(_) => Ok(DeleteUser::Deleted),
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
            Ok(DeleteUser::HasDependents { table: error.table().unwrap_or("another table").to_owned() })
        }
        Err(error) => Err(failed(error)),
    }
}

/// Whether somebody else is an active superuser, decided one demotion after the other.
async fn other_superuser(conn: &mut Conn, user: UserId) -> Result<bool, StoreError> {
    hold_superusers(conn).await?;
    ask(query_scalar(OTHER_SUPERUSER).bind(id(user)).fetch_one(conn)).await
}

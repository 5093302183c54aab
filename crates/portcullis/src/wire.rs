//! What goes over the wire, apart from the core's own types.

use portcullis_core::account::User;
use portcullis_core::audit::AuditRow;
use portcullis_core::clock::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

/// An account as fastapi-users shows it, members in its order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserRead {
    id: Uuid,
    email: String,
    is_active: bool,
    is_superuser: bool,
    is_verified: bool,
}

impl From<User> for UserRead {
    fn from(user: User) -> Self {
        let User { id, email, is_active, is_superuser, is_verified } = user;
        Self { id: id.0, email, is_active, is_superuser, is_verified }
    }
}

/// A page of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserList {
    pub(crate) items: Vec<UserRead>,
    pub(crate) total: u64,
    pub(crate) offset: u32,
    pub(crate) limit: u32,
}

/// An access token in the two members that old clients know.
#[derive(Serialize, ToSchema)]
pub(crate) struct BearerToken {
    access_token: String,
    token_type: &'static str,
}

impl BearerToken {
    pub(crate) fn new(access_token: String) -> Self {
        Self { access_token, token_type: "bearer" }
    }
}

/// A guest's access token with the guest's address.
#[derive(Serialize, ToSchema)]
pub(crate) struct GuestToken {
    pub(crate) access_token: String,
    pub(crate) token_type: &'static str,
    pub(crate) email: String,
}

/// A device login that was started.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceStarted {
    pub(crate) code: String,
    pub(crate) secret: String,
    pub(crate) approve_url: String,
}

/// Where a device login stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct DevicePoll {
    pub(crate) status: &'static str,
    pub(crate) token: Option<String>,
}

/// That a device login was approved.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceApproved {
    pub(crate) status: &'static str,
}

/// A page of the audit trail, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditPage {
    pub(crate) items: Vec<AuditItem>,
    /// Give this as `before` to read on; null at the end.
    pub(crate) next: Option<i64>,
}

/// A row of the audit trail.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditItem {
    id: i64,
    at: String,
    event: String,
    result: String,
    reason: Option<String>,
    actor: AuditActor,
    subject_id: Option<Uuid>,
    object_id: Option<Uuid>,
    peer: Option<String>,
    agent: Option<String>,
    request_id: String,
    #[schema(value_type = Object)]
    details: Box<RawValue>,
}

/// Who acted.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditActor {
    kind: String,
    id: Option<Uuid>,
    impersonator_id: Option<Uuid>,
    session_id: Option<Uuid>,
}

impl From<AuditRow> for AuditItem {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: Timestamp::to_rfc3339(row.at),
            event: row.event,
            result: row.result,
            reason: row.reason,
            actor: AuditActor {
                kind: row.actor_kind,
                id: row.actor_id.map(Uuid::from),
                impersonator_id: row.impersonator_id.map(Uuid::from),
                session_id: row.session_id.map(Uuid::from),
            },
            subject_id: row.subject_id.map(Uuid::from),
            object_id: row.object_id,
            peer: row.peer,
            agent: row.agent,
            request_id: row.request_id,
            details: RawValue::from_string(row.details).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        }
    }
}

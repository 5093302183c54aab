//! What goes over the wire, apart from the core's own types.

#[cfg(feature = "openapi")]
mod example;
#[cfg(feature = "openapi")]
pub(crate) use example::REFRESH_TOKEN;

use portcullis_core::account::User;
use portcullis_core::audit::AuditRow;
use portcullis_core::clock::Timestamp;
use portcullis_core::ids::SessionId;
use portcullis_core::session::{Session, SignedIn};
use serde::Serialize;
use serde_json::value::RawValue;
#[cfg(feature = "openapi")]
use utoipa::ToSchema;
use uuid::Uuid;

/// An account as fastapi-users shows it, members in its order.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct UserRead {
    /// Names the account, for ever.
    id: Uuid,
    /// The address, as it was given.
    email: String,
    /// Whether the account may be used.
    is_active: bool,
    /// Whether it may do everything.
    is_superuser: bool,
    /// Whether its address is proved.
    is_verified: bool,
}

impl From<User> for UserRead {
    fn from(user: User) -> Self {
        let User { id, email, is_active, is_superuser, is_verified } = user;
        Self { id: id.0, email, is_active, is_superuser, is_verified }
    }
}

/// A page of accounts.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct UserList {
    /// The page.
    pub(crate) items: Vec<UserRead>,
    /// How many accounts there are.
    pub(crate) total: u64,
    /// As asked for.
    pub(crate) offset: u32,
    /// As asked for.
    pub(crate) limit: u32,
}

/// An access token in the two members that old clients know.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct BearerToken {
    /// A JWT, for `Authorization: Bearer`.
    access_token: String,
    /// Always `bearer`.
    token_type: &'static str,
}

impl BearerToken {
    pub(crate) fn new(access_token: String) -> Self {
        Self { access_token, token_type: "bearer" }
    }
}

/// A guest's access token with the guest's address.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct GuestToken {
    /// A JWT, for `Authorization: Bearer`.
    pub(crate) access_token: String,
    /// Always `bearer`.
    pub(crate) token_type: &'static str,
    /// The guest's address, which no mail reaches.
    pub(crate) email: String,
}

/// A device login that was started.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DeviceStarted {
    /// For the person who approves: eight letters.
    pub(crate) code: String,
    /// For the tool alone, to poll with.
    pub(crate) secret: String,
    /// Where the decision is made by API. Not a page.
    pub(crate) approve_url: String,
}

/// Where a device login stands.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DevicePoll {
    /// `pending` or `approved`.
    pub(crate) status: &'static str,
    /// The access token, once; null while the login is pending.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub(crate) token: Option<String>,
}

/// That a device login was approved.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DeviceApproved {
    /// Always `approved`.
    pub(crate) status: &'static str,
}

/// A page of the audit trail, newest first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct AuditPage {
    pub(crate) items: Vec<AuditItem>,
    /// Give this as `before` to read on; null at the end.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub(crate) next: Option<i64>,
}

/// A row of the audit trail.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct AuditItem {
    /// Its place in the trail, growing.
    id: i64,
    /// When.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    at: String,
    /// What was done or tried.
    event: String,
    /// `success` or `refused`.
    result: String,
    /// Why it was refused: a stable code.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    reason: Option<String>,
    /// Who.
    actor: AuditActor,
    /// To which account.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    subject_id: Option<Uuid>,
    /// To what else: a session, a device login, a token.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    object_id: Option<Uuid>,
    /// From which address.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    peer: Option<String>,
    /// With which `User-Agent`.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    agent: Option<String>,
    /// In which request.
    request_id: String,
    /// Further facts, never secrets.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    details: Box<RawValue>,
}

/// Who acted.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct AuditActor {
    /// `anonymous`, `user`, `host`, `console` or `system`.
    kind: String,
    /// The user whose rights were used.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    id: Option<Uuid>,
    /// The superuser who acted as that user.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    impersonator_id: Option<Uuid>,
    /// The session that was used.
    #[cfg_attr(feature = "openapi", schema(required = true))]
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

/// An access token with the refresh token that follows it (RFC 6749 §5.1).
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct TokenSet {
    access_token: String,
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: u64,
    /// Good for one exchange; the answer to it carries the next.
    refresh_token: String,
}

impl From<SignedIn> for TokenSet {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token,
            token_type: "bearer",
            expires_in: signed_in.expires_in.as_secs(),
            refresh_token: signed_in.refresh_token.map(|token| token.as_str().to_owned()).unwrap_or_default(),
        }
    }
}

/// The caller's live sessions, the latest used first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct SessionList {
    pub(crate) items: Vec<SessionItem>,
}

/// A live session.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct SessionItem {
    id: Uuid,
    /// `password`, `device`, `impersonation` or `guest`.
    kind: &'static str,
    created_at: String,
    /// When it was last used, to the minute.
    last_seen_at: String,
    expires_at: String,
    /// The address it was opened from.
    peer: Option<String>,
    /// The program it was opened with.
    agent: Option<String>,
    /// Whether a superuser acts in it.
    impersonated: bool,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionItem {
    pub(crate) fn of(session: Session, this: Option<SessionId>) -> Self {
        Self {
            id: session.id.0,
            kind: session.kind.as_str(),
            created_at: session.created_at.to_rfc3339(),
            last_seen_at: session.last_seen_at.to_rfc3339(),
            expires_at: session.expires_at.to_rfc3339(),
            peer: session.peer,
            agent: session.agent,
            impersonated: session.impersonator_id.is_some(),
            current: this == Some(session.id),
        }
    }
}

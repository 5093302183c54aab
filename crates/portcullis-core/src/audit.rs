//! The audit trail: who did what, as whom, to whom, from where, and how it ended.
//!
//! * A success writes its row in the transaction of the act; if the row cannot be written, the act did not happen.
//! * A refusal with a known subject, a valid credential or a detected attack writes one in a transaction of its own,
//!   before the answer. If that fails the refusal stays a refusal.
//! * Rows have no foreign keys: they outlive whom they speak of. No route changes or removes them.
//!
//! Never in a row: passwords, tokens, codes, secrets, or parts of them.

use crate::actor::Actor;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::ids::{RequestId, SessionId, UserId};
use std::collections::BTreeMap;
use std::net::IpAddr;
use uuid::Uuid;

macro_rules! audit_events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What was done or tried.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditEvent {
            $($(#[$doc])* $variant,)*
        }

        impl AuditEvent {
            /// Every event, in the order of this list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The dotted name that is stored and filtered by.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Reads a stored name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

audit_events! {
    /// An account was created.
    AccountCreated = "account.created",
    /// An account was changed; the detail `changed` names the members.
    AccountUpdated = "account.updated",
    /// An account was deleted.
    AccountDeleted = "account.deleted",
    /// A guest account was created.
    GuestCreated = "account.guest_created",
    /// The default admin was created or promoted at start.
    AdminEnsured = "account.admin_ensured",
    /// Somebody signed in with a password.
    PasswordLogin = "password.login",
    /// A reset token was asked for.
    ResetRequested = "password.reset_requested",
    /// A password was set through a reset token.
    PasswordReset = "password.reset",
    /// A verification token was asked for.
    VerifyRequested = "email.verify_requested",
    /// An address was verified.
    EmailVerified = "email.verified",
    /// A session was opened.
    SessionCreated = "session.created",
    /// A session was ended.
    SessionEnded = "session.ended",
    /// A refresh token was exchanged.
    SessionRefreshed = "session.refreshed",
    /// A refresh token came back after its successor was used; its session was ended.
    RefreshReused = "session.refresh_reused",
    /// A valid token was refused: its session ended, or its user may not sign in.
    TokenRefused = "session.token_refused",
    /// Something was refused for want of rights.
    AccessDenied = "access.denied",
    /// A device login was started.
    DeviceStarted = "device.started",
    /// A device login was approved.
    DeviceApproved = "device.approved",
    /// A device login was rejected.
    DeviceRejected = "device.rejected",
    /// A device login was redeemed for a token.
    DeviceRedeemed = "device.redeemed",
    /// A superuser minted a token for somebody.
    TokenMinted = "impersonation.minted",
    /// A limit was hit.
    Throttled = "throttle.limited",
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditResult {
    /// It was done.
    Success,
    /// It was refused; the reason says why.
    Refused,
}

impl AuditResult {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
        }
    }

    /// Reads a stored word.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "success" => Some(Self::Success),
            "refused" => Some(Self::Refused),
            _ => None,
        }
    }
}

/// A row to be written.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: AuditEvent,
    /// How it ended.
    pub result: AuditResult,
    /// Why it was refused: a stable code.
    pub reason: Option<&'static str>,
    /// Who.
    pub actor: Actor,
    /// To whom.
    pub subject: Option<UserId>,
    /// To what else: a session, a device login, a token id.
    pub object: Option<Uuid>,
    /// From where.
    pub peer: Option<IpAddr>,
    /// With what.
    pub agent: Option<String>,
    /// In which request.
    pub request_id: RequestId,
    /// Further facts: names and counts, never secrets.
    pub details: BTreeMap<&'static str, String>,
}

impl AuditEntry {
    /// A row about something that was done.
    pub fn success(ctx: &Context, actor: Actor, event: AuditEvent) -> Self {
        Self {
            at: ctx.now,
            event,
            result: AuditResult::Success,
            reason: None,
            actor,
            subject: None,
            object: None,
            peer: ctx.peer,
            agent: ctx.agent.clone(),
            request_id: ctx.request_id,
            details: BTreeMap::new(),
        }
    }

    /// A row about something that was refused for `reason`, a stable code.
    pub fn refused(ctx: &Context, actor: Actor, event: AuditEvent, reason: &'static str) -> Self {
        Self { result: AuditResult::Refused, reason: Some(reason), ..Self::success(ctx, actor, event) }
    }

    /// Names the account it happened to.
    #[must_use]
    pub fn subject(mut self, user: UserId) -> Self {
        self.subject = Some(user);
        self
    }

    /// Names the thing it happened to.
    #[must_use]
    pub fn object(mut self, thing: impl Into<Uuid>) -> Self {
        self.object = Some(thing.into());
        self
    }

    /// Adds a fact; an empty one is left out.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.details.insert(name, value);
        }
        self
    }
}

/// A row as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place in the trail, growing.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What: a name of [`AuditEvent`], or of an event that this version does not know.
    pub event: String,
    /// `success` or `refused`.
    pub result: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// `anonymous`, `user`, `host`, `console` or `system`.
    pub actor_kind: String,
    /// The user whose rights were used.
    pub actor_id: Option<UserId>,
    /// The session that was used.
    pub session_id: Option<SessionId>,
    /// The superuser who acted as that user.
    pub impersonator_id: Option<UserId>,
    /// To whom.
    pub subject_id: Option<UserId>,
    /// To what else.
    pub object_id: Option<Uuid>,
    /// From where.
    pub peer: Option<String>,
    /// With what.
    pub agent: Option<String>,
    /// In which request.
    pub request_id: String,
    /// Further facts, as a JSON object.
    pub details: String,
}

/// Which rows to read, newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only rows in which this user acted, or acted as somebody.
    pub actor: Option<UserId>,
    /// Only rows about this user.
    pub subject: Option<UserId>,
    /// Only this event, by its stored name.
    pub event: Option<String>,
    /// Only this result.
    pub result: Option<AuditResult>,
    /// Only rows at or after this moment.
    pub since: Option<Timestamp>,
    /// Only rows before this moment.
    pub until: Option<Timestamp>,
    /// Only rows with a smaller id: where the last page ended.
    pub before_id: Option<i64>,
    /// How many.
    pub limit: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_about_auditing_lists_every_event() {
        let page = include_str!("../../../docs/features/audit.md");
        let listed: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let events: Vec<_> = AuditEvent::ALL.iter().map(|event| event.as_str()).collect();
        assert_eq!(listed.get(1..), Some(&events[..]), "after the route, in the order of the list");
    }
}

//! What a change of an account does, decided from the row as it is.

use super::User;
use crate::audit::AuditEntry;
use crate::clock::Timestamp;
use crate::email_address::EmailKey;
use crate::ids::SessionId;
use crate::password_hasher::PasswordHash;
use crate::revoke::{RevokingEvent, Sweep};

/// A member of a change: leave it, or set it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ChangeTo<T> {
    /// Leave it as it is.
    #[default]
    Keep,
    /// Set it.
    Set(T),
}

impl<T> ChangeTo<T> {
    /// The new value, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for ChangeTo<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

/// A change of an account.
#[derive(Clone, Debug)]
pub struct UserChange {
    /// A new address and its key.
    pub email: ChangeTo<(String, EmailKey)>,
    /// A new password's hash.
    pub password: ChangeTo<PasswordHash>,
    /// Whether the account may be used.
    pub is_active: ChangeTo<bool>,
    /// Whether it may do everything.
    pub is_superuser: ChangeTo<bool>,
    /// Whether its address is proved.
    pub is_verified: ChangeTo<bool>,
    /// The session that asked; a password change leaves it alone.
    pub keep_session: Option<SessionId>,
    /// When.
    pub at: Timestamp,
}

impl UserChange {
    /// A change of nothing, to be filled in.
    pub const fn nothing(at: Timestamp) -> Self {
        Self {
            email: ChangeTo::Keep,
            password: ChangeTo::Keep,
            is_active: ChangeTo::Keep,
            is_superuser: ChangeTo::Keep,
            is_verified: ChangeTo::Keep,
            keep_session: None,
            at,
        }
    }

    /// Decides what the change does to `before`, the row as read inside the store's transaction.
    ///
    /// `before_key` is the key of the present address. A new spelling of the same address stays verified; another
    /// address is unverified unless the same change says otherwise.
    pub fn plan(&self, before: &User, before_key: &EmailKey) -> UpdatePlan {
        let mut after = before.clone();
        let mut changed = Vec::new();
        let mut events = Vec::new();

        if let Some((email, key)) = self.email.value() {
            if *email != before.email {
                after.email.clone_from(email);
                changed.push("email");
            }
            if key != before_key {
                after.is_verified = false;
                events.push(RevokingEvent::EmailChanged);
            }
        }
        if self.password.value().is_some() {
            changed.push("password");
            events.push(RevokingEvent::PasswordChanged);
        }
        for (name, change, flag) in [
            ("is_active", &self.is_active, &mut after.is_active),
            ("is_superuser", &self.is_superuser, &mut after.is_superuser),
            ("is_verified", &self.is_verified, &mut after.is_verified),
        ] {
            if let Some(to) = change.value() {
                if flag != to {
                    changed.push(name);
                }
                *flag = *to;
            }
        }
        if before.is_active && !after.is_active {
            events.push(RevokingEvent::Deactivated);
        }
        if before.is_superuser && !after.is_superuser {
            events.push(RevokingEvent::Demoted);
        }
        let was_admin = before.is_superuser && before.is_active;
        let stays_admin = after.is_superuser && after.is_active;
        UpdatePlan {
            removes_superuser: was_admin && !stays_admin,
            sweep: Sweep::of(before.id, &events, self.keep_session, self.at),
            after,
            changed,
        }
    }
}

/// What a change does, in the words of the store.
#[derive(Clone, Debug)]
pub struct UpdatePlan {
    /// The row as it shall be.
    pub after: User,
    /// Which members really change, for the audit row. Names only, never values.
    pub changed: Vec<&'static str>,
    /// Whether an active superuser is lost, so that another one must exist.
    pub removes_superuser: bool,
    /// Which credentials die.
    pub sweep: Sweep,
}

impl UpdatePlan {
    /// Writes into the audit row which members changed.
    pub fn describe(&self, audit: AuditEntry) -> AuditEntry {
        audit.detail("changed", self.changed.join(","))
    }
}

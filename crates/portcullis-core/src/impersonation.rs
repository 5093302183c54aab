//! Minting: a superuser acts as somebody else, and it shows.
//!
//! 1. A superuser, signed in as themselves, asks for a token for an active user.
//! 2. A session of its own kind is made. It names the superuser and the superuser's session and epoch; the token says
//!    `impersonated_by` and, in the words of RFC 8693 §4.1, `act`.
//! 3. It is short, and what it may not do is refused where it would be done: mint, approve a device, change address or
//!    password, delete, administer. It dies with the superuser's rights and session.

use crate::audit::{AuditEntry, AuditEvent};
use crate::context::Context;
use crate::engine::Core;
use crate::ids::UserId;
use crate::session::{Grant, NewImpersonator, Principal, SessionKind, SignedIn};
use crate::store::{CreateSession, StoreError};
use thiserror::Error;

/// Why no token was minted.
#[derive(Debug, Error)]
pub enum MintError {
    /// The caller is not a superuser, acts with a minted token, or asks for a superuser.
    #[error("this needs other rights")]
    Forbidden,
    /// There is no such account, or it is not active.
    #[error("there is no such user")]
    NotFound,
    /// The profile asks for a recent sign-in.
    #[error("minting needs a recent sign-in")]
    LoginTooOld,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl MintError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "USER_NOT_FOUND",
            Self::LoginTooOld => "RECENT_LOGIN_REQUIRED",
            Self::Store(_) => "UNAVAILABLE",
        }
    }
}

impl Core {
    /// Mints a token for `target`.
    ///
    /// # Errors
    ///
    /// * [`MintError::Forbidden`] when the caller may not administer; for themselves or another superuser unless
    ///   [`Rules::allow_mint_superuser`](crate::rules::Rules::allow_mint_superuser).
    /// * [`MintError::NotFound`] when there is no such account or it is inactive.
    /// * [`MintError::LoginTooOld`] in the strict profile.
    /// * [`MintError::Store`] when the database failed.
    pub async fn mint(&self, ctx: &Context, admin: &Principal, target: UserId) -> Result<SignedIn, MintError> {
        if !admin.may_administer() {
            return self.refuse_mint(ctx, admin, target, MintError::Forbidden).await;
        }
        if self.wants_recent_login(ctx, admin) {
            return self.refuse_mint(ctx, admin, target, MintError::LoginTooOld).await;
        }
        let Some(credentials) = self.store.find_credentials(target).await?.filter(|found| found.user.is_active) else {
            return self.refuse_mint(ctx, admin, target, MintError::NotFound).await;
        };
        if credentials.user.is_superuser && !self.rules.allow_mint_superuser {
            return self.refuse_mint(ctx, admin, target, MintError::Forbidden).await;
        }
        let Some(own) = self.store.find_credentials(admin.user.id).await? else {
            return self.refuse_mint(ctx, admin, target, MintError::Forbidden).await;
        };
        let impersonator = NewImpersonator { user_id: admin.user.id, session_id: admin.session_id(), epoch: own.epoch };
        let lifetime = self.rules.mint_lifetime;
        let mut session = self.new_session(ctx, target, SessionKind::Impersonation, lifetime, credentials.epoch);
        session.impersonator = Some(impersonator);
        let (id, expires_at) = (session.id, session.expires_at);
        let audit = AuditEntry::success(ctx, admin.actor(), AuditEvent::TokenMinted).subject(target).object(id);
        match self.store.create_session(session, None, audit).await? {
            // The target was deactivated, or the superuser demoted, while we were looking.
            CreateSession::StaleProof => self.refuse_mint(ctx, admin, target, MintError::NotFound).await,
            CreateSession::Created => {
                let impersonator = Some(admin.user.id);
                let grant = Grant { user_id: target, session_id: id, expires_at, impersonator, generation: None };
                Ok(self.issue(ctx, grant).await?)
            }
        }
    }

    async fn refuse_mint(
        &self,
        ctx: &Context,
        admin: &Principal,
        target: UserId,
        error: MintError,
    ) -> Result<SignedIn, MintError> {
        let row = AuditEntry::refused(ctx, admin.actor(), AuditEvent::TokenMinted, error.code());
        self.refused(row.subject(target)).await;
        Err(error)
    }
}

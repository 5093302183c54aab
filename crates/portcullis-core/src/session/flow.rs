//! The one door in, the check at every request, and the way out.

use super::{Due, Lasting, NewSession, PasswordCondition, Principal, Proof, ProvedBy, SessionKind, SessionState, Via};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::digest::Digest;
use crate::engine::Core;
use crate::ids::{SessionId, TokenId, UserId};
use crate::password::repeated;
use crate::revoke::RevokingEvent;
use crate::rules::Profile;
use crate::store::{CreateSession, StoreError};
use crate::token::{AccessClaims, LegacyClaims, ReadToken, TokenRejected};
use std::time::Duration;
use thiserror::Error;
use zeroize::Zeroizing;

/// How long a use of a session may go unnoted.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// An open session with its access token.
#[derive(Clone)]
pub struct SignedIn {
    /// The session.
    pub session_id: SessionId,
    /// The token, to be handed to its owner.
    pub access_token: String,
    /// How long it works.
    pub expires_in: Duration,
    /// The refresh token, if the session has one; to be handed to its owner.
    pub refresh_token: Option<Zeroizing<String>>,
}

/// What an access token shall say.
#[derive(Clone, Copy)]
pub(crate) struct Grant {
    pub(crate) user_id: UserId,
    pub(crate) session_id: SessionId,
    pub(crate) expires_at: Timestamp,
    pub(crate) impersonator: Option<UserId>,
    pub(crate) generation: Option<u32>,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

/// Why a token opens nothing.
#[derive(Debug, Error)]
pub enum AuthenticateError {
    /// It is not accepted; the client is told no more than that. The code is for logs.
    #[error("the token is not accepted ({code})")]
    Refused {
        /// The stable code of the reason.
        code: &'static str,
    },
    /// The database failed: nobody knows.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a session was not ended.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The caller has no such open session.
    #[error("there is no such session")]
    NotFound,
    /// The caller acts for somebody.
    #[error("this needs other rights")]
    Forbidden,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SessionError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "SESSION_NOT_FOUND",
            Self::Forbidden => "FORBIDDEN",
            Self::Store(_) => "UNAVAILABLE",
        }
    }
}

impl Core {
    /// The door: every way in ends here. `None` if the proof is no longer true.
    ///
    /// # Errors
    ///
    /// When the database failed, or the token could not be signed.
    pub async fn sign_in(&self, ctx: &Context, proof: Proof, lasting: Lasting) -> Result<Option<SignedIn>, StoreError> {
        let (kind, event, condition) = match proof.by {
            ProvedBy::Password { verified, upgrade } => {
                (SessionKind::Password, AuditEvent::PasswordLogin, Some(PasswordCondition { verified, upgrade }))
            }
            ProvedBy::Guest => (SessionKind::Guest, AuditEvent::SessionCreated, None),
        };
        let mut session = self.new_session(ctx, proof.user.id, kind, self.rules.token_lifetime, proof.epoch);
        let mut refresh_token = None;
        if lasting == Lasting::Refreshable {
            let (family, token) = self.begin_family(ctx, session.id);
            session.refresh = Some(family);
            session.expires_at = ctx.now + self.rules.refresh_absolute;
            refresh_token = Some(token.expose(&self.keys));
        }
        let grant = Grant {
            user_id: proof.user.id,
            session_id: session.id,
            expires_at: self.token_expiry(ctx.now).min(session.expires_at),
            impersonator: None,
            generation: session.refresh.as_ref().map(|_| 0),
        };
        let actor = Actor::User { id: proof.user.id, session: Some(session.id), impersonator: None };
        let audit = AuditEntry::success(ctx, actor, event).subject(proof.user.id).object(session.id);
        match self.store.create_session(session, condition, audit).await? {
            CreateSession::StaleProof => Ok(None),
            CreateSession::Created => Ok(Some(SignedIn { refresh_token, ..self.issue(ctx, grant).await? })),
        }
    }

    pub(crate) fn new_session(
        &self,
        ctx: &Context,
        user_id: UserId,
        kind: SessionKind,
        lifetime: Duration,
        epoch: crate::account::Epoch,
    ) -> NewSession {
        NewSession {
            id: SessionId::random(&*self.rng),
            user_id,
            kind,
            created_at: ctx.now,
            // The token counts whole seconds, rounded down; its session must not outlive it.
            expires_at: Timestamp::from_secs(ctx.now.as_secs()) + lifetime,
            peer: ctx.peer,
            agent: ctx.agent.clone(),
            epoch,
            impersonator: None,
            refresh: None,
        }
    }

    /// Writes the access token of a session that exists.
    pub(crate) async fn issue(&self, ctx: &Context, grant: Grant) -> Result<SignedIn, StoreError> {
        let Grant { user_id, session_id, expires_at, impersonator, generation } = grant;
        let token_id = TokenId::random(&*self.rng);
        let claims =
            AccessClaims { user_id, session_id, token_id, issued_at: ctx.now, expires_at, impersonator, generation };
        let access_token = self.tokens.issue(&claims).await.map_err(StoreError::broken)?;
        Ok(SignedIn { session_id, access_token, expires_in: expires_at.since(ctx.now), refresh_token: None })
    }

    /// Who presents this token?
    ///
    /// Form, signature, audience and time of the token; then the session, its user and, for a minted token, the
    /// superuser behind it, as they are now.
    ///
    /// # Errors
    ///
    /// * [`AuthenticateError::Refused`] when the token opens nothing. A refusal of a token that was really ours
    ///   leaves an audit row, once a minute for the same session and reason.
    /// * [`AuthenticateError::Store`] when the database failed. Nobody may take that for "signed out".
    pub async fn authenticate(&self, ctx: &Context, token: &str) -> Result<Principal, AuthenticateError> {
        match self.tokens.read(token, ctx.now).await {
            Ok(ReadToken::Session(claims)) => self.by_session(ctx, claims).await,
            Ok(ReadToken::Legacy(claims)) => self.by_legacy(ctx, token, claims).await,
            Err(rejected) => Err(self.refuse_stranger(ctx, rejected).await),
        }
    }

    async fn by_session(&self, ctx: &Context, claims: AccessClaims) -> Result<Principal, AuthenticateError> {
        let state = self.store.find_session(claims.session_id).await?;
        // A row that was purged, or that is not what the token says it is.
        let state = state.filter(|state| state.user.id == claims.user_id);
        let Some(SessionState { session, user, refresh, .. }) =
            state.as_ref().filter(|state| state.session.impersonator_id == claims.impersonator).cloned()
        else {
            return Err(self.refuse_known(ctx, claims.user_id, Some(claims.session_id), "SESSION_UNKNOWN").await);
        };
        if let Some(Err(denied)) = state.map(|state| state.standing(ctx.now)) {
            return Err(self.refuse_known(ctx, user.id, Some(session.id), denied.code()).await);
        }
        let newest = refresh.filter(|newest| newest.used_at.is_none() && claims.generation == Some(newest.generation));
        let due = Due {
            touch: ctx.now.since(session.last_seen_at) >= TOUCH_EVERY,
            first_use_of: newest.map(|newest| newest.generation),
        };
        Ok(Principal { user, via: Via::Session(Box::new(session)), due })
    }

    async fn by_legacy(
        &self,
        ctx: &Context,
        token: &str,
        claims: LegacyClaims,
    ) -> Result<Principal, AuthenticateError> {
        let refuse = |code| self.refuse_known(ctx, claims.user_id, None, code);
        if self.rules.legacy_until.is_none_or(|until| ctx.now >= until) {
            return Err(refuse("LEGACY_TOKEN").await);
        }
        let Some(state) = self.store.find_legacy(claims.user_id, &Digest::of(token.as_bytes())).await? else {
            return Err(refuse("USER_UNKNOWN").await);
        };
        if !state.user.is_active {
            return Err(refuse("USER_INACTIVE").await);
        }
        if state.denied {
            return Err(refuse("SESSION_ENDED").await);
        }
        // The seed's login tokens do not say when they were issued; with its lifetime that can be reckoned.
        let issued_at = claims.issued_at.unwrap_or(claims.expires_at - self.rules.token_lifetime);
        if state.dead_before.is_some_and(|dead_before| issued_at < dead_before) {
            return Err(refuse("CREDENTIAL_OUTDATED").await);
        }
        if let Some(admin) = claims.impersonator {
            let admin = self.store.find_user(admin).await?;
            if !admin.is_some_and(|admin| admin.is_active && admin.is_superuser) {
                return Err(refuse("IMPERSONATOR_GONE").await);
            }
        }
        let LegacyClaims { expires_at, impersonator, device, .. } = claims;
        Ok(Principal { user: state.user, via: Via::Legacy { expires_at, impersonator, device }, due: Due::default() })
    }

    /// A token that carries our signature was refused: somebody holds something that once worked.
    async fn refuse_known(
        &self,
        ctx: &Context,
        user: UserId,
        session: Option<SessionId>,
        code: &'static str,
    ) -> AuthenticateError {
        let of = session.map_or_else(|| user.to_string(), |session| session.to_string());
        if let Some(unsaid) = self.noise.heard(code, of, ctx.now) {
            let actor = Actor::User { id: user, session, impersonator: None };
            let row = AuditEntry::refused(ctx, actor, AuditEvent::TokenRefused, code).subject(user);
            self.refused(row.detail("repeated", repeated(unsaid))).await;
        }
        AuthenticateError::Refused { code }
    }

    /// A token that is not ours, or whose time is over. A forged one is an attack and leaves a row; an expired one
    /// happens to everybody.
    async fn refuse_stranger(&self, ctx: &Context, rejected: TokenRejected) -> AuthenticateError {
        let code = rejected.code();
        if rejected != TokenRejected::Expired {
            let of = ctx.peer_block().unwrap_or_default();
            if let Some(unsaid) = self.noise.heard(code, of, ctx.now) {
                let row = AuditEntry::refused(ctx, Actor::Anonymous, AuditEvent::TokenRefused, code);
                self.refused(row.detail("repeated", repeated(unsaid))).await;
            }
        }
        AuthenticateError::Refused { code }
    }

    /// Notes what is [`Due`] of the use of a session. Called outside the request.
    ///
    /// # Errors
    ///
    /// When the database failed; nothing depends on it.
    pub async fn note_use(&self, session: SessionId, due: Due, now: Timestamp) -> Result<(), StoreError> {
        if due.touch {
            self.store.touch_session(session, now).await?;
        }
        if let Some(generation) = due.first_use_of {
            self.store.note_generation(session, generation, now).await?;
        }
        Ok(())
    }

    /// Signs out: the session of this token ends, and with it what was minted in it. Twice is no error.
    ///
    /// # Errors
    ///
    /// When the database failed; the session may still be open then.
    pub async fn logout(&self, ctx: &Context, caller: &Principal, token: &str) -> Result<(), StoreError> {
        let audit = AuditEntry::success(ctx, caller.actor(), AuditEvent::SessionEnded).subject(caller.user.id);
        match &caller.via {
            Via::Session(session) => {
                let reason = RevokingEvent::SignedOut.as_str();
                self.store
                    .end_session(session.id, caller.user.id, reason, ctx.now, audit.object(session.id))
                    .await
                    .map(|_was_open| ())
            }
            Via::Legacy { expires_at, .. } => {
                self.store.deny_legacy(&Digest::of(token.as_bytes()), *expires_at, audit).await
            }
        }
    }

    /// Ends one of the caller's own sessions, and what was minted in it.
    ///
    /// # Errors
    ///
    /// * [`SessionError::NotFound`] when the caller has no such open session.
    /// * [`SessionError::Forbidden`] for a minted token: who acts for somebody does not sign them out.
    /// * [`SessionError::Store`] when the database failed.
    pub async fn end_session(&self, ctx: &Context, caller: &Principal, id: SessionId) -> Result<(), SessionError> {
        self.may_end(ctx, caller).await?;
        let user = caller.user.id;
        let audit = AuditEntry::success(ctx, caller.actor(), AuditEvent::SessionEnded).subject(user).object(id);
        if self.store.end_session(id, user, "ended_by_owner", ctx.now, audit).await? {
            return Ok(());
        }
        let error = SessionError::NotFound;
        let row = AuditEntry::refused(ctx, caller.actor(), AuditEvent::SessionEnded, error.code());
        self.refused(row.subject(user).object(id)).await;
        Err(error)
    }

    /// Ends every session of the caller but the one that asks, and says how many.
    ///
    /// # Errors
    ///
    /// As [`Core::end_session`], without [`SessionError::NotFound`].
    pub async fn end_other_sessions(&self, ctx: &Context, caller: &Principal) -> Result<u64, SessionError> {
        self.may_end(ctx, caller).await?;
        let user = caller.user.id;
        let audit = AuditEntry::success(ctx, caller.actor(), AuditEvent::SessionEnded).subject(user);
        let audit = audit.detail("which", "others");
        Ok(self.store.end_sessions(user, caller.session_id(), "ended_by_owner", ctx.now, audit).await?)
    }

    async fn may_end(&self, ctx: &Context, caller: &Principal) -> Result<(), SessionError> {
        if caller.impersonator().is_none() {
            return Ok(());
        }
        let row = AuditEntry::refused(ctx, caller.actor(), AuditEvent::SessionEnded, SessionError::Forbidden.code());
        self.refused(row.subject(caller.user.id)).await;
        Err(SessionError::Forbidden)
    }

    /// Whether this needs a more recent sign-in: only ever in the strict profile.
    pub(crate) fn wants_recent_login(&self, ctx: &Context, caller: &Principal) -> bool {
        self.rules.profile == Profile::Strict
            && caller.signed_in_at().is_none_or(|at| ctx.now.since(at) > self.rules.recent_login)
    }

    /// Notes that a signed-in caller was refused for want of rights.
    pub async fn note_denied(&self, ctx: &Context, caller: &Principal, what: &str) {
        let of = format!("{} {what}", caller.user.id);
        if let Some(unsaid) = self.noise.heard("FORBIDDEN", of, ctx.now) {
            let row = AuditEntry::refused(ctx, caller.actor(), AuditEvent::AccessDenied, "FORBIDDEN");
            let row = row.subject(caller.user.id).detail("what", what);
            self.refused(row.detail("repeated", repeated(unsaid))).await;
        }
    }
}

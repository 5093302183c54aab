//! Exchanging refresh tokens.

use super::{NewFamily, RefreshError, RefreshToken, Rotate, Rotation, Salt};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::engine::Core;
use crate::ids::SessionId;
use crate::mail::Mail;
use crate::password::repeated;
use crate::session::{Grant, SignedIn};

/// The id of the key that derives generations today.
const KEY_ID: &str = "1";

impl Core {
    /// Draws the first token of a session that is about to be created.
    pub(crate) fn begin_family(&self, ctx: &Context, session_id: SessionId) -> (NewFamily, RefreshToken) {
        let token = RefreshToken::first(&*self.rng, session_id);
        (NewFamily { digest: token.digest(), idle_expires_at: ctx.now + self.rules.refresh_idle }, token)
    }

    /// Exchanges a refresh token for an access token and the next refresh token.
    ///
    /// Exchanging the same token again gives the same next refresh token, until that one was used.
    ///
    /// # Errors
    ///
    /// * [`RefreshError::Invalid`] when it is none of ours, or its session is over.
    /// * [`RefreshError::Reused`] when its successor was used before: the session was ended, and the owner is told.
    /// * [`RefreshError::Throttled`] after too many wrong ones from this peer; never for a right one.
    /// * [`RefreshError::Store`] when the database failed; the same token may be presented again.
    pub async fn refresh(&self, ctx: &Context, presented: &str) -> Result<SignedIn, RefreshError> {
        let Some(token) = RefreshToken::read(&self.keys, presented) else {
            return Err(self.refuse_refresh(ctx, None).await);
        };
        let Some(state) = self.store.find_session(token.session_id()).await? else {
            return Err(self.refuse_refresh(ctx, Some(token.session_id())).await);
        };
        let mut salt = Salt::default();
        self.rng.fill(&mut salt);
        let actor = Actor::User { id: state.user.id, session: Some(token.session_id()), impersonator: None };
        let row = |event| AuditEntry::success(ctx, actor, event).subject(state.user.id).object(token.session_id());
        let rotate = Rotate {
            session_id: token.session_id(),
            presented: token.digest(),
            salt,
            key_id: KEY_ID.to_owned(),
            next: token.next(&self.keys, &salt).digest(),
            now: ctx.now,
            idle_expires_at: ctx.now + self.rules.refresh_idle,
            refreshed: row(AuditEvent::SessionRefreshed),
            reused: AuditEntry::refused(ctx, actor, AuditEvent::RefreshReused, "REFRESH_TOKEN_REUSED")
                .subject(state.user.id)
                .object(token.session_id())
                .detail("generation", token.generation().to_string()),
            notice: self.letter(&state.user.email, &Mail::SessionEndedByReuse, ctx.now),
        };
        match self.store.rotate_refresh(rotate).await? {
            Rotation::Over => Err(self.refuse_refresh(ctx, Some(token.session_id())).await),
            Rotation::Reused => Err(RefreshError::Reused),
            Rotation::Current { family, session_expires_at } => {
                // Whether it was made now or before, the newest generation follows from the token that was presented.
                let next = token.next(&self.keys, &family.salt);
                let grant = Grant {
                    user_id: state.user.id,
                    session_id: token.session_id(),
                    expires_at: self.token_expiry(ctx.now).min(session_expires_at),
                    impersonator: None,
                    generation: Some(family.generation),
                };
                let signed_in = self.issue(ctx, grant).await?;
                Ok(SignedIn { refresh_token: Some(next.expose(&self.keys)), ..signed_in })
            }
        }
    }

    /// When an access token that is issued now expires: it counts whole seconds, rounded down.
    pub(crate) fn token_expiry(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_secs(now.as_secs()) + self.rules.token_lifetime
    }

    async fn refuse_refresh(&self, ctx: &Context, session: Option<SessionId>) -> RefreshError {
        let peer = ctx.peer_block();
        if let Err(limited) = self.limit("refresh:wrong", peer.as_deref(), self.rules.limits.refresh_wrong).await {
            return limited.into();
        }
        let of = session.map_or_else(|| peer.unwrap_or_default(), |session| session.to_string());
        let error = RefreshError::Invalid;
        if let Some(unsaid) = self.noise.heard(error.code(), of, ctx.now) {
            let mut row = AuditEntry::refused(ctx, Actor::Anonymous, AuditEvent::SessionRefreshed, error.code());
            if let Some(session) = session {
                row = row.object(session);
            }
            self.refused(row.detail("repeated", repeated(unsaid))).await;
        }
        error
    }
}

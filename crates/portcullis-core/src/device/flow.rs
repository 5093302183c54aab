//! Starting, deciding over and redeeming a device login.

use super::{Device, DeviceError, DeviceStatus, NewDevice, USER_CODE_ALPHABET, USER_CODE_LENGTH};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::engine::Core;
use crate::ids::DeviceId;
use crate::rng::letters;
use crate::secret::Token;
use crate::session::{Grant, Principal, SessionKind, SignedIn};
use crate::store::StoreError;

/// A device login that was started: what the tool gets.
#[derive(Debug)]
pub struct Started {
    /// Names the row.
    pub id: DeviceId,
    /// The user code, for the person's eyes.
    pub code: String,
    /// The device secret, for the tool alone.
    pub secret: Token,
    /// Until when it can be approved and redeemed.
    pub expires_at: Timestamp,
}

/// What a poll finds.
#[derive(Debug)]
pub enum Poll {
    /// Nobody decided yet.
    Pending,
    /// Approved: here is the token, this once.
    Approved(SignedIn),
}

/// What the deciding person is told of a device login.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// From where it was asked for.
    pub peer: Option<String>,
    /// With what.
    pub agent: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be approved.
    pub expires_at: Timestamp,
}

impl Core {
    /// Starts a device login.
    ///
    /// # Errors
    ///
    /// * [`DeviceError::Throttled`] when this peer started too many.
    /// * [`DeviceError::Store`] when the database failed.
    pub async fn start_device(&self, ctx: &Context) -> Result<Started, DeviceError> {
        let peer = ctx.peer_block();
        self.limit_noted(ctx, Actor::Anonymous, "device:start", peer.as_deref(), self.rules.limits.device_start)
            .await?;
        // Of 20⁸ codes one may be in use; five draws that all are would mean that something else is wrong.
        for _ in 0..5 {
            let code = letters(&*self.rng, USER_CODE_ALPHABET, USER_CODE_LENGTH);
            let secret = Token::random(&*self.rng);
            let new = NewDevice {
                id: DeviceId::random(&*self.rng),
                code: self.keys.code_digest(&code),
                secret: secret.digest(),
                created_at: ctx.now,
                expires_at: ctx.now + self.rules.device_lifetime,
                peer: ctx.peer,
                agent: ctx.agent.clone(),
            };
            let (id, expires_at) = (new.id, new.expires_at);
            let audit = AuditEntry::success(ctx, Actor::Anonymous, AuditEvent::DeviceStarted).object(id);
            if self.store.create_device(new, audit).await? {
                return Ok(Started { id, code, secret, expires_at });
            }
        }
        Err(DeviceError::Store(StoreError::unavailable("no free user code was found")))
    }

    /// Polls with the secret; the first poll after an approval redeems.
    ///
    /// # Errors
    ///
    /// * [`DeviceError::NotFound`] for an unknown code, a wrong secret, a login that is used up or rejected, and one
    ///   whose approver can no longer approve.
    /// * [`DeviceError::Expired`] when its time is over.
    /// * [`DeviceError::Throttled`] after too many wrong ones from this peer; never for a right secret.
    /// * [`DeviceError::Store`] when the database failed.
    pub async fn poll_device(&self, ctx: &Context, code: &str, secret: &Token) -> Result<Poll, DeviceError> {
        let found = self.store.find_device(&self.keys.code_digest(code)).await?;
        // The digest is computed and compared whether or not the code exists.
        let presented = secret.digest();
        let Some(device) = found.filter(|device| device.secret == presented) else {
            return Err(self.wrong_poll(ctx).await);
        };
        let polled = match device.status {
            DeviceStatus::Redeemed | DeviceStatus::Rejected => Err(DeviceError::NotFound),
            DeviceStatus::Pending | DeviceStatus::Approved if device.is_expired(ctx.now) => Err(DeviceError::Expired),
            DeviceStatus::Pending => Ok(Poll::Pending),
            DeviceStatus::Approved => self.redeem(ctx, &device).await,
        };
        if let Err(error @ (DeviceError::NotFound | DeviceError::Expired)) = &polled {
            // Whoever polls has the right secret, so this is not noise; but tools poll every second.
            let mut row = AuditEntry::refused(ctx, Actor::Anonymous, AuditEvent::DeviceRedeemed, error.code());
            row.subject = device.approved_by.map(|(approver, _)| approver);
            self.refused_again(row.object(device.id), device.id.to_string()).await;
        }
        polled
    }

    async fn wrong_poll(&self, ctx: &Context) -> DeviceError {
        let peer = ctx.peer_block();
        let limit = self.rules.limits.device_poll_wrong;
        if let Err(limited) = self.limit_noted(ctx, Actor::Anonymous, "device:poll", peer.as_deref(), limit).await {
            return limited.into();
        }
        let error = DeviceError::NotFound;
        let row = AuditEntry::refused(ctx, Actor::Anonymous, AuditEvent::DeviceRedeemed, error.code());
        self.refused_again(row, peer.unwrap_or_default()).await;
        error
    }

    async fn redeem(&self, ctx: &Context, device: &Device) -> Result<Poll, DeviceError> {
        let Some((approver, epoch)) = device.approved_by else { return Err(DeviceError::NotFound) };
        let session = self.new_session(ctx, approver, SessionKind::Device, self.rules.token_lifetime, epoch);
        let (id, expires_at) = (session.id, session.expires_at);
        let actor = Actor::User { id: approver, session: Some(id), impersonator: None };
        let audit = AuditEntry::success(ctx, actor, AuditEvent::DeviceRedeemed)
            .subject(approver)
            .object(device.id)
            .detail("session", id.to_string());
        if !self.store.redeem_device(device.id, session, audit).await? {
            return Err(DeviceError::NotFound);
        }
        let grant = Grant { user_id: approver, session_id: id, expires_at, impersonator: None, generation: None };
        Ok(Poll::Approved(self.issue(ctx, grant).await?))
    }

    /// What a signed-in person is shown before deciding. Looking claims the login for them.
    ///
    /// # Errors
    ///
    /// As [`Core::approve_device`].
    pub async fn view_device(
        &self,
        ctx: &Context,
        caller: &Principal,
        code: &str,
    ) -> Result<DeviceRequest, DeviceError> {
        let event = AuditEvent::DeviceApproved;
        self.may_decide(ctx, caller, event).await?;
        let device = self.find_for(ctx, caller, event, code).await?;
        let pending = device.status == DeviceStatus::Pending;
        if pending && device.is_expired(ctx.now) {
            return self.refuse_decision(ctx, caller, event, Some(device.id), DeviceError::Expired).await;
        }
        if !pending || !self.store.claim_device(device.id, caller.user.id, ctx.now).await? {
            return self.refuse_decision(ctx, caller, event, Some(device.id), DeviceError::NotFound).await;
        }
        let Device { peer, agent, created_at, expires_at, .. } = device;
        Ok(DeviceRequest { peer, agent, created_at, expires_at })
    }

    /// Approves a pending device login as the caller.
    ///
    /// # Errors
    ///
    /// * [`DeviceError::Forbidden`] for a minted token, and for one that came out of a device login.
    /// * [`DeviceError::NotFound`] when there is no such login to decide over, or somebody else claimed it.
    /// * [`DeviceError::Expired`] when its time is over.
    /// * [`DeviceError::LoginTooOld`] in the strict profile.
    /// * [`DeviceError::Throttled`] after too many unknown codes from this user.
    /// * [`DeviceError::Store`] when the database failed.
    pub async fn approve_device(&self, ctx: &Context, caller: &Principal, code: &str) -> Result<(), DeviceError> {
        self.may_decide(ctx, caller, AuditEvent::DeviceApproved).await?;
        let device = self.find_for(ctx, caller, AuditEvent::DeviceApproved, code).await?;
        let event = AuditEvent::DeviceApproved;
        if device.status == DeviceStatus::Pending && device.is_expired(ctx.now) {
            return self.refuse_decision(ctx, caller, event, Some(device.id), DeviceError::Expired).await;
        }
        let audit = AuditEntry::success(ctx, caller.actor(), event).subject(caller.user.id).object(device.id);
        if self.store.approve_device(device.id, caller.user.id, ctx.now, audit).await? {
            return Ok(());
        }
        self.refuse_decision(ctx, caller, event, Some(device.id), DeviceError::NotFound).await
    }

    /// Rejects a device login, or takes an approval back that was not redeemed.
    ///
    /// # Errors
    ///
    /// As [`Core::approve_device`]; an expired one may be rejected.
    pub async fn reject_device(&self, ctx: &Context, caller: &Principal, code: &str) -> Result<(), DeviceError> {
        if caller.impersonator().is_some() {
            let error = DeviceError::Forbidden;
            return self.refuse_decision(ctx, caller, AuditEvent::DeviceRejected, None, error).await;
        }
        let device = self.find_for(ctx, caller, AuditEvent::DeviceRejected, code).await?;
        let audit = AuditEntry::success(ctx, caller.actor(), AuditEvent::DeviceRejected)
            .subject(caller.user.id)
            .object(device.id);
        if self.store.reject_device(device.id, caller.user.id, ctx.now, audit).await? {
            return Ok(());
        }
        let error = DeviceError::NotFound;
        self.refuse_decision(ctx, caller, AuditEvent::DeviceRejected, Some(device.id), error).await
    }

    async fn may_decide(&self, ctx: &Context, caller: &Principal, event: AuditEvent) -> Result<(), DeviceError> {
        if caller.impersonator().is_some() || caller.is_device() {
            return self.refuse_decision(ctx, caller, event, None, DeviceError::Forbidden).await;
        }
        if self.wants_recent_login(ctx, caller) {
            return self.refuse_decision(ctx, caller, event, None, DeviceError::LoginTooOld).await;
        }
        Ok(())
    }

    /// Looks a code up for somebody who wants to decide; unknown ones are counted against them.
    async fn find_for(
        &self,
        ctx: &Context,
        caller: &Principal,
        event: AuditEvent,
        code: &str,
    ) -> Result<Device, DeviceError> {
        if let Some(device) = self.store.find_device(&self.keys.code_digest(code)).await? {
            return Ok(device);
        }
        let whom = caller.user.id.to_string();
        let limit = self.rules.limits.device_decide_wrong;
        self.limit_noted(ctx, caller.actor(), "device:decide", Some(&whom), limit).await?;
        self.refuse_decision(ctx, caller, event, None, DeviceError::NotFound).await
    }

    async fn refuse_decision<T>(
        &self,
        ctx: &Context,
        caller: &Principal,
        event: AuditEvent,
        device: Option<DeviceId>,
        error: DeviceError,
    ) -> Result<T, DeviceError> {
        let mut row = AuditEntry::refused(ctx, caller.actor(), event, error.code()).subject(caller.user.id);
        row.object = device.map(Into::into);
        self.refused(row).await;
        Err(error)
    }
}

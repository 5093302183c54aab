//! Forgotten passwords and unproved addresses.

use super::{NewOneTime, OneTimeError, Purpose};
use crate::account::User;
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::email_address::{EmailAddress, EmailKey};
use crate::engine::{Core, Limited};
use crate::ids::OneTimeId;
use crate::mail::Mail;
use crate::password_hasher::Password;
use crate::secret::Token;
use crate::store::{StoreError, VerifyEmail};

impl Core {
    /// Somebody asks for a reset token for an address. The answer is the same whether anybody has it.
    ///
    /// # Errors
    ///
    /// * [`OneTimeError::Throttled`] when this peer asked too often.
    /// * [`OneTimeError::Store`] when the database failed.
    pub async fn request_reset(&self, ctx: &Context, address: &EmailAddress) -> Result<(), OneTimeError> {
        self.request(ctx, Purpose::ResetPassword, address).await
    }

    /// Somebody asks for a verification token for an address. The answer is the same whether anybody has it and
    /// whether it is verified.
    ///
    /// # Errors
    ///
    /// As [`Core::request_reset`].
    pub async fn request_verify(&self, ctx: &Context, address: &EmailAddress) -> Result<(), OneTimeError> {
        self.request(ctx, Purpose::VerifyEmail, address).await
    }

    async fn request(&self, ctx: &Context, purpose: Purpose, address: &EmailAddress) -> Result<(), OneTimeError> {
        let (peer, limits) = (ctx.peer_block(), self.rules.limits);
        self.limit_noted(ctx, Actor::Anonymous, "mail:peer", peer.as_deref(), limits.mail_peer).await?;
        let key = address.key();
        let limited = self.limit_noted(ctx, Actor::Anonymous, "mail:address", Some(key.as_str()), limits.mail_address);
        match limited.await {
            Ok(()) => {}
            // More mails would only bother the owner of the mailbox. The caller is not told.
            Err(Limited::Wait { .. }) => return Ok(()),
            Err(Limited::Store(error)) => return Err(error.into()),
        }
        let found = self.store.find_credentials_by_email(address.as_str(), &key).await?;
        let user = found
            .map(|found| found.user)
            .filter(|user| user.is_active && !(purpose == Purpose::VerifyEmail && user.is_verified));
        match user {
            Some(user) => self.send_one_time(ctx, Actor::Anonymous, purpose, &user).await?,
            None => {
                // A row in this case too: a missing write would tell by its time that nobody has the address.
                self.refused(AuditEntry::refused(ctx, Actor::Anonymous, asked(purpose), "USER_UNKNOWN")).await;
            }
        }
        Ok(())
    }

    /// Makes a one-time token for an account and puts the mail that carries it into the outbox.
    ///
    /// # Errors
    ///
    /// When the database failed.
    pub async fn send_one_time(
        &self,
        ctx: &Context,
        actor: Actor,
        purpose: Purpose,
        user: &User,
    ) -> Result<(), StoreError> {
        let token = Token::random(&*self.rng);
        let expires_at = ctx.now
            + match purpose {
                Purpose::ResetPassword => self.rules.reset_lifetime,
                Purpose::VerifyEmail => self.rules.verify_lifetime,
            };
        let mail = letter(purpose, &token, expires_at);
        let new = NewOneTime {
            id: OneTimeId::random(&*self.rng),
            purpose,
            user_id: user.id,
            digest: token.digest(),
            email_key: EmailKey::of(&user.email),
            created_at: ctx.now,
            expires_at,
        };
        let audit = AuditEntry::success(ctx, actor, asked(purpose)).subject(user.id).object(new.id);
        let mail = self.letter(&user.email, &mail, ctx.now);
        let _account_is_still_there = self.store.create_one_time(new, mail, audit).await?;
        Ok(())
    }

    /// Sets a password with a reset token. Every session of the account ends; nobody is signed in by it.
    ///
    /// # Errors
    ///
    /// * [`OneTimeError::BadToken`] when the token is unknown, used, expired or dead.
    /// * [`OneTimeError::InvalidPassword`] when the password is not accepted; the token still works.
    /// * [`OneTimeError::Throttled`], [`OneTimeError::Busy`], [`OneTimeError::Store`].
    pub async fn reset_password(&self, ctx: &Context, token: &Token, password: Password) -> Result<User, OneTimeError> {
        self.limit_one_time(ctx).await?;
        let digest = token.digest();
        // Looking first spares a hash for a token that opens nothing; only the statement at the end decides.
        let Some(user) = self.store.find_one_time(Purpose::ResetPassword, &digest, ctx.now).await? else {
            return self.bad_token(ctx, AuditEvent::PasswordReset).await;
        };
        if let Err(refused) = self.rules.passwords.check(password.expose(), &user.email) {
            let code = "RESET_PASSWORD_INVALID_PASSWORD";
            let row = AuditEntry::refused(ctx, Actor::Anonymous, AuditEvent::PasswordReset, code);
            self.refused(row.subject(user.id)).await;
            return Err(OneTimeError::InvalidPassword(refused));
        }
        let hash = self.hasher_for(ctx).hash(password).await?;
        let notice = self.letter(&user.email, &Mail::PasswordChanged, ctx.now);
        let audit = AuditEntry::success(ctx, Actor::Anonymous, AuditEvent::PasswordReset).subject(user.id);
        match self.store.reset_password(&digest, hash, vec![notice], ctx.now, audit).await? {
            Some(user) => Ok(user),
            None => self.bad_token(ctx, AuditEvent::PasswordReset).await,
        }
    }

    /// Marks an address as proved.
    ///
    /// # Errors
    ///
    /// * [`OneTimeError::BadToken`] when the token is unknown, expired or dead, or was made for another address.
    /// * [`OneTimeError::AlreadyVerified`] when the address was proved before.
    /// * [`OneTimeError::Throttled`], [`OneTimeError::Store`].
    pub async fn verify_email(&self, ctx: &Context, token: &Token) -> Result<User, OneTimeError> {
        self.limit_one_time(ctx).await?;
        let audit = AuditEntry::success(ctx, Actor::Anonymous, AuditEvent::EmailVerified);
        match self.store.verify_email(&token.digest(), ctx.now, audit).await? {
            VerifyEmail::Verified(user) => Ok(user),
            VerifyEmail::AlreadyVerified(user) => {
                let code = "VERIFY_USER_ALREADY_VERIFIED";
                let row = AuditEntry::refused(ctx, Actor::Anonymous, AuditEvent::EmailVerified, code);
                self.refused(row.subject(user)).await;
                Err(OneTimeError::AlreadyVerified)
            }
            VerifyEmail::BadToken => self.bad_token(ctx, AuditEvent::EmailVerified).await,
        }
    }

    async fn bad_token(&self, ctx: &Context, event: AuditEvent) -> Result<User, OneTimeError> {
        let of = format!("{} {}", event.as_str(), ctx.peer_block().unwrap_or_default());
        self.refused_again(AuditEntry::refused(ctx, Actor::Anonymous, event, "BAD_TOKEN"), of).await;
        Err(OneTimeError::BadToken)
    }

    async fn limit_one_time(&self, ctx: &Context) -> Result<(), OneTimeError> {
        let (peer, limit) = (ctx.peer_block(), self.rules.limits.one_time_peer);
        self.limit_noted(ctx, Actor::Anonymous, "one_time", peer.as_deref(), limit).await?;
        Ok(())
    }
}

const fn asked(purpose: Purpose) -> AuditEvent {
    match purpose {
        Purpose::ResetPassword => AuditEvent::ResetRequested,
        Purpose::VerifyEmail => AuditEvent::VerifyRequested,
    }
}

fn letter(purpose: Purpose, token: &Token, expires_at: Timestamp) -> Mail {
    let (token, expires_at) = (token.expose().to_owned(), expires_at.as_micros());
    match purpose {
        Purpose::ResetPassword => Mail::ResetPassword { token, expires_at },
        Purpose::VerifyEmail => Mail::VerifyEmail { token, expires_at },
    }
}

//! Changing, deleting and looking at accounts.

use super::{ChangeTo, DeleteError, UpdateError, User, UserChange};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::context::Context;
use crate::email_address::EmailAddress;
use crate::engine::Core;
use crate::ids::UserId;
use crate::mail::Mail;
use crate::outbox::NewMail;
use crate::password_hasher::{Password, Verdict};
use crate::rules::Profile;
use crate::session::Principal;
use crate::store::{DeleteUser, StoreTx, UpdateUser};

/// What a user may change of their own account.
#[derive(Debug, Default)]
pub struct UpdateMe {
    /// A new address.
    pub email: Option<EmailAddress>,
    /// A new password.
    pub password: Option<Password>,
    /// The present password. Checked whenever it is given.
    pub current_password: Option<Password>,
}

/// What a superuser, the host or the console may change.
#[derive(Debug, Default)]
pub struct UpdateAccount {
    /// A new address.
    pub email: Option<EmailAddress>,
    /// A new password.
    pub password: Option<Password>,
    /// Whether the account may be used.
    pub is_active: Option<bool>,
    /// Whether it may do everything.
    pub is_superuser: Option<bool>,
    /// Whether its address is proved.
    pub is_verified: Option<bool>,
}

impl Core {
    /// Changes the caller's own address or password.
    ///
    /// # Errors
    ///
    /// * [`UpdateError::Forbidden`] for a minted token: who acts for somebody does not change their credentials.
    /// * [`UpdateError::CurrentPasswordRequired`] in the strict profile, [`UpdateError::CurrentPasswordInvalid`] always
    ///   when a wrong one was given; a wrong one counts like a failed login.
    /// * [`UpdateError::EmailTaken`], [`UpdateError::InvalidPassword`].
    /// * [`UpdateError::Throttled`], [`UpdateError::Busy`], [`UpdateError::Store`].
    pub async fn update_me(&self, ctx: &Context, me: &Principal, input: UpdateMe) -> Result<User, UpdateError> {
        let changes_credentials = input.email.is_some() || input.password.is_some();
        // Who acts for somebody could otherwise find out that somebody's password by trying.
        if (changes_credentials || input.current_password.is_some()) && me.impersonator().is_some() {
            return self.deny_update(ctx, me, me.user.id).await;
        }
        match input.current_password {
            Some(current) => self.check_current_password(ctx, me, current).await?,
            None if changes_credentials && self.rules.profile == Profile::Strict => {
                let error = UpdateError::CurrentPasswordRequired;
                return self.refuse_update(ctx, me.actor(), me.user.id, error).await;
            }
            None => {}
        }
        let update = UpdateAccount { email: input.email, password: input.password, ..UpdateAccount::default() };
        self.apply(ctx, me.actor(), me.user.id, update).await
    }

    /// Changes somebody's account for a superuser.
    ///
    /// # Errors
    ///
    /// As [`Core::update_me`], and
    ///
    /// * [`UpdateError::Forbidden`] when the caller is not a superuser, or acts with a minted token.
    /// * [`UpdateError::NotFound`] when there is no such account.
    /// * [`UpdateError::LastSuperuser`] when no active superuser would be left.
    pub async fn update_user_as(
        &self,
        ctx: &Context,
        admin: &Principal,
        id: UserId,
        update: UpdateAccount,
    ) -> Result<User, UpdateError> {
        if !admin.may_administer() {
            return self.deny_update(ctx, admin, id).await;
        }
        self.apply(ctx, admin.actor(), id, update).await
    }

    /// Changes somebody's account for the host or the console, who need no rights.
    ///
    /// # Errors
    ///
    /// As [`Core::update_user_as`], without [`UpdateError::Forbidden`].
    pub async fn update_user(
        &self,
        ctx: &Context,
        actor: Actor,
        id: UserId,
        update: UpdateAccount,
    ) -> Result<User, UpdateError> {
        self.apply(ctx, actor, id, update).await
    }

    /// The account that a superuser wants to change, for a caller who reads the change afterwards.
    ///
    /// # Errors
    ///
    /// [`UpdateError::NotFound`] when there is no such account, [`UpdateError::Store`] when the database failed.
    pub async fn find_to_update(&self, ctx: &Context, admin: &Principal, id: UserId) -> Result<User, UpdateError> {
        self.found(ctx, admin.actor(), id).await
    }

    async fn found(&self, ctx: &Context, actor: Actor, id: UserId) -> Result<User, UpdateError> {
        match self.store.find_user(id).await? {
            Some(user) => Ok(user),
            None => self.refuse_update(ctx, actor, id, UpdateError::NotFound).await,
        }
    }

    async fn apply(&self, ctx: &Context, actor: Actor, id: UserId, update: UpdateAccount) -> Result<User, UpdateError> {
        let before = self.found(ctx, actor, id).await?;
        let mails = self.notices(ctx, &before, &update);
        let change = match self.change(ctx, actor, &before, update).await {
            Err(error @ UpdateError::InvalidPassword(_)) => return self.refuse_update(ctx, actor, id, error).await,
            other => other?,
        };
        let audit = AuditEntry::success(ctx, actor, AuditEvent::AccountUpdated).subject(id);
        match self.store.update_user(id, change, mails, audit).await? {
            UpdateUser::Updated(user) => Ok(user),
            UpdateUser::NotFound => self.refuse_update(ctx, actor, id, UpdateError::NotFound).await,
            UpdateUser::EmailTaken => self.refuse_update(ctx, actor, id, UpdateError::EmailTaken).await,
            UpdateUser::LastSuperuser => self.refuse_update(ctx, actor, id, UpdateError::LastSuperuser).await,
        }
    }

    /// The same inside the host's transaction. The password is hashed before, by [`Core::prepare_change`].
    ///
    /// # Errors
    ///
    /// As [`Core::update_user`].
    pub async fn update_user_in(
        &self,
        tx: &mut dyn StoreTx,
        ctx: &Context,
        id: UserId,
        change: UserChange,
    ) -> Result<User, UpdateError> {
        let audit = AuditEntry::success(ctx, Actor::Host, AuditEvent::AccountUpdated).subject(id);
        match self.store.update_user_in(tx, id, change, audit).await? {
            UpdateUser::Updated(user) => Ok(user),
            UpdateUser::NotFound => Err(UpdateError::NotFound),
            UpdateUser::EmailTaken => Err(UpdateError::EmailTaken),
            UpdateUser::LastSuperuser => Err(UpdateError::LastSuperuser),
        }
    }

    /// Checks and hashes a change of `before`, so that no transaction waits for a hash.
    ///
    /// # Errors
    ///
    /// [`UpdateError::InvalidPassword`] and [`UpdateError::Busy`].
    pub async fn prepare_change(
        &self,
        ctx: &Context,
        before: &User,
        update: UpdateAccount,
    ) -> Result<UserChange, UpdateError> {
        self.change(ctx, Actor::Host, before, update).await
    }

    async fn change(
        &self,
        ctx: &Context,
        actor: Actor,
        before: &User,
        update: UpdateAccount,
    ) -> Result<UserChange, UpdateError> {
        let mut change = UserChange::nothing(ctx.now);
        if let Some(password) = update.password {
            let email = update.email.as_ref().map_or(before.email.as_str(), |email| email.as_str());
            self.rules.passwords.check(password.expose(), email).map_err(UpdateError::InvalidPassword)?;
            change.password = ChangeTo::Set(self.hasher_for(ctx).hash(password).await?);
        }
        change.email = update.email.map(|email| (email.as_str().to_owned(), email.key())).into();
        change.is_active = update.is_active.into();
        change.is_superuser = update.is_superuser.into();
        change.is_verified = update.is_verified.into();
        if let Actor::User { id, session, .. } = actor
            && id == before.id
        {
            change.keep_session = session;
        }
        Ok(change)
    }

    /// The mails that a change causes: to the address that the account had before.
    fn notices(&self, ctx: &Context, before: &User, update: &UpdateAccount) -> Vec<NewMail> {
        let mut mails = Vec::new();
        if let Some(email) = &update.email
            && email.key() != crate::email_address::EmailKey::of(&before.email)
        {
            let notice = Mail::EmailChanged { new_email: email.as_str().to_owned() };
            mails.push(self.letter(&before.email, &notice, ctx.now));
        }
        if update.password.is_some() {
            mails.push(self.letter(&before.email, &Mail::PasswordChanged, ctx.now));
        }
        mails
    }

    async fn check_current_password(&self, ctx: &Context, me: &Principal, typed: Password) -> Result<(), UpdateError> {
        let key = me.user.id.to_string();
        self.limit_noted(ctx, me.actor(), "password", Some(&key), self.rules.limits.login_account).await?;
        let credentials = self.store.find_credentials(me.user.id).await?.ok_or(UpdateError::NotFound)?;
        match self.hasher_for(ctx).verify(typed, credentials.password).await? {
            Verdict::Match | Verdict::MatchAndUpgrade(_) => {
                self.forgive("password", &key).await?;
                Ok(())
            }
            Verdict::Mismatch => {
                self.refuse_update(ctx, me.actor(), me.user.id, UpdateError::CurrentPasswordInvalid).await
            }
        }
    }

    async fn deny_update<T>(&self, ctx: &Context, caller: &Principal, id: UserId) -> Result<T, UpdateError> {
        self.refuse_update(ctx, caller.actor(), id, UpdateError::Forbidden).await
    }

    async fn refuse_update<T>(
        &self,
        ctx: &Context,
        actor: Actor,
        id: UserId,
        error: UpdateError,
    ) -> Result<T, UpdateError> {
        self.refused(AuditEntry::refused(ctx, actor, AuditEvent::AccountUpdated, error.code()).subject(id)).await;
        Err(error)
    }

    /// Deletes an account for a superuser.
    ///
    /// # Errors
    ///
    /// * [`DeleteError::Forbidden`] when the caller is not a superuser, or acts with a minted token.
    /// * [`DeleteError::NotFound`], [`DeleteError::LastSuperuser`], [`DeleteError::HasDependents`].
    /// * [`DeleteError::Store`] when the database failed.
    pub async fn delete_user_as(&self, ctx: &Context, admin: &Principal, id: UserId) -> Result<(), DeleteError> {
        if !admin.may_administer() {
            return self.refuse_delete(ctx, admin.actor(), id, DeleteError::Forbidden).await;
        }
        self.delete_user(ctx, admin.actor(), id).await
    }

    /// Deletes an account for the host or the console.
    ///
    /// # Errors
    ///
    /// As [`Core::delete_user_as`], without [`DeleteError::Forbidden`].
    pub async fn delete_user(&self, ctx: &Context, actor: Actor, id: UserId) -> Result<(), DeleteError> {
        let audit = AuditEntry::success(ctx, actor, AuditEvent::AccountDeleted).subject(id);
        match deleted(self.store.delete_user(id, ctx.now, audit).await?) {
            Err(error @ DeleteError::Store(_)) => Err(error),
            Err(error) => self.refuse_delete(ctx, actor, id, error).await,
            Ok(()) => Ok(()),
        }
    }

    /// The same inside the host's transaction.
    ///
    /// # Errors
    ///
    /// As [`Core::delete_user`].
    pub async fn delete_user_in(&self, tx: &mut dyn StoreTx, ctx: &Context, id: UserId) -> Result<(), DeleteError> {
        let audit = AuditEntry::success(ctx, Actor::Host, AuditEvent::AccountDeleted).subject(id);
        deleted(self.store.delete_user_in(tx, id, ctx.now, audit).await?)
    }

    async fn refuse_delete(
        &self,
        ctx: &Context,
        actor: Actor,
        id: UserId,
        error: DeleteError,
    ) -> Result<(), DeleteError> {
        self.refused(AuditEntry::refused(ctx, actor, AuditEvent::AccountDeleted, error.code()).subject(id)).await;
        Err(error)
    }
}

fn deleted(outcome: DeleteUser) -> Result<(), DeleteError> {
    match outcome {
        DeleteUser::Deleted => Ok(()),
        DeleteUser::NotFound => Err(DeleteError::NotFound),
        DeleteUser::LastSuperuser => Err(DeleteError::LastSuperuser),
        DeleteUser::HasDependents { table } => Err(DeleteError::HasDependents { table }),
    }
}

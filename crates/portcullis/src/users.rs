//! The manager: accounts for the host's own code, by the same flows as the routes.

use crate::Auth;
use portcullis_core::account::{
    CreateAccount, DeleteError, PreparedUser, RegisterError, UpdateAccount, UpdateError, User, UserChange, UserPage,
};
use portcullis_core::actor::Actor;
use portcullis_core::email_address::EmailKey;
use portcullis_core::ids::UserId;
use portcullis_core::one_time::{OneTimeError, Purpose};
use portcullis_core::password_hasher::Password;
use portcullis_core::secret::Token;
use portcullis_core::store::{InTx, NoHook, StoreError, StoreTx};

/// Accounts for the host's own code. Rules, mails and audit are those of the routes; the actor is `host`.
///
/// The `*_in` twins work inside a transaction of the host: hash first ([`Users::prepare`]), then write. They queue no
/// mail, because only the host knows whether it commits.
#[derive(Clone, Copy, Debug)]
pub struct Users<'a>(&'a Auth);

impl<'a> Users<'a> {
    pub(crate) fn new(auth: &'a Auth) -> Self {
        Self(auth)
    }

    /// Creates an account.
    ///
    /// # Errors
    ///
    /// [`RegisterError::EmailTaken`], [`RegisterError::InvalidPassword`], [`RegisterError::Busy`] and
    /// [`RegisterError::Store`].
    pub async fn create(&self, account: CreateAccount) -> Result<User, RegisterError> {
        self.create_with(account, &NoHook).await
    }

    /// Creates an account together with the host's own rows: `hook` runs in the same transaction.
    ///
    /// # Errors
    ///
    /// As [`Users::create`], and [`RegisterError::Vetoed`] when the hook refused.
    pub async fn create_with(&self, account: CreateAccount, hook: &dyn InTx) -> Result<User, RegisterError> {
        let core = self.0.core();
        let ctx = core.context();
        let prepared = core.prepare_user(&ctx, account).await?;
        core.create_user(&ctx, Actor::Host, prepared, hook).await
    }

    /// Checks and hashes an account to be created by [`Users::create_in`], so that no transaction waits for a hash.
    ///
    /// # Errors
    ///
    /// [`RegisterError::InvalidPassword`] and [`RegisterError::Busy`].
    pub async fn prepare(&self, account: CreateAccount) -> Result<PreparedUser, RegisterError> {
        let core = self.0.core();
        core.prepare_user(&core.context(), account).await
    }

    /// Creates a prepared account inside the host's transaction; it exists when the host commits.
    ///
    /// # Errors
    ///
    /// [`RegisterError::EmailTaken`], and [`RegisterError::Store`] also when the transaction is not one of the
    /// store's database.
    pub async fn create_in(&self, tx: &mut dyn StoreTx, prepared: PreparedUser) -> Result<User, RegisterError> {
        let core = self.0.core();
        core.create_user_in(tx, &core.context(), prepared).await
    }

    /// The account with this id.
    ///
    /// # Errors
    ///
    /// When the database failed.
    pub async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.0.core().store.find_user(id).await
    }

    /// The account that an address stands for, in any spelling.
    ///
    /// # Errors
    ///
    /// When the database failed.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let found = self.0.core().store.find_credentials_by_email(email, &EmailKey::of(email)).await?;
        Ok(found.map(|found| found.user))
    }

    /// A page of accounts, oldest first.
    ///
    /// # Errors
    ///
    /// When the database failed.
    pub async fn list(&self, offset: u32, limit: u32) -> Result<UserPage, StoreError> {
        self.0.core().store.list_users(offset, limit).await
    }

    /// Changes an account.
    ///
    /// # Errors
    ///
    /// [`UpdateError::NotFound`], [`UpdateError::EmailTaken`], [`UpdateError::InvalidPassword`],
    /// [`UpdateError::LastSuperuser`], [`UpdateError::Busy`] and [`UpdateError::Store`].
    pub async fn update(&self, id: UserId, update: UpdateAccount) -> Result<User, UpdateError> {
        let core = self.0.core();
        core.update_user(&core.context(), Actor::Host, id, update).await
    }

    /// Checks and hashes a change to be made by [`Users::update_in`].
    ///
    /// # Errors
    ///
    /// [`UpdateError::InvalidPassword`] and [`UpdateError::Busy`].
    pub async fn prepare_update(&self, before: &User, update: UpdateAccount) -> Result<UserChange, UpdateError> {
        let core = self.0.core();
        core.prepare_change(&core.context(), before, update).await
    }

    /// Changes an account inside the host's transaction.
    ///
    /// # Errors
    ///
    /// As [`Users::update`].
    pub async fn update_in(&self, tx: &mut dyn StoreTx, id: UserId, change: UserChange) -> Result<User, UpdateError> {
        let core = self.0.core();
        core.update_user_in(tx, &core.context(), id, change).await
    }

    /// Sets a password. Every session of the account ends.
    ///
    /// # Errors
    ///
    /// As [`Users::update`].
    pub async fn set_password(&self, id: UserId, password: Password) -> Result<User, UpdateError> {
        self.update(id, UpdateAccount { password: Some(password), ..UpdateAccount::default() }).await
    }

    /// Deletes an account with everything of ours that hangs on it.
    ///
    /// # Errors
    ///
    /// [`DeleteError::NotFound`], [`DeleteError::LastSuperuser`], [`DeleteError::HasDependents`] and
    /// [`DeleteError::Store`].
    pub async fn delete(&self, id: UserId) -> Result<(), DeleteError> {
        let core = self.0.core();
        core.delete_user(&core.context(), Actor::Host, id).await
    }

    /// Deletes an account inside the host's transaction.
    ///
    /// # Errors
    ///
    /// As [`Users::delete`].
    pub async fn delete_in(&self, tx: &mut dyn StoreTx, id: UserId) -> Result<(), DeleteError> {
        let core = self.0.core();
        core.delete_user_in(tx, &core.context(), id).await
    }

    /// Mails a reset token to an account's address.
    ///
    /// # Errors
    ///
    /// When the database failed.
    pub async fn forgot_password(&self, user: &User) -> Result<(), StoreError> {
        let core = self.0.core();
        core.send_one_time(&core.context(), Actor::Host, Purpose::ResetPassword, user).await
    }

    /// Sets a password with a reset token.
    ///
    /// # Errors
    ///
    /// [`OneTimeError`] as for the route.
    pub async fn reset_password(&self, token: &str, password: Password) -> Result<User, OneTimeError> {
        let core = self.0.core();
        core.reset_password(&core.context(), &Token::presented(token), password).await
    }

    /// Mails a verification token to an account's address.
    ///
    /// # Errors
    ///
    /// When the database failed.
    pub async fn request_verify(&self, user: &User) -> Result<(), StoreError> {
        let core = self.0.core();
        core.send_one_time(&core.context(), Actor::Host, Purpose::VerifyEmail, user).await
    }

    /// Marks an address as proved with a verification token.
    ///
    /// # Errors
    ///
    /// [`OneTimeError`] as for the route.
    pub async fn verify(&self, token: &str) -> Result<User, OneTimeError> {
        let core = self.0.core();
        core.verify_email(&core.context(), &Token::presented(token)).await
    }
}

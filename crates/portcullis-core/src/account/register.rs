//! Creating accounts: by registering, by a guest's first visit, by the host, by the console.

use super::{AccountKind, NewUser, RegisterError, User};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::context::Context;
use crate::email_address::{EmailAddress, EmailKey};
use crate::engine::Core;
use crate::ids::UserId;
use crate::password_hasher::{Password, PasswordHash};
use crate::rng::letters;
use crate::session::{Lasting, Proof, ProvedBy, SignedIn};
use crate::store::{CreateUser, InTx, NoHook, StoreTx, Veto};

/// What it takes to create an account. The flags are for the host and the console; a registration has none.
#[derive(Debug)]
pub struct CreateAccount {
    /// The address.
    pub email: EmailAddress,
    /// The password; without one, nobody signs in by password until one is set.
    pub password: Option<Password>,
    /// Whether it may do everything.
    pub is_superuser: bool,
    /// Whether its address is known to be right.
    pub is_verified: bool,
}

impl CreateAccount {
    /// An account with a password and no further rights.
    pub const fn new(email: EmailAddress, password: Password) -> Self {
        Self { email, password: Some(password), is_superuser: false, is_verified: false }
    }

    /// An account that nobody can sign in to until its owner sets a password, by a reset mail for example.
    pub const fn without_password(email: EmailAddress) -> Self {
        Self { email, password: None, is_superuser: false, is_verified: false }
    }
}

/// An account that is ready to be created: checked and hashed, so that no transaction waits for a hash.
///
/// Made by [`Core::prepare_user`], spent by [`Core::create_user`] or [`Core::create_user_in`].
#[derive(Debug)]
pub struct PreparedUser(NewUser);

impl PreparedUser {
    /// The id that the account will have.
    pub const fn id(&self) -> UserId {
        self.0.id
    }
}

impl Core {
    /// Registers an account for an anonymous caller.
    ///
    /// A password is hashed whether or not the address is taken, so that the answer's time does not tell.
    ///
    /// # Errors
    ///
    /// [`RegisterError`], each for its own reason; nothing was created.
    pub async fn register(
        &self,
        ctx: &Context,
        email: EmailAddress,
        password: Password,
        hook: &dyn InTx,
    ) -> Result<User, RegisterError> {
        self.limit_register(ctx).await?;
        if let Err(refused) = self.rules.passwords.check(password.expose(), email.as_str()) {
            let error = RegisterError::InvalidPassword(refused);
            let code = "REGISTER_INVALID_PASSWORD";
            let row = AuditEntry::refused(ctx, Actor::Anonymous, AuditEvent::AccountCreated, code);
            self.refused_again(row, ctx.peer_block().unwrap_or_default()).await;
            return Err(error);
        }
        let account =
            CreateAccount { email, password: Some(password), is_superuser: self.rules.dev_mode, is_verified: false };
        let mut prepared = self.prepare(ctx, account).await?;
        prepared.0.dev_superuser = self.rules.dev_mode;
        self.create_user(ctx, Actor::Anonymous, prepared, hook).await
    }

    async fn limit_register(&self, ctx: &Context) -> Result<(), RegisterError> {
        let peer = ctx.peer_block();
        self.limit_noted(ctx, Actor::Anonymous, "register", peer.as_deref(), self.rules.limits.register).await?;
        Ok(())
    }

    /// Checks and hashes what [`Core::create_user`] needs, for the host and the console.
    ///
    /// # Errors
    ///
    /// * [`RegisterError::InvalidPassword`] when the policy refuses the password.
    /// * [`RegisterError::Busy`] when too many passwords wait to be hashed.
    pub async fn prepare_user(&self, ctx: &Context, account: CreateAccount) -> Result<PreparedUser, RegisterError> {
        if let Some(password) = &account.password {
            self.rules
                .passwords
                .check(password.expose(), account.email.as_str())
                .map_err(RegisterError::InvalidPassword)?;
        }
        self.prepare(ctx, account).await
    }

    async fn prepare(&self, ctx: &Context, account: CreateAccount) -> Result<PreparedUser, RegisterError> {
        let password = match account.password {
            Some(password) => self.hasher_for(ctx).hash(password).await?,
            None => self.hasher_for(ctx).unusable().await?,
        };
        Ok(PreparedUser(NewUser {
            id: UserId::random(&*self.rng),
            email_key: account.email.key(),
            email: account.email.as_str().to_owned(),
            password,
            is_active: true,
            is_superuser: account.is_superuser,
            is_verified: account.is_verified,
            kind: AccountKind::Person,
            dev_superuser: false,
            created_at: ctx.now,
        }))
    }

    /// Creates a prepared account.
    ///
    /// # Errors
    ///
    /// * [`RegisterError::EmailTaken`] when somebody has the address, in any spelling.
    /// * [`RegisterError::Vetoed`] when the hook refused.
    /// * [`RegisterError::Store`] when the database failed.
    pub async fn create_user(
        &self,
        ctx: &Context,
        actor: Actor,
        prepared: PreparedUser,
        hook: &dyn InTx,
    ) -> Result<User, RegisterError> {
        let audit = created(ctx, actor, &prepared.0);
        match self.store.create_user(prepared.0, audit, hook).await? {
            CreateUser::Created(user) => Ok(user),
            CreateUser::EmailTaken => {
                let error = RegisterError::EmailTaken;
                self.refused(AuditEntry::refused(
                    ctx,
                    actor,
                    AuditEvent::AccountCreated,
                    "REGISTER_USER_ALREADY_EXISTS",
                ))
                .await;
                Err(error)
            }
            CreateUser::Vetoed(Veto::Refused { code, reason }) => {
                self.refused(
                    AuditEntry::refused(ctx, actor, AuditEvent::AccountCreated, "VETOED").detail("code", code.clone()),
                )
                .await;
                Err(RegisterError::Vetoed { code, reason })
            }
            CreateUser::Vetoed(Veto::Failed(error)) => Err(error.into()),
        }
    }

    /// Creates a prepared account inside the host's transaction: it exists when the host commits.
    ///
    /// # Errors
    ///
    /// As [`Core::create_user`], without a hook.
    pub async fn create_user_in(
        &self,
        tx: &mut dyn StoreTx,
        ctx: &Context,
        prepared: PreparedUser,
    ) -> Result<User, RegisterError> {
        let audit = created(ctx, Actor::Host, &prepared.0);
        match self.store.create_user_in(tx, prepared.0, audit).await? {
            CreateUser::Created(user) => Ok(user),
            CreateUser::EmailTaken => Err(RegisterError::EmailTaken),
            CreateUser::Vetoed(Veto::Refused { code, reason }) => Err(RegisterError::Vetoed { code, reason }),
            CreateUser::Vetoed(Veto::Failed(error)) => Err(error.into()),
        }
    }

    /// Makes a guest: an account of its own, without a password, signed in.
    ///
    /// # Errors
    ///
    /// * [`RegisterError::GuestsOff`] when the deployment has none.
    /// * [`RegisterError::Throttled`] when this peer made too many.
    /// * [`RegisterError::Busy`] and [`RegisterError::Store`] as ever.
    pub async fn guest(&self, ctx: &Context) -> Result<(User, SignedIn), RegisterError> {
        if !self.rules.allow_guests {
            return Err(RegisterError::GuestsOff);
        }
        self.limit_register(ctx).await?;
        let password = self.hasher_for(ctx).unusable().await?;
        loop {
            let new = self.new_guest(ctx, password.clone());
            let audit = AuditEntry::success(ctx, Actor::Anonymous, AuditEvent::GuestCreated).subject(new.id);
            // Of 36⁸ names one may be taken; then another one is drawn.
            if let CreateUser::Created(user) = self.store.create_user(new, audit, &NoHook).await? {
                let credentials = self.store.find_credentials(user.id).await?;
                let epoch = credentials.map_or(crate::account::Epoch(0), |credentials| credentials.epoch);
                let proof = Proof { user: user.clone(), epoch, by: ProvedBy::Guest };
                let Some(signed_in) = self.sign_in(ctx, proof, Lasting::OneToken).await? else { continue };
                return Ok((user, signed_in));
            }
        }
    }

    fn new_guest(&self, ctx: &Context, password: PasswordHash) -> NewUser {
        let name = letters(&*self.rng, b"abcdefghijklmnopqrstuvwxyz0123456789", 8);
        let email = format!("{name}@guest.user");
        NewUser {
            id: UserId::random(&*self.rng),
            email_key: EmailKey::of(&email),
            email,
            password,
            is_active: true,
            is_superuser: false,
            is_verified: false,
            kind: AccountKind::Guest,
            dev_superuser: false,
            created_at: ctx.now,
        }
    }
}

fn created(ctx: &Context, actor: Actor, new: &NewUser) -> AuditEntry {
    AuditEntry::success(ctx, actor, AuditEvent::AccountCreated)
        .subject(new.id)
        .detail("superuser", if new.is_superuser { "true" } else { "" })
}

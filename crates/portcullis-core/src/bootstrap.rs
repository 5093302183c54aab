//! The first superuser, and the ones that dev mode made.

use crate::account::{AccountKind, ChangeTo, NewUser, User, UserChange};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::context::Context;
use crate::email_address::EmailKey;
use crate::engine::Core;
use crate::ids::UserId;
use crate::password_hasher::{HashError, Password, Verdict};
use crate::store::{CreateUser, NoHook, StoreError, UpdateUser};
use thiserror::Error;

/// What became of the configured admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminEnsured {
    /// There was nobody with the address: created, active, verified, superuser.
    Created(UserId),
    /// A verified account had the address and is superuser now. Its own password stays.
    Promoted(UserId),
    /// It was superuser before, with the configured password.
    Present(UserId),
    /// It was superuser before, with another password, which stays.
    OtherPassword(UserId),
    /// It is superuser but inactive, and stays inactive.
    Inactive(UserId),
}

/// Why the admin could not be ensured. All of them are for the operator to settle.
#[derive(Debug, Error)]
pub enum AdminError {
    /// Somebody who never proved to own the address registered it first. Promoting them would hand them the keys.
    #[error(
        "the admin's address belongs to an account that is not verified and not a superuser: somebody may have \
         registered it first. If it is yours, run `portcullis user promote {0}`; otherwise delete it or configure \
         another address"
    )]
    Unverified(UserId),
    /// Hashing did not happen.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Core {
    /// Makes sure that the configured admin exists. Several replicas may do so at once; one account comes of it.
    ///
    /// # Errors
    ///
    /// [`AdminError`]; nothing was changed.
    pub async fn ensure_admin(
        &self,
        ctx: &Context,
        email: &str,
        password: Password,
    ) -> Result<AdminEnsured, AdminError> {
        let key = EmailKey::of(email);
        let typed = zeroize::Zeroizing::new(password.expose().to_owned());
        if self.store.find_credentials_by_email(email, &key).await?.is_none() {
            let hash = self.hasher.hash(password).await?;
            let new = NewUser {
                id: UserId::random(&*self.rng),
                email: email.to_owned(),
                email_key: key.clone(),
                password: hash,
                is_active: true,
                is_superuser: true,
                is_verified: true,
                kind: AccountKind::Person,
                dev_superuser: false,
                created_at: ctx.now,
            };
            let id = new.id;
            let audit = AuditEntry::success(ctx, Actor::System, AuditEvent::AdminEnsured).subject(id);
            if let CreateUser::Created(_) = self.store.create_user(new, audit.detail("how", "created"), &NoHook).await?
            {
                return Ok(AdminEnsured::Created(id));
            }
            // Another replica was faster; its account is looked at like any other.
        }
        let found = self.store.find_credentials_by_email(email, &key).await?;
        let Some(found) = found else {
            return Err(StoreError::unavailable("the admin's account came and went while it was looked for").into());
        };
        let id = found.user.id;
        if !found.user.is_superuser {
            if !found.user.is_verified {
                return Err(AdminError::Unverified(id));
            }
            self.promote(ctx, Actor::System, AuditEvent::AdminEnsured, id).await?;
            return Ok(if found.user.is_active { AdminEnsured::Promoted(id) } else { AdminEnsured::Inactive(id) });
        }
        if !found.user.is_active {
            return Ok(AdminEnsured::Inactive(id));
        }
        Ok(match self.hasher.verify(Password::new(typed.as_str().to_owned()), found.password).await? {
            Verdict::Match | Verdict::MatchAndUpgrade(_) => AdminEnsured::Present(id),
            Verdict::Mismatch => AdminEnsured::OtherPassword(id),
        })
    }

    /// Makes an account a superuser, on the word of somebody with access to the machine. Takes the dev mark off.
    ///
    /// # Errors
    ///
    /// When the database failed. `Ok(None)` if there is no such account.
    pub async fn promote_user(&self, ctx: &Context, id: UserId) -> Result<Option<User>, StoreError> {
        let audit = AuditEntry::success(ctx, Actor::Console, AuditEvent::AccountUpdated).subject(id);
        self.store.keep_dev_superuser(id, audit.detail("changed", "dev_superuser")).await?;
        self.promote(ctx, Actor::Console, AuditEvent::AccountUpdated, id).await
    }

    async fn promote(
        &self,
        ctx: &Context,
        actor: Actor,
        event: AuditEvent,
        id: UserId,
    ) -> Result<Option<User>, StoreError> {
        let change = UserChange { is_superuser: ChangeTo::Set(true), ..UserChange::nothing(ctx.now) };
        let audit = AuditEntry::success(ctx, actor, event).subject(id).detail("how", "promoted");
        Ok(match self.store.update_user(id, change, Vec::new(), audit).await? {
            UpdateUser::Updated(user) => Some(user),
            UpdateUser::NotFound | UpdateUser::EmailTaken | UpdateUser::LastSuperuser => None,
        })
    }
}

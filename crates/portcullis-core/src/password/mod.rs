//! Signing in with a password.
//!
//! 1. Limits are asked first: per peer and per account, by the canonical address, before anything is hashed.
//! 2. The account is looked up. If there is none, a hash is computed all the same, with parameters drawn in the
//!    proportions of the table, so that the answer's time does not tell.
//! 3. A right password is a [`Proof`] that carries the hash it was verified against; the
//!    session is created only if that hash and the account's epoch are still there. If they are not, somebody
//!    changed the account in between, and the whole is tried once more.
//! 4. Wrong address, wrong password and inactive account are one answer.
//!
//! A hash weaker than what new passwords get is replaced on this occasion, in the transaction of the session.

mod error;

pub use error::LoginError;

use crate::account::{Credentials, User};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::context::Context;
use crate::email_address::EmailKey;
use crate::engine::Core;
use crate::password_hasher::{Password, PasswordHasher, Verdict};
use crate::session::{Lasting, Proof, ProvedBy, SignedIn};
use std::sync::Arc;

/// A password longer than this is never looked at; a policy could not have let it in.
const MAX_PASSWORD_BYTES: usize = crate::password_policy::MAX_BYTES;

impl Core {
    /// Signs in with an address and a password.
    ///
    /// # Errors
    ///
    /// * [`LoginError::BadCredentials`] for an unknown address, a wrong password and an inactive account alike.
    /// * [`LoginError::Throttled`] when this peer, or this account, saw too many tries.
    /// * [`LoginError::Busy`] when too many passwords wait to be hashed.
    /// * [`LoginError::Store`] when the database failed.
    pub async fn login(
        &self,
        ctx: &Context,
        address: &str,
        password: Password,
        lasting: Lasting,
    ) -> Result<(User, SignedIn), LoginError> {
        let key = EmailKey::of(address);
        self.limit_login(ctx, &key).await?;
        let typed = zeroize::Zeroizing::new(password.expose().to_owned());
        drop(password);
        // Twice at most: a proof is stale only if the account changed while the password was being verified.
        for _ in 0..2 {
            let proof = self.prove(ctx, address, &key, Password::new(typed.as_str().to_owned())).await?;
            let user = proof.user.clone();
            if let Some(signed_in) = self.sign_in(ctx, proof, lasting).await? {
                self.forgive("login:account", key.as_str()).await?;
                return Ok((user, signed_in));
            }
        }
        Err(self.wrong(ctx, None).await)
    }

    async fn limit_login(&self, ctx: &Context, key: &EmailKey) -> Result<(), LoginError> {
        let limits = self.rules.limits;
        let peer = ctx.peer_block();
        self.limit_noted(ctx, Actor::Anonymous, "login:peer", peer.as_deref(), limits.login_peer).await?;
        self.limit_noted(ctx, Actor::Anonymous, "login:account", Some(key.as_str()), limits.login_account).await?;
        Ok(())
    }

    async fn prove(&self, ctx: &Context, address: &str, key: &EmailKey, typed: Password) -> Result<Proof, LoginError> {
        let found = self.store.find_credentials_by_email(address, key).await?;
        let hasher = self.hasher_for(ctx);
        let too_long = typed.expose().len() > MAX_PASSWORD_BYTES;
        let Some(Credentials { user, password: stored, epoch }) = found.filter(|_| !too_long) else {
            if !too_long {
                hasher.verify_nothing(typed, self.cost_of_unknown(key.as_str())).await?;
            }
            return Err(self.wrong(ctx, None).await);
        };
        let upgrade = match hasher.verify(typed, stored.clone()).await? {
            Verdict::Match => None,
            Verdict::MatchAndUpgrade(better) => Some(better),
            Verdict::Mismatch => return Err(self.wrong(ctx, Some(&user)).await),
        };
        if !user.is_active {
            return Err(self.wrong(ctx, Some(&user)).await);
        }
        Ok(Proof { user, epoch, by: ProvedBy::Password { verified: stored, upgrade } })
    }

    /// One refusal for every reason, with a row in every case, so that neither answer nor time tells them apart.
    async fn wrong(&self, ctx: &Context, user: Option<&User>) -> LoginError {
        let mut row =
            AuditEntry::refused(ctx, Actor::Anonymous, AuditEvent::PasswordLogin, LoginError::BadCredentials.code());
        if let Some(user) = user {
            row = row.subject(user.id).detail("inactive", if user.is_active { "" } else { "true" });
        }
        self.refused(row).await;
        LoginError::BadCredentials
    }

    /// The hasher, with a queue of the peer's own if it has one.
    pub(crate) fn hasher_for(&self, ctx: &Context) -> Arc<dyn PasswordHasher> {
        ctx.peer.and_then(|peer| self.hasher.for_peer(peer)).unwrap_or_else(|| Arc::clone(&self.hasher))
    }
}

/// How an audit row says that others like it were left out.
pub(crate) fn repeated(unsaid: u64) -> String {
    if unsaid == 0 { String::new() } else { unsaid.to_string() }
}

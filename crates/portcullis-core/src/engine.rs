//! What the flows work with.

use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::clock::{Clock, Timestamp};
use crate::context::Context;
use crate::digest::Digest;
use crate::ids::RequestId;
use crate::keys::Keys;
use crate::mail::Mail;
use crate::noise::Noise;
use crate::outbox::NewMail;
use crate::password::repeated;
use crate::password_hasher::{HashCost, PasswordHasher};
use crate::rng::Rng;
use crate::rules::Rules;
use crate::store::{Store, StoreError};
use crate::throttle::{Limit, Verdict};
use crate::token::TokenStrategy;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// The rules with everything they need. The flows are its methods, each in its feature's folder.
pub struct Core {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Hashing, on threads of its own.
    pub hasher: Arc<dyn PasswordHasher>,
    /// How access tokens are written and read.
    pub tokens: Arc<dyn TokenStrategy>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// The keys of the deployment.
    pub keys: Keys,
    /// The settings.
    pub rules: Rules,
    pub(crate) noise: Noise,
    costs: RwLock<Vec<(HashCost, u64)>>,
}

impl Core {
    /// Puts the parts together.
    pub fn new(
        store: Arc<dyn Store>,
        hasher: Arc<dyn PasswordHasher>,
        tokens: Arc<dyn TokenStrategy>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        keys: Keys,
        rules: Rules,
    ) -> Self {
        Self { store, hasher, tokens, clock, rng, keys, rules, noise: Noise::default(), costs: RwLock::default() }
    }

    /// The facts for work that no request caused: a command, a job, the host's own call.
    pub fn context(&self) -> Context {
        self.context_from(None, None)
    }

    /// The facts of a request.
    pub fn context_from(&self, peer: Option<IpAddr>, agent: Option<&str>) -> Context {
        Context {
            now: self.clock.now(),
            request_id: RequestId::random(&*self.rng),
            peer,
            agent: agent.map(|agent| agent.chars().take(256).collect()),
        }
    }

    /// Learns in which proportions algorithms and parameters occur among the stored hashes, so that an unknown
    /// address costs what a known one does. Called at start and now and then.
    ///
    /// # Errors
    ///
    /// When the store does not answer; the old proportions stay.
    pub async fn learn_hash_costs(&self) -> Result<(), StoreError> {
        let sample = self.store.sample_hashes().await?;
        let costs = sample.into_iter().map(|(hash, count)| (self.hasher.cost_of(hash.as_str()), count)).collect();
        *self.costs.write().unwrap_or_else(PoisonError::into_inner) = costs;
        Ok(())
    }

    /// What verifying a password for this unknown address shall cost: drawn in the table's proportions, and always
    /// the same for the same address.
    pub(crate) fn cost_of_unknown(&self, address: &str) -> HashCost {
        let costs = self.costs.read().unwrap_or_else(PoisonError::into_inner);
        let total: u64 = costs.iter().map(|(_, count)| count).sum();
        if total == 0 {
            return HashCost::default();
        }
        let mut ticket = self.keys.draw(address) % total;
        for (cost, count) in costs.iter() {
            if ticket < *count {
                return *cost;
            }
            ticket -= count;
        }
        HashCost::default()
    }

    /// Takes one try from the bucket `what:whom`; `whom` is `None` outside a request, where nothing is counted.
    ///
    /// The key is stored as a digest: it may hold an address that somebody only typed.
    pub(crate) async fn limit(&self, what: &str, whom: Option<&str>, limit: Limit) -> Result<(), Limited> {
        let Some(whom) = whom.filter(|_| !self.rules.limits.unlimited) else { return Ok(()) };
        match self.store.take(&bucket(what, whom), limit, self.clock.now()).await? {
            Verdict::Allowed => Ok(()),
            Verdict::Limited { retry_after } => Err(Limited::Wait { retry_after }),
        }
    }

    /// [`Core::limit`], with a row when the limit says no.
    pub(crate) async fn limit_noted(
        &self,
        ctx: &Context,
        actor: Actor,
        what: &'static str,
        whom: Option<&str>,
        limit: Limit,
    ) -> Result<(), Limited> {
        let result = self.limit(what, whom, limit).await;
        if let Err(Limited::Wait { .. }) = &result {
            let mut row =
                AuditEntry::refused(ctx, actor, AuditEvent::Throttled, "TOO_MANY_REQUESTS").detail("what", what);
            row.subject = actor.user();
            self.refused_again(row, format!("{what} {}", whom.unwrap_or_default())).await;
        }
        result
    }

    /// Empties the count of `what:whom`.
    pub(crate) async fn forgive(&self, what: &str, whom: &str) -> Result<(), StoreError> {
        if self.rules.limits.unlimited {
            return Ok(());
        }
        self.store.forget(&bucket(what, whom)).await
    }

    /// Encrypts a mail for the outbox.
    pub(crate) fn letter(&self, to: &str, mail: &Mail, now: Timestamp) -> NewMail {
        let clear = serde_json::to_vec(mail).unwrap_or_default();
        NewMail { to: to.to_owned(), kind: mail.kind(), sealed: self.keys.seal(&*self.rng, &clear), created_at: now }
    }

    /// Decrypts a mail of the outbox; `None` if it was written under another secret.
    pub fn open_mail(&self, sealed: &[u8]) -> Option<Mail> {
        serde_json::from_slice(&self.keys.open(sealed)?).ok()
    }

    /// Writes the row of a refusal that may repeat: one a minute for the same reason `of` the same thing. The next row
    /// says how many were left out.
    pub(crate) async fn refused_again(&self, row: AuditEntry, of: String) {
        if let Some(unsaid) = self.noise.heard(row.reason.unwrap_or_default(), of, row.at) {
            self.refused(row.detail("repeated", repeated(unsaid))).await;
        }
    }

    /// Writes the row of a refusal. If that fails the refusal stays one: the failure is logged, not returned.
    pub(crate) async fn refused(&self, audit: AuditEntry) {
        let (event, reason) = (audit.event.as_str(), audit.reason);
        if let Err(error) = self.store.record(audit).await {
            tracing::error!(%error, event, reason, "a refusal could not be written to the audit trail");
        }
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("store", &self.store.kind()).field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// A limit said no, or could not be asked.
pub(crate) enum Limited {
    Wait { retry_after: Duration },
    Store(StoreError),
}

impl From<StoreError> for Limited {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Lets `?` turn [`Limited`] into an operation's own error, which has the same two reasons.
macro_rules! from_limited {
    ($error:ident) => {
        impl From<$crate::engine::Limited> for $error {
            fn from(limited: $crate::engine::Limited) -> Self {
                match limited {
                    $crate::engine::Limited::Wait { retry_after } => Self::Throttled { retry_after },
                    $crate::engine::Limited::Store(error) => Self::Store(error),
                }
            }
        }
    };
}
pub(crate) use from_limited;

/// Lets `?` turn a hasher's refusal into an operation's own error.
macro_rules! from_hash_error {
    ($error:ident) => {
        impl From<$crate::password_hasher::HashError> for $error {
            fn from(error: $crate::password_hasher::HashError) -> Self {
                match error {
                    $crate::password_hasher::HashError::Busy { retry_after } => Self::Busy { retry_after },
                    $crate::password_hasher::HashError::Closed => {
                        Self::Busy { retry_after: std::time::Duration::from_secs(5) }
                    }
                }
            }
        }
    };
}
pub(crate) use from_hash_error;

fn bucket(what: &str, whom: &str) -> String {
    use base64::Engine;
    let digest = Digest::of(whom.as_bytes());
    format!("{what}:{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest.as_bytes()[..16]))
}

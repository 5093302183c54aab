//! Putting Portcullis together.

use crate::Auth;
use crate::auth::Inner;
use crate::config::{AuthConfig, DefaultAdmin};
use crate::hashing::{HashConfig, HashPool, HashStartError};
use crate::jobs;
use portcullis_core::Core;
use portcullis_core::account::User;
use portcullis_core::bootstrap::{AdminEnsured, AdminError};
use portcullis_core::clock::{Clock, SystemClock, Timestamp};
use portcullis_core::keys::{Keys, WeakSecret};
use portcullis_core::mail::Mailer;
use portcullis_core::password_hasher::{Password, PasswordHasher};
use portcullis_core::rng::{OsRng, Rng};
use portcullis_core::store::{MigrateError, Store, StoreError};
use portcullis_core::token::TokenStrategy;
use portcullis_core::token::jwt::Jwt;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// Collects the parts. Only a store and a secret are needed; everything else has a default.
#[derive(Default)]
pub struct AuthBuilder {
    config: Option<AuthConfig>,
    dev_mode: bool,
    store: Option<Arc<dyn Store>>,
    hasher: Option<Arc<dyn PasswordHasher>>,
    tokens: Option<Arc<dyn TokenStrategy>>,
    clock: Option<Arc<dyn Clock>>,
    rng: Option<Arc<dyn Rng>>,
    mailer: Option<Arc<dyn Mailer>>,
}

/// Why Portcullis could not be put together. Each is for the operator, and says what to do.
///
/// `Debug` is the sentence too: it is what a `main` that returns the error prints.
#[derive(Error)]
pub enum BuildError {
    /// No settings were given.
    #[error("no settings were given: call `.config(AuthConfig::from_env()?)` or `.config(AuthConfig::new(secret))`")]
    NoConfig,
    /// No store was given.
    #[error("no store was given: call `.store(…)`, for example with `Sqlite::open(\"app.db\").await?`")]
    NoStore,
    /// The secret cannot be used. Its value is never shown.
    #[error("PORTCULLIS_SECRET_KEY {0}")]
    Secret(#[from] WeakSecret),
    /// The hashing threads could not be started.
    #[error(transparent)]
    Hashing(#[from] HashStartError),
    /// The database cannot be used as it is.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The configured admin cannot be ensured.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// Accounts are superuser only because dev mode made them so.
    #[error("{}", dev_superusers(.0))]
    DevSuperusers(Vec<User>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn dev_superusers(users: &[User]) -> String {
    let list: Vec<_> = users.iter().map(|user| format!("{} ({})", user.email, user.id)).collect();
    format!(
        "{} account(s) are superuser only because they registered in dev mode: {}. Settle each with \
         `portcullis user promote ID` or `portcullis user demote ID`, then start again",
        users.len(),
        list.join(", ")
    )
}

impl AuthBuilder {
    /// The settings.
    #[must_use]
    pub fn config(mut self, config: AuthConfig) -> Self {
        self.config = Some(config);
        self
    }

    /// The database: `Sqlite`, `Postgres`, or a store of the host's own.
    #[must_use]
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The same, for a store that is shared.
    #[must_use]
    pub fn shared_store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// How mails leave. Without one they wait in the outbox.
    #[must_use]
    pub fn mailer(mut self, mailer: Arc<dyn Mailer>) -> Self {
        self.mailer = Some(mailer);
        self
    }

    /// Hashing of the host's own, instead of the pool.
    #[must_use]
    pub fn hasher(mut self, hasher: Arc<dyn PasswordHasher>) -> Self {
        self.hasher = Some(hasher);
        self
    }

    /// Access tokens of the host's own kind, instead of HS256.
    #[must_use]
    pub fn tokens(mut self, tokens: Arc<dyn TokenStrategy>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Another source of randomness, for tests.
    #[must_use]
    pub fn rng(mut self, rng: Arc<dyn Rng>) -> Self {
        self.rng = Some(rng);
        self
    }

    /// Everybody who registers becomes a superuser. Never outside a developer's machine.
    #[must_use]
    pub fn dev_mode(mut self) -> Self {
        self.dev_mode = true;
        self
    }

    /// Migrates the store's own tables, ensures the configured admin, and starts threads and jobs.
    ///
    /// # Errors
    ///
    /// [`BuildError`], each variant for its own reason.
    pub async fn build(self) -> Result<Auth, BuildError> {
        let store = self.store.ok_or(BuildError::NoStore)?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let mut config = self.config.ok_or(BuildError::NoConfig)?;
        config.dev_mode |= self.dev_mode;
        let secret = config.secret_key.clone().unwrap_or_else(|| SecretString::from(String::new()));
        let keys = Keys::derive(secret)?;
        let issuer = config.public_url.as_ref().map_or_else(|| "portcullis".to_owned(), ToString::to_string);
        let tokens = self.tokens.unwrap_or_else(|| Arc::new(Jwt::hs256(keys.access(), issuer)));
        let hasher = match self.hasher {
            Some(hasher) => hasher,
            None => Arc::new(HashPool::start(HashConfig::default())?),
        };

        let now = clock.now();
        let mut warnings = config.warnings();
        let migrated = store.migrate(now).await?;
        warnings.extend(migrated.warnings);
        let mut rules = config.rules();
        rules.legacy_until = legacy_until(&*store, &config).await?;
        if let (Some(until), true) = (rules.legacy_until, migrated.adopted.is_some()) {
            warnings.push(format!(
                "adopted {} account(s); tokens from before are accepted until {}",
                migrated.adopted.unwrap_or(0),
                until.to_rfc3339()
            ));
        }
        let rng = self.rng.unwrap_or_else(|| Arc::new(OsRng));
        let core = Core::new(store, hasher, tokens, clock, rng, keys, rules);
        core.learn_hash_costs().await?;
        if !config.dev_mode {
            ensure_admin(&core, &config, &mut warnings).await?;
            let made_in_dev = core.store.list_dev_superusers().await?;
            if !made_in_dev.is_empty() {
                return Err(BuildError::DevSuperusers(made_in_dev));
            }
        }
        let auth = Auth::from_inner(Inner {
            core,
            config,
            warnings,
            mailer: self.mailer,
            #[cfg(feature = "openapi")]
            served: crate::openapi::Served::default(),
        });
        jobs::spawn(&auth);
        Ok(auth)
    }
}

/// Tokens from before sessions existed are accepted for one lifetime after a database with accounts in it was adopted,
/// or until the day that the operator names.
async fn legacy_until(store: &dyn Store, config: &AuthConfig) -> Result<Option<Timestamp>, StoreError> {
    let adopted = store.adopted_at().await?.map(|at| at + config.token_lifetime);
    Ok(adopted.max(config.allow_legacy_tokens_until))
}

async fn ensure_admin(core: &Core, config: &AuthConfig, warnings: &mut Vec<String>) -> Result<(), BuildError> {
    let DefaultAdmin::Configured { email, password } = &config.default_admin else { return Ok(()) };
    let password = Password::new(password.expose_secret().to_owned());
    match core.ensure_admin(&core.context(), email, password).await? {
        AdminEnsured::Created(_) | AdminEnsured::Promoted(_) | AdminEnsured::Present(_) => {}
        AdminEnsured::OtherPassword(_) => warnings.push(
            "the configured admin has another password than PORTCULLIS_DEFAULT_ADMIN_PASSWORD; it was left as it is"
                .into(),
        ),
        AdminEnsured::Inactive(_) => warnings.push("the configured admin is deactivated; it was left as it is".into()),
    }
    Ok(())
}

//! Putting an app together.

use super::documented::Documented;
use super::hasher::CountedHasher;
use super::{ADMIN_EMAIL, ADMIN_PASSWORD, Database, HashCount, Inner, Mailbox, SECRET, StoreKind, TestApp};
use axum::Router;
use portcullis::config::DefaultAdmin;
use portcullis::{Auth, AuthBuilder, AuthConfig, BuildError};
use portcullis_core::clock::ManualClock;
use portcullis_core::password_hasher::PasswordHasher;
use portcullis_core::testing::fixture::START;
use secrecy::SecretString;
use std::sync::{Arc, Mutex};

type Configure = Box<dyn FnOnce(&mut AuthConfig) + Send>;
type Extend = Box<dyn FnOnce(AuthBuilder) -> AuthBuilder + Send>;
type Mount = Box<dyn FnOnce(&Auth) -> Router + Send>;

/// Collects what is different from [`TestApp::new`].
#[derive(Default)]
pub struct TestAppBuilder {
    configure: Vec<Configure>,
    extend: Option<Extend>,
    mount: Option<Mount>,
    kind: Option<StoreKind>,
    database: Option<Database>,
    clock: Option<Arc<ManualClock>>,
    real_hashing: bool,
    dev_mode: bool,
    ignore_mails: bool,
}

impl TestAppBuilder {
    /// Changes settings.
    #[must_use]
    pub fn config(mut self, change: impl FnOnce(&mut AuthConfig) + Send + 'static) -> Self {
        self.configure.push(Box::new(change));
        self
    }

    /// Changes what is built: a hook, a hasher, tokens of another kind.
    #[must_use]
    pub fn auth(mut self, extend: impl FnOnce(AuthBuilder) -> AuthBuilder + Send + 'static) -> Self {
        self.extend = Some(Box::new(extend));
        self
    }

    /// The router of the host; without it, the app is Portcullis' own routes and fallback.
    #[must_use]
    pub fn router(mut self, mount: impl FnOnce(&Auth) -> Router + Send + 'static) -> Self {
        self.mount = Some(Box::new(mount));
        self
    }

    /// Another store than the run's.
    #[must_use]
    pub fn store(mut self, kind: StoreKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// An existing database: a second replica, or a restart.
    #[must_use]
    pub fn database(mut self, database: &Database) -> Self {
        self.database = Some(database.clone());
        self
    }

    /// The database and the clock of another app.
    #[must_use]
    pub fn beside(self, app: &TestApp) -> Self {
        let mut builder = self.database(app.database());
        builder.clock = Some(app.shared_clock());
        builder
    }

    /// Passwords cost what they cost in a deployment.
    #[must_use]
    pub fn real_hashing(mut self) -> Self {
        self.real_hashing = true;
        self
    }

    /// Dev mode: no admin, and everybody who registers is one.
    #[must_use]
    pub fn dev_mode(mut self) -> Self {
        self.dev_mode = true;
        self
    }

    /// Mails that no test looked at are no failure.
    #[must_use]
    pub fn ignore_mails(mut self) -> Self {
        self.ignore_mails = true;
        self
    }

    /// Builds it.
    ///
    /// # Panics
    ///
    /// When it cannot be built.
    pub async fn build(self) -> TestApp {
        self.try_build().await.unwrap_or_else(|error| panic!("the app could not be built: {error}"))
    }

    /// Builds it, or says why not.
    ///
    /// # Errors
    ///
    /// As [`AuthBuilder::build`].
    pub async fn try_build(self) -> Result<TestApp, BuildError> {
        let database = match self.database {
            Some(database) => database,
            None => Database::fresh(self.kind.unwrap_or_else(StoreKind::of_the_run)).await,
        };
        let mut config = AuthConfig::new(SECRET);
        if !self.dev_mode {
            config.default_admin = DefaultAdmin::Configured {
                email: ADMIN_EMAIL.to_owned(),
                password: SecretString::from(ADMIN_PASSWORD.to_owned()),
            };
        }
        config.dev_mode = self.dev_mode;
        for change in self.configure {
            change(&mut config);
        }
        let clock = self.clock.unwrap_or_else(|| Arc::new(ManualClock::at(START)));
        let hashes = HashCount::default();
        let hasher: Arc<dyn PasswordHasher> = Arc::new(CountedHasher::start(self.real_hashing, hashes.clone()));
        // Without a mailer of its own: the kit delivers when a request is over, not when a background job wakes up.
        let mut builder = Auth::builder()
            .config(config)
            .shared_store(database.open().await)
            .clock(Arc::clone(&clock) as _)
            .hasher(hasher);
        if let Some(extend) = self.extend {
            builder = extend(builder);
        }
        let auth = builder.build().await?;
        let (router, documented) = match self.mount {
            // A host may mount a part of ours and answer as it likes.
            Some(mount) => (mount(&auth), None),
            None => (auth.routes().merge(auth.docs_routes()).fallback(auth.fallback()), Some(Documented::of(&auth))),
        };
        Ok(TestApp(Arc::new(Inner {
            auth,
            router,
            documented,
            clock,
            mailbox: Mailbox::default(),
            hashes,
            database,
            checks_mail: !self.ignore_mails,
            passwords: Mutex::default(),
        })))
    }
}

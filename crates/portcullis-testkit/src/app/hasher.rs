//! Hashing that costs a test nothing, and counting it.

use portcullis::hashing::{HashConfig, HashPool};
use portcullis_core::password_hasher::{
    Argon2Parameters, HashCost, HashError, Password, PasswordHash, PasswordHasher, Verdict,
};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many passwords were given to the hasher: new ones, right ones, wrong ones, and those for nobody.
#[derive(Clone, Debug, Default)]
pub struct HashCount(Arc<AtomicU64>);

impl HashCount {
    /// How many so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn one_more(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The real pool behind a counter.
pub(super) struct CountedHasher {
    pool: Arc<dyn PasswordHasher>,
    count: HashCount,
}

impl CountedHasher {
    /// New hashes take 8 KiB and one pass; with `real` what a deployment's take.
    pub(super) fn start(real: bool, count: HashCount) -> Self {
        let mut config = HashConfig::default();
        if !real {
            config.parameters = Argon2Parameters { memory_kib: 8, passes: 1, lanes: 1 };
            config.threads = Some(NonZeroUsize::MIN);
            // Tests that share two cores must not fail because one of them had to wait.
            config.queue = 4096;
            config.max_wait = std::time::Duration::from_secs(60);
        }
        let pool = HashPool::start(config).unwrap_or_else(|error| panic!("the hashing threads did not start: {error}"));
        Self { pool: Arc::new(pool), count }
    }
}

#[async_trait::async_trait]
impl PasswordHasher for CountedHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        self.count.one_more();
        self.pool.hash(password).await
    }

    async fn verify(&self, password: Password, stored: PasswordHash) -> Result<Verdict, HashError> {
        self.count.one_more();
        self.pool.verify(password, stored).await
    }

    async fn verify_nothing(&self, password: Password, like: HashCost) -> Result<(), HashError> {
        self.count.one_more();
        self.pool.verify_nothing(password, like).await
    }

    async fn unusable(&self) -> Result<PasswordHash, HashError> {
        self.count.one_more();
        self.pool.unusable().await
    }

    fn cost_of(&self, stored: &str) -> HashCost {
        self.pool.cost_of(stored)
    }

    fn for_peer(&self, peer: IpAddr) -> Option<Arc<dyn PasswordHasher>> {
        let pool = self.pool.for_peer(peer)?;
        Some(Arc::new(Self { pool, count: self.count.clone() }))
    }
}

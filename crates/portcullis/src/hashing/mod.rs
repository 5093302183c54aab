//! Password hashing on threads of its own, so that a storm of sign-ins slows down nothing else.
//!
//! 1. A flow calls the [`PasswordHasher`] trait. The password and the way back become a job in the queue,
//!    and the async worker is free.
//! 2. The queue holds 64 jobs, one line for each peer. When there is no room, the answer is
//!    [`HashError::Busy`] at once: to the newcomer, or to the youngest job of a peer that waits for more.
//! 3. A thread takes the next job. There is one for each core, at nice 10: they use what the async workers leave, and
//!    give way to them. Each computes in one block of memory that it keeps, so that the memory hashing
//!    uses is threads × the largest hash, however many people sign in.
//! 4. A job that has waited for 5 seconds, or whose caller has gone away, is taken out unhashed.
//!
//! An import with 4 lanes is computed lane after lane: parallel lanes would make one sign-in take the
//! cores of four.
//!
//! **What is verified**: argon2id, argon2i, argon2d and bcrypt, with their parameters capped (a constant each in this module).
//! Everything else is a mismatch that costs what a new hash costs. **What is upgraded**: bcrypt, argon2i,
//! argon2d and argon2id with less memory × passes than new hashes, in the job that verified it.

mod arena;
mod engine;
mod meter;
mod phc;
mod queue;
mod worker;

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use portcullis_core::password_hasher::{
    Argon2Parameters, HashCost, HashError, Password, PasswordHash, PasswordHasher, Verdict,
};
use tokio::sync::oneshot;
use tokio::time::Instant;

use self::engine::Engine;
use self::queue::{Job, Peer, Queue, Refused, Ticket};

pub use self::phc::{MAX_BCRYPT_COST, MAX_LANES, MAX_MEMORY_KIB, MAX_PASSES};

/// How passwords are hashed, and how many at a time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HashConfig {
    /// The parameters of new hashes; [`Argon2Parameters::DEFAULT`] unless set.
    pub parameters: Argon2Parameters,
    /// Hashing threads; one for each core the process may use unless set.
    pub threads: Option<NonZeroUsize>,
    /// How many jobs may wait: 64.
    pub queue: usize,
    /// How long a job may wait: 5 s.
    ///
    /// Measured by tokio's clock. Where a test pauses that clock, it jumps here as soon as everything else waits
    /// for a hash.
    pub max_wait: Duration,
    /// How long a thread keeps memory that it does not use: 30 s.
    pub keep_memory: Duration,
}

impl Default for HashConfig {
    fn default() -> Self {
        Self {
            parameters: Argon2Parameters::DEFAULT,
            threads: None,
            queue: 64,
            max_wait: Duration::from_secs(5),
            keep_memory: Duration::from_secs(30),
        }
    }
}

/// Why the hashing threads could not be started.
#[derive(Debug, thiserror::Error)]
pub enum HashStartError {
    /// The parameters for new hashes are outside of what would be verified again.
    #[error(
        "argon2id needs 8 KiB for each lane and at most {MAX_MEMORY_KIB} KiB, \
         1 to {MAX_PASSES} passes and 1 to {MAX_LANES} lanes; configured is {0:?}"
    )]
    Parameters(Argon2Parameters),
    /// The system gave no thread.
    #[error("a hashing thread could not be started")]
    Thread(#[from] std::io::Error),
}

/// The hashing threads and their queue. Cheap to clone; the threads end when the last clone is dropped.
#[derive(Clone)]
pub struct HashPool {
    shared: Arc<Shared>,
    peer: Peer,
}

struct Shared {
    queue: Arc<Queue>,
    max_wait: Duration,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl HashPool {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// * [`HashStartError::Parameters`] when the configured hash could not be verified later.
    /// * [`HashStartError::Thread`] when the system gives no thread.
    pub fn start(config: HashConfig) -> Result<Self, HashStartError> {
        Self::start_joinable(config).map(|(pool, _)| pool)
    }

    fn start_joinable(config: HashConfig) -> Result<(Self, Vec<JoinHandle<()>>), HashStartError> {
        if !phc::within_caps(config.parameters) {
            return Err(HashStartError::Parameters(config.parameters));
        }
        let queue = Arc::new(Queue::new(config.queue));
        let pool = Self {
            shared: Arc::new(Shared { queue: Arc::clone(&queue), max_wait: config.max_wait }),
            peer: Peer::NONE,
        };
        let threads = match config.threads {
            Some(threads) => threads.get(),
            None => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        };
        let started: std::io::Result<_> = (0..threads)
            .map(|index| {
                let engine = Engine::new(config.parameters, config.keep_memory);
                worker::start(index, Arc::clone(&queue), engine, config.keep_memory)
            })
            .collect();
        Ok((pool, started?))
    }

    /// Queues `work`, and waits for its answer.
    async fn submit<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl FnOnce(&mut Engine) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let queue = &self.shared.queue;
        let (answer, mut outcome) = oneshot::channel();
        let job = job(name, answer, work);
        let ticket = match queue.push(self.peer, job) {
            Ok(ticket) => ticket,
            Err(Refused::Full) => return Err(refuse("full", busy(SOON))),
            Err(Refused::Closed) => return Err(refuse("closed", HashError::Closed)),
        };
        let _place = Place { queue, ticket };
        let answered = match tokio::time::timeout(self.shared.max_wait, &mut outcome).await {
            Ok(answered) => answered,
            Err(_) if queue.withdraw(ticket) => {
                return Err(refuse("deadline", busy(self.shared.max_wait)));
            }
            // A thread has it; the deadline is for waiting only.
            Err(_) => outcome.await,
        };
        match answered {
            Ok(result) => result,
            Err(_) if queue.is_closed() => Err(refuse("closed", HashError::Closed)),
            Err(_) => Err(refuse("displaced", busy(SOON))),
        }
    }
}

/// Work with its measuring and the way back to its caller.
fn job<T: Send + 'static>(
    name: &'static str,
    answer: oneshot::Sender<Result<T, HashError>>,
    work: impl FnOnce(&mut Engine) -> Result<T, HashError> + Send + 'static,
) -> Job {
    let came = Instant::now();
    Box::new(move |engine| {
        let begun = Instant::now();
        let result = work(engine);
        meter::computed(name, begun - came, begun.elapsed());
        // The caller may have gone away while this was computed.
        let _ = answer.send(result);
    })
}

/// A full queue of new hashes is worked off in about this time.
const SOON: Duration = Duration::from_secs(1);

fn busy(retry_after: Duration) -> HashError {
    HashError::Busy { retry_after }
}

fn refuse(reason: &'static str, error: HashError) -> HashError {
    meter::refused(reason);
    error
}

/// A place in the queue, given up when the caller goes away.
struct Place<'a> {
    queue: &'a Queue,
    ticket: Ticket,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.queue.withdraw(self.ticket);
    }
}

#[async_trait::async_trait]
impl PasswordHasher for HashPool {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        self.submit("hash", move |engine| engine.hash(password.expose().as_bytes())).await
    }

    async fn verify(&self, password: Password, stored: PasswordHash) -> Result<Verdict, HashError> {
        self.submit("verify", move |engine| engine.verify(password.expose().as_bytes(), &stored)).await
    }

    async fn verify_nothing(&self, password: Password, like: HashCost) -> Result<(), HashError> {
        self.submit("verify_nothing", move |engine| engine.nothing(password.expose().as_bytes(), like)).await
    }

    async fn unusable(&self) -> Result<PasswordHash, HashError> {
        self.submit("unusable", Engine::unusable).await
    }

    fn cost_of(&self, stored: &str) -> HashCost {
        phc::cost_of(stored)
    }

    fn for_peer(&self, peer: IpAddr) -> Option<Arc<dyn PasswordHasher>> {
        Some(Arc::new(Self { shared: Arc::clone(&self.shared), peer: Peer::of(peer) }))
    }
}

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use futures_util::future::poll_immediate;

use super::*;

/// As cheap as Argon2 gets, on one thread, so that a single long job holds up the rest.
fn config() -> HashConfig {
    HashConfig {
        parameters: Argon2Parameters { memory_kib: 8, passes: 1, lanes: 1 },
        threads: NonZeroUsize::new(1),
        ..HashConfig::default()
    }
}

fn password() -> Password {
    Password::new("correct horse".into())
}

/// Keeps the only thread of a pool busy until dropped or finished.
struct Busy {
    finish: mpsc::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), HashError>>,
}

impl Busy {
    async fn keep(pool: &HashPool) -> Self {
        let (finish, finished) = mpsc::channel();
        let (begin, begun) = oneshot::channel();
        let pool = pool.clone();
        let task = tokio::spawn(async move {
            pool.submit("hash", move |_| {
                let _ = begin.send(());
                let _ = finished.recv();
                Ok(())
            })
            .await
        });
        begun.await.unwrap();
        Self { finish, task }
    }

    async fn end(self) {
        drop(self.finish);
        self.task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn the_pool_does_what_the_trait_says() {
    let pool: Arc<dyn PasswordHasher> = Arc::new(HashPool::start(config()).unwrap());
    let hash = pool.hash(password()).await.unwrap();
    assert_eq!(pool.verify(password(), hash.clone()).await.unwrap(), Verdict::Match);
    let wrong = Password::new("wrong".into());
    assert_eq!(pool.verify(wrong, hash.clone()).await.unwrap(), Verdict::Mismatch);
    let cost = pool.cost_of(hash.as_str());
    pool.verify_nothing(password(), cost).await.unwrap();
    let unusable = pool.unusable().await.unwrap();
    assert_eq!(pool.verify(password(), unusable).await.unwrap(), Verdict::Mismatch);
    let peer = pool.for_peer("192.0.2.1".parse().unwrap()).unwrap();
    assert_eq!(peer.verify(password(), hash).await.unwrap(), Verdict::Match);
}

#[tokio::test]
async fn many_at_once_on_several_threads_get_their_own_answers() {
    let pool = HashPool::start(HashConfig { threads: NonZeroUsize::new(3), ..config() }).unwrap();
    let right = pool.hash(password()).await.unwrap();
    let answers = (0..60).map(|number| {
        let typed = if number % 3 == 0 { "correct horse" } else { "wrong" };
        pool.verify(Password::new(typed.into()), right.clone())
    });
    for (number, answer) in futures_util::future::join_all(answers).await.into_iter().enumerate() {
        assert_eq!(answer.unwrap() == Verdict::Match, number % 3 == 0);
    }
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once() {
    let pool = HashPool::start(HashConfig { queue: 2, ..config() }).unwrap();
    let busy = Busy::keep(&pool).await;
    let (mut first, mut second) = (pool.hash(password()), pool.hash(password()));
    assert!(poll_immediate(&mut first).await.is_none());
    assert!(poll_immediate(&mut second).await.is_none());
    assert!(matches!(
        poll_immediate(pool.hash(password())).await,
        Some(Err(HashError::Busy { retry_after })) if !retry_after.is_zero()
    ));
    busy.end().await;
    assert!(first.await.is_ok() && second.await.is_ok());
}

#[tokio::test]
async fn a_flooding_peer_loses_its_last_place_to_another() {
    let pool = HashPool::start(HashConfig { queue: 2, ..config() }).unwrap();
    let loud = pool.for_peer("192.0.2.1".parse().unwrap()).unwrap();
    let quiet = pool.for_peer("192.0.2.2".parse().unwrap()).unwrap();
    let busy = Busy::keep(&pool).await;
    let (mut first, mut second) = (loud.hash(password()), loud.hash(password()));
    assert!(poll_immediate(&mut first).await.is_none());
    assert!(poll_immediate(&mut second).await.is_none());
    let mut honest = quiet.hash(password());
    assert!(poll_immediate(&mut honest).await.is_none());
    assert!(matches!(second.await, Err(HashError::Busy { .. })));
    busy.end().await;
    assert!(first.await.is_ok() && honest.await.is_ok());
}

#[tokio::test]
async fn a_caller_who_has_gone_away_is_not_hashed_for() {
    let pool = HashPool::start(config()).unwrap();
    let busy = Busy::keep(&pool).await;
    let hashed = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&hashed);
    let mut gone = Box::pin(pool.submit("hash", move |_| {
        seen.store(true, Ordering::SeqCst);
        Ok(())
    }));
    assert!(poll_immediate(&mut gone).await.is_none());
    assert_eq!(pool.shared.queue.waiting(), 1);
    drop(gone);
    assert_eq!(pool.shared.queue.waiting(), 0);
    busy.end().await;
    // With one thread, what was queued before this has been served before this.
    pool.hash(password()).await.unwrap();
    assert!(!hashed.load(Ordering::SeqCst));
}

#[tokio::test]
async fn who_has_waited_too_long_is_told_to_come_back() {
    let pool = HashPool::start(config()).unwrap();
    let busy = Busy::keep(&pool).await;
    // From here on the clock jumps to the next deadline whenever there is nothing else to do.
    tokio::time::pause();
    let begun = Instant::now();
    let refused = pool.hash(password()).await;
    assert_eq!(refused, Err(HashError::Busy { retry_after: Duration::from_secs(5) }));
    assert_eq!(begun.elapsed().as_secs(), 5);
    assert_eq!(pool.shared.queue.waiting(), 0);
    busy.end().await;
}

#[tokio::test]
async fn the_deadline_is_for_waiting_and_not_for_hashing() {
    let pool = HashPool::start(config()).unwrap();
    let busy = Busy::keep(&pool).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60)).await;
    busy.end().await;
}

#[test]
fn the_threads_end_with_the_last_handle() {
    let (pool, threads) = HashPool::start_joinable(HashConfig { threads: NonZeroUsize::new(2), ..config() }).unwrap();
    let clone = pool.clone();
    let peer = pool.for_peer("192.0.2.1".parse().unwrap());
    drop((pool, clone));
    assert!(threads.iter().all(|thread| !thread.is_finished()));
    drop(peer);
    for thread in threads {
        thread.join().unwrap();
    }
}

#[tokio::test]
async fn a_stopped_pool_says_so() {
    let pool = HashPool::start(config()).unwrap();
    let busy = Busy::keep(&pool).await;
    let mut waiting = pool.hash(password());
    assert!(poll_immediate(&mut waiting).await.is_none());
    pool.shared.queue.close();
    assert_eq!(waiting.await, Err(HashError::Closed));
    assert_eq!(pool.hash(password()).await, Err(HashError::Closed));
    busy.end().await;
}

#[tokio::test]
async fn a_panic_costs_one_answer_and_no_thread() {
    let pool = HashPool::start(config()).unwrap();
    let lost: Result<(), _> = pool.submit("hash", |_| panic!("a bug in a hash")).await;
    assert!(matches!(lost, Err(HashError::Busy { .. })));
    assert!(pool.hash(password()).await.is_ok());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_hashing_thread_is_nicer_than_the_others() {
    let pool = HashPool::start(config()).unwrap();
    let ours = rustix::process::getpriority_process(None).unwrap();
    let theirs = pool.submit("hash", |_| Ok(rustix::process::getpriority_process(None).unwrap())).await.unwrap();
    assert_eq!(theirs, (ours + 10).min(19));
}

#[test]
fn parameters_that_could_not_be_verified_again_are_not_started_with() {
    for (memory_kib, passes, lanes) in [(7, 1, 1), (MAX_MEMORY_KIB + 1, 1, 1), (64, 0, 1), (64, 1, 0)] {
        let parameters = Argon2Parameters { memory_kib, passes, lanes };
        let started = HashPool::start(HashConfig { parameters, ..config() });
        assert!(matches!(started, Err(HashStartError::Parameters(_))));
    }
}

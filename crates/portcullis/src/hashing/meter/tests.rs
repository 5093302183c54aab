use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use portcullis_core::password_hasher::{Argon2Parameters, HashError, Password, PasswordHasher as _};
use tokio::sync::oneshot;

use super::super::engine::Engine;
use super::super::queue::{Next, Peer, Queue};
use super::super::{HashConfig, HashPool, job};
use super::*;

#[test]
fn a_computed_job_is_counted_and_timed_by_its_name() {
    let tally = Tally::default();
    let mut engine = Engine::new(Argon2Parameters::DEFAULT, Duration::ZERO);
    metrics::with_local_recorder(&tally, || {
        for (name, times) in [("hash", 1), ("verify", 2)] {
            for _ in 0..times {
                let (answer, _gone) = oneshot::channel();
                job(name, answer, |_| Ok(()))(&mut engine);
            }
        }
    });
    assert_eq!(
        tally.read(),
        [
            ("portcullis_hashing_jobs_total work=hash", 1.0),
            ("portcullis_hashing_jobs_total work=verify", 2.0),
            ("portcullis_hashing_wait_seconds", 3.0),
            ("portcullis_hashing_work_seconds work=hash", 1.0),
            ("portcullis_hashing_work_seconds work=verify", 2.0),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    );
}

#[test]
fn the_queue_length_follows_every_way_out() {
    let tally = Tally::default();
    let length = || tally.read()["portcullis_hashing_queue_length"];
    let (loud, quiet) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
    metrics::with_local_recorder(&tally, || {
        let queue = Queue::new(3);
        let tickets = [(); 3].map(|()| queue.push(Peer::of(loud), Box::new(|_| ())).unwrap());
        assert!((length() - 3.0).abs() < 0.1);
        queue.push(Peer::of(quiet), Box::new(|_| ())).unwrap();
        assert!((length() - 3.0).abs() < 0.1, "one came and one was displaced");
        assert!(queue.push(Peer::of(loud), Box::new(|_| ())).is_err());
        assert!((length() - 3.0).abs() < 0.1, "one was refused");
        assert!(queue.withdraw(tickets[1]) && !queue.withdraw(tickets[2]));
        assert!((length() - 2.0).abs() < 0.1, "one was withdrawn");
        assert!(matches!(queue.next(None), Next::Run(_)));
        assert!((length() - 1.0).abs() < 0.1, "one was taken");
        queue.close();
        assert!(length().abs() < 0.1);
    });
}

#[test]
fn refused_jobs_are_counted_by_reason() {
    let tally = Tally::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    metrics::with_local_recorder(&tally, || {
        runtime.block_on(async {
            let password = || Password::new("correct horse".into());
            let full = HashPool::start(HashConfig { queue: 0, ..HashConfig::default() }).unwrap();
            assert!(full.hash(password()).await.is_err());
            let closed = HashPool::start(HashConfig::default()).unwrap();
            closed.shared.queue.close();
            assert_eq!(closed.hash(password()).await, Err(HashError::Closed));
        });
    });
    for reason in ["full", "closed"] {
        let name = format!("portcullis_hashing_refused_total reason={reason}");
        assert_eq!(tally.read().get(&name), Some(&1.0), "{name}");
    }
}

/// Adds up every counter and gauge that is used on the thread it is installed for.
#[derive(Clone, Default)]
struct Tally(Arc<Mutex<BTreeMap<String, f64>>>);

struct Cell(Tally, String);

impl Tally {
    fn cell(&self, key: &Key) -> Arc<Cell> {
        let labels = key.labels().flat_map(|label| [" ", label.key(), "=", label.value()]);
        Arc::new(Cell(self.clone(), [key.name()].into_iter().chain(labels).collect()))
    }

    fn read(&self) -> BTreeMap<String, f64> {
        self.0.lock().unwrap().clone()
    }
}

impl Cell {
    fn add(&self, value: f64) {
        *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += value;
    }
}

impl CounterFn for Cell {
    fn increment(&self, value: u64) {
        self.add(f64::from(u32::try_from(value).unwrap()));
    }

    fn absolute(&self, _: u64) {
        panic!("the pool only counts up");
    }
}

impl GaugeFn for Cell {
    fn increment(&self, value: f64) {
        self.add(value);
    }

    fn decrement(&self, value: f64) {
        self.add(-value);
    }

    fn set(&self, _: f64) {
        panic!("two pools would overwrite each other");
    }
}

impl HistogramFn for Cell {
    fn record(&self, value: f64) {
        assert!(value >= 0.0);
        self.add(1.0);
    }
}

impl Recorder for Tally {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.cell(key))
    }
}

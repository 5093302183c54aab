use std::sync::mpsc;

use portcullis_core::password_hasher::Argon2Parameters;

use super::*;

/// Jobs that write down their names when they run.
struct Log {
    sender: mpsc::Sender<&'static str>,
    receiver: mpsc::Receiver<&'static str>,
}

impl Log {
    fn new() -> Self {
        let (sender, receiver) = mpsc::channel();
        Self { sender, receiver }
    }

    fn job(&self, name: &'static str) -> Job {
        let sender = self.sender.clone();
        Box::new(move |_| sender.send(name).unwrap())
    }

    /// Runs everything in the queue and tells in which order.
    fn drain(&self, queue: &Queue) -> Vec<&'static str> {
        let mut engine = Engine::new(Argon2Parameters::DEFAULT, Duration::ZERO);
        while let Next::Run(job) = queue.next(Some(Duration::ZERO)) {
            job(&mut engine);
        }
        self.receiver.try_iter().collect()
    }
}

fn peer(text: &str) -> Peer {
    Peer::of(text.parse().unwrap())
}

#[test]
fn one_peer_is_served_in_order_and_several_in_turn() {
    let (queue, log) = (Queue::new(64), Log::new());
    let (loud, quiet) = (peer("192.0.2.1"), peer("192.0.2.2"));
    for name in ["loud 1", "loud 2", "loud 3"] {
        queue.push(loud, log.job(name)).unwrap();
    }
    queue.push(quiet, log.job("quiet 1")).unwrap();
    queue.push(quiet, log.job("quiet 2")).unwrap();
    queue.push(Peer::NONE, log.job("own")).unwrap();
    assert_eq!(log.drain(&queue), ["loud 1", "quiet 1", "own", "loud 2", "quiet 2", "loud 3"]);
    assert_eq!(queue.waiting(), 0);
}

#[test]
fn a_full_queue_refuses_the_peer_that_filled_it() {
    let (queue, log) = (Queue::new(2), Log::new());
    let loud = peer("192.0.2.1");
    queue.push(loud, log.job("1")).unwrap();
    queue.push(loud, log.job("2")).unwrap();
    assert_eq!(queue.push(loud, log.job("3")), Err(Refused::Full));
    assert_eq!(log.drain(&queue), ["1", "2"]);
}

#[test]
fn in_a_full_queue_a_quiet_peer_takes_the_loudest_ones_last_place() {
    let (queue, log) = (Queue::new(4), Log::new());
    let (loud, quiet) = (peer("192.0.2.1"), peer("192.0.2.2"));
    for name in ["loud 1", "loud 2", "loud 3", "loud 4"] {
        queue.push(loud, log.job(name)).unwrap();
    }
    queue.push(quiet, log.job("quiet 1")).unwrap();
    queue.push(quiet, log.job("quiet 2")).unwrap();
    // Now they wait for as much as each other.
    assert_eq!(queue.push(quiet, log.job("quiet 3")), Err(Refused::Full));
    assert_eq!(queue.push(loud, log.job("loud 5")), Err(Refused::Full));
    assert_eq!(queue.waiting(), 4);
    assert_eq!(log.drain(&queue), ["loud 1", "quiet 1", "loud 2", "quiet 2"]);
}

#[test]
fn a_queue_without_room_refuses_everybody() {
    let (queue, log) = (Queue::new(0), Log::new());
    assert_eq!(queue.push(Peer::NONE, log.job("1")), Err(Refused::Full));
}

#[test]
fn a_withdrawn_job_leaves_its_room_and_does_not_run() {
    let (queue, log) = (Queue::new(2), Log::new());
    let first = queue.push(Peer::NONE, log.job("1")).unwrap();
    let second = queue.push(Peer::NONE, log.job("2")).unwrap();
    assert!(queue.withdraw(first));
    assert!(!queue.withdraw(first));
    queue.push(Peer::NONE, log.job("3")).unwrap();
    assert_eq!(log.drain(&queue), ["2", "3"]);
    assert!(!queue.withdraw(second));
}

#[test]
fn the_addresses_of_one_customer_are_one_peer() {
    assert_eq!(peer("2001:db8::1"), peer("2001:db8::ffff:0:1"));
    assert_ne!(peer("2001:db8::1"), peer("2001:db8:0:1::1"));
    assert_ne!(peer("192.0.2.1"), peer("192.0.2.2"));
    assert_eq!(peer("::ffff:192.0.2.1"), peer("192.0.2.1"));
    assert_ne!(peer("::ffff:192.0.2.1"), peer("::ffff:192.0.2.2"));
}

#[test]
fn a_closed_queue_takes_nothing_and_gives_nothing() {
    let (queue, log) = (Queue::new(2), Log::new());
    queue.push(Peer::NONE, log.job("1")).unwrap();
    queue.close();
    assert!(queue.is_closed());
    assert_eq!(queue.push(Peer::NONE, log.job("2")), Err(Refused::Closed));
    assert!(matches!(queue.next(None), Next::Stop));
    assert_eq!(queue.waiting(), 0);
}

//! The line in front of the hashing threads: bounded, and fair between peers.
//!
//! Every peer (an IPv4 address, or an IPv6 /64, since that is what one customer gets) has a line of its
//! own, and the threads take one job from each line in turn. When the room for all lines together is used up, a peer that
//! waits for less than another takes the place of that other's youngest job. So who
//! floods fills the room with jobs that lose their places, and somebody else's single sign-in waits for
//! about one hash.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::engine::Engine;
use super::meter;

/// A computation with the way back to its caller inside.
pub(super) type Job = Box<dyn FnOnce(&mut Engine) + Send>;

/// Names a waiting job, to take it out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// Who a job is done for; jobs of no peer share one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer(Option<IpAddr>);

impl Peer {
    /// The line for work that nobody outside asked for.
    pub const NONE: Self = Self(None);

    /// The line of an address.
    pub fn of(address: IpAddr) -> Self {
        Self(Some(match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
            v4 @ IpAddr::V4(_) => v4,
        }))
    }
}

/// Why a job was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Full,
    Closed,
}

/// What a thread does next.
pub(super) enum Next {
    Run(Job),
    /// Nothing came within the given time.
    Idle,
    Stop,
}

/// The lines and the threads' way to wait for them.
///
/// The lock is held for a few list operations only. A hashing thread that the scheduler puts aside in the middle of them
/// would let async workers wait for it.
pub(super) struct Queue {
    state: Mutex<State>,
    came: Condvar,
    room: usize,
}

#[derive(Default)]
struct State {
    /// In the order in which their turn comes. No line is empty.
    lines: VecDeque<Line>,
    waiting: usize,
    issued: u64,
    closed: bool,
}

struct Line {
    peer: Peer,
    jobs: VecDeque<(Ticket, Job)>,
}

impl Queue {
    /// An empty queue with room for that many waiting jobs.
    pub fn new(room: usize) -> Self {
        Self { state: Mutex::default(), came: Condvar::new(), room }
    }

    /// Puts a job into its peer's line.
    pub fn push(&self, peer: Peer, job: Job) -> Result<Ticket, Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        let displaced =
            if state.waiting >= self.room { Some(state.displace_for(peer).ok_or(Refused::Full)?) } else { None };
        state.issued += 1;
        let ticket = Ticket(state.issued);
        state.waiting += 1;
        match state.lines.iter_mut().find(|line| line.peer == peer) {
            Some(line) => line.jobs.push_back((ticket, job)),
            None => state.lines.push_back(Line { peer, jobs: VecDeque::from([(ticket, job)]) }),
        }
        drop(state);
        meter::came();
        self.came.notify_one();
        // Dropping a job wakes its caller, so not while others wait for the lock.
        if displaced.is_some() {
            meter::left();
        }
        Ok(ticket)
    }

    /// Takes a job out that nobody waits for any more; `false` when a thread already has it.
    pub fn withdraw(&self, ticket: Ticket) -> bool {
        let found = self.lock().remove(ticket);
        if found.is_some() {
            meter::left();
        }
        found.is_some()
    }

    /// Waits for the next job, no longer than `patience` if there is one.
    pub fn next(&self, patience: Option<Duration>) -> Next {
        let mut state = self.lock();
        loop {
            if state.closed {
                return Next::Stop;
            }
            if let Some(job) = state.pop() {
                drop(state);
                meter::left();
                return Next::Run(job);
            }
            state = match patience {
                None => self.came.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(time) => {
                    let waited = self.came.wait_timeout(state, time);
                    let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                    if timeout.timed_out() && state.lines.is_empty() && !state.closed {
                        return Next::Idle;
                    }
                    state
                }
            };
        }
    }

    /// Lets the threads end and every waiting caller know.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting = 0;
        let unserved = std::mem::take(&mut state.lines);
        drop(state);
        self.came.notify_all();
        unserved.iter().flat_map(|line| &line.jobs).for_each(|_| meter::left());
    }

    /// Whether [`Queue::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// How many jobs wait.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.lock().waiting
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here can panic half way, so what a poisoned lock guards is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pop(&mut self) -> Option<Job> {
        let mut line = self.lines.pop_front()?;
        let (_, job) = line.jobs.pop_front()?;
        if !line.jobs.is_empty() {
            self.lines.push_back(line);
        }
        self.waiting -= 1;
        Some(job)
    }

    /// The youngest job of the longest line, if `peer` will still wait for less than that peer afterwards.
    fn displace_for(&mut self, peer: Peer) -> Option<Job> {
        let own = self.lines.iter().find(|line| line.peer == peer);
        let own = own.map_or(0, |line| line.jobs.len());
        let longest = self.lines.iter_mut().max_by_key(|line| line.jobs.len())?;
        if longest.jobs.len() <= own + 1 {
            return None;
        }
        self.waiting -= 1;
        longest.jobs.pop_back().map(|(_, job)| job)
    }

    fn remove(&mut self, ticket: Ticket) -> Option<Job> {
        let (line, place) = self.lines.iter().enumerate().find_map(|(index, line)| {
            let place = line.jobs.iter().position(|(waiting, _)| *waiting == ticket)?;
            Some((index, place))
        })?;
        let (_, job) = self.lines.get_mut(line)?.jobs.remove(place)?;
        if self.lines.get(line).is_some_and(|line| line.jobs.is_empty()) {
            self.lines.remove(line);
        }
        self.waiting -= 1;
        Some(job)
    }
}

#[cfg(test)]
mod tests;

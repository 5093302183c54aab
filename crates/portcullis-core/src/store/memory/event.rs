//! The feed of changes in memory.

use super::Memory;
use crate::clock::Timestamp;
use crate::event::{Event, FeedCursor};
use crate::store::{EventStore, StoreError};
use async_trait::async_trait;

/// Events by number. The lock makes numbers and commits come in the same order.
#[derive(Default)]
pub(super) struct Feed {
    rows: Vec<(i64, Timestamp, Event)>,
    last: i64,
    /// The last number that a purge took away.
    purged: i64,
}

impl Feed {
    /// Adds an event; called where an operation has succeeded.
    pub(super) fn push(&mut self, event: Event, at: Timestamp) {
        self.last += 1;
        self.rows.push((self.last, at, event));
    }

    /// Takes away what is older than `before`, and says how much.
    pub(super) fn purge(&mut self, before: Timestamp) -> u64 {
        let old = self.rows.iter().filter(|(_, at, _)| *at < before);
        self.purged = old.map(|(number, ..)| *number).max().unwrap_or(0).max(self.purged);
        let present = self.rows.len();
        self.rows.retain(|(_, at, _)| *at >= before);
        (present - self.rows.len()) as u64
    }

    /// What came after `after`. A reader that slept through a purge cannot be told what it missed, only that it did.
    fn read(&self, after: i64) -> Vec<Event> {
        let missed = (after < self.purged).then_some(Event::Unknown);
        let rest = self.rows.iter().filter(|(number, ..)| *number > after).map(|(.., event)| *event);
        missed.into_iter().chain(rest).collect()
    }
}

#[async_trait]
impl EventStore for Memory {
    async fn feed_end(&self) -> Result<FeedCursor, StoreError> {
        Ok(FeedCursor(self.lock().feed.last))
    }

    async fn read_feed(&self, after: FeedCursor) -> Result<(Vec<Event>, FeedCursor), StoreError> {
        let state = self.lock();
        Ok((state.feed.read(after.0), FeedCursor(state.feed.last)))
    }
}

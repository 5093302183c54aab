//! The feed of changes that a cache must hear of.
//!
//! Every change that matters is a row in `portcullis_event`, written in the same transaction; for the `user` table
//! by triggers, so that a Python process beside us is heard too. A reader asks for what came after its
//! [`FeedCursor`]; it may see a row twice (applying one is idempotent) and never misses one.

use crate::ids::{SessionId, UserId};

/// Something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// An account was inserted, changed or deleted, or its epoch was raised.
    User(UserId),
    /// A session ended.
    Session(SessionId),
    /// Something of a kind that this version does not know; forget everything.
    Unknown,
}

/// Where a reader of the feed stands. Only the store that made it can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedCursor(pub i64);

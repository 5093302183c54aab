//! The memory one thread hashes in, kept from one hash to the next.
//!
//! A fresh 64 MiB costs about as much to fault in, page by page, as a third of the hash computed in it.
//! So a thread keeps its blocks: they grow to the largest hash it meets, and shrink
//! again once nothing has needed that much for a while. When nothing at all has come for a while
//! they are wiped and given back to the system, so that an idle server is small.

use std::time::Duration;

use argon2::Block;
use tokio::time::Instant;
use zeroize::Zeroize as _;

/// Room asked for at least, in blocks of a KiB. Only the part in use is ever touched.
///
/// The usual allocator keeps small blocks for itself when they are freed, where "small" grows with use
/// up to 32 MiB. Above that, what is freed goes back to the system at once.
const LEAST_CAPACITY: usize = 33 * 1024;

/// The reusable blocks of one thread.
pub(super) struct Arena {
    blocks: Vec<Block>,
    keep: Duration,
    well_used: Instant,
}

impl Arena {
    /// An empty arena that keeps unused memory for `keep`.
    pub fn new(keep: Duration) -> Self {
        Self { blocks: Vec::new(), keep, well_used: Instant::now() }
    }

    /// `count` blocks to compute in, holding whatever the last hash left; `None` when the system has no more memory.
    pub fn blocks(&mut self, count: usize, now: Instant) -> Option<&mut [Block]> {
        if count > self.blocks.len() / 2 {
            self.well_used = now;
        } else if now.saturating_duration_since(self.well_used) > self.keep {
            self.release();
            self.well_used = now;
        }
        if count > self.blocks.capacity() {
            // Nothing in it is worth the copy that growing in place would make.
            self.release();
            self.blocks.try_reserve_exact(count.max(LEAST_CAPACITY)).ok()?;
        }
        if count > self.blocks.len() {
            self.blocks.resize(count, Block::new());
        }
        self.blocks.get_mut(..count)
    }

    /// Whether it holds memory that [`Arena::release`] would free.
    pub fn holds_memory(&self) -> bool {
        self.blocks.capacity() > 0
    }

    /// How many blocks it has grown to.
    #[cfg(test)]
    pub fn in_use(&self) -> usize {
        self.blocks.len()
    }

    /// Wipes what the last hash left and frees it.
    pub fn release(&mut self) {
        self.blocks.iter_mut().for_each(Block::zeroize);
        self.blocks = Vec::new();
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: Duration = Duration::from_secs(30);

    #[test]
    fn grows_to_the_largest_and_keeps_it_while_it_is_used() {
        let start = Instant::now();
        let mut arena = Arena::new(KEEP);
        assert_eq!(arena.blocks(64, start).unwrap().len(), 64);
        assert_eq!(arena.blocks(4096, start).unwrap().len(), 4096);
        assert_eq!(arena.blocks(64, start + KEEP).unwrap().len(), 64);
        assert_eq!(arena.in_use(), 4096);
    }

    #[test]
    fn shrinks_when_only_small_hashes_come_for_a_while() {
        let start = Instant::now();
        let mut arena = Arena::new(KEEP);
        arena.blocks(4096, start).unwrap();
        arena.blocks(64, start + KEEP / 2).unwrap();
        assert_eq!(arena.in_use(), 4096);
        arena.blocks(64, start + KEEP + Duration::from_secs(1)).unwrap();
        assert_eq!(arena.in_use(), 64);
    }

    #[test]
    fn memory_that_does_not_exist_is_refused_and_the_arena_goes_on() {
        let now = Instant::now();
        let mut arena = Arena::new(KEEP);
        assert!(arena.blocks(usize::MAX / 2048, now).is_none());
        assert!(arena.blocks(64, now).is_some());
    }

    #[test]
    fn releasing_leaves_nothing() {
        let mut arena = Arena::new(KEEP);
        arena.blocks(64, Instant::now()).unwrap();
        assert!(arena.holds_memory());
        arena.release();
        assert!(!arena.holds_memory());
    }
}

//! Limits in memory.

use super::Memory;
use crate::clock::Timestamp;
use crate::store::{StoreError, ThrottleStore};
use crate::throttle::{Limit, Verdict};
use async_trait::async_trait;

#[async_trait]
impl ThrottleStore for Memory {
    async fn take(&self, key: &str, limit: Limit, now: Timestamp) -> Result<Verdict, StoreError> {
        let mut state = self.lock();
        let full_at = state.buckets.get(key).copied().unwrap_or(now);
        Ok(match limit.take(full_at, now) {
            Ok(next) => {
                state.buckets.insert(key.to_owned(), next);
                Verdict::Allowed
            }
            Err(retry_after) => Verdict::Limited { retry_after },
        })
    }

    async fn forget(&self, key: &str) -> Result<(), StoreError> {
        self.lock().buckets.remove(key);
        Ok(())
    }
}

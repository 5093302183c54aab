//! Limits: how often something may be tried.
//!
//! A limit is a bucket of `burst` tries that refills by one every `refill`. It is kept as one number, the moment at
//! which the bucket would be full again (the "theoretical arrival time" of the generic cell rate algorithm), so
//! that taking a try is one conditional statement, right with any number of replicas and of parallel tries.
//!
//! Keys name what is counted by its canonical form: an account by its id or its
//! [`EmailKey`](crate::email_address::EmailKey), a peer by [`Context::peer_block`](crate::context::Context::peer_block).

use crate::clock::Timestamp;
use std::time::Duration;

/// How often something may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many tries at once.
    pub burst: u32,
    /// How long until one more is allowed.
    pub refill: Duration,
}

impl Limit {
    /// `burst` at once, then `per_hour` an hour.
    pub const fn per_hour(burst: u32, per_hour: u32) -> Self {
        Self { burst, refill: Duration::from_micros(3_600_000_000 / if per_hour == 0 { 1 } else { per_hour as u64 }) }
    }

    /// `burst` at once, then `per_minute` a minute.
    pub const fn per_minute(burst: u32, per_minute: u32) -> Self {
        Self::per_hour(burst, per_minute * 60)
    }

    /// Decides over one try at `now`, when the bucket would be full again at `full_at`.
    ///
    /// The memory store uses it as it is; the SQL stores say the same in one statement.
    ///
    /// # Errors
    ///
    /// The time after which a try would be allowed.
    pub fn take(self, full_at: Timestamp, now: Timestamp) -> Result<Timestamp, Duration> {
        let next = full_at.max(now) + self.refill;
        let room = now + self.window();
        if next <= room { Ok(next) } else { Err(next.since(room)) }
    }

    /// How long an empty bucket takes to fill.
    pub const fn window(self) -> Duration {
        self.refill.saturating_mul(self.burst)
    }
}

/// What a limit says to a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on; the try was counted.
    Allowed,
    /// Wait; nothing was counted.
    Limited {
        /// How long.
        retry_after: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_per_refill() {
        let limit = Limit { burst: 3, refill: Duration::from_secs(10) };
        let start = Timestamp::from_secs(1000);
        let mut full_at = Timestamp::from_secs(0);
        for _ in 0..3 {
            full_at = limit.take(full_at, start).expect("within the burst");
        }
        assert_eq!(limit.take(full_at, start), Err(Duration::from_secs(10)));
        let later = start + Duration::from_secs(10);
        full_at = limit.take(full_at, later).expect("one came back");
        assert!(limit.take(full_at, later).is_err());
    }

    #[test]
    fn a_clock_that_jumps_back_blocks_no_longer_than_the_window() {
        let limit = Limit::per_minute(5, 60);
        let full_at = Timestamp::from_secs(10_000);
        let wait = limit.take(full_at, Timestamp::from_secs(9_000)).unwrap_err();
        assert!(wait <= Duration::from_secs(1001));
    }
}

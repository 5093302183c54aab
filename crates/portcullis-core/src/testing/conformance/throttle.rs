//! Limits: what is allowed, and never more than that.

use super::World;
use crate::clock::Timestamp;
use crate::rng::Rng;
use crate::testing::SeededRng;
use crate::testing::fixture::{START, at, just_before};
use crate::throttle::{Limit, Verdict};
use std::time::Duration;

const LIMIT: Limit = Limit { burst: 3, refill: Duration::from_secs(10) };

async fn take(w: &World, key: &str, now: Timestamp) -> Verdict {
    w.store.take(key, LIMIT, now).await.expect("take works")
}

fn wait(secs: u64) -> Verdict {
    Verdict::Limited { retry_after: Duration::from_secs(secs) }
}

pub(super) async fn a_burst_is_allowed_and_then_one_per_refill(w: World) {
    let w = w.open().await;
    for _ in 0..3 {
        assert_eq!(take(&w, "a", START).await, Verdict::Allowed);
    }
    for _ in 0..5 {
        assert_eq!(take(&w, "a", START).await, wait(10), "a refusal counts for nothing");
    }
    assert_eq!(take(&w, "a", at(4)).await, wait(6));
    let almost = Verdict::Limited { retry_after: Duration::from_micros(1) };
    assert_eq!(take(&w, "a", just_before(at(10))).await, almost);
    assert_eq!(take(&w, "a", at(10)).await, Verdict::Allowed);
    assert_eq!(take(&w, "a", at(10)).await, wait(10));
    for _ in 0..3 {
        assert_eq!(take(&w, "a", at(1000)).await, Verdict::Allowed, "full again, and not fuller");
    }
    assert_eq!(take(&w, "a", at(1000)).await, wait(10));
}

pub(super) async fn buckets_have_nothing_to_do_with_each_other(w: World) {
    let w = w.open().await;
    let keys = ["login:a", "login:b", "Login:a", "login:ä", "register:2001:db8:0:0::/64", ""];
    for key in keys {
        for _ in 0..3 {
            assert_eq!(take(&w, key, START).await, Verdict::Allowed, "{key:?}");
        }
    }
    for key in keys {
        assert_eq!(take(&w, key, START).await, wait(10), "{key:?}");
    }
}

pub(super) async fn a_forgotten_bucket_is_full(w: World) {
    let w = w.open().await;
    for key in ["a", "b"] {
        for _ in 0..3 {
            assert_eq!(take(&w, key, START).await, Verdict::Allowed);
        }
    }
    for key in ["a", "a", "unknown"] {
        w.store.forget(key).await.expect("forget works");
    }
    assert_eq!(take(&w, "b", START).await, wait(10));
    for _ in 0..3 {
        assert_eq!(take(&w, "a", START).await, Verdict::Allowed);
    }
    assert_eq!(take(&w, "a", START).await, wait(10));
}

pub(super) async fn of_fifty_parallel_tries_as_many_as_the_burst_are_allowed(w: World) {
    let w = w.open().await;
    let limit = Limit { burst: 7, refill: Duration::from_secs(60) };
    for round in 0..2 {
        let verdicts = w
            .race(50, |_, store| async move { store.take("a", limit, at(round * 120)).await.expect("take works") })
            .await;
        let allowed = verdicts.iter().filter(|verdict| **verdict == Verdict::Allowed).count();
        assert_eq!(allowed, if round == 0 { 7 } else { 2 }, "two came back in two minutes");
        for verdict in verdicts {
            if let Verdict::Limited { retry_after } = verdict {
                assert!(retry_after > Duration::ZERO && retry_after <= limit.window(), "{retry_after:?}");
            }
        }
    }
}

pub(super) async fn every_verdict_is_the_one_that_the_rule_gives(w: World) {
    let w = w.open().await;
    let rng = SeededRng::new(11);
    let (mut now, mut full_at) = (START, START);
    for step in 0..200 {
        let mut byte = [0];
        rng.fill(&mut byte);
        now = now + Duration::from_millis(u64::from(byte[0]) * 100);
        let expected = match LIMIT.take(full_at, now) {
            Ok(next) => {
                full_at = next;
                Verdict::Allowed
            }
            Err(retry_after) => Verdict::Limited { retry_after },
        };
        assert_eq!(take(&w, "a", now).await, expected, "step {step}");
    }
}

pub(super) async fn a_clock_that_jumps_back_gives_nothing_away(w: World) {
    let w = w.open().await;
    for _ in 0..3 {
        assert_eq!(take(&w, "a", at(100)).await, Verdict::Allowed);
    }
    assert_eq!(take(&w, "a", at(95)).await, wait(15));
    assert_eq!(take(&w, "a", at(110)).await, Verdict::Allowed, "and takes nothing");
}

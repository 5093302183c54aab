//! Refusals that repeat: one row a minute, with a count.
//!
//! A client that goes on polling with an ended token, or a stranger with a garbage one, would write a row for every
//! request. The first refusal of a kind in a minute is written at once; the others are counted, and the next row
//! says how many there were.

use crate::clock::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many kinds are remembered. Beyond it the memory starts anew, so strangers cannot grow it.
const CAPACITY: usize = 4096;

/// Counts refusals by kind and minute.
#[derive(Debug, Default)]
pub(crate) struct Noise(Mutex<HashMap<(&'static str, String), Minute>>);

#[derive(Debug)]
struct Minute {
    number: i64,
    unsaid: u64,
}

impl Noise {
    /// Whether this refusal is to be written, and how many like it were not since the last that was.
    pub(crate) fn heard(&self, reason: &'static str, of: String, now: Timestamp) -> Option<u64> {
        let number = now.as_secs().div_euclid(60);
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() >= CAPACITY {
            kinds.retain(|_, minute| minute.number == number);
            if kinds.len() >= CAPACITY {
                kinds.clear();
            }
        }
        match kinds.get_mut(&(reason, of.clone())) {
            Some(minute) if minute.number == number => {
                minute.unsaid += 1;
                None
            }
            Some(minute) => {
                minute.number = number;
                Some(std::mem::take(&mut minute.unsaid))
            }
            None => {
                kinds.insert((reason, of), Minute { number, unsaid: 0 });
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_a_minute_and_the_next_says_how_many_were_left_out() {
        let noise = Noise::default();
        let at = |secs| noise.heard("SESSION_ENDED", "s1".into(), Timestamp::from_secs(secs));
        assert_eq!(at(60), Some(0));
        assert_eq!(at(61), None);
        assert_eq!(at(119), None);
        assert_eq!(at(120), Some(2));
        assert_eq!(noise.heard("SESSION_ENDED", "s2".into(), Timestamp::from_secs(61)), Some(0));
    }

    #[test]
    fn strangers_cannot_grow_it() {
        let noise = Noise::default();
        for n in 0..3 * CAPACITY {
            noise.heard("BAD_TOKEN", n.to_string(), Timestamp::from_secs(0));
        }
        assert!(noise.0.lock().unwrap().len() <= CAPACITY);
    }
}

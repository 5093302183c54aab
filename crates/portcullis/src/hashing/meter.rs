//! What the hashing pool tells about itself.
//!
//! | name | kind | labels |
//! |---|---|---|
//! | `portcullis_hashing_jobs_total` | counter of jobs a thread computed | `work`: `hash`, `verify`, `verify_nothing`, `unusable` |
//! | `portcullis_hashing_refused_total` | counter of jobs nobody computed | `reason`: `full`, `deadline`, `displaced` (by a peer with fewer waiting), `closed` |
//! | `portcullis_hashing_queue_length` | gauge of waiting jobs | |
//! | `portcullis_hashing_wait_seconds` | histogram of the time before a thread took a job | |
//! | `portcullis_hashing_work_seconds` | histogram of the time it took then | `work` |

use std::time::Duration;

/// A job came into the queue.
pub(super) fn came() {
    metrics::gauge!("portcullis_hashing_queue_length").increment(1.0);
}

/// A job left the queue, to a thread or unserved.
pub(super) fn left() {
    metrics::gauge!("portcullis_hashing_queue_length").decrement(1.0);
}

/// A thread computed a job.
pub(super) fn computed(work: &'static str, waited: Duration, worked: Duration) {
    metrics::histogram!("portcullis_hashing_wait_seconds").record(waited);
    metrics::histogram!("portcullis_hashing_work_seconds", "work" => work).record(worked);
    metrics::counter!("portcullis_hashing_jobs_total", "work" => work).increment(1);
}

/// A job was not computed.
pub(super) fn refused(reason: &'static str) {
    metrics::counter!("portcullis_hashing_refused_total", "reason" => reason).increment(1);
}

#[cfg(test)]
mod tests;

//! One hashing thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::engine::Engine;
use super::queue::{Next, Queue};

/// How much the scheduler prefers every other thread of the process. At 10 a busy core gives a hash about a tenth.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Starts a thread that works until the queue is closed.
pub(super) fn start(
    index: usize,
    queue: Arc<Queue>,
    engine: Engine,
    keep_memory: Duration,
) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(format!("hashing-{index}")).spawn(move || work(&queue, engine, keep_memory))
}

fn work(queue: &Queue, mut engine: Engine, keep_memory: Duration) {
    step_back();
    loop {
        let patience = engine.arena().holds_memory().then_some(keep_memory);
        match queue.next(patience) {
            // A panic would be a bug in a hash function. It costs this job its answer, not the server a thread.
            Next::Run(job) => {
                let _ = catch_unwind(AssertUnwindSafe(|| job(&mut engine)));
            }
            Next::Idle => engine.arena().release(),
            Next::Stop => return,
        }
    }
}

/// Lowers this thread's priority. Where that fails, hashing works as well, only less politely.
fn step_back() {
    // Elsewhere than on Linux the priority belongs to the whole process, which would slow down everything.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "hashing thread keeps its normal priority");
    }
}

//! Races: the same thing tried many times at once.

use super::World;
use crate::store::Store;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use std::sync::Arc;

/// Starts tasks, so that a race runs on all threads of a runtime. `tokio::spawn` is one.
pub trait Spawner: Send + Sync {
    /// Starts a task.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}

impl<F, R> Spawner for F
where
    F: Fn(BoxFuture<'static, ()>) -> R + Send + Sync,
{
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self(task);
    }
}

impl World {
    /// Starts `count` tasks at once and waits for what they find. A panic in one of them is one here.
    pub(super) async fn race<F, T>(&self, count: usize, runner: impl Fn(usize, Arc<dyn Store>) -> F) -> Vec<T>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let started: Vec<_> = (0..count)
            .map(|number| {
                let (task, result) = runner(number, Arc::clone(&self.store)).remote_handle();
                self.spawner.spawn(task.boxed());
                result
            })
            .collect();
        join_all(started).await
    }
}

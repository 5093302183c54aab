//! Background work: sending mails, purging, learning hash costs.
//!
//! Jobs hold only a weak handle: when the last [`Auth`] is dropped they stop.

mod housekeeping;
mod outbox;

use crate::Auth;
use portcullis_core::store::StoreError;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

pub use housekeeping::{Retention, purge};
pub use outbox::deliver;

/// How often the outbox is looked at.
const OUTBOX_EVERY: Duration = Duration::from_secs(1);
/// How often old rows are purged.
const PURGE_EVERY: Duration = Duration::from_secs(300);
/// How often the proportions of hash parameters are learned.
const LEARN_EVERY: Duration = Duration::from_secs(3600);

/// Starts the jobs of an [`Auth`]. They end with its last clone.
pub(crate) fn spawn(auth: &Auth) {
    if auth.mailer().is_some() {
        every(auth, OUTBOX_EVERY, |auth| async move {
            if let Some(mailer) = auth.mailer() {
                outbox::deliver(auth.core(), &**mailer).await?;
            }
            Ok(())
        });
    }
    every(
        auth,
        PURGE_EVERY,
        |auth| async move { housekeeping::purge(auth.core(), Retention::default()).await.map(|_| ()) },
    );
    every(auth, LEARN_EVERY, |auth| async move { auth.core().learn_hash_costs().await });
}

fn every<F, W>(auth: &Auth, period: Duration, work: F)
where
    F: Fn(Auth) -> W + Send + 'static,
    W: Future<Output = Result<(), StoreError>> + Send,
{
    let weak = auth.downgrade();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(auth) = Auth::upgrade(&weak) else { return };
            if let Err(error) = work(auth).await {
                tracing::warn!(%error, "a background job could not do its work and tries again later");
            }
        }
    });
}

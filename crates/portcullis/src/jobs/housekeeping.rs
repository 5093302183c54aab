//! Removing what nobody needs any more.

use portcullis_core::Core;
use portcullis_core::store::{PurgeBefore, Purged, StoreError};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long things are kept after they ended.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Sessions that ended or expired: 30 days.
    pub sessions: Duration,
    /// Used or expired reset and verify tokens: 7 days.
    pub one_times: Duration,
    /// Device logins: 30 days, as their own audit beside the trail.
    pub devices: Duration,
    /// The feed of changes: an hour. A reader that was away longer starts afresh.
    pub events: Duration,
    /// The audit trail: a year.
    pub audit: Duration,
    /// Guests without a live session: a day.
    pub guests: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            sessions: DAY * 30,
            one_times: DAY * 7,
            devices: DAY * 30,
            events: Duration::from_secs(3600),
            audit: DAY * 365,
            guests: DAY,
        }
    }
}

/// Removes what is older than `keep` says.
///
/// # Errors
///
/// When the database failed; what went before stays gone.
pub async fn purge(core: &Core, keep: Retention) -> Result<Purged, StoreError> {
    let now = core.clock.now();
    let before = PurgeBefore {
        now,
        sessions: now - keep.sessions,
        one_times: now - keep.one_times,
        devices: now - keep.devices,
        events: now - keep.events,
        audit: now - keep.audit,
        guests: now - keep.guests,
    };
    let purged = core.store.purge(&before).await?;
    if purged != Purged::default() {
        tracing::info!(?purged, "old rows were purged");
    }
    Ok(purged)
}

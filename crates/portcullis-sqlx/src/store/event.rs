//! The feed of changes. Its rows are written by triggers (`migrations/*/guards.sql`).

use super::dialect::{Backend, Row, ask, failed};
use super::row::uuid_option;
use async_trait::async_trait;
use portcullis_core::event::{Event, FeedCursor};
use portcullis_core::ids::{SessionId, UserId};
use portcullis_core::store::{EventStore, StoreError};
use sqlx::{Row as _, query, query_scalar};

const END: &str = feed_end!();

const AFTER: &str = feed_after!();

/// A row of the feed; `None` for the row that only says where the feed ends.
fn read(row: &Row) -> sqlx::Result<Option<Event>> {
    let Some(kind) = row.try_get::<Option<String>, _>("kind")? else { return Ok(None) };
    // An id that another program made and that is no UUID must not stop the feed.
    let user = uuid_option(row, "user_id").ok().flatten().map(UserId);
    let session = uuid_option(row, "session_id").ok().flatten().map(SessionId);
    Ok(Some(match (kind.as_str(), user, session) {
        ("user", Some(user), _) => Event::User(user),
        ("session", _, Some(session)) => Event::Session(session),
        _ => Event::Unknown,
    }))
}

#[async_trait]
impl EventStore for Backend {
    async fn feed_end(&self) -> Result<FeedCursor, StoreError> {
        let mut conn = self.reader().await?;
        ask(query_scalar(END).fetch_one(&mut *conn)).await.map(FeedCursor)
    }

    async fn read_feed(&self, after: FeedCursor) -> Result<(Vec<Event>, FeedCursor), StoreError> {
        let mut conn = self.reader().await?;
        let rows = ask(query(AFTER).bind(after.0).fetch_all(&mut *conn)).await?;
        let mut events = Vec::with_capacity(rows.len());
        let mut place = after.0;
        for row in &rows {
            // A reader that slept through a purge cannot be told what it missed, only that it did.
            if events.is_empty() && row.try_get::<bool, _>("missed").map_err(failed)? {
                events.push(Event::Unknown);
            }
            events.extend(read(row).map_err(failed)?);
            place = row.try_get("place").map_err(failed)?;
        }
        Ok((events, FeedCursor(place)))
    }
}

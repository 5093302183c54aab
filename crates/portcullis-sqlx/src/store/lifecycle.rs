//! Schema, health, housekeeping.

use super::dialect::{Backend, KIND, ask, patiently};
use super::migrate;
use async_trait::async_trait;
use portcullis_core::clock::Timestamp;
use portcullis_core::store::{EmailCollision, Lifecycle, MigrateError, Migrated, PurgeBefore, Purged, StoreError};
use sqlx::query_scalar;

const ADOPTED_AT: &str = "SELECT value FROM portcullis_meta WHERE key = 'adopted_at'";

#[async_trait]
impl Lifecycle for Backend {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn migrate(&self, now: Timestamp) -> Result<Migrated, MigrateError> {
        // In a box: sqlx's migrator makes a large future.
        let mut done = patiently(Box::pin(async {
            let mut tx = self.begin_migration().await?;
            let done = migrate::run(&mut tx, now).await?;
            ask(tx.commit()).await?;
            Ok::<_, MigrateError>(done)
        }))
        .await?;
        done.warnings.splice(0..0, self.warnings());
        Ok(done)
    }

    /// Triggers and the index that somebody dropped from `"user"` are put back on the spot, with a warning in the log.
    async fn ready(&self) -> Result<(), StoreError> {
        let mut conn = self.reader().await?;
        migrate::check_version(&mut conn).await?;
        if migrate::missing_guards(&mut conn).await?.is_empty() {
            return Ok(());
        }
        drop(conn);
        let mut tx = self.begin_migration().await?;
        let warnings = migrate::put_guards_back(&mut tx).await.map_err(StoreError::broken)?;
        ask(tx.commit()).await?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        Ok(())
    }

    async fn adopted_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut conn = self.reader().await?;
        let at: Option<i64> = ask(query_scalar(ADOPTED_AT).fetch_optional(&mut *conn)).await?;
        Ok(at.map(Timestamp::from_micros))
    }

    async fn email_collisions(&self) -> Result<Vec<EmailCollision>, MigrateError> {
        migrate::collisions(&mut *self.reader().await?).await
    }

    async fn purge(&self, before: &PurgeBefore) -> Result<Purged, StoreError> {
        self.purge_all(before).await
    }
}

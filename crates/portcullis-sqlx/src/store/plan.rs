//! How the database goes about the statements that every request, and every login, depends on.

use super::account::FIND_BY_EMAIL;
use super::dialect::{Backend, ask, failed, id};
use super::session::FIND;
use crate::QueryPlan;
use portcullis_core::store::StoreError;
use sqlx::{AssertSqlSafe, Row as _, query};
use uuid::Uuid;

impl Backend {
    /// The database's plan for finding an account by its address, and for finding a session.
    ///
    /// For an operator who wonders whether the indexes are used; with many accounts, every step must be an index.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn query_plans(&self) -> Result<Vec<QueryPlan>, StoreError> {
        let explain = |statement: &str| AssertSqlSafe(format!("{}{statement}", explain!()));
        let by_email = query(explain(FIND_BY_EMAIL)).bind("ada@example.com").bind("ada@example.com");
        let session = query(explain(FIND)).bind(id(Uuid::nil()));
        let mut plans = Vec::new();
        for (operation, statement) in [("find_credentials_by_email", by_email), ("find_session", session)] {
            let mut conn = self.reader().await?;
            let rows = ask(statement.fetch_all(&mut *conn)).await?;
            let steps = rows.iter().map(|row| row.try_get(explained!())).collect::<Result<_, _>>().map_err(failed)?;
            plans.push(QueryPlan { operation, steps });
        }
        Ok(plans)
    }
}

//! The host's statements in our transaction, and ours in the host's.

/// The same cases for one database: how to make a store, its writing pool, its connection in a transaction.
macro_rules! host {
    ($database:ident, $make:expr, $pool:ident, $connection:path, $connection_type:ty, $id:expr, $other:expr) => {
        mod $database {
            use portcullis_core::account::{ChangeTo, UserChange};
            use portcullis_core::audit::{AuditEvent, AuditFilter};
            use portcullis_core::store::{
                AccountStore, AuditStore, CreateUser, DeleteUser, InTx, Lifecycle, StoreTx, UpdateUser, Veto,
            };
            use portcullis_core::testing::fixture::{START, at, audit_entry, new_user};
            use sqlx::AssertSqlSafe;

            /// Gives every new account its first row.
            struct FirstJob {
                statement: &'static str,
            }

            #[async_trait::async_trait]
            impl InTx for FirstJob {
                async fn run(&self, tx: &mut dyn StoreTx) -> Result<(), Veto> {
                    let connection = $connection(tx).expect("our own transaction");
                    let done = sqlx::query(self.statement).execute(connection).await;
                    done.map(|_| ()).map_err(|error| {
                        Veto::Failed(portcullis_core::store::StoreError::broken(error))
                    })
                }
            }

            const JOB: &str = r#"INSERT INTO job (owner) SELECT id FROM "user" WHERE email = 'ada@example.com'"#;

            macro_rules! open {
                () => {{
                    let Some((store, keep)) = $make else { return };
                    store.migrate(START).await.expect("migrates");
                    let table = format!(r#"CREATE TABLE job (owner {} REFERENCES "user" (id))"#, $id);
                    sqlx::query(AssertSqlSafe(table)).execute(store.$pool()).await.expect("a table of the host");
                    (store, keep)
                }};
            }

            macro_rules! count {
                ($store:ident, $sql:literal) => {
                    sqlx::query_scalar::<_, i64>($sql).fetch_one($store.pool()).await.expect("a number")
                };
            }

            #[tokio::test]
            async fn a_hook_writes_in_our_transaction() {
                let (store, _keep) = open!();
                let create = |statement| {
                    let store = store.clone();
                    async move {
                        let audit = audit_entry(AuditEvent::AccountCreated);
                        store.create_user(new_user("ada@example.com"), audit, &FirstJob { statement }).await
                    }
                };
                let failed = create("INSERT INTO no_such_table VALUES (1)").await.expect("the store works");
                assert!(matches!(failed, CreateUser::Vetoed(Veto::Failed(_))), "{failed:?}");
                assert_eq!(count!(store, r#"SELECT COUNT(*) FROM "user""#), 0);
                assert!(matches!(create(JOB).await, Ok(CreateUser::Created(_))));
                assert_eq!(count!(store, "SELECT COUNT(*) FROM job"), 1);
            }

            /// Never ends, but has written.
            struct Dawdle;

            #[async_trait::async_trait]
            impl InTx for Dawdle {
                async fn run(&self, tx: &mut dyn StoreTx) -> Result<(), Veto> {
                    FirstJob { statement: JOB }.run(tx).await?;
                    std::future::pending().await
                }
            }

            #[tokio::test]
            async fn a_hook_that_dawdles_is_undone_after_its_two_seconds() {
                let (store, _keep) = open!();
                let late = store
                    .create_user(new_user("ada@example.com"), audit_entry(AuditEvent::AccountCreated), &Dawdle)
                    .await;
                assert!(matches!(late, Ok(CreateUser::Vetoed(Veto::Failed(error))) if error.is_unavailable()));
                assert_eq!(count!(store, "SELECT COUNT(*) FROM job"), 0);
                assert_eq!(count!(store, r#"SELECT COUNT(*) FROM "user""#), 0);
            }

            #[tokio::test]
            async fn the_hosts_transaction_decides_over_our_account() {
                let (store, _keep) = open!();
                for commit in [false, true] {
                    let mut tx = store.$pool().begin().await.expect("a transaction");
                    let new = new_user("ada@example.com");
                    let created = store.create_user_in(&mut tx, new, audit_entry(AuditEvent::AccountCreated)).await;
                    assert!(matches!(created, Ok(CreateUser::Created(_))), "{created:?}");
                    sqlx::query(JOB).execute(&mut *tx).await.expect("the host's row");
                    if commit { tx.commit().await } else { tx.rollback().await }.expect("ends");
                    assert_eq!(count!(store, "SELECT COUNT(*) FROM job"), i64::from(commit));
                    assert_eq!(count!(store, r#"SELECT COUNT(*) FROM "user""#), i64::from(commit));
                    let trail = store.list_audit(&AuditFilter { limit: 9, ..AuditFilter::default() }).await;
                    assert_eq!(trail.expect("works").len(), usize::from(commit));
                }
            }

            #[tokio::test]
            async fn a_refusal_leaves_the_hosts_transaction_usable() {
                let (store, _keep) = open!();
                let mut tx = store.$pool().begin().await.expect("a transaction");
                let audit = || audit_entry(AuditEvent::AccountCreated);
                let CreateUser::Created(ada) =
                    store.create_user_in(&mut tx, new_user("ada@example.com"), audit()).await.expect("works")
                else {
                    panic!("not created")
                };
                let taken = store.create_user_in(&mut tx, new_user("ADA@example.com"), audit()).await;
                assert!(matches!(taken, Ok(CreateUser::EmailTaken)), "{taken:?}");
                sqlx::query(JOB).execute(&mut *tx).await.expect("the transaction still works");
                // The connection itself is a transaction, too.
                let connection: &mut $connection_type = &mut tx;
                let kept = store.delete_user_in(connection, ada.id, at(1), audit_entry(AuditEvent::AccountDeleted)).await;
                assert_eq!(kept.expect("works"), DeleteUser::HasDependents { table: "job".into() });
                let change = UserChange { is_verified: ChangeTo::Set(true), ..UserChange::nothing(at(1)) };
                let updated = store.update_user_in(&mut tx, ada.id, change, audit_entry(AuditEvent::AccountUpdated)).await;
                assert!(matches!(updated, Ok(UpdateUser::Updated(user)) if user.is_verified));
                tx.commit().await.expect("commits");
                let ada = store.find_user(ada.id).await.expect("works").expect("is there");
                assert!(ada.is_verified);
            }

            #[tokio::test]
            async fn a_connection_without_a_transaction_gets_one_of_ours() {
                let (store, _keep) = open!();
                let mut connection = store.$pool().acquire().await.expect("a connection");
                let audit = || audit_entry(AuditEvent::AccountCreated);
                let created = store.create_user_in(&mut connection, new_user("ada@example.com"), audit()).await;
                assert!(matches!(created, Ok(CreateUser::Created(_))), "{created:?}");
                let taken = store.create_user_in(&mut connection, new_user("ADA@example.com"), audit()).await;
                assert!(matches!(taken, Ok(CreateUser::EmailTaken)), "{taken:?}");
                drop(connection);
                assert_eq!(count!(store, r#"SELECT COUNT(*) FROM "user""#), 1);
            }

            #[tokio::test]
            async fn a_transaction_of_another_database_is_refused() {
                let (store, _keep) = open!();
                let mut other = $other;
                let refused =
                    store.create_user_in(&mut other, new_user("a@example.com"), audit_entry(AuditEvent::AccountCreated));
                assert!(refused.await.is_err_and(|error| error.is_wrong_transaction()));
            }
        }
    };
}

#[cfg(feature = "sqlite")]
host!(
    sqlite,
    Some(crate::support::sqlite_file().await),
    write_pool,
    portcullis_sqlx::sqlite_connection,
    sqlx::SqliteConnection,
    "CHAR(36)",
    String::new()
);

#[cfg(feature = "postgres")]
host!(
    postgres,
    crate::support::postgres().await.map(|store| (store, ())),
    pool,
    portcullis_sqlx::postgres_connection,
    sqlx::PgConnection,
    "UUID",
    String::new()
);

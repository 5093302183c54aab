//! The manager: accounts for the host's own code, also in its own transactions.

use crate::support::{ME, PASSWORD, hash_of, login, user_now};
use portcullis::core::account::{DeleteError, RegisterError, UpdateError};
use portcullis::core::one_time::OneTimeError;
use portcullis::core::store::StoreError;
use portcullis::{CreateAccount, EmailAddress, InTx, Sqlite, StoreTx, UpdateAccount, Veto, sqlite_connection};
use portcullis_testkit::{Identity, StoreKind, TestApp};

fn account(email: &str) -> CreateAccount {
    CreateAccount {
        email: EmailAddress::parse(email).unwrap(),
        password: Some(PASSWORD.to_owned().into()),
        is_superuser: false,
        is_verified: false,
    }
}

#[tokio::test]
async fn the_manager_creates_finds_changes_and_deletes_as_the_routes_do() {
    let app = TestApp::new().await;
    let users = app.auth().users();
    let ada = users.create(account("Ada@example.com")).await.unwrap();
    assert_eq!(users.find(ada.id).await.unwrap(), Some(ada.clone()));
    assert_eq!(users.find_by_email("ADA@EXAMPLE.COM").await.unwrap(), Some(ada.clone()));
    assert!(matches!(users.create(account("ada@example.com")).await, Err(RegisterError::EmailTaken)));
    let weak = CreateAccount { password: Some("password".to_owned().into()), ..account("bob@example.com") };
    assert!(matches!(users.create(weak).await, Err(RegisterError::InvalidPassword(_))));
    let changed =
        users.update(ada.id, UpdateAccount { is_verified: Some(true), ..UpdateAccount::default() }).await.unwrap();
    assert!(changed.is_verified);
    let token = login(&app, "ada@example.com", PASSWORD).await.expect(200).json();
    let token = app.bearer(token["access_token"].as_str().unwrap());
    users.set_password(ada.id, "a passphrase of another kind".to_owned().into()).await.unwrap();
    token.get(ME).await.refused(401, "Unauthorized");
    app.deliver().await;
    assert_eq!(app.mailbox().kinds(), [("Ada@example.com".to_owned(), "password_changed")]);
    users.delete(ada.id).await.unwrap();
    assert!(matches!(users.delete(ada.id).await, Err(DeleteError::NotFound)));
    assert!(matches!(users.update(ada.id, UpdateAccount::default()).await, Err(UpdateError::NotFound)));
    assert_eq!(users.list(0, 10).await.unwrap().total, 1);

    let rows = app.audit().await;
    let by_host: Vec<_> =
        rows.iter().filter(|row| row.actor_kind == "host").map(|row| format!("{} {}", row.event, row.result)).collect();
    assert_eq!(
        by_host,
        [
            "account.created success",
            "account.created refused",
            "account.updated success",
            "account.updated success",
            "account.deleted success",
            "account.deleted refused",
            "account.updated refused",
        ]
    );
}

#[tokio::test]
async fn the_last_superuser_is_safe_from_the_host_too() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let users = app.auth().users();
    assert!(matches!(users.delete(admin.id()).await, Err(DeleteError::LastSuperuser)));
    let demoted =
        users.update(admin.id(), UpdateAccount { is_superuser: Some(false), ..UpdateAccount::default() }).await;
    assert!(matches!(demoted, Err(UpdateError::LastSuperuser)));
}

#[tokio::test]
async fn an_account_without_a_password_waits_for_a_mailed_token() {
    let app = TestApp::new().await;
    let users = app.auth().users();
    let ada = users.create(CreateAccount { password: None, ..account("ada@example.com") }).await.unwrap();
    assert!(hash_of(&app, &ada).await.starts_with("$argon2id$"), "Python can read it");
    for guess in ["!", "password", PASSWORD] {
        login(&app, "ada@example.com", guess).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    }
    users.forgot_password(&ada).await.unwrap();
    app.deliver().await;
    let token = app.mailbox().token("ada@example.com");
    assert!(matches!(users.reset_password("another", PASSWORD.to_owned().into()).await, Err(OneTimeError::BadToken)));
    users.reset_password(&token, PASSWORD.to_owned().into()).await.unwrap();
    login(&app, "ada@example.com", PASSWORD).await.expect(200);
    users.request_verify(&ada).await.unwrap();
    app.deliver().await;
    let verify =
        app.mailbox().take_for("ada@example.com").iter().find_map(|it| it.mail.token().map(str::to_owned)).unwrap();
    assert!(users.verify(&verify).await.unwrap().is_verified);
    assert!(matches!(users.verify(&verify).await, Err(OneTimeError::AlreadyVerified)));
}

/// An app on SQLite with a table of the host's beside ours.
async fn with_jobs() -> (TestApp, Sqlite) {
    let app = TestApp::builder().store(StoreKind::Sqlite).build().await;
    let host = app.database().open_sqlite().await;
    sqlx::query(
        "CREATE TABLE job (id INTEGER PRIMARY KEY, title TEXT NOT NULL,
         owner CHAR(36) NOT NULL REFERENCES \"user\"(id) ON DELETE CASCADE)",
    )
    .execute(host.write_pool())
    .await
    .unwrap();
    (app, host)
}

/// Commits, or rolls back.
async fn end(tx: sqlx::Transaction<'_, sqlx::Sqlite>, commits: bool) {
    let ended = if commits { tx.commit().await } else { tx.rollback().await };
    ended.unwrap();
}

async fn jobs(host: &Sqlite) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM job").fetch_one(host.pool()).await.unwrap()
}

/// What the host does when somebody registers.
enum FirstJob {
    Written,
    Refused,
    Failed,
    Slow,
}

/// Lets tokio's clock run again, whatever became of the hook.
struct Resume;

impl Drop for Resume {
    fn drop(&mut self) {
        tokio::time::resume();
    }
}

#[async_trait::async_trait]
impl InTx for FirstJob {
    async fn run(&self, tx: &mut dyn StoreTx) -> Result<(), Veto> {
        let connection = sqlite_connection(tx).ok_or_else(|| Veto::Failed(StoreError::wrong_transaction()))?;
        let first = "INSERT INTO job (title, owner) SELECT 'first', id FROM \"user\" WHERE email = 'ada@example.com'";
        sqlx::query(first).execute(connection).await.map_err(|error| Veto::Failed(StoreError::broken(error)))?;
        match self {
            Self::Written => Ok(()),
            Self::Refused => Err(Veto::Refused { code: "NOT_INVITED".into(), reason: "Not on the list.".into() }),
            Self::Failed => Err(Veto::Failed(StoreError::unavailable("the host's own service is down"))),
            Self::Slow => {
                // Nothing else waits for time here, so the clock jumps to the end of the hook's two seconds.
                tokio::time::pause();
                let _resume = Resume;
                std::future::pending().await
            }
        }
    }
}

#[tokio::test]
async fn the_hosts_row_and_the_account_come_together_or_not_at_all() {
    let (app, host) = with_jobs().await;
    let users = app.auth().users();
    let before = app.audit().await.len();
    let refused = users.create_with(account("ada@example.com"), &FirstJob::Refused).await;
    assert!(matches!(refused, Err(RegisterError::Vetoed { code, .. }) if code == "NOT_INVITED"));
    let failed = users.create_with(account("ada@example.com"), &FirstJob::Failed).await;
    assert!(matches!(failed, Err(RegisterError::Store(error)) if error.is_unavailable()));
    let slow = users.create_with(account("ada@example.com"), &FirstJob::Slow).await;
    assert!(matches!(slow, Err(RegisterError::Store(error)) if error.is_unavailable()));
    assert_eq!(jobs(&host).await, 0);
    assert!(users.find_by_email("ada@example.com").await.unwrap().is_none());
    let rows = app.audit().await;
    let left: Vec<_> = rows[before..].iter().map(|row| (row.event.as_str(), row.reason.as_deref())).collect();
    assert_eq!(left, [("account.created", Some("VETOED"))]);

    let ada = users.create_with(account("ada@example.com"), &FirstJob::Written).await.unwrap();
    assert_eq!(jobs(&host).await, 1);
    login(&app, "ada@example.com", PASSWORD).await.expect(200);
    users.delete(ada.id).await.unwrap();
    assert_eq!(jobs(&host).await, 0, "the host's rows go with the account");
}

#[tokio::test]
async fn an_account_made_in_the_hosts_transaction_exists_when_the_host_commits() {
    let (app, host) = with_jobs().await;
    let users = app.auth().users();
    for commits in [false, true] {
        // Hashed before the transaction begins: nobody waits for a hash with the database locked.
        let prepared = users.prepare(account("ada@example.com")).await.unwrap();
        let id = prepared.id();
        let mut tx = host.write_pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
        let ada = users.create_in(&mut tx, prepared).await.unwrap();
        assert_eq!(ada.id, id);
        sqlx::query("INSERT INTO job (title, owner) VALUES ('first', $1)")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
        end(tx, commits).await;
        assert_eq!(users.find(id).await.unwrap().is_some(), commits);
        assert_eq!(jobs(&host).await == 1, commits);
        let noted = app.audit().await.iter().any(|row| row.subject_id == Some(id) && row.actor_kind == "host");
        assert_eq!(noted, commits, "the row of the trail lives in the same transaction");
    }
    login(&app, "ada@example.com", PASSWORD).await.expect(200);
    let prepared = users.prepare(account("ADA@example.com")).await.unwrap();
    let mut tx = host.write_pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
    assert!(matches!(users.create_in(&mut tx, prepared).await, Err(RegisterError::EmailTaken)));
    sqlx::query("INSERT INTO job (title, owner) SELECT 'second', id FROM \"user\" WHERE email = 'ada@example.com'")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(jobs(&host).await, 2, "a refusal leaves the host's transaction usable");
}

#[tokio::test]
async fn changes_and_deletions_in_the_hosts_transaction_take_effect_when_it_commits() {
    let (app, host) = with_jobs().await;
    let ada = app.user("ada").await;
    let users = app.auth().users();
    let update = || UpdateAccount { password: Some(PASSWORD.to_owned().into()), ..UpdateAccount::default() };
    for commits in [false, true] {
        let change = users.prepare_update(ada.user(), update()).await.unwrap();
        let mut tx = host.write_pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
        users.update_in(&mut tx, ada.id(), change).await.unwrap();
        end(tx, commits).await;
        assert_eq!(ada.get(ME).await.status() == 401, commits, "its sessions end with the commit");
        assert_eq!(login(&app, ada.email(), PASSWORD).await.status() == 200, commits);
    }
    for commits in [false, true] {
        let mut tx = host.write_pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
        users.delete_in(&mut tx, ada.id()).await.unwrap();
        end(tx, commits).await;
        assert_eq!(users.find(ada.id()).await.unwrap().is_none(), commits);
    }
}

#[tokio::test]
async fn a_transaction_of_something_else_is_refused() {
    let (app, _host) = with_jobs().await;
    let users = app.auth().users();
    let ada = app.user("ada").await;
    let mut nonsense = String::from("no transaction");
    let prepared = users.prepare(account("bob@example.com")).await.unwrap();
    let refused = users.create_in(&mut nonsense, prepared).await;
    assert!(matches!(refused, Err(RegisterError::Store(error)) if error.is_wrong_transaction()));
    let refused = users.delete_in(&mut nonsense, ada.id()).await;
    assert!(matches!(refused, Err(DeleteError::Store(error)) if error.is_wrong_transaction()));
    assert_eq!(user_now(&app, ada.user()).await, *ada.user());
}

#[tokio::test]
async fn a_table_of_somebody_else_that_still_refers_to_an_account_is_named() {
    let app = TestApp::builder().store(StoreKind::Sqlite).build().await;
    let host = app.database().open_sqlite().await;
    let ada = app.user("ada").await;
    sqlx::query("CREATE TABLE invoice (id INTEGER PRIMARY KEY, owner CHAR(36) NOT NULL REFERENCES \"user\"(id))")
        .execute(host.write_pool())
        .await
        .unwrap();
    sqlx::query("INSERT INTO invoice (owner) VALUES ($1)")
        .bind(ada.id().to_string())
        .execute(host.write_pool())
        .await
        .unwrap();
    let answer = app.admin().await.delete(&ada.path()).await.expect(409);
    assert_eq!(answer.detail()["code"], "USER_HAS_DEPENDENTS");
    assert!(answer.detail()["reason"].as_str().unwrap().contains("invoice"));
    assert_eq!(answer.trail().await, ["account.deleted refused USER_HAS_DEPENDENTS"]);
    ada.get(ME).await.expect(200);
}

//! Tokens that fastapi-users made before the database was adopted.

use crate::support::{LOGOUT, ME, PASSWORD, login};
use portcullis::UpdateAccount;
use portcullis::core::clock::Timestamp;
use portcullis_testkit::{Bearer, Database, Identity, SECRET, StoreKind, TestApp, TestAppBuilder, forge};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, raw_sql};
use std::time::Duration;

const ADA: &str = "11111111-1111-4111-8111-111111111111";
const ROOT: &str = "22222222-2222-4222-8222-222222222222";

/// 2026-01-01T00:00:00Z: when the kit's clock starts.
const NOW: i64 = 1_767_225_600;

/// A database as fastapi-users leaves it, with ada, who is a user, and root, who is a superuser.
async fn seeds() -> Database {
    let database = Database::fresh(StoreKind::durable()).await;
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    let id = if database.kind() == StoreKind::Sqlite { "CHAR(36)" } else { "uuid" };
    let sql = format!(
        "CREATE TABLE \"user\" (id {id} NOT NULL PRIMARY KEY, email VARCHAR(320) NOT NULL, \
         hashed_password VARCHAR(1024) NOT NULL, is_active BOOLEAN NOT NULL, is_superuser BOOLEAN NOT NULL, \
         is_verified BOOLEAN NOT NULL);
         CREATE UNIQUE INDEX ix_user_email ON \"user\" (email);
         INSERT INTO \"user\" VALUES ('{ADA}', 'ada@example.com', '{hash}', TRUE, FALSE, FALSE);
         INSERT INTO \"user\" VALUES ('{ROOT}', 'root@example.com', '{hash}', TRUE, TRUE, TRUE);"
    );
    let url = database.url().unwrap();
    if database.kind() == StoreKind::Sqlite {
        let mut connection = sqlx::SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
        raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
        raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
    database
}

fn on(database: &Database) -> TestAppBuilder {
    TestApp::builder().database(database).ignore_mails()
}

fn token(app: &TestApp, claims: &Value) -> Bearer {
    app.bearer(forge::signed(&forge::plain_header(), claims, SECRET.as_bytes()))
}

/// As fastapi-users' login writes it: no `iat`, the audience in a list.
fn from_login(app: &TestApp, sub: &str, exp: i64) -> Bearer {
    token(app, &json!({"sub": sub, "aud": ["fastapi-users:auth"], "exp": exp}))
}

/// As the seed's device login writes it.
fn from_device(app: &TestApp, sub: &str, iat: i64) -> Bearer {
    token(app, &json!({"sub": sub, "aud": "fastapi-users:auth", "iat": iat, "exp": iat + 3600}))
}

/// As the seed's minting writes it.
fn minted(app: &TestApp, sub: &str, by: &str, iat: i64) -> Bearer {
    let claims = json!({"sub": sub, "aud": "fastapi-users:auth", "iat": iat, "exp": iat + 3600, "impersonated_by": by});
    token(app, &claims)
}

#[tokio::test]
async fn tokens_of_a_running_deployment_work_until_one_lifetime_after_the_adoption() {
    let app = on(&seeds().await).build().await;
    assert!(
        app.auth().warnings().iter().any(|warning| warning.contains("adopted 2 account(s)")),
        "{:?}",
        app.auth().warnings()
    );
    let old = from_login(&app, ADA, NOW + 3000);
    assert_eq!(old.get(ME).await.expect(200).json()["email"], "ada@example.com");
    from_device(&app, ADA, NOW - 60).get(ME).await.expect(200);
    from_login(&app, ROOT, NOW + 3000).get("/admin/users").await.expect(200);
    let longer = from_login(&app, ADA, NOW + 86_400);
    longer.get(ME).await.expect(200);
    app.clock().advance(Duration::from_secs(3000));
    old.get(ME).await.refused(401, "Unauthorized");
    app.clock().advance(Duration::from_secs(600));
    longer.get(ME).await.refused(401, "Unauthorized");
    login(&app, "ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_restart_does_not_begin_the_time_anew_and_an_operator_may_lengthen_it() {
    let first = on(&seeds().await).build().await;
    first.clock().advance(Duration::from_secs(3601));
    let second = TestApp::builder().beside(&first).ignore_mails().build().await;
    from_login(&second, ADA, NOW + 86_400).get(ME).await.refused(401, "Unauthorized");
    let until = Timestamp::from_secs(NOW + 7200);
    let third = TestApp::builder()
        .beside(&first)
        .config(move |config| config.allow_legacy_tokens_until = Some(until))
        .build()
        .await;
    assert!(third.auth().warnings().iter().any(|warning| warning.contains("ALLOW_LEGACY_TOKENS_UNTIL")));
    let old = from_login(&third, ADA, NOW + 86_400);
    old.get(ME).await.expect(200);
    third.clock().advance(Duration::from_secs(3599));
    old.get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn on_a_fresh_database_there_are_no_tokens_from_before() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let old = from_login(&app, &ada.id().to_string(), NOW + 3000);
    let answer = old.get(ME).await.refused(401, "Unauthorized");
    assert_eq!(answer.trail().await, ["session.token_refused refused LEGACY_TOKEN"]);
}

#[tokio::test]
async fn they_need_an_end_a_signature_an_audience_and_an_account() {
    let app = on(&seeds().await).build().await;
    for claims in [
        json!({"sub": ADA, "aud": ["fastapi-users:auth"]}),
        json!({"sub": ADA, "aud": ["fastapi-users:auth"], "exp": NOW}),
        json!({"sub": ADA, "aud": ["fastapi-users:reset"], "exp": NOW + 60}),
        json!({"sub": ADA, "exp": NOW + 60}),
        json!({"sub": "33333333-3333-4333-8333-333333333333", "aud": ["fastapi-users:auth"], "exp": NOW + 60}),
        json!({"aud": ["fastapi-users:auth"], "exp": NOW + 60}),
    ] {
        token(&app, &claims).get(ME).await.refused(401, "Unauthorized");
    }
    let right = json!({"sub": ADA, "aud": ["fastapi-users:auth"], "exp": NOW + 60});
    let forged = forge::signed(&forge::plain_header(), &right, b"CHANGE-ME-IN-PRODUCTION-SECRET!");
    app.bearer(forged).get(ME).await.refused(401, "Unauthorized");
    token(&app, &right).get(ME).await.expect(200);
}

#[tokio::test]
async fn logout_ends_this_one_and_no_other() {
    let app = on(&seeds().await).build().await;
    let (one, other) = (from_login(&app, ADA, NOW + 3000), from_login(&app, ADA, NOW + 3001));
    one.post(LOGOUT).await.expect(204);
    one.get(ME).await.refused(401, "Unauthorized");
    one.post(LOGOUT).await.refused(401, "Unauthorized");
    other.get(ME).await.expect(200);
}

#[tokio::test]
async fn they_die_with_a_new_password_with_deactivation_and_with_deletion() {
    let app = on(&seeds().await).build().await;
    let users = app.auth().users();
    let ada = users.find_by_email("ada@example.com").await.unwrap().unwrap();
    let active = |flag| UpdateAccount { is_active: Some(flag), ..UpdateAccount::default() };

    // The seed's lifetime is an hour: this one was made half an hour ago.
    let old = from_login(&app, ADA, NOW + 1800);
    old.patch_json(ME, &json!({"password": "a passphrase of another kind"})).await.expect(200);
    old.get(ME).await.refused(401, "Unauthorized");
    from_device(&app, ADA, NOW - 60).get(ME).await.refused(401, "Unauthorized");
    login(&app, "ada@example.com", "a passphrase of another kind").await.expect(200);

    app.clock().advance(Duration::from_secs(60));
    let newer = from_device(&app, ADA, NOW + 30);
    newer.get(ME).await.expect(200);
    users.update(ada.id, active(false)).await.unwrap();
    newer.get(ME).await.refused(401, "Unauthorized");
    users.update(ada.id, active(true)).await.unwrap();
    newer.get(ME).await.refused(401, "Unauthorized");

    let root = from_login(&app, ROOT, NOW + 3600);
    root.get(ME).await.expect(200);
    app.superuser("second").await;
    users.delete(users.find_by_email("root@example.com").await.unwrap().unwrap().id).await.unwrap();
    root.get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn one_that_was_minted_is_an_impersonation_with_all_its_limits() {
    let app = on(&seeds().await).build().await;
    let acting = minted(&app, ADA, ROOT, NOW - 60);
    acting.get(ME).await.expect(200);
    acting.patch_json(ME, &json!({"password": "a passphrase of another kind"})).await.refused(403, "Forbidden");
    let started = app.anonymous().post("/auth/cli-login").await.expect(200).json();
    let path = format!("/auth/cli-login/{}", started["code"].as_str().unwrap());
    let refused = acting.patch(&path).await.refused(403, "Forbidden");
    assert_eq!(refused.audit().await[0].impersonator_id.unwrap().to_string(), ROOT);
    // Nested by the seed: the second token names the middle-man only, and is for a superuser.
    let nested = minted(&app, ROOT, ROOT, NOW - 60);
    nested.get("/admin/users").await.refused(403, "Forbidden");
    nested.post(&format!("/admin/users/{ADA}/token")).await.refused(403, "Forbidden");
    // One that came out of a device login approves no further device.
    from_device(&app, ADA, NOW - 60).patch(&path).await.refused(403, "Forbidden");
    from_login(&app, ADA, NOW + 60).patch(&path).await.expect(200);
    // It dies with the rights of whoever minted it.
    app.superuser("second").await;
    let users = app.auth().users();
    let root = users.find_by_email("root@example.com").await.unwrap().unwrap();
    users.update(root.id, UpdateAccount { is_superuser: Some(false), ..UpdateAccount::default() }).await.unwrap();
    acting.get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn a_legacy_superuser_mints_tokens_that_die_with_their_rights() {
    let app = on(&seeds().await).build().await;
    let root = from_login(&app, ROOT, NOW + 3600);
    let minted = root.post(&format!("/admin/users/{ADA}/token")).await.expect(200).json();
    let minted = app.bearer(minted["access_token"].as_str().unwrap());
    minted.get(ME).await.expect(200);
    app.superuser("second").await;
    let users = app.auth().users();
    let user = users.find_by_email("root@example.com").await.unwrap().unwrap();
    users.set_password(user.id, "a passphrase of another kind".to_owned().into()).await.unwrap();
    minted.get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn strict_asks_a_legacy_superuser_to_sign_in_before_minting() {
    let app =
        on(&seeds().await).config(|config| config.profile = portcullis::core::rules::Profile::Strict).build().await;
    let root = from_login(&app, ROOT, NOW + 3600);
    root.post(&format!("/admin/users/{ADA}/token")).await.refused(403, "RECENT_LOGIN_REQUIRED");
}

#[tokio::test]
async fn an_account_with_an_address_that_nobody_could_register_is_read_all_the_same() {
    let app = on(&seeds().await).build().await;
    for (number, email) in (0..).zip(["admin", "admin@localhost", "admin@x.test", "admin@zndraw.local"]) {
        let hash = bcrypt::hash(PASSWORD, 4).unwrap();
        crate::support::stored_with_hash(&app, email, &hash).await;
        let token = login(&app, email, PASSWORD).await.expect(200).json();
        let holder = app.bearer(token["access_token"].as_str().unwrap());
        assert_eq!(holder.get(ME).await.expect(200).json()["email"], email);
        let better = format!("admin{number}@example.com");
        holder.patch_json(ME, &json!({"email": better})).await.expect(200);
        assert_eq!(holder.get(ME).await.expect(200).json()["email"], better);
    }
    let list = from_login(&app, ROOT, NOW + 60).get("/admin/users").await.expect(200).json();
    assert_eq!(list["total"], 7);
}

//! The configured admin, case by case.

use crate::support::{PASSWORD, login, register, user_now};
use portcullis::config::{AuthConfig, ConfigError, DefaultAdmin, Origin, SETTINGS, Settings};
use portcullis::core::bootstrap::AdminError;
use portcullis::{BuildError, UpdateAccount};
use portcullis_testkit::{Identity, StoreKind, TestApp, TestAppBuilder};
use serde_json::json;

const EMAIL: &str = "boss@example.com";
const CONFIGURED: &str = "the configured passphrase";

fn with_admin(email: &'static str, password: &'static str) -> TestAppBuilder {
    TestApp::builder().config(move |config| {
        config.default_admin = DefaultAdmin::Configured { email: email.into(), password: password.to_owned().into() };
    })
}

/// A deployment that has run without an admin, and where these registered.
async fn earlier() -> TestApp {
    TestApp::builder().config(|config| config.default_admin = DefaultAdmin::None).build().await
}

#[tokio::test]
async fn an_absent_admin_is_created() {
    let app = with_admin(EMAIL, CONFIGURED).build().await;
    let token = login(&app, EMAIL, CONFIGURED).await.expect(200).json();
    let admin = app.bearer(token["access_token"].as_str().unwrap());
    let me = admin.get("/users/me").await.expect(200).json();
    assert_eq!([&me["is_active"], &me["is_superuser"], &me["is_verified"]], [true, true, true]);
    let rows = app.audit().await;
    assert_eq!((rows[0].event.as_str(), rows[0].actor_kind.as_str()), ("account.admin_ensured", "system"));
    assert!(app.auth().warnings().is_empty());
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let first = with_admin(EMAIL, CONFIGURED).build().await;
    let second = with_admin(EMAIL, CONFIGURED).beside(&first).build().await;
    assert!(second.auth().warnings().is_empty());
    assert_eq!(second.auth().users().list(0, 10).await.unwrap().total, 1);
    assert_eq!(second.audit().await.iter().filter(|row| row.event == "account.admin_ensured").count(), 1);
}

#[tokio::test]
async fn another_configured_password_is_not_applied_and_warned_about() {
    let first = with_admin(EMAIL, CONFIGURED).build().await;
    let second = with_admin(EMAIL, "quite another passphrase").beside(&first).build().await;
    let warnings = second.auth().warnings().join("\n");
    assert!(warnings.contains("PORTCULLIS_DEFAULT_ADMIN_PASSWORD"), "{warnings}");
    assert!(!warnings.contains("passphrase"), "no password in a warning");
    login(&second, EMAIL, CONFIGURED).await.expect(200);
    login(&second, EMAIL, "quite another passphrase").await.refused(400, "LOGIN_BAD_CREDENTIALS");
}

#[tokio::test]
async fn whoever_registered_the_address_first_is_not_handed_the_keys() {
    let app = earlier().await;
    let made = register(&app, EMAIL, PASSWORD).await.expect(201).json();
    let refused = with_admin(EMAIL, CONFIGURED).beside(&app).try_build().await.expect_err("somebody has the address");
    assert!(matches!(refused, BuildError::Admin(AdminError::Unverified(_))));
    let sentence = refused.to_string();
    assert!(sentence.contains(&format!("portcullis user promote {}", made["id"].as_str().unwrap())), "{sentence}");
    assert!(!sentence.contains(CONFIGURED));
    let found = app.auth().users().find_by_email(EMAIL).await.unwrap().unwrap();
    assert!(!found.is_superuser);

    // The operator looks into it, and keeps the account.
    let core = app.auth().core();
    core.promote_user(&core.context(), found.id).await.unwrap();
    let started = with_admin(EMAIL, CONFIGURED).beside(&app).build().await;
    assert!(started.auth().warnings().iter().any(|warning| warning.contains("another password")));
    login(&started, EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_proved_address_is_promoted_and_keeps_its_password() {
    let app = earlier().await;
    let boss = app.verified("boss").await;
    let started = with_admin(EMAIL, CONFIGURED).beside(&app).build().await;
    assert!(user_now(&started, boss.user()).await.is_superuser);
    login(&started, EMAIL, boss.password()).await.expect(200);
    login(&started, EMAIL, CONFIGURED).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    let rows = started.audit().await;
    assert!(rows.iter().any(|row| row.event == "account.admin_ensured" && row.subject_id == Some(boss.id())));
}

#[tokio::test]
async fn an_inactive_admin_is_left_and_warned_about() {
    let app = with_admin(EMAIL, CONFIGURED).build().await;
    app.superuser("second").await;
    let boss = app.auth().users().find_by_email(EMAIL).await.unwrap().unwrap();
    let off = UpdateAccount { is_active: Some(false), ..UpdateAccount::default() };
    app.auth().users().update(boss.id, off).await.unwrap();
    let started = with_admin(EMAIL, CONFIGURED).beside(&app).build().await;
    assert!(started.auth().warnings().iter().any(|warning| warning.contains("deactivated")));
    assert!(!user_now(&started, &boss).await.is_active);
    login(&started, EMAIL, CONFIGURED).await.refused(400, "LOGIN_BAD_CREDENTIALS");
}

#[tokio::test]
async fn another_spelling_is_the_same_account() {
    let app = with_admin(EMAIL, CONFIGURED).build().await;
    let started = with_admin("BOSS@Example.com", CONFIGURED).beside(&app).build().await;
    assert_eq!(started.auth().users().list(0, 10).await.unwrap().total, 1);
    assert!(started.auth().warnings().is_empty());
    login(&started, "boss@EXAMPLE.com", CONFIGURED).await.expect(200);
    register(&started, "Boss@example.com", PASSWORD).await.refused(400, "REGISTER_USER_ALREADY_EXISTS");
}

#[tokio::test]
async fn with_an_admin_configured_nobody_else_becomes_one() {
    let app = with_admin(EMAIL, CONFIGURED).build().await;
    assert_eq!(register(&app, "ada@example.com", PASSWORD).await.expect(201).json()["is_superuser"], false);
    register(&app, EMAIL, PASSWORD).await.refused(400, "REGISTER_USER_ALREADY_EXISTS");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_start_at_once_on_an_empty_database_make_one_admin() {
    let database = portcullis_testkit::Database::fresh(StoreKind::durable()).await;
    let starts: Vec<_> =
        (0..4).map(|_| tokio::spawn(with_admin(EMAIL, CONFIGURED).database(&database).try_build())).collect();
    let mut apps = Vec::new();
    for start in starts {
        apps.push(start.await.unwrap().expect("each is healthy"));
    }
    for app in &apps {
        assert_eq!(app.auth().users().list(0, 10).await.unwrap().total, 1);
        login(app, EMAIL, CONFIGURED).await.expect(200);
        assert!(app.auth().warnings().is_empty(), "{:?}", app.auth().warnings());
    }
}

fn configured(settings: &[(&str, &str)]) -> Result<AuthConfig, ConfigError> {
    let mut given = Settings::of(&[SETTINGS]);
    for (name, text) in settings {
        given.offer(name, text, Origin::Environment(format!("PORTCULLIS_{name}")))?;
    }
    AuthConfig::from_settings(&given)
}

#[test]
fn half_an_admin_is_refused_with_a_sentence_that_names_what_is_missing() {
    let (email, password) = ("DEFAULT_ADMIN_EMAIL", "DEFAULT_ADMIN_PASSWORD");
    for (settings, named) in [
        (vec![(email, EMAIL)], "PORTCULLIS_DEFAULT_ADMIN_PASSWORD"),
        (vec![(password, CONFIGURED)], "PORTCULLIS_DEFAULT_ADMIN_EMAIL"),
        (vec![(email, ""), (password, CONFIGURED)], "PORTCULLIS_DEFAULT_ADMIN_EMAIL"),
        (vec![(email, "admin"), (password, CONFIGURED)], "PORTCULLIS_DEFAULT_ADMIN_EMAIL"),
        (vec![(email, "admin@zndraw.local"), (password, CONFIGURED)], "PORTCULLIS_DEFAULT_ADMIN_EMAIL"),
        (vec![(email, EMAIL), (password, "")], "PORTCULLIS_DEFAULT_ADMIN_PASSWORD"),
        (vec![(email, EMAIL), (password, "1234567")], "PORTCULLIS_DEFAULT_ADMIN_PASSWORD"),
    ] {
        let refused = configured(&settings).expect_err(&format!("{settings:?}")).to_string();
        assert!(refused.contains(named), "{refused}");
        assert!(!refused.contains(CONFIGURED) && !refused.contains("1234567"), "{refused}");
    }
    // What the operator chose is only measured: it need not be unusual.
    assert!(configured(&[(email, EMAIL), (password, "password")]).is_ok());
}

#[tokio::test]
async fn a_weak_secret_is_refused_by_name_and_never_shown() {
    for secret in ["", "CHANGE-ME-IN-PRODUCTION-SECRET!", "hunter2-hunter2-hunter2"] {
        let built = TestApp::builder().config(|config| config.secret_key = Some(secret.to_owned().into())).try_build();
        let refused = built.await.expect_err("the secret is weak").to_string();
        assert!(refused.contains("PORTCULLIS_SECRET_KEY") && !refused.contains("hunter2"), "{refused}");
    }
    let none = TestApp::builder().config(|config| config.secret_key = None).try_build().await;
    assert!(none.expect_err("there is none").to_string().contains("PORTCULLIS_SECRET_KEY"));
    let app = TestApp::new().await;
    app.anonymous().post_json("/auth/verify", &json!({"token": "x"})).await.expect(400);
}

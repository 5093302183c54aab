//! Dev mode, and what a production start makes of it.

use crate::support::{PASSWORD, login, register};
use portcullis::core::bootstrap::AdminEnsured;
use portcullis::{BuildError, UpdateAccount};
use portcullis_testkit::{Identity, TestApp};
use serde_json::json;

#[tokio::test]
async fn whoever_registers_in_dev_mode_is_a_superuser_and_the_answer_says_so() {
    let app = TestApp::builder().dev_mode().config(|config| config.allow_guests = true).build().await;
    let made = register(&app, "ada@example.com", PASSWORD).await.expect(201);
    assert_eq!(made.json()["is_superuser"], true);
    assert_eq!(made.audit().await[0].details, r#"{"superuser":"true"}"#);
    let token = login(&app, "ada@example.com", PASSWORD).await.expect(200).json();
    app.bearer(token["access_token"].as_str().unwrap()).get("/admin/users").await.expect(200);
    let guest = app.anonymous().post("/auth/guest").await.expect(200).json();
    let guest = app.bearer(guest["access_token"].as_str().unwrap());
    assert_eq!(guest.get("/users/me").await.expect(200).json()["is_superuser"], false);
}

#[tokio::test]
async fn without_dev_mode_and_without_an_admin_nobody_is_one() {
    let app =
        TestApp::builder().config(|config| config.default_admin = portcullis::config::DefaultAdmin::None).build().await;
    assert_eq!(register(&app, "ada@example.com", PASSWORD).await.expect(201).json()["is_superuser"], false);
    assert!(!app.auth().core().store.has_superuser().await.unwrap());
}

#[tokio::test]
async fn production_does_not_start_on_superusers_of_dev_mode_until_each_is_settled() {
    let dev = TestApp::builder().dev_mode().build().await;
    for name in ["kept", "demoted", "deleted", "inactive"] {
        register(&dev, &format!("{name}@example.com"), PASSWORD).await.expect(201);
    }
    let refused = TestApp::builder().beside(&dev).try_build().await.expect_err("four accounts are not settled");
    let BuildError::DevSuperusers(users) = &refused else { panic!("{refused}") };
    assert_eq!(users.len(), 4);
    let sentence = refused.to_string();
    assert!(sentence.contains("kept@example.com") && sentence.contains("portcullis user promote"), "{sentence}");

    let core = dev.auth().core();
    let id = |name: &str| users.iter().find(|user| user.email.starts_with(name)).unwrap().id;
    core.promote_user(&core.context(), id("kept")).await.unwrap();
    let update = |change: UpdateAccount| change;
    let users_of = dev.auth().users();
    users_of
        .update(id("demoted"), update(UpdateAccount { is_superuser: Some(false), ..Default::default() }))
        .await
        .unwrap();
    users_of.delete(id("deleted")).await.unwrap();
    users_of
        .update(id("inactive"), update(UpdateAccount { is_active: Some(false), ..Default::default() }))
        .await
        .unwrap();

    let app = TestApp::builder().beside(&dev).build().await;
    let kept = login(&app, "kept@example.com", PASSWORD).await.expect(200).json();
    app.bearer(kept["access_token"].as_str().unwrap()).get("/admin/users").await.expect(200);
    let demoted = login(&app, "demoted@example.com", PASSWORD).await.expect(200).json();
    app.bearer(demoted["access_token"].as_str().unwrap()).get("/admin/users").await.refused(403, "Forbidden");
    assert_eq!(register(&app, "new@example.com", PASSWORD).await.expect(201).json()["is_superuser"], false);
}

#[tokio::test]
async fn the_admin_of_an_earlier_production_is_no_superuser_of_dev_mode() {
    let first = TestApp::new().await;
    let dev = TestApp::builder().beside(&first).dev_mode().build().await;
    let admin = login(&dev, "admin@example.com", "the admin's own passphrase").await.expect(200).json();
    let admin = dev.bearer(admin["access_token"].as_str().unwrap());
    admin.patch_json("/users/me", &json!({})).await.expect(200);
    let again = TestApp::builder().beside(&dev).build().await;
    let core = again.auth().core();
    let password = String::from("the admin's own passphrase").into();
    let ensured = core.ensure_admin(&core.context(), "admin@example.com", password).await.unwrap();
    assert!(matches!(ensured, AdminEnsured::Present(_)));
}

//! The strict profile.

use crate::support::{ME, PASSWORD, login, register, user_now};
use portcullis::AuthConfig;
use portcullis::config::{Origin, SETTINGS, Settings};
use portcullis_testkit::{Identity, SECRET, TestApp};
use serde_json::{Value, json};
use std::time::Duration;

async fn strict() -> TestApp {
    TestApp::builder()
        .config(|config| {
            let mut settings = Settings::of(&[SETTINGS]);
            for (name, text) in [("PROFILE", "strict"), ("SECRET_KEY", SECRET)] {
                settings.offer(name, text, Origin::Environment(name.to_owned())).unwrap();
            }
            let admin = config.default_admin.clone();
            *config = AuthConfig { default_admin: admin, ..AuthConfig::from_settings(&settings).unwrap() };
        })
        .build()
        .await
}

#[tokio::test]
async fn a_registration_does_not_tell_whether_the_address_was_taken() {
    let app = strict().await;
    let first = register(&app, "ada@example.com", PASSWORD).await.expect(202);
    let second = register(&app, "ADA@example.com", PASSWORD).await.expect(202);
    assert_eq!((first.json(), first.headers()), (Value::Null, second.headers()));
    assert_eq!(second.json(), Value::Null);
    assert_eq!(second.trail().await, ["account.created refused REGISTER_USER_ALREADY_EXISTS"]);
    let before = app.hashes().get();
    register(&app, "ada@example.com", PASSWORD).await;
    assert_eq!(app.hashes().get() - before, 1, "nor does the time");
    login(&app, "ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_new_password_has_fifteen_characters() {
    let app = strict().await;
    let refused = register(&app, "ada@example.com", "fourteen chars").await.expect(400);
    assert_eq!(refused.detail()["code"], "REGISTER_INVALID_PASSWORD");
    register(&app, "ada@example.com", "fifteen  chars!").await.expect(202);
}

#[tokio::test]
async fn changing_credentials_takes_the_present_password() {
    let app = strict().await;
    let ada = app.user("ada").await;
    let elsewhere = app.again(&ada).await;
    for body in [json!({"password": PASSWORD}), json!({"email": "other@example.com"})] {
        let refused = ada.patch_json(ME, &body).await.refused(400, "UPDATE_USER_CURRENT_PASSWORD_REQUIRED");
        assert_eq!(refused.trail().await, ["account.updated refused UPDATE_USER_CURRENT_PASSWORD_REQUIRED"]);
    }
    let wrong = json!({"password": PASSWORD, "current_password": "a wrong passphrase"});
    ada.patch_json(ME, &wrong).await.refused(400, "UPDATE_USER_CURRENT_PASSWORD_INVALID");
    assert_eq!(user_now(&app, ada.user()).await, *ada.user());
    let right = json!({"password": PASSWORD, "current_password": ada.password()});
    ada.patch_json(ME, &right).await.expect(200);
    ada.get(ME).await.expect(200);
    elsewhere.get(ME).await.refused(401, "Unauthorized");
    app.mailbox().take();
}

#[tokio::test]
async fn approving_and_minting_take_a_recent_sign_in() {
    let app = strict().await;
    let (admin, ada) = (app.admin().await, app.user("ada").await);
    let started = app.anonymous().post("/auth/cli-login").await.expect(200).json();
    app.clock().advance(Duration::from_secs(200));
    let second = app.anonymous().post("/auth/cli-login").await.expect(200).json();
    let path = |login: &Value| format!("/auth/cli-login/{}", login["code"].as_str().unwrap());
    ada.patch(&path(&started)).await.expect(200);
    app.clock().advance(Duration::from_secs(401));
    let third = app.anonymous().post("/auth/cli-login").await.expect(200).json();
    let late = ada.patch(&path(&third)).await.refused(403, "RECENT_LOGIN_REQUIRED");
    assert_eq!(late.trail().await, ["device.approved refused RECENT_LOGIN_REQUIRED"]);
    ada.delete(&path(&second)).await.expect(204);
    let late = admin.post(&format!("/admin/users/{}/token", ada.id())).await.refused(403, "RECENT_LOGIN_REQUIRED");
    assert_eq!(late.trail().await, ["impersonation.minted refused RECENT_LOGIN_REQUIRED"]);
    app.again(&ada).await.patch(&path(&third)).await.expect(200);
    app.admin().await.mint(&ada).await.get(ME).await.expect(200);
}

#[tokio::test]
async fn no_secret_stands_in_a_query() {
    let app = strict().await;
    let started = app.anonymous().post("/auth/cli-login").await.expect(200).json();
    let path = format!("/auth/cli-login/{}", started["code"].as_str().unwrap());
    let secret = started["secret"].as_str().unwrap();
    app.anonymous().get(&format!("{path}?secret={secret}")).await.refused(404, "Challenge not found");
    let polled = app.anonymous().get(&path).header("x-cli-login-secret", secret).await.expect(200);
    assert_eq!(polled.json()["status"], "pending");
}

#[tokio::test]
async fn a_token_lasts_a_quarter_of_an_hour() {
    let app = strict().await;
    let ada = app.user("ada").await;
    app.clock().advance(Duration::from_secs(899));
    ada.get(ME).await.expect(200);
    app.clock().advance(Duration::from_secs(1));
    ada.get(ME).await.refused(401, "Unauthorized");
}

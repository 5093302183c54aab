//! `POST {admin}/users/{user_id}/token`: acting as somebody else, visibly.

use crate::support::{LOGOUT, ME, PASSWORD, errors, hash_of, user_now};
use portcullis::core::account::UpdateAccount;
use portcullis_testkit::{Call, Identity, Person, TestApp, forge};
use serde_json::json;
use std::time::Duration;

fn mint(who: &impl Identity, target: &Person) -> Call {
    who.post(&format!("/admin/users/{}/token", target.id()))
}

#[tokio::test]
async fn a_minted_token_is_short_and_says_who_acts() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let answer = mint(&admin, &bob).await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["access_token", "token_type"]);
    assert_eq!(body["token_type"], "bearer");
    let claims = forge::claims_of(body["access_token"].as_str().unwrap());
    assert_eq!(claims["sub"], bob.id().to_string());
    assert_eq!(claims["impersonated_by"], admin.id().to_string());
    assert_eq!(claims["act"], json!({"sub": admin.id().to_string()}));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert!(claims["jti"].is_string());

    let rows = answer.audit().await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].event, "impersonation.minted");
    assert_eq!((rows[0].actor_id, rows[0].subject_id), (Some(admin.id()), Some(bob.id())));
    assert_eq!(rows[0].object_id.unwrap().to_string(), claims["sid"]);
    assert_eq!(rows[0].peer.as_deref(), Some("192.0.2.1"));
}

#[tokio::test]
async fn what_is_done_with_it_names_both() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let minted = admin.mint(&bob).await;
    assert_eq!(minted.get(ME).await.expect(200).json()["email"], bob.email());
    minted.patch_json(ME, &json!({})).await.expect(200);
    let rows = minted.post(LOGOUT).await.expect(204).audit().await;
    assert_eq!((rows[0].actor_id, rows[0].impersonator_id), (Some(bob.id()), Some(admin.id())));
    minted.get(ME).await.refused(401, "Unauthorized");
    admin.get(ME).await.expect(200);
    bob.get(ME).await.expect(200);
}

#[tokio::test]
async fn only_a_superuser_as_themselves_mints_and_every_refusal_leaves_a_row() {
    let app = TestApp::builder().config(|config| config.allow_mint_superuser = true).build().await;
    let (admin, bob, root) = (app.admin().await, app.user("bob").await, app.superuser("root").await);
    mint(&app.anonymous(), &bob).await.refused(401, "Unauthorized");
    let plain = mint(&bob, &bob).await.refused(403, "Forbidden");
    assert_eq!(plain.trail().await, ["access.denied refused FORBIDDEN"]);
    let nested = mint(&admin.mint(&root).await, &bob).await.refused(403, "Forbidden");
    let rows = nested.audit().await;
    assert_eq!((rows[0].actor_id, rows[0].impersonator_id), (Some(root.id()), Some(admin.id())));
    mint(&app.device_token(&bob).await, &bob).await.refused(403, "Forbidden");
}

#[tokio::test]
async fn nobody_mints_for_a_superuser_unless_the_deployment_allows_it() {
    let app = TestApp::new().await;
    let (admin, root) = (app.admin().await, app.superuser("root").await);
    for target in [&admin, &root] {
        let answer = mint(&admin, target).await.refused(403, "Forbidden");
        assert_eq!(answer.trail().await, ["impersonation.minted refused FORBIDDEN"]);
    }

    let app = TestApp::builder().config(|config| config.allow_mint_superuser = true).build().await;
    let (admin, root, bob) = (app.admin().await, app.superuser("root").await, app.user("bob").await);
    let minted = admin.mint(&root).await;
    minted.get(ME).await.expect(200);
    for call in [
        minted.get("/admin/users"),
        minted.get("/admin/audit"),
        minted.get(&bob.path()),
        minted.delete(&bob.path()),
        minted.patch_json(&bob.path(), &json!({"is_superuser": true})),
        mint(&minted, &bob),
        minted.delete(ME),
    ] {
        call.await.expect(403);
    }
    assert!(app.auth().warnings().iter().any(|warning| warning.contains("PORTCULLIS_ALLOW_MINT_SUPERUSER")));
}

#[tokio::test]
async fn there_must_be_an_active_user_with_that_id() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let gone = app.deactivated("gone").await;
    let deleted = app.user("deleted").await;
    admin.delete(&deleted.path()).await.expect(204);
    for id in ["00000000-0000-4000-8000-000000000000".to_owned(), gone.id().to_string(), deleted.id().to_string()] {
        let answer = admin.post(&format!("/admin/users/{id}/token")).await.refused(404, "User not found");
        assert_eq!(answer.trail().await, ["impersonation.minted refused USER_NOT_FOUND"]);
    }
    for odd in ["zzz", "0", "%00"] {
        let path = format!("/admin/users/{odd}/token");
        assert_eq!(errors(&admin.post(&path).await.expect(422)), ["uuid_parsing@path.user_id"]);
        bob.post(&path).await.refused(403, "Forbidden");
        app.anonymous().post(&path).await.refused(401, "Unauthorized");
    }
}

#[tokio::test]
async fn a_body_wins_nothing() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let body = json!({"expires_in": 1e9, "sub": admin.id().to_string(), "aud": "another", "scope": "*"});
    let minted = mint(&admin, &bob).json(&body).await.expect(200).json();
    let claims = forge::claims_of(minted["access_token"].as_str().unwrap());
    assert_eq!(claims["sub"], bob.id().to_string());
    assert_eq!(claims["aud"], json!(["fastapi-users:auth"]));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    mint(&admin, &bob).body("application/json", "{").await.expect(200);
}

#[tokio::test]
async fn it_changes_no_credentials_and_deletes_nothing() {
    let app = TestApp::new().await;
    let bob = app.verified("bob").await;
    let minted = app.minted_for(&bob).await;
    let hash = hash_of(&app, bob.user()).await;
    for body in [
        json!({"password": PASSWORD}),
        json!({"email": "elsewhere@example.com"}),
        json!({"email": "BOB@example.com"}),
        json!({"password": PASSWORD, "current_password": bob.password()}),
        json!({"current_password": bob.password()}),
        json!({"current_password": "a guess"}),
    ] {
        let answer = minted.patch_json(ME, &body).await.refused(403, "Forbidden");
        assert_eq!(answer.trail().await, ["account.updated refused FORBIDDEN"], "{body}");
    }
    for call in [minted.delete(ME), minted.delete(&bob.path()), minted.delete(&format!("/admin/users/{}", bob.id()))] {
        call.await.refused(403, "Forbidden");
    }
    assert_eq!(user_now(&app, bob.user()).await, *bob.user());
    assert_eq!(hash_of(&app, bob.user()).await, hash);
}

#[tokio::test]
async fn it_dies_with_the_rights_and_the_session_of_whoever_minted_it() {
    let app = TestApp::new().await;
    let bob = app.user("bob").await;
    let users = app.auth().users();
    let change = |change: UpdateAccount| change;
    for (name, end) in [
        ("deactivated", Some(change(UpdateAccount { is_active: Some(false), ..UpdateAccount::default() }))),
        ("demoted", Some(change(UpdateAccount { is_superuser: Some(false), ..UpdateAccount::default() }))),
        (
            "changed",
            Some(change(UpdateAccount { password: Some(PASSWORD.to_owned().into()), ..UpdateAccount::default() })),
        ),
        ("deleted", None),
    ] {
        let root = app.superuser(name).await;
        let minted = root.mint(&bob).await;
        minted.get(ME).await.expect(200);
        match end {
            Some(update) => drop(users.update(root.id(), update).await.unwrap()),
            None => users.delete(root.id()).await.unwrap(),
        }
        minted.get(ME).await.refused(401, "Unauthorized");
    }
    let root = app.superuser("root").await;
    let elsewhere = app.again(&root).await;
    let (minted, other) = (root.mint(&bob).await, elsewhere.mint(&bob).await);
    root.post(LOGOUT).await.expect(204);
    minted.get(ME).await.refused(401, "Unauthorized");
    other.get(ME).await.expect(200);
    bob.get(ME).await.expect(200);
    app.deliver().await;
    app.mailbox().take();
}

#[tokio::test]
async fn it_ends_when_its_time_or_the_minters_session_is_over() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let minted = admin.mint(&bob).await;
    app.clock().advance(Duration::from_secs(899));
    minted.get(ME).await.expect(200);
    app.clock().advance(Duration::from_secs(1));
    minted.get(ME).await.refused(401, "Unauthorized");

    app.clock().advance(Duration::from_secs(2600));
    let late = admin.mint(&bob).await;
    app.clock().advance(Duration::from_secs(99));
    late.get(ME).await.expect(200);
    app.clock().advance(Duration::from_secs(1));
    late.get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn it_dies_with_what_ends_the_users_own_sessions() {
    let app = TestApp::new().await;
    let bob = app.user("bob").await;
    let minted = app.minted_for(&bob).await;
    bob.patch_json(ME, &json!({"password": PASSWORD})).await.expect(200);
    minted.get(ME).await.refused(401, "Unauthorized");
    app.mailbox().take();
}

//! `GET`, `PATCH` and `DELETE {users}/{id}`, for superusers.

use crate::support::{LOGIN, LOGOUT, ME, PASSWORD, count, errors, hash_of, login, race, racing, register, user_now};
use portcullis::core::mail::Mail;
use portcullis_testkit::{Identity, TestApp};
use serde_json::json;

const NOBODY: &str = "/users/00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn a_plain_user_is_told_the_same_of_every_id() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for path in [ada.path(), bob.path(), NOBODY.to_owned(), "/users/what".to_owned()] {
        ada.get(&path).await.refused(403, "Forbidden");
        ada.patch_json(&path, &json!({"is_superuser": true})).await.refused(403, "Forbidden");
        ada.delete(&path).await.refused(403, "Forbidden");
        app.anonymous().get(&path).await.refused(401, "Unauthorized");
        app.anonymous().patch_json(&path, &json!({})).await.refused(401, "Unauthorized");
        app.anonymous().delete(&path).await.refused(401, "Unauthorized");
    }
    assert_eq!(user_now(&app, bob.user()).await, *bob.user());
}

#[tokio::test]
async fn a_superuser_reads_everybody_in_every_spelling_of_the_id() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let id = bob.id().to_string();
    let bare = id.replace('-', "");
    for spelling in [id.clone(), id.to_uppercase(), bare.clone(), format!("%7B{id}%7D"), format!("urn:uuid:{id}")] {
        assert_eq!(admin.get(&format!("/users/{spelling}")).await.expect(200).json()["email"], "bob@example.com");
    }
    for odd in ["what", "0", &bare[1..], "%F0%9F%A6%80"] {
        admin.get(&format!("/users/{odd}")).await.refused(404, "Not Found");
    }
    admin.get(NOBODY).await.refused(404, "Not Found");
}

#[tokio::test]
async fn a_superuser_changes_flags_address_and_password() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let body = json!({"is_superuser": true, "is_verified": true});
    let answer = admin.patch_json(&bob.path(), &body).await.expect(200);
    assert_eq!(answer.json()["is_superuser"], true);
    let rows = answer.audit().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].actor_id, rows[0].subject_id), (Some(admin.id()), Some(bob.id())));
    assert_eq!(rows[0].details, r#"{"changed":"is_superuser,is_verified"}"#);
    bob.get("/admin/users").await.expect(200);

    let body = json!({"email": "robert@example.com"});
    assert_eq!(admin.patch_json(&bob.path(), &body).await.expect(200).json()["is_verified"], false);
    let body = json!({"email": "bobby@example.com", "is_verified": true});
    assert_eq!(admin.patch_json(&bob.path(), &body).await.expect(200).json()["is_verified"], true);
    assert_eq!(app.mailbox().kinds().len(), 2, "one to each address that was left");

    admin.patch_json(&bob.path(), &json!({"password": PASSWORD})).await.expect(200);
    bob.get(ME).await.refused(401, "Unauthorized");
    login(&app, "bobby@example.com", PASSWORD).await.expect(200);
    assert_eq!(app.mailbox().only("bobby@example.com"), Mail::PasswordChanged);
}

#[tokio::test]
async fn the_account_is_looked_for_before_the_fields_and_null_flags_are_refused() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    admin.patch_json(NOBODY, &json!({"email": "no address"})).await.refused(404, "Not Found");
    let hash = hash_of(&app, bob.user()).await;
    for member in ["is_active", "is_superuser", "is_verified", "email", "password"] {
        let status = admin.patch_json(&bob.path(), &json!({member: null})).await.status().as_u16();
        assert!(matches!(status, 200 | 422), "{member}: {status}");
    }
    let answer = admin.patch_json(&bob.path(), &json!({"email": "no address", "is_active": "maybe"})).await.expect(422);
    assert_eq!(errors(&answer), ["value_error@body.email", "bool_parsing@body.is_active"]);
    admin.patch(&bob.path()).body("application/json", "{").await.expect(422);
    assert_eq!(user_now(&app, bob.user()).await, *bob.user());
    assert_eq!(hash_of(&app, bob.user()).await, hash);
}

#[tokio::test]
async fn deactivation_ends_everything_at_once_and_reactivation_brings_nothing_back() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let device = app.device_token(&bob).await;
    let minted = admin.mint(&bob).await;
    let started = app.anonymous().post("/auth/cli-login").await.expect(200).json();
    let (code, secret) = (started["code"].as_str().unwrap(), started["secret"].as_str().unwrap());
    let one = format!("/auth/cli-login/{code}");
    bob.patch(&one).await.expect(200);

    admin.patch_json(&bob.path(), &json!({"is_active": false})).await.expect(200);
    for dead in [bob.bearer(), device.clone(), minted.clone()] {
        dead.get(ME).await.refused(401, "Unauthorized");
        dead.post(LOGOUT).await.refused(401, "Unauthorized");
        dead.patch(&one).await.refused(401, "Unauthorized");
    }
    login(&app, bob.email(), bob.password()).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    app.anonymous().get(&format!("{one}?secret={secret}")).await.refused(404, "Challenge not found");

    admin.patch_json(&bob.path(), &json!({"is_active": true})).await.expect(200);
    for dead in [bob.bearer(), device, minted] {
        dead.get(ME).await.refused(401, "Unauthorized");
    }
    app.anonymous().get(&format!("{one}?secret={secret}")).await.refused(404, "Challenge not found");
    login(&app, bob.email(), bob.password()).await.expect(200);
}

#[tokio::test]
async fn demotion_counts_for_tokens_that_exist() {
    let app = TestApp::new().await;
    let (admin, root) = (app.admin().await, app.superuser("root").await);
    root.get("/admin/users").await.expect(200);
    admin.patch_json(&root.path(), &json!({"is_superuser": false})).await.expect(200);
    root.get("/admin/users").await.refused(403, "Forbidden");
    root.get(ME).await.expect(200);
    let own = admin.patch_json(&admin.path(), &json!({"is_superuser": false})).await;
    own.refused(409, "LAST_SUPERUSER");
}

#[tokio::test]
async fn the_last_active_superuser_stays() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    app.deactivated("sleeper").await;
    for (call, row) in [
        (admin.delete(&admin.path()), "account.deleted refused LAST_SUPERUSER"),
        (admin.patch_json(&admin.path(), &json!({"is_superuser": false})), "account.updated refused LAST_SUPERUSER"),
        (admin.patch_json(&admin.path(), &json!({"is_active": false})), "account.updated refused LAST_SUPERUSER"),
    ] {
        assert_eq!(call.await.refused(409, "LAST_SUPERUSER").trail().await, [row]);
    }
    assert_eq!(user_now(&app, admin.user()).await, *admin.user());
    app.superuser("second").await;
    admin.patch_json(&admin.path(), &json!({"is_superuser": false})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_superusers_who_end_each_other_at_once_leave_one() {
    let app = racing().await;
    let admin = app.admin().await;
    for round in 0..5 {
        let (one, other) = (app.superuser(&format!("one{round}")).await, app.superuser(&format!("other{round}")).await);
        admin.patch_json(&admin.path(), &json!({"is_superuser": false})).await.expect(200);
        let calls = match round {
            0 => [
                one.patch_json(&other.path(), &json!({"is_superuser": false})),
                other.patch_json(&one.path(), &json!({"is_superuser": false})),
            ],
            1 => [
                one.patch_json(&other.path(), &json!({"is_active": false})),
                other.patch_json(&one.path(), &json!({"is_active": false})),
            ],
            2 => [one.delete(&other.path()), other.delete(&one.path())],
            3 => [one.delete(&one.path()), other.delete(&other.path())],
            _ => [one.delete(&other.path()), other.patch_json(&other.path(), &json!({"is_superuser": false}))],
        };
        race(calls).await;
        assert!(app.auth().core().store.has_superuser().await.unwrap(), "round {round}");
        let page = app.auth().users().list(0, 100).await.unwrap();
        let left = page.items.iter().filter(|user| user.is_superuser && user.is_active).count();
        assert_eq!(left, 1, "round {round}");
        // For the next round: the first admin again, and nobody else.
        let update = |flag| portcullis::core::account::UpdateAccount { is_superuser: Some(flag), ..Default::default() };
        app.auth().users().update(admin.id(), update(true)).await.unwrap();
        for user in page.items.iter().filter(|user| user.is_superuser && user.is_active) {
            app.auth().users().update(user.id, update(false)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_everything_and_its_address_is_free() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let device = app.device_token(&bob).await;
    let minted = admin.mint(&bob).await;
    app.anonymous().post_json("/auth/forgot-password", &json!({"email": bob.email()})).await.expect(202);
    let token = app.mailbox().token(bob.email());
    let answer = admin.delete(&bob.path()).await.expect(204);
    assert_eq!(answer.bytes(), b"");
    let rows = answer.audit().await;
    assert_eq!((rows[0].event.as_str(), rows[0].subject_id), ("account.deleted", Some(bob.id())));
    for dead in [bob.bearer(), device, minted] {
        dead.get(ME).await.refused(401, "Unauthorized");
    }
    admin.get(&bob.path()).await.refused(404, "Not Found");
    let again = admin.delete(&bob.path()).await.refused(404, "Not Found");
    assert_eq!(again.trail().await, ["account.deleted refused USER_NOT_FOUND"]);
    let change = admin.patch_json(&bob.path(), &json!({})).await.refused(404, "Not Found");
    assert_eq!(change.trail().await, ["account.updated refused USER_NOT_FOUND"]);
    login(&app, bob.email(), bob.password()).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    let reset = json!({"token": token, "password": PASSWORD});
    app.anonymous().post_json("/auth/reset-password", &reset).await.refused(400, "RESET_PASSWORD_BAD_TOKEN");
    register(&app, bob.email(), PASSWORD).await.expect(201);
    bob.get(ME).await.refused(401, "Unauthorized");
    // What was noted of it outlives it.
    assert!(app.audit().await.iter().any(|row| row.subject_id == Some(bob.id()) && row.event == "password.login"));
}

#[tokio::test]
async fn whoever_approved_a_device_can_be_deleted() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    app.device_token(&bob).await;
    let started = app.anonymous().post("/auth/cli-login").await.expect(200).json();
    bob.patch(&format!("/auth/cli-login/{}", started["code"].as_str().unwrap())).await.expect(200);
    admin.delete(&bob.path()).await.expect(204);
    let poll =
        format!("/auth/cli-login/{}?secret={}", started["code"].as_str().unwrap(), started["secret"].as_str().unwrap());
    app.anonymous().get(&poll).await.refused(404, "Challenge not found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_deletions_one_wins() {
    let app = racing().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let answers = race((0..8).map(|_| admin.delete(&bob.path()))).await;
    assert_eq!((count(&answers, 204), count(&answers, 404)), (1, 7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_is_opened_while_an_account_is_deactivated_stays_open() {
    let app = racing().await;
    let admin = app.admin().await;
    for round in 0..5 {
        let bob = app.user(&format!("bob{round}")).await;
        let started = app.anonymous().post("/auth/cli-login").await.expect(200).json();
        let one = format!("/auth/cli-login/{}", started["code"].as_str().unwrap());
        bob.patch(&one).await.expect(200);
        let form = [("username", bob.email()), ("password", bob.password())];
        let answers = race([
            app.anonymous().form(LOGIN, &form),
            app.anonymous().get(&format!("{one}?secret={}", started["secret"].as_str().unwrap())),
            admin.post(&format!("/admin/users/{}/token", bob.id())),
            admin.patch_json(&bob.path(), &json!({"is_active": false})),
            app.anonymous().form(LOGIN, &form),
            admin.post(&format!("/admin/users/{}/token", bob.id())),
        ])
        .await;
        assert_eq!(answers[3].status(), 200);
        for answer in answers.iter().filter(|answer| answer.status() == 200) {
            let body = answer.json();
            for token in ["access_token", "token"].into_iter().filter_map(|name| body[name].as_str()) {
                assert_eq!(app.bearer(token).get(ME).await.status(), 401, "round {round}");
            }
        }
    }
}

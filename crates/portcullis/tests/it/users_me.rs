//! `GET` and `PATCH {users}/me`.

use crate::support::{LOGIN, ME, PASSWORD, count, errors, hash_of, login, race, racing, user_now};
use portcullis::core::mail::Mail;
use portcullis_testkit::{Identity, TestApp, forge};
use serde_json::{Value, json};

#[tokio::test]
async fn me_is_the_callers_account() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let answer = ada.get(ME).await.expect(200);
    let expected = format!(
        "{{\"id\":\"{}\",\"email\":\"ada@example.com\",\"is_active\":true,\"is_superuser\":false,\"is_verified\":false}}",
        ada.id()
    );
    assert_eq!(answer.text(), expected);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.audit().await.is_empty(), "reading one's own account is nothing to note");
}

#[tokio::test]
async fn without_a_credential_it_is_401_with_the_scheme() {
    let app = TestApp::new().await;
    let answer = app.anonymous().get(ME).await.refused(401, "Unauthorized");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_token_counts_only_in_the_authorization_header_and_only_once() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let bob = app.user("bob").await;
    let token = ada.bearer().text().to_owned();
    let get = |path: &str| app.anonymous().get(path);
    for query in ["access_token", "token", "jwt"] {
        get(&format!("{ME}?{query}={token}")).await.refused(401, "Unauthorized");
    }
    get(ME)
        .header("cookie", &format!("fastapiusersauth={token}; access_token={token}"))
        .await
        .refused(401, "Unauthorized");
    get(ME).header("x-authorization", &format!("Bearer {token}")).await.refused(401, "Unauthorized");
    get(ME).header("authorization", &format!("bearer {token}")).await.expect(200);
    get(ME).header("authorization", &format!("BEARER {token}")).await.expect(200);
    for odd in [
        format!("Basic {token}"),
        token.clone(),
        "Bearer".into(),
        "Bearer ".into(),
        format!("Bearer  {token}"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer\t{token}"),
        format!("Bearer {token}="),
    ] {
        let status = get(ME).header("authorization", &odd).await.status();
        assert_eq!(status, 401, "{}…", &odd[..8.min(odd.len())]);
    }
    get(ME).raw_header("authorization", b"Bearer \xff\xfe").await.refused(401, "Unauthorized");
    ada.get(ME).bearer(bob.bearer().text()).await.expect(400);
    ada.get(ME).bearer(&token).await.expect(400);
}

#[tokio::test]
async fn a_user_changes_neither_flags_nor_id() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let root = app.superuser("root").await;
    let body = json!({
        "is_superuser": true, "is_verified": true, "is_active": false, "id": "00000000-0000-4000-8000-000000000000",
        "roles": ["admin"], "hashed_password": "x",
    });
    for who in [&ada, &root] {
        let before = who.get(ME).await.expect(200).json();
        assert_eq!(who.patch_json(ME, &body).await.expect(200).json(), before);
        assert_eq!(user_now(&app, who.user()).await, *who.user());
    }
}

#[tokio::test]
async fn null_changes_nothing_or_is_refused() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let hash = hash_of(&app, ada.user()).await;
    for member in ["email", "password", "is_active", "is_superuser", "is_verified", "current_password"] {
        let status = ada.patch_json(ME, &json!({member: null})).await.status().as_u16();
        assert!(matches!(status, 200 | 422), "{member}: {status}");
        assert_eq!(user_now(&app, ada.user()).await, *ada.user(), "{member}");
    }
    ada.patch_json(ME, &json!({"password": null})).await.expect(200);
    ada.patch_json(ME, &json!({})).await.expect(200);
    assert_eq!(hash_of(&app, ada.user()).await, hash);
    assert_eq!(errors(&ada.patch_json(ME, &Value::Null).await.expect(422)), ["missing@body"]);
}

#[tokio::test]
async fn a_broken_body_is_told_before_a_missing_token_and_a_wrong_field_after_it() {
    let app = TestApp::new().await;
    let broken = app.anonymous().patch(ME).body("application/json", "{").await.expect(422);
    assert!(errors(&broken)[0].starts_with("json_invalid"));
    app.anonymous().patch_json(ME, &json!({"email": "no address"})).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_the_owner_is_told() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let elsewhere = app.again(&ada).await;
    let device = app.device_token(&ada).await;
    let minted = app.minted_for(&ada).await;
    let answer = ada.patch_json(ME, &json!({"password": PASSWORD})).await.expect(200);
    let rows = answer.audit().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].event.as_str(), rows[0].details.as_str()), ("account.updated", r#"{"changed":"password"}"#));
    ada.get(ME).await.expect(200);
    elsewhere.get(ME).await.refused(401, "Unauthorized");
    device.get(ME).await.refused(401, "Unauthorized");
    minted.get(ME).await.refused(401, "Unauthorized");
    login(&app, ada.email(), ada.password()).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    login(&app, ada.email(), PASSWORD).await.expect(200);
    assert_eq!(app.mailbox().only(ada.email()), Mail::PasswordChanged);
}

#[tokio::test]
async fn the_present_password_is_optional_and_checked_when_it_is_given() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let hash = hash_of(&app, ada.user()).await;
    let body = json!({"password": PASSWORD, "current_password": "not this one"});
    let wrong = ada.patch_json(ME, &body).await.refused(400, "UPDATE_USER_CURRENT_PASSWORD_INVALID");
    assert_eq!(wrong.trail().await, ["account.updated refused UPDATE_USER_CURRENT_PASSWORD_INVALID"]);
    assert_eq!(hash_of(&app, ada.user()).await, hash);
    ada.patch_json(ME, &json!({"password": PASSWORD, "current_password": ada.password()})).await.expect(200);
    assert_ne!(hash_of(&app, ada.user()).await, hash);
    assert_eq!(app.mailbox().only(ada.email()), Mail::PasswordChanged);
}

#[tokio::test]
async fn the_present_password_cannot_be_guessed_with_a_stolen_token() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    for _ in 0..10 {
        ada.patch_json(ME, &json!({"current_password": "a guess"})).await.expect(400);
    }
    let before = app.hashes().get();
    let limited =
        ada.patch_json(ME, &json!({"password": PASSWORD, "current_password": ada.password()})).await.expect(429);
    assert!(limited.header("retry-after").is_some());
    assert_eq!(app.hashes().get(), before);
}

#[tokio::test]
async fn a_weak_password_changes_nothing() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let hash = hash_of(&app, ada.user()).await;
    for weak in ["", "1234567", "password1", "new@example.com"] {
        let detail =
            ada.patch_json(ME, &json!({"password": weak, "email": "new@example.com"})).await.expect(400).detail();
        assert_eq!(detail["code"], "UPDATE_USER_INVALID_PASSWORD");
    }
    assert_eq!(user_now(&app, ada.user()).await, *ada.user());
    assert_eq!(hash_of(&app, ada.user()).await, hash);
}

#[tokio::test]
async fn a_new_address_is_unverified_and_the_old_one_is_told() {
    let app = TestApp::new().await;
    let ada = app.verified("ada").await;
    let answer = ada.patch_json(ME, &json!({"email": "lovelace@example.com"})).await.expect(200);
    assert_eq!(answer.json()["email"], "lovelace@example.com");
    assert_eq!(answer.json()["is_verified"], false);
    assert_eq!(answer.audit().await[0].details, r#"{"changed":"email"}"#, "names, never values");
    assert_eq!(app.mailbox().only("ada@example.com"), Mail::EmailChanged { new_email: "lovelace@example.com".into() });
    login(&app, "ada@example.com", ada.password()).await.expect(400);
    login(&app, "LOVELACE@example.com", ada.password()).await.expect(200);
    ada.get(ME).await.expect(200);
}

#[tokio::test]
async fn a_taken_address_is_refused_in_every_spelling() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.user("bob").await;
    for taken in ["bob@example.com", "BOB@example.com"] {
        let answer =
            ada.patch_json(ME, &json!({"email": taken})).await.refused(400, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
        assert_eq!(answer.trail().await, ["account.updated refused UPDATE_USER_EMAIL_ALREADY_EXISTS"]);
    }
    assert_eq!(user_now(&app, ada.user()).await, *ada.user());
}

#[tokio::test]
async fn another_spelling_of_ones_own_address_stays_verified_and_tells_nobody() {
    let app = TestApp::new().await;
    let ada = app.verified("ada").await;
    let body = ada.patch_json(ME, &json!({"email": "ADA@example.com"})).await.expect(200).json();
    assert_eq!((body["email"].as_str(), body["is_verified"].as_bool()), (Some("ADA@example.com"), Some(true)));
    ada.patch_json(ME, &json!({"email": "ADA@example.com"})).await.expect(200);
    assert!(app.mailbox().take().is_empty());
}

#[tokio::test]
async fn odd_paths_beside_me_are_somebody_elses_or_nobodys() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let admin = app.admin().await;
    let long = format!("/users/{}", "a".repeat(10_000));
    for path in ["/users/ME", "/users/..%2fme", "/users/0", "/users/%00", "/users/%ff", &long] {
        ada.get(path).await.refused(403, "Forbidden");
        admin.get(path).await.refused(404, "Not Found");
    }
    for path in ["/users/me/x", "/users/"] {
        ada.get(path).await.refused(404, "Not Found");
    }
    for path in ["/users/me/", "/users/me//"] {
        let elsewhere = ada.get(path).header("host", "evil.example").await.expect(307);
        assert_eq!(elsewhere.header("location"), Some(ME));
    }
    let sub = forge::claims_of(ada.bearer().text())["sub"].clone();
    assert_eq!(sub, ada.id().to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_sign_in_with_the_old_password_outlives_its_change() {
    let app = racing().await;
    for round in 0..5 {
        let ada = app.user(&format!("ada{round}")).await;
        let form = [("username", ada.email()), ("password", ada.password())];
        let mut calls: Vec<_> = (0..12).map(|_| app.anonymous().form(LOGIN, &form)).collect();
        calls.insert(4, ada.patch_json(ME, &json!({"password": PASSWORD})));
        let answers = race(calls).await;
        assert_eq!(answers[4].status(), 200);
        for (number, answer) in answers.iter().enumerate().filter(|(number, _)| *number != 4) {
            if answer.status() == 200 {
                let token = app.bearer(answer.json()["access_token"].as_str().unwrap());
                assert_eq!(token.get(ME).await.status(), 401, "round {round}, login {number}");
            } else {
                assert_eq!(answer.status(), 400);
            }
        }
        ada.get(ME).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_one_address_one_gets_it() {
    let app = racing().await;
    let mut people = Vec::new();
    for number in 0..8 {
        people.push(app.user(&format!("u{number}")).await);
    }
    let wanted = ["wanted@example.com", "WANTED@example.com"];
    let calls =
        people.iter().zip(wanted.iter().cycle()).map(|(who, email)| who.patch_json(ME, &json!({"email": email})));
    let answers = race(calls).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 7));
    let winner = &people[answers.iter().position(|answer| answer.status() == 200).unwrap()];
    let found = app.auth().users().find_by_email("wanted@example.com").await.unwrap().unwrap();
    assert_eq!(found.id, winner.id());
}

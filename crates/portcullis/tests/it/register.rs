//! `POST {auth}/register`.

use crate::support::{LOGIN, ME, PASSWORD, REGISTER, count, errors, login, race, racing, register};
use portcullis_testkit::{Identity, TestApp};
use serde_json::{Value, json};
use std::net::Ipv4Addr;

#[tokio::test]
async fn whoever_registers_is_an_active_unverified_user_and_may_log_in() {
    let app = TestApp::new().await;
    let answer = register(&app, "Ada@Example.com", PASSWORD).await.expect(201);
    let body = answer.json();
    let members: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["email", "id", "is_active", "is_superuser", "is_verified"], "and nothing else");
    assert!(answer.text().starts_with("{\"id\":"), "members come in the seed's order: {}", answer.text());
    assert_eq!(body["email"], "Ada@example.com", "the part before the @ keeps its case");
    assert_eq!([&body["is_active"], &body["is_superuser"], &body["is_verified"]], [true, false, false]);
    let rows = answer.audit().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].event.as_str(), rows[0].result.as_str()), ("account.created", "success"));
    assert_eq!(rows[0].subject_id.unwrap().to_string(), body["id"]);
    assert_eq!(rows[0].peer.as_deref(), Some("192.0.2.1"));
    login(&app, "ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn nobody_registers_rights_for_themselves() {
    let app = TestApp::new().await;
    let body = json!({
        "email": "eve@example.com", "password": PASSWORD, "is_superuser": true, "is_verified": true, "is_active": false,
        "id": "00000000-0000-4000-8000-000000000000", "roles": ["admin"], "permissions": ["*"], "hashed_password": "x",
    });
    let made = app.anonymous().post_json(REGISTER, &body).await.expect(201).json();
    assert_eq!([&made["is_active"], &made["is_superuser"], &made["is_verified"]], [true, false, false]);
    assert_ne!(made["id"], body["id"]);
    let seen = app.admin().await.get(&format!("/users/{}", made["id"].as_str().unwrap())).await.expect(200).json();
    assert_eq!(seen, made);
}

#[tokio::test]
async fn flags_are_checked_for_their_type_and_then_ignored() {
    let app = TestApp::new().await;
    for (number, flag) in [json!("yes"), json!("off"), json!(0), json!(null), json!(1.0)].into_iter().enumerate() {
        let body = json!({"email": format!("u{number}@example.com"), "password": PASSWORD, "is_superuser": flag});
        let made = app.anonymous().post_json(REGISTER, &body).await.expect(201).json();
        assert_eq!(made["is_superuser"], false);
    }
    for flag in [json!(2), json!("maybe"), json!([])] {
        let body = json!({"email": "x@example.com", "password": PASSWORD, "is_verified": flag});
        let refused = app.anonymous().post_json(REGISTER, &body).await.expect(422);
        assert!(errors(&refused)[0].ends_with("@body.is_verified"), "{}", refused.text());
    }
}

#[tokio::test]
async fn an_address_belongs_to_one_account_in_whatever_spelling() {
    let app = TestApp::new().await;
    register(&app, "alice@example.com", PASSWORD).await.expect(201);
    for spelling in [
        "alice@example.com",
        "ALICE@example.com",
        "alice@EXAMPLE.com",
        " alice@example.com ",
        "Alice <alice@example.com>",
    ] {
        let answer = register(&app, spelling, PASSWORD).await.refused(400, "REGISTER_USER_ALREADY_EXISTS");
        assert_eq!(answer.trail().await, ["account.created refused REGISTER_USER_ALREADY_EXISTS"]);
    }
    for look_alike in ["\u{ff41}lice@example.com", "alice@example.com."] {
        let status = register(&app, look_alike, PASSWORD).await.status().as_u16();
        assert!(matches!(status, 400 | 422), "{look_alike}: {status}");
    }
    register(&app, "ÄB@example.com", PASSWORD).await.expect(201);
    register(&app, "äb@example.com", PASSWORD).await.refused(400, "REGISTER_USER_ALREADY_EXISTS");
    app.deactivated("gone").await;
    register(&app, "gone@example.com", PASSWORD).await.refused(400, "REGISTER_USER_ALREADY_EXISTS");
}

#[tokio::test]
async fn an_address_is_kept_in_its_normal_form() {
    let app = TestApp::new().await;
    for (typed, kept) in [
        ("  b@Example.COM ", "b@example.com"),
        ("Bob <bob@example.com>", "bob@example.com"),
        ("c+tag@xn--bcher-kva.example.com", "c+tag@bücher.example.com"),
        ("e\u{301}@example.com", "é@example.com"),
    ] {
        assert_eq!(register(&app, typed, PASSWORD).await.expect(201).json()["email"], kept);
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused_with_its_place_and_sends_nothing() {
    let app = TestApp::new().await;
    for odd in [
        "",
        "alice",
        "alice@",
        "@example.com",
        "a@localhost",
        "a..b@example.com",
        "a@example.test",
        "a@[127.0.0.1]",
        "alice\u{ff20}example.com",
        "v@x.com,a@evil.com",
        "a@x.com\r\nBcc: v@x.com",
        "\"quoted\"@example.com",
        "a\u{202e}b@example.com",
        "a\u{200b}b@example.com",
        "a\0@example.com",
    ] {
        let answer = register(&app, odd, PASSWORD).await.expect(422);
        assert_eq!(errors(&answer), ["value_error@body.email"], "{odd:?}");
    }
    app.deliver().await;
    assert!(app.mailbox().take().is_empty());
    assert_eq!(app.hashes().get(), 1, "only the admin's");
}

#[tokio::test]
async fn a_password_that_is_guessed_first_is_refused_with_a_reason() {
    let app = TestApp::new().await;
    let long = "x".repeat(257);
    for weak in
        ["", "1234567", "password", "Password123", "password1234567", "eve@example.com", "portcullis", long.as_str()]
    {
        let before = app.hashes().get();
        let answer = register(&app, "eve@example.com", weak).await.expect(400);
        let detail = answer.detail();
        assert_eq!(detail["code"], "REGISTER_INVALID_PASSWORD", "{weak:?}");
        assert!(!detail["reason"].as_str().unwrap().is_empty());
        assert_eq!(app.hashes().get(), before);
    }
    let long: String = (0..256).filter_map(|number| char::from_u32(0x4e00 + number)).collect();
    // Every character counts as one, and a NUL or an emoji is a character like others.
    for (number, good) in ["ünüsüäl wörd", "with a \0 within", "🦀🦀🐙🐙🦀🐢🐙🦀", &long].into_iter().enumerate()
    {
        let email = format!("u{number}@example.com");
        register(&app, &email, good).await.expect(201);
        login(&app, &email, good).await.expect(200);
    }
}

#[tokio::test]
async fn a_broken_body_is_a_422_and_never_more() {
    let app = TestApp::new().await;
    let post = |body: &str| app.anonymous().post(REGISTER).body("application/json", body.to_owned());
    assert_eq!(errors(&post("").await.expect(422)), ["missing@body"]);
    assert_eq!(errors(&post("null").await.expect(422)), ["missing@body"]);
    assert_eq!(errors(&post("[]").await.expect(422)), ["model_attributes_type@body"]);
    assert_eq!(errors(&post("{}").await.expect(422)), ["missing@body.email", "missing@body.password"]);
    assert_eq!(errors(&post("{\"email\":").await.expect(422)), ["json_invalid@body.9"]);
    let types = post(r#"{"email": 1, "password": ["x"]}"#).await.expect(422);
    assert_eq!(errors(&types), ["string_type@body.email", "string_type@body.password"]);
    for surrogate in [
        r#"{"email":"a@example.com","password":"\ud800 and more"}"#,
        r#"{"email":"\ud800@example.com","password":"x"}"#,
    ] {
        let status = post(surrogate).await.status().as_u16();
        assert!(matches!(status, 400 | 422), "{status}");
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    post(&deep).await.refused(400, "There was an error parsing the body");
    post(&format!("{{\"email\":\"a@example.com\",\"password\":\"{}\"}}", "x".repeat(70_000))).await.expect(413);
    let form = app.anonymous().form(REGISTER, &[("email", "a@example.com"), ("password", PASSWORD)]).await.expect(422);
    assert_eq!(errors(&form), ["model_attributes_type@body"]);
}

#[tokio::test]
async fn a_422_never_shows_the_password() {
    let app = TestApp::new().await;
    let secret = "a very secret passphrase";
    for body in [
        json!({"password": secret}),
        json!({"email": "no address", "password": secret}),
        json!({"email": "a@example.com", "password": secret, "is_active": "maybe"}),
        json!({"email": "a@example.com", "password": [secret]}),
    ] {
        let answer = app.anonymous().post_json(REGISTER, &body).await.expect(422);
        assert!(!answer.text().contains(secret), "{}", answer.text());
    }
    let form = format!("username=x&password={}", secret.replace(' ', "+"));
    let answer = app.anonymous().post(LOGIN).body("application/json", form).await.expect(422);
    assert!(!answer.text().contains("secret"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_registrations_of_one_address_one_wins_and_the_others_are_told() {
    let app = racing().await;
    for round in 0..3 {
        let calls = (0..20u8).map(|number| {
            let email =
                if number % 2 == 0 { format!("Race{round}@example.com") } else { format!("race{round}@EXAMPLE.com") };
            app.anonymous()
                .post_json(REGISTER, &json!({"email": email, "password": PASSWORD}))
                .from(Ipv4Addr::new(198, 51, 100, number))
        });
        let answers = race(calls).await;
        assert_eq!((count(&answers, 201), count(&answers, 400)), (1, 19));
        for answer in answers.into_iter().filter(|answer| answer.status() == 400) {
            assert_eq!(answer.detail(), "REGISTER_USER_ALREADY_EXISTS");
        }
        let token = login(&app, &format!("race{round}@example.com"), PASSWORD).await.expect(200).json();
        app.bearer(token["access_token"].as_str().unwrap()).get(ME).await.expect(200);
    }
    let total: Value = app.admin().await.get("/admin/users").await.expect(200).json();
    assert_eq!(total["total"], 4, "three and the admin");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_registrations_of_different_addresses_all_succeed() {
    let app = racing().await;
    let calls = (0..32).map(|number| {
        app.anonymous().post_json(REGISTER, &json!({"email": format!("u{number}@example.com"), "password": PASSWORD}))
    });
    assert_eq!(count(&race(calls).await, 201), 32);
}

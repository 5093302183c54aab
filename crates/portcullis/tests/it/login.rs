//! `POST {auth}/jwt/login`.

use crate::support::{LOGIN, ME, PASSWORD, errors, hash_of, login, stored_with_hash, user_now};
use portcullis::core::account::UpdateAccount;
use portcullis::core::password_hasher::{HashCost, HashError, Password, PasswordHash, PasswordHasher, Verdict};
use portcullis_testkit::{Identity, TestApp, forge};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

#[tokio::test]
async fn the_right_password_gives_a_bearer_token_that_nobody_may_keep() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let answer = login(&app, ada.email(), ada.password()).await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["access_token", "token_type"]);
    assert_eq!(body["token_type"], "bearer");
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(forge::header_of(token), json!({"alg": "HS256", "typ": "JWT"}));
    let claims = forge::claims_of(token);
    assert_eq!(claims["aud"], json!(["fastapi-users:auth"]));
    assert_eq!(claims["sub"], ada.id().to_string());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert!(claims.get("nbf").is_none(), "a clock that is behind must be able to read it");
    assert_eq!(answer.trail().await, ["password.login success"]);
}

#[tokio::test]
async fn a_token_is_over_when_its_lifetime_is_over_to_the_second() {
    let app = TestApp::builder().config(|config| config.token_lifetime = Duration::from_secs(90)).build().await;
    let ada = app.user("ada").await;
    app.clock().advance(Duration::from_secs(89));
    ada.get(ME).await.expect(200);
    app.clock().advance(Duration::from_secs(1));
    ada.get(ME).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn whoever_may_not_in_is_told_one_and_the_same() {
    let app = TestApp::builder().config(|config| config.allow_guests = true).build().await;
    let ada = app.user("ada").await;
    let gone = app.deactivated("gone").await;
    let guest = app.anonymous().post("/auth/guest").await.expect(200).json();
    stored_with_hash(&app, "strange@example.com", "!").await;
    stored_with_hash(&app, "import@example.com", "$argon2id$v=19$m=64,t=3,p=4$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAA")
        .await;
    let cases = [
        ("nobody@example.com", PASSWORD),
        ("no address at all", PASSWORD),
        (ada.email(), "not the passphrase of ada"),
        (gone.email(), gone.password()),
        (gone.email(), "not the passphrase either"),
        (guest["email"].as_str().unwrap(), PASSWORD),
        ("strange@example.com", "!"),
        ("import@example.com", PASSWORD),
    ];
    let mut told = Vec::new();
    for (username, password) in cases {
        let before = app.hashes().get();
        let answer = login(&app, username, password).await.refused(400, "LOGIN_BAD_CREDENTIALS");
        assert_eq!(app.hashes().get() - before, 1, "{username}: each costs one hash");
        assert_eq!(answer.trail().await, ["password.login refused LOGIN_BAD_CREDENTIALS"], "{username}");
        told.push((answer.headers().clone(), answer.text()));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn an_address_opens_its_account_in_every_spelling() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    for username in ["ada@example.com", "ADA@example.com", "Ada@EXAMPLE.COM", "\u{ff41}da@example.com"] {
        login(&app, username, ada.password()).await.expect(200);
    }
    login(&app, " ada@example.com", ada.password()).await.refused(400, "LOGIN_BAD_CREDENTIALS");
}

#[tokio::test]
async fn what_is_no_login_form_is_refused_before_anything_is_hashed() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let before = app.hashes().get();
    let nobody = app.anonymous();
    let both = ["missing@body.username", "missing@body.password"];
    let as_json =
        nobody.post_json(LOGIN, &json!({"username": ada.email(), "password": ada.password()})).await.expect(422);
    assert_eq!(errors(&as_json), both);
    let odd = nobody.post(LOGIN).body("text/plain", format!("username={}&password=x", ada.email())).await.expect(422);
    assert_eq!(errors(&odd), both);
    assert_eq!(errors(&nobody.post(LOGIN).await.expect(422)), both);
    assert_eq!(errors(&nobody.form(LOGIN, &[]).await.expect(422)), both);
    assert_eq!(errors(&nobody.form(LOGIN, &[("username", ada.email())]).await.expect(422)), ["missing@body.password"]);
    let empty = nobody.form(LOGIN, &[("username", ada.email()), ("password", "")]).await.expect(422);
    assert_eq!(errors(&empty), ["missing@body.password"]);
    let fields = [("username", ada.email()), ("password", ada.password()), ("grant_type", "client_credentials")];
    let grant = nobody.form(LOGIN, &fields).await.expect(422);
    assert_eq!(errors(&grant), ["string_pattern_mismatch@body.grant_type"]);
    assert_eq!(app.hashes().get(), before);
}

#[tokio::test]
async fn grant_type_may_be_absent_empty_or_password_and_the_last_of_two_fields_counts() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    for grant in ["", "password"] {
        let fields = [("grant_type", grant), ("username", ada.email()), ("password", ada.password())];
        app.anonymous().form(LOGIN, &fields).await.expect(200);
    }
    let twice = [("username", "nobody@example.com"), ("username", ada.email()), ("password", ada.password())];
    app.anonymous().form(LOGIN, &twice).await.expect(200);
    let multipart = format!(
        "--x\r\ncontent-disposition: form-data; name=\"username\"\r\n\r\n{}\r\n--x\r\n\
         content-disposition: form-data; name=\"password\"\r\n\r\n{}\r\n--x--\r\n",
        ada.email(),
        ada.password()
    );
    app.anonymous().post(LOGIN).body("multipart/form-data; boundary=x", multipart).await.expect(200);
}

#[tokio::test]
async fn odd_user_names_are_only_wrong() {
    let app = TestApp::new().await;
    let long = format!("{}@example.com", "a".repeat(300));
    for username in ["' OR '1'='1", "a\0b@example.com", "\u{202e}", "%", "@", long.as_str()] {
        login(&app, username, PASSWORD).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    }
    for body in ["username=%ff%fe&password=x", "username=%ed%a0%80&password=x", "username=%00&password=%00"] {
        let call = app.anonymous().post(LOGIN).body("application/x-www-form-urlencoded", body);
        call.await.refused(400, "LOGIN_BAD_CREDENTIALS");
    }
}

#[tokio::test]
async fn an_endless_password_costs_no_hash() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let before = app.hashes().get();
    login(&app, ada.email(), &"x".repeat(1025)).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    login(&app, "nobody@example.com", &"x".repeat(1025)).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    login(&app, ada.email(), &"x".repeat(1 << 20)).await.expect(413);
    login(&app, ada.email(), &"x".repeat(16 << 20)).await.expect(413);
    assert_eq!(app.hashes().get(), before);
}

#[tokio::test]
async fn a_bcrypt_hash_opens_and_is_replaced_and_a_password_over_72_bytes_breaks_nothing() {
    let app = TestApp::new().await;
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    let user = stored_with_hash(&app, "old@example.com", &hash).await;
    login(&app, "old@example.com", &"x".repeat(73)).await.refused(400, "LOGIN_BAD_CREDENTIALS");
    assert_eq!(hash_of(&app, &user).await, hash);
    login(&app, "old@example.com", PASSWORD).await.expect(200);
    let upgraded = hash_of(&app, &user).await;
    assert!(upgraded.starts_with("$argon2id$"));
    login(&app, "old@example.com", PASSWORD).await.expect(200);
    assert_eq!(hash_of(&app, &user).await, upgraded, "what is good is not written again");
    login(&app, "old@example.com", "another password").await.expect(400);
}

#[tokio::test]
async fn a_hash_of_an_unknown_kind_opens_nothing_and_breaks_nothing() {
    let app = TestApp::builder().real_hashing().build().await;
    for (at, hash) in ["", "!", "plain", "$scrypt$ln=16$x$y", "$argon2id$v=19$m=19456"].into_iter().enumerate() {
        let email = format!("odd{at}@example.com");
        stored_with_hash(&app, &email, hash).await;
        login(&app, &email, PASSWORD).await.refused(400, "LOGIN_BAD_CREDENTIALS");
        login(&app, &email, hash).await.expect(if hash.is_empty() { 422 } else { 400 });
    }
}

#[tokio::test]
async fn a_stored_address_that_could_not_register_signs_in_and_is_shown() {
    let app = TestApp::new().await;
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    for email in ["admin", "admin@localhost", "admin@x.test", "Admin@zndraw.local"] {
        stored_with_hash(&app, email, &hash).await;
        let token = login(&app, email, PASSWORD).await.expect(200).json();
        let me = app.bearer(token["access_token"].as_str().unwrap()).get("/users/me").await.expect(200).json();
        assert_eq!(me["email"], email);
    }
}

#[tokio::test]
async fn a_hash_of_a_running_deployment_opens_and_is_kept() {
    // What pwdlib writes, at the parameters of fastapi-users: stronger than ours, so it stays for Python to read.
    let app = TestApp::builder().real_hashing().build().await;
    let params = argon2::Params::new(65536, 3, 4, Some(32)).unwrap();
    let theirs = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut digest = [0; 32];
    theirs.hash_password_into(PASSWORD.as_bytes(), b"saltsaltsaltsalt", &mut digest).unwrap();
    let encode = |bytes: &[u8]| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes)
    };
    let hash = format!("$argon2id$v=19$m=65536,t=3,p=4${}${}", encode(b"saltsaltsaltsalt"), encode(&digest));
    let user = stored_with_hash(&app, "seed@example.com", &hash).await;
    login(&app, "seed@example.com", PASSWORD).await.expect(200);
    assert_eq!(hash_of(&app, &user).await, hash);
    login(&app, "seed@example.com", "wrong password").await.expect(400);
}

/// Lets a test do something while a password is being verified.
struct Held {
    inside: Notify,
    go_on: Notify,
}

#[async_trait::async_trait]
impl PasswordHasher for Held {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::from_stored(format!("plain {}", password.expose())))
    }

    async fn verify(&self, password: Password, stored: PasswordHash) -> Result<Verdict, HashError> {
        self.inside.notify_one();
        self.go_on.notified().await;
        let right = stored.as_str() == format!("plain {}", password.expose());
        Ok(if right { Verdict::Match } else { Verdict::Mismatch })
    }

    async fn verify_nothing(&self, _: Password, _: HashCost) -> Result<(), HashError> {
        Ok(())
    }

    async fn unusable(&self) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::from_stored("nothing"))
    }

    fn cost_of(&self, _: &str) -> HashCost {
        HashCost::Current
    }
}

#[tokio::test]
async fn a_password_that_is_changed_while_it_is_verified_opens_nothing() {
    let held = Arc::new(Held { inside: Notify::new(), go_on: Notify::new() });
    let hasher = Arc::clone(&held);
    let app = TestApp::builder()
        .config(|config| config.default_admin = portcullis::config::DefaultAdmin::None)
        .auth(|auth| auth.hasher(hasher))
        .ignore_mails()
        .build()
        .await;
    let user = stored_with_hash(&app, "ada@example.com", &format!("plain {PASSWORD}")).await;
    let update = |password: Option<&str>, is_active| UpdateAccount {
        password: password.map(|password| Password::new(password.to_owned())),
        is_active,
        ..UpdateAccount::default()
    };

    let trying = tokio::spawn({
        let app = app.clone();
        async move { login(&app, "ada@example.com", PASSWORD).await }
    });
    held.inside.notified().await;
    app.auth().users().update(user.id, update(Some("a passphrase of another kind"), None)).await.unwrap();
    held.go_on.notify_one();
    // It is tried once more, with the new hash: and is wrong now.
    held.inside.notified().await;
    held.go_on.notify_one();
    trying.await.unwrap().refused(400, "LOGIN_BAD_CREDENTIALS");

    let trying = tokio::spawn({
        let app = app.clone();
        async move { login(&app, "ada@example.com", "a passphrase of another kind").await }
    });
    held.inside.notified().await;
    app.auth().users().update(user.id, update(None, Some(false))).await.unwrap();
    held.go_on.notify_one();
    held.inside.notified().await;
    held.go_on.notify_one();
    trying.await.unwrap().refused(400, "LOGIN_BAD_CREDENTIALS");
    assert!(!user_now(&app, &user).await.is_active);
    assert!(app.auth().core().store.list_sessions(user.id, app.auth().core().clock.now()).await.unwrap().is_empty());
}

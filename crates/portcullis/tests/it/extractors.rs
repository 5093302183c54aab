//! The extractors in a host's handlers.

use crate::support::ME;
use axum::extract::{FromRef, State};
use axum::routing::get;
use axum::{Json, Router};
use portcullis::{Auth, CurrentUser, Feature, Superuser, VerifiedUser};
use portcullis_testkit::{Identity, StoreKind, TestApp, forge};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

#[derive(Clone)]
struct Host {
    auth: Auth,
    inside: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl FromRef<Host> for Auth {
    fn from_ref(host: &Host) -> Self {
        host.auth.clone()
    }
}

async fn hello(user: CurrentUser) -> Json<Value> {
    let ids = [user.session_id().map(|id| id.to_string()), user.impersonator().map(|id| id.to_string())];
    Json(json!({"email": user.email, "session": ids[0], "impersonator": ids[1], "debug": format!("{user:?}")}))
}

async fn maybe(user: Option<CurrentUser>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.email.clone())
}

async fn waits(State(host): State<Host>, user: CurrentUser) -> String {
    host.inside.fetch_add(1, Ordering::SeqCst);
    let _permit = host.gate.acquire().await;
    user.email.clone()
}

fn host(auth: &Auth) -> Host {
    Host { auth: auth.clone(), inside: Arc::default(), gate: Arc::new(Semaphore::new(0)) }
}

fn routes(host: Host) -> Router {
    Router::new()
        .route("/hello", get(hello))
        .route("/twice", get(async |one: CurrentUser, two: CurrentUser| format!("{}{}", one.email, two.email)))
        .route("/root", get(async |user: Superuser| user.email.clone()))
        .route("/proved", get(async |user: VerifiedUser| user.email.clone()))
        .route("/maybe", get(maybe))
        .route("/auth-itself", get(async |auth: Auth| auth.core().store.kind()))
        .route("/waits", get(waits))
        .merge(host.auth.routes())
        .with_state(host)
}

async fn hosted() -> TestApp {
    TestApp::builder().router(|auth| routes(host(auth))).build().await
}

#[tokio::test]
async fn a_handler_that_wants_a_user_gets_the_one_who_calls() {
    let app = hosted().await;
    let ada = app.user("ada").await;
    let said = ada.get("/hello").await.expect(200).json();
    assert_eq!(said["email"], "ada@example.com");
    assert_eq!(said["session"], forge::claims_of(ada.bearer().text())["sid"]);
    assert_eq!(said["impersonator"], Value::Null);
    assert!(!said["debug"].as_str().unwrap().contains(ada.bearer().text()));
    assert_eq!(ada.get("/twice").await.expect(200).text(), "ada@example.comada@example.com");
    assert_eq!(ada.get("/auth-itself").await.expect(200).text(), app.auth().core().store.kind());
    ada.get(ME).await.expect(200);

    let admin = app.admin().await;
    let said = admin.mint(&ada).await.get("/hello").await.expect(200).json();
    assert_eq!((&said["email"], &said["impersonator"]), (&json!("ada@example.com"), &json!(admin.id().to_string())));
}

#[tokio::test]
async fn it_refuses_as_our_routes_do() {
    let app = hosted().await;
    let ada = app.user("ada").await;
    for path in ["/hello", "/root", "/proved"] {
        let answer = app.anonymous().get(path).await.refused(401, "Unauthorized");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        for dead in [
            app.bearer("garbage"),
            app.expired(&ada).await,
            app.deactivated(&format!("gone{}", &path[1..])).await.bearer(),
        ] {
            dead.get(path).await.refused(401, "Unauthorized");
        }
        ada.get(path).bearer("another").await.expect(400);
    }
}

#[tokio::test]
async fn nobody_is_only_who_shows_no_credential() {
    let app = hosted().await;
    let ada = app.user("ada").await;
    assert_eq!(app.anonymous().get("/maybe").await.expect(200).text(), "nobody");
    assert_eq!(ada.get("/maybe").await.expect(200).text(), "ada@example.com");
    for dead in [
        app.bearer("garbage"),
        app.expired(&ada).await,
        app.signed_out("out").await.bearer(),
        app.deactivated("gone").await.bearer(),
    ] {
        dead.get("/maybe").await.refused(401, "Unauthorized");
    }
    app.anonymous().get("/maybe").header("authorization", "Basic YTpi").await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn superusers_as_themselves_and_proved_addresses_are_told_apart() {
    let app = TestApp::builder()
        .config(|config| config.allow_mint_superuser = true)
        .router(|auth| routes(host(auth)))
        .build()
        .await;
    let (admin, ada) = (app.admin().await, app.user("ada").await);
    assert_eq!(admin.get("/root").await.expect(200).text(), admin.email());
    let refused = ada.get("/root").await.refused(403, "Forbidden");
    assert_eq!(refused.trail().await, ["access.denied refused FORBIDDEN"]);
    let root = app.superuser("root").await;
    admin.mint(&root).await.get("/root").await.refused(403, "Forbidden");

    assert_eq!(admin.get("/proved").await.expect(200).text(), admin.email());
    let refused = ada.get("/proved").await.refused(403, "Forbidden");
    assert_eq!(refused.trail().await, ["access.denied refused FORBIDDEN"]);
    app.admin().await.patch_json(&ada.path(), &json!({"is_verified": true, "is_superuser": true})).await.expect(200);
    ada.get("/proved").await.expect(200);
    ada.get("/root").await.expect(200);
}

#[tokio::test]
async fn a_handler_that_waits_holds_no_connection_of_the_database() {
    let shared = Arc::new(std::sync::Mutex::new(None));
    let keep = Arc::clone(&shared);
    let app = TestApp::builder()
        .store(StoreKind::durable())
        .router(move |auth| {
            let host = host(auth);
            *keep.lock().unwrap() = Some(host.clone());
            routes(host)
        })
        .build()
        .await;
    let host: Host = shared.lock().unwrap().take().unwrap();
    let ada = app.user("ada").await;
    // More than there are connections in any pool of ours.
    let waiting: Vec<_> = (0..40).map(|_| tokio::spawn(ada.get("/waits").into_future())).collect();
    while host.inside.load(Ordering::SeqCst) < waiting.len() {
        tokio::task::yield_now().await;
    }
    let bob = app.user("bob").await;
    bob.get(ME).await.expect(200);
    host.gate.add_permits(40);
    for call in waiting {
        call.await.unwrap().expect(200);
    }
}

#[tokio::test]
async fn a_host_may_mount_one_feature_alone() {
    let app = TestApp::builder().router(|auth| auth.routes_of(Feature::Password)).build().await;
    let ada = app.user("ada").await;
    ada.get(ME).await.expect(404);
    app.anonymous().post("/auth/register").await.expect(404);
    ada.post("/auth/jwt/logout").await.expect(204);
}

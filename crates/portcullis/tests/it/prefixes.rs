//! Other mount points: ZnDraw's.

use crate::support::PASSWORD;
use portcullis::config::Paths;
use portcullis_testkit::{Identity, TestApp};
use serde_json::json;

fn zndraw() -> Paths {
    Paths { auth: "/v1/auth".into(), users: "/v1/auth/users".into(), admin: "/v1/admin".into() }
}

#[tokio::test]
async fn a_client_of_zndraw_finds_everything_where_it_looks() {
    let app = TestApp::builder()
        .config(|config| {
            config.paths = zndraw();
            config.allow_guests = true;
        })
        .build()
        .await;
    let nobody = app.anonymous();
    nobody.post_json("/v1/auth/register", &json!({"email": "ada@example.com", "password": PASSWORD})).await.expect(201);
    let form = [("username", "ada@example.com"), ("password", PASSWORD)];
    let token = nobody.form("/v1/auth/jwt/login", &form).await.expect(200).json();
    let ada = app.bearer(token["access_token"].as_str().unwrap());
    let me = ada.get("/v1/auth/users/me").await.expect(200).json();
    ada.patch_json("/v1/auth/users/me", &json!({"password": "another passphrase"})).await.expect(200);
    app.mailbox().take();
    nobody.post("/v1/auth/guest").await.expect(200);

    let started = nobody.post("/v1/auth/cli-login").await.expect(200).json();
    let (code, secret) = (started["code"].as_str().unwrap(), started["secret"].as_str().unwrap());
    assert_eq!(started["approve_url"], format!("/auth/cli-login/{code}"), "as the seed has it, whatever the prefix");
    ada.patch(&format!("/v1/auth/cli-login/{code}")).await.expect(200);
    let polled = nobody.get(&format!("/v1/auth/cli-login/{code}?secret={secret}")).await.expect(200).json();
    assert_eq!(polled["status"], "approved");

    let admin = app.admin().await;
    let id = me["id"].as_str().unwrap();
    let list = admin.get("/v1/admin/users?limit=1&offset=1").await.expect(200).json();
    assert_eq!((&list["total"], &list["offset"], &list["limit"]), (&json!(3), &json!(1), &json!(1)));
    admin.post(&format!("/v1/admin/users/{id}/token")).await.expect(200);
    admin.patch_json(&format!("/v1/admin/users/{id}"), &json!({"is_superuser": true})).await.expect(200);
    admin.get(&format!("/v1/auth/users/{id}")).await.expect(200);
    admin.get("/v1/admin/audit").await.expect(200);
    admin.delete(&format!("/v1/admin/users/{id}")).await.expect(204);
    ada.post("/v1/auth/jwt/logout").await.expect(401);

    for old in ["/auth/register", "/auth/jwt/login", "/users/me", "/admin/users"] {
        admin.post(old).await.refused(404, "Not Found");
    }
}

#[tokio::test]
async fn the_list_of_routes_names_the_places() {
    let app = TestApp::builder().config(|config| config.paths = zndraw()).build().await;
    let routes = app.auth().manifest();
    assert!(routes.iter().any(|route| route.path == "/v1/auth/users/{id}"));
    for route in routes.iter().filter(|route| route.path != "/openapi.json" && !route.path.starts_with("/docs")) {
        assert!(route.path.starts_with("/v1/"), "{}", route.path);
    }
}

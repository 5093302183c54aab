//! `{admin}/users`: the list, and what ZnDraw's clients call beside it.

use crate::support::{ME, errors, user_now};
use portcullis_testkit::{Identity, TestApp};
use serde_json::{Value, json};
use std::time::Duration;

const LIST: &str = "/admin/users";

fn emails(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_page_is_cut_from_the_oldest_on() {
    let app = TestApp::new().await;
    for name in ["ada", "bob", "cyd"] {
        app.clock().advance(Duration::from_secs(1));
        app.user(name).await;
    }
    let admin = app.admin().await;
    let all = admin.get(LIST).await.expect(200).json();
    let members: Vec<_> = all.as_object().unwrap().keys().collect();
    assert_eq!(members, ["items", "limit", "offset", "total"]);
    assert_eq!((&all["total"], &all["offset"]), (&json!(4), &json!(0)));
    assert_eq!(emails(&all), ["admin@example.com", "ada@example.com", "bob@example.com", "cyd@example.com"]);
    let members: Vec<_> = all["items"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["email", "id", "is_active", "is_superuser", "is_verified"]);
    let page = admin.get(&format!("{LIST}?limit=2&offset=1")).await.expect(200).json();
    assert_eq!(emails(&page), ["ada@example.com", "bob@example.com"]);
    assert_eq!((&page["total"], &page["offset"], &page["limit"]), (&json!(4), &json!(1), &json!(2)));
    let beyond = admin.get(&format!("{LIST}?offset=100")).await.expect(200).json();
    assert_eq!((emails(&beyond).len(), &beyond["total"]), (0, &json!(4)));
}

#[tokio::test]
async fn odd_bounds_are_refused_after_the_right_to_ask() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    for (query, error) in [
        ("limit=0", "greater_than_equal@query.limit"),
        ("limit=1001", "less_than_equal@query.limit"),
        ("limit=all", "int_parsing@query.limit"),
        ("offset=-1", "greater_than_equal@query.offset"),
        ("offset=99999999999999999999", "less_than_equal@query.offset"),
        ("limit=%00", "int_parsing@query.limit"),
    ] {
        let path = format!("{LIST}?{query}");
        assert_eq!(errors(&admin.get(&path).await.expect(422)), [error]);
        bob.get(&path).await.refused(403, "Forbidden");
        app.anonymous().get(&path).await.refused(401, "Unauthorized");
    }
}

#[tokio::test]
async fn accounts_are_changed_and_deleted_here_as_under_users() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.admin().await, app.user("bob").await);
    let path = format!("{LIST}/{}", bob.id());
    let changed = admin.patch_json(&path, &json!({"is_superuser": true})).await.expect(200);
    assert_eq!(changed.json()["is_superuser"], true);
    assert_eq!(changed.trail().await, ["account.updated success"]);
    assert!(user_now(&app, bob.user()).await.is_superuser);
    bob.get(LIST).await.expect(200);
    admin.delete(&path).await.expect(204);
    admin.delete(&path).await.refused(404, "Not Found");
    bob.get(ME).await.refused(401, "Unauthorized");
    let own = format!("{LIST}/{}", admin.id());
    admin.delete(&own).await.refused(409, "LAST_SUPERUSER");
    admin.patch_json(&own, &json!({"is_superuser": false})).await.refused(409, "LAST_SUPERUSER");
    admin.get(&own).await.refused(405, "Method Not Allowed");
}

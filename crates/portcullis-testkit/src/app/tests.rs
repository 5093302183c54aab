use super::*;
use serde_json::json;

#[tokio::test]
#[should_panic(expected = "no test looked at these mails")]
async fn a_mail_that_no_test_looked_at_is_a_failure() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.anonymous().post_json("/auth/forgot-password", &json!({"email": ada.email()})).await.expect(202);
}

#[tokio::test]
async fn a_mail_that_was_taken_or_that_nobody_cares_for_is_none() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.anonymous().post_json("/auth/forgot-password", &json!({"email": ada.email()})).await.expect(202);
    assert_eq!(app.mailbox().kinds(), [("ada@example.com".to_owned(), "reset_password")]);
    let app = TestApp::builder().ignore_mails().build().await;
    let ada = app.user("ada").await;
    app.anonymous().post_json("/auth/forgot-password", &json!({"email": ada.email()})).await.expect(202);
}

#[tokio::test]
async fn each_identity_is_what_its_name_says() {
    let app = TestApp::new().await;
    let me = "/users/me";
    let ada = app.user("ada").await;
    assert_eq!(ada.get(me).await.expect(200).json()["is_verified"], false);
    assert_eq!(app.verified("vera").await.get(me).await.expect(200).json()["is_verified"], true);
    for superuser in [app.admin().await, app.superuser("root").await] {
        assert_eq!(superuser.get(me).await.expect(200).json()["is_superuser"], true);
    }
    for opens in [app.minted_for(&ada).await, app.device_token(&ada).await, app.again(&ada).await.bearer()] {
        assert_eq!(opens.get(me).await.expect(200).json()["email"], ada.email());
    }
    let dead = [
        app.expired(&ada).await,
        app.deactivated("gone").await.bearer(),
        app.signed_out("out").await.bearer(),
        app.bearer("garbage"),
    ];
    for opens in dead {
        opens.get(me).await.refused(401, "Unauthorized");
    }
    app.anonymous().get(me).await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn an_answer_knows_the_rows_of_its_own_request_only() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let one = ada.post("/auth/jwt/logout").await;
    let other = bob.post("/auth/jwt/logout").await;
    assert_eq!(one.trail().await, ["session.ended success"]);
    assert_eq!(one.audit().await[0].actor_id, Some(ada.id()));
    assert_eq!(other.audit().await[0].actor_id, Some(bob.id()));
}

#[tokio::test]
#[should_panic(expected = "holds a password")]
async fn an_answer_with_a_password_in_it_is_a_failure() {
    let leaky = |_: &Auth| Router::new().route("/leak", axum::routing::post(async |body: String| body));
    let app = TestApp::builder().router(leaky).auth(|auth| auth).build().await;
    app.keep_from_answers("hunter2 hunter2");
    app.anonymous().post("/leak").untyped_body("it is hunter2 hunter2").await;
}

#[tokio::test]
#[should_panic(expected = "answered 500")]
async fn an_answer_that_says_our_own_fault_is_a_failure() {
    let broken = axum::routing::get(async || http::StatusCode::INTERNAL_SERVER_ERROR);
    let app = TestApp::builder().router(move |_| Router::new().route("/broken", broken)).build().await;
    app.anonymous().get("/broken").may_fail().await.expect(500);
    app.anonymous().get("/broken").await;
}

#[tokio::test]
async fn two_apps_on_one_database_are_two_replicas() {
    for kind in [StoreKind::Memory, StoreKind::Sqlite] {
        let one = TestApp::builder().store(kind).build().await;
        let other = TestApp::builder().beside(&one).build().await;
        let ada = one.user("ada").await;
        other.bearer(ada.bearer().text()).get("/users/me").await.expect(200);
        one.clock().advance(std::time::Duration::from_secs(3600));
        other.bearer(ada.bearer().text()).get("/users/me").await.expect(401);
    }
}

//! `POST {auth}/jwt/logout`.

use portcullis_testkit::{Identity, TestApp};

#[tokio::test]
async fn logout_ends_the_session_of_this_token_and_no_other() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let elsewhere = app.again(&ada).await;
    let answer = ada.post("/auth/jwt/logout").await.expect(204);
    assert_eq!(answer.bytes(), b"");
    assert_eq!(answer.trail().await, ["session.ended success"]);
    ada.get("/users/me").await.refused(401, "Unauthorized");
    elsewhere.get("/users/me").await.expect(200);
}

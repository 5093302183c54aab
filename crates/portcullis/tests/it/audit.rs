//! What every route leaves in the audit trail, and `GET {admin}/audit`.

use crate::support::{LOGIN, LOGOUT, ME, PASSWORD, REGISTER, register};
use portcullis::core::audit::AuditEvent;
use portcullis_testkit::{Call, Identity, StoreKind, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

/// The table: which request leaves which rows. Knows in the end which operations it has seen succeed.
#[derive(Default)]
struct Table {
    succeeded: BTreeSet<&'static str>,
}

impl Table {
    /// Sends a request, and compares status and rows. Gives the body for what follows.
    async fn row(&mut self, operation: &'static str, call: Call, status: u16, rows: &[&str]) -> Value {
        let answer = call.header("user-agent", "table/1").await.expect(status);
        assert_eq!(answer.trail().await, rows, "{operation} {status}");
        for row in answer.audit().await {
            assert_eq!(row.peer.as_deref(), Some("192.0.2.1"), "{operation}: from where");
            assert_eq!(row.agent.as_deref(), Some("table/1"), "{operation}: with what");
            assert_eq!(row.actor_kind == "user", row.actor_id.is_some(), "{operation}: who");
            assert!(AuditEvent::from_name(&row.event).is_some(), "{operation}: an event that can be filtered by");
        }
        if status < 400 {
            self.succeeded.insert(operation);
        }
        if answer.bytes().is_empty() { Value::Null } else { answer.json() }
    }
}

#[tokio::test]
async fn every_route_leaves_its_row_for_success_and_for_each_refusal() {
    let app = TestApp::builder().config(|config| config.allow_guests = true).ignore_mails().build().await;
    let mut table = Table::default();
    let nobody = app.anonymous();
    let admin = app.admin().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let minted = admin.mint(&bob).await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    let denied = ["access.denied refused FORBIDDEN"];
    let throttled = ["throttle.limited refused TOO_MANY_REQUESTS"];

    // Registration and guests.
    let new = |email: &str, password: &str| nobody.post_json(REGISTER, &json!({"email": email, "password": password}));
    table.row("register_user", new("new@example.com", PASSWORD), 201, &["account.created success"]).await;
    let taken = ["account.created refused REGISTER_USER_ALREADY_EXISTS"];
    table.row("register_user", new("NEW@example.com", PASSWORD), 400, &taken).await;
    let weak = ["account.created refused REGISTER_INVALID_PASSWORD"];
    table.row("register_user", new("weak@example.com", "password"), 400, &weak).await;
    table.row("register_user", new("no address", PASSWORD), 422, &[]).await;
    let guest = ["account.guest_created success", "session.created success"];
    table.row("create_guest", nobody.post("/auth/guest"), 200, &guest).await;

    // Login and logout.
    let login = |email: &str, password: &str| nobody.form(LOGIN, &[("username", email), ("password", password)]);
    table.row("login_jwt", login(ada.email(), ada.password()), 200, &["password.login success"]).await;
    let wrong = ["password.login refused LOGIN_BAD_CREDENTIALS"];
    table.row("login_jwt", login(ada.email(), "wrong"), 400, &wrong).await;
    table.row("login_jwt", login("nobody@example.com", "wrong"), 400, &wrong).await;
    for _ in 0..9 {
        login(ada.email(), "wrong").await.expect(400);
    }
    table.row("login_jwt", login(ada.email(), ada.password()), 429, &throttled).await;
    let over = app.again(&bob).await;
    table.row("logout_jwt", over.post(LOGOUT), 204, &["session.ended success"]).await;
    table.row("logout_jwt", over.post(LOGOUT), 401, &["session.token_refused refused SESSION_ENDED"]).await;
    let forged = app.bearer("not.a.token");
    table.row("logout_jwt", forged.post(LOGOUT), 401, &["session.token_refused refused TOKEN_MALFORMED"]).await;
    table.row("logout_jwt", nobody.post(LOGOUT), 401, &[]).await;
    table.row("logout_jwt", app.expired(&ada).await.post(LOGOUT), 401, &[]).await;
    let gone = app.deactivated("gone").await;
    let ended = app.auth().core().store.find_session(sid(&gone)).await.unwrap().unwrap().session.end_reason;
    assert_eq!(ended.as_deref(), Some("deactivated"));

    // Sessions that stay.
    let sign_in =
        |password: &str| nobody.post_json("/auth/login", &json!({"username": bob.email(), "password": password}));
    let tokens = table.row("login", sign_in(bob.password()), 200, &["password.login success"]).await;
    let wrong_one = ["password.login refused LOGIN_BAD_CREDENTIALS"];
    table.row("login", sign_in("wrong"), 401, &wrong_one).await;
    let refresh = |token: &Value| nobody.post_json("/auth/refresh", &json!({"refresh_token": token}));
    let next = ["session.refreshed success"];
    let newer = table.row("refresh_session", refresh(&tokens["refresh_token"]), 200, &next).await;
    let opens = app.bearer(newer["access_token"].as_str().unwrap());
    let unknown_one = ["session.refreshed refused REFRESH_TOKEN_INVALID"];
    table.row("refresh_session", refresh(&json!("a guess")), 401, &unknown_one).await;
    table.row("list_sessions", opens.get("/auth/sessions"), 200, &[]).await;
    let missing = ["session.ended refused SESSION_NOT_FOUND"];
    let of_ada = format!("/auth/sessions/{}", sid(&ada));
    table.row("end_session", opens.delete(&of_ada), 404, &missing).await;
    table
        .row("end_session", opens.delete(&format!("/auth/sessions/{}", sid(&bob))), 204, &["session.ended success"])
        .await;
    table.row("end_session", minted.delete(&of_ada), 403, &["session.ended refused FORBIDDEN"]).await;
    table.row("end_other_sessions", opens.delete("/auth/sessions"), 204, &["session.ended success"]).await;
    table.row("logout", opens.post("/auth/logout"), 204, &["session.ended success"]).await;
    let over_one = ["session.refreshed refused REFRESH_TOKEN_INVALID"];
    table.row("refresh_session", refresh(&newer["refresh_token"]), 401, &over_one).await;
    let bob = app.again(&bob).await;
    let minted = admin.mint(&bob).await;

    // One's own account.
    table.row("get_me", ada.get(ME), 200, &[]).await;
    let me = |body: Value| ada.patch_json(ME, &body);
    table.row("update_me", me(json!({"email": "Ada@example.com"})), 200, &["account.updated success"]).await;
    let taken = ["account.updated refused UPDATE_USER_EMAIL_ALREADY_EXISTS"];
    table.row("update_me", me(json!({"email": "bob@example.com"})), 400, &taken).await;
    let weak = ["account.updated refused UPDATE_USER_INVALID_PASSWORD"];
    table.row("update_me", me(json!({"password": "password"})), 400, &weak).await;
    let wrong = ["account.updated refused UPDATE_USER_CURRENT_PASSWORD_INVALID"];
    table.row("update_me", me(json!({"current_password": "wrong"})), 400, &wrong).await;
    for _ in 0..9 {
        me(json!({"current_password": "wrong"})).await.expect(400);
    }
    table.row("update_me", me(json!({"current_password": "wrong"})), 429, &throttled).await;
    let refused = ["account.updated refused FORBIDDEN"];
    table.row("update_me", minted.patch_json(ME, &json!({"password": PASSWORD})), 403, &refused).await;
    table.row("delete_user_me", bob.delete(ME), 403, &denied).await;

    // Accounts for superusers, in both places.
    table.row("get_user", admin.get(&bob.path()), 200, &[]).await;
    table.row("get_user", bob.get(&ada.path()), 403, &denied).await;
    table.row("list_users", admin.get("/admin/users"), 200, &[]).await;
    table.row("list_users", bob.get("/admin/users"), 403, &denied).await;
    for (patch, delete, under) in
        [("update_user", "delete_user", "/users"), ("update_user_as_admin", "delete_user_as_admin", "/admin/users")]
    {
        let one = app.user(&patch.replace('_', ".")).await;
        let (path, own) = (format!("{under}/{}", one.id()), format!("{under}/{}", admin.id()));
        let flag = json!({"is_verified": true});
        table.row(patch, admin.patch_json(&path, &flag), 200, &["account.updated success"]).await;
        let weak = ["account.updated refused UPDATE_USER_INVALID_PASSWORD"];
        table.row(patch, admin.patch_json(&path, &json!({"password": "x"})), 400, &weak).await;
        let last = ["account.updated refused LAST_SUPERUSER"];
        table.row(patch, admin.patch_json(&own, &json!({"is_active": false})), 409, &last).await;
        table.row(delete, admin.delete(&own), 409, &["account.deleted refused LAST_SUPERUSER"]).await;
        table.row(delete, admin.delete(&path), 204, &["account.deleted success"]).await;
        let missing = "refused USER_NOT_FOUND";
        table.row(delete, admin.delete(&path), 404, &[&format!("account.deleted {missing}")]).await;
        table.row(patch, admin.patch_json(&path, &flag), 404, &[&format!("account.updated {missing}")]).await;
        let eve = app.user(&format!("eve.{patch}")).await;
        table.row(patch, eve.patch_json(&path, &flag), 403, &denied).await;
        // The same refusal in the same minute is counted, not written again.
        let again = if patch == "update_user" { "delete_user" } else { "delete_user_as_admin" };
        table.row(again, eve.delete(&path), 403, &denied).await;
        table.row(again, eve.delete(&path), 403, &[]).await;
    }

    // Acting as somebody else.
    let mint = |id: &str| admin.post(&format!("/admin/users/{id}/token"));
    table.row("mint_token", mint(&bob.id().to_string()), 200, &["impersonation.minted success"]).await;
    table.row("mint_token", mint(&admin.id().to_string()), 403, &["impersonation.minted refused FORBIDDEN"]).await;
    table.row("mint_token", mint(unknown), 404, &["impersonation.minted refused USER_NOT_FOUND"]).await;
    table.row("mint_token", bob.post(&format!("/admin/users/{unknown}/token")), 403, &denied).await;

    // Mailed tokens.
    let post = |path: &str, body: Value| nobody.post_json(path, &body);
    let mailed =
        |email: &str| app.mailbox().take_for(email).last().and_then(|it| it.mail.token().map(str::to_owned)).unwrap();
    let ask = json!({"email": bob.email()});
    let asked = ["password.reset_requested success"];
    table.row("request_password_reset", post("/auth/forgot-password", ask.clone()), 202, &asked).await;
    let stranger = json!({"email": "nobody@example.com"});
    let asked = ["password.reset_requested refused USER_UNKNOWN"];
    table.row("request_password_reset", post("/auth/forgot-password", stranger.clone()), 202, &asked).await;
    let token = mailed(bob.email());
    let weak = ["password.reset refused RESET_PASSWORD_INVALID_PASSWORD"];
    table
        .row("reset_password", post("/auth/reset-password", json!({"token": token, "password": "x"})), 400, &weak)
        .await;
    let reset = json!({"token": token, "password": PASSWORD});
    table.row("reset_password", post("/auth/reset-password", reset.clone()), 200, &["password.reset success"]).await;
    let bad = ["password.reset refused BAD_TOKEN"];
    table.row("reset_password", post("/auth/reset-password", reset), 400, &bad).await;
    let asked = ["email.verify_requested success"];
    table.row("request_verify_token", post("/auth/request-verify-token", ask), 202, &asked).await;
    let asked = ["email.verify_requested refused USER_UNKNOWN"];
    table.row("request_verify_token", post("/auth/request-verify-token", stranger), 202, &asked).await;
    let token = json!({"token": mailed(bob.email())});
    table.row("verify_email", post("/auth/verify", token.clone()), 200, &["email.verified success"]).await;
    let done = ["email.verified refused VERIFY_USER_ALREADY_VERIFIED"];
    table.row("verify_email", post("/auth/verify", token), 400, &done).await;
    let bad = ["email.verified refused BAD_TOKEN"];
    table.row("verify_email", post("/auth/verify", json!({"token": "x"})), 400, &bad).await;

    // Device logins.
    let device = app.device_token(&ada).await;
    let start = || nobody.post("/auth/cli-login");
    let one = |login: &Value| format!("/auth/cli-login/{}", login["code"].as_str().unwrap());
    let poll = |login: &Value| nobody.get(&format!("{}?secret={}", one(login), login["secret"].as_str().unwrap()));
    let login = table.row("start_device", start(), 200, &["device.started success"]).await;
    table.row("poll_device", poll(&login), 200, &[]).await;
    let unknown = ["device.redeemed refused CHALLENGE_NOT_FOUND"];
    table.row("poll_device", nobody.get(&format!("{}?secret=x", one(&login))), 404, &unknown).await;
    table
        .row(
            "approve_device",
            minted_now(&app, &ada).await.patch(&one(&login)),
            403,
            &["device.approved refused FORBIDDEN"],
        )
        .await;
    table.row("approve_device", device.patch(&one(&login)), 403, &["device.approved refused FORBIDDEN"]).await;
    let nothing = ["device.approved refused CHALLENGE_NOT_FOUND"];
    table.row("approve_device", ada.patch("/auth/cli-login/BCDFGHJK"), 404, &nothing).await;
    table.row("approve_device", ada.patch(&one(&login)), 200, &["device.approved success"]).await;
    table.row("approve_device", ada.patch(&one(&login)), 404, &nothing).await;
    table.row("reject_device", admin.delete(&one(&login)), 404, &["device.rejected refused CHALLENGE_NOT_FOUND"]).await;
    table.row("poll_device", poll(&login), 200, &["device.redeemed success"]).await;
    table.row("poll_device", poll(&login), 404, &unknown).await;
    let login = start().await.json();
    table
        .row(
            "reject_device",
            minted_now(&app, &ada).await.delete(&one(&login)),
            403,
            &["device.rejected refused FORBIDDEN"],
        )
        .await;
    table.row("reject_device", ada.delete(&one(&login)), 204, &["device.rejected success"]).await;
    table.row("poll_device", poll(&login), 404, &unknown).await;
    let login = start().await.json();
    app.clock().advance(Duration::from_secs(300));
    table.row("poll_device", poll(&login), 410, &["device.redeemed refused CHALLENGE_EXPIRED"]).await;
    table.row("approve_device", ada.patch(&one(&login)), 410, &["device.approved refused CHALLENGE_EXPIRED"]).await;

    // The trail itself, and the document.
    table.row("list_audit", admin.get("/admin/audit"), 200, &[]).await;
    table.row("list_audit", ada.get("/admin/audit"), 403, &denied).await;

    // Reading the document of the API leaves nothing and asks for nothing; `DELETE /users/me` never succeeds.
    let missing: Vec<_> = app
        .auth()
        .manifest()
        .into_iter()
        .map(|route| route.operation)
        .filter(|operation| !table.succeeded.contains(operation) && *operation != "delete_user_me")
        .filter(|operation| *operation != "get_openapi" && !operation.starts_with("get_docs"))
        .collect();
    assert!(missing.is_empty(), "say here what these leave in the trail: {missing:?}");
}

fn sid(person: &portcullis_testkit::Person) -> portcullis::core::ids::SessionId {
    let claims = portcullis_testkit::forge::claims_of(person.bearer().text());
    portcullis::core::ids::SessionId(claims["sid"].as_str().unwrap().parse().unwrap())
}

async fn minted_now(app: &TestApp, person: &portcullis_testkit::Person) -> portcullis_testkit::Bearer {
    app.minted_for(person).await
}

#[tokio::test]
async fn the_next_row_says_how_many_like_it_were_left_out() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    for _ in 0..5 {
        ada.get("/admin/users").await.expect(403);
    }
    app.clock().advance(Duration::from_secs(60));
    let rows = ada.get("/admin/users").await.expect(403).audit().await;
    assert_eq!(rows[0].details, r#"{"repeated":"4","what":"list_users"}"#);
}

#[tokio::test]
async fn the_trail_is_for_superusers_and_nobody_changes_it() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let refused = ada.get("/admin/audit").await.expect(403);
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!((&refused.json()["code"], &refused.json()["status"]), (&json!("FORBIDDEN"), &json!(403)));
    assert_eq!(refused.json()["id"], refused.request_id());
    let nobody = app.anonymous().get("/admin/audit").await.expect(401);
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer"));
    assert_eq!(nobody.json()["code"], "UNAUTHORIZED");
    let admin = app.admin().await;
    let before = app.audit().await.len();
    for call in [
        admin.delete("/admin/audit"),
        admin.post("/admin/audit"),
        admin.patch("/admin/audit"),
        admin.call(http::Method::PUT, "/admin/audit"),
        admin.head("/admin/audit"),
    ] {
        call.await.expect(405);
    }
    admin.delete("/admin/audit/1").await.expect(404);
    assert_eq!(app.audit().await.len(), before);
}

#[tokio::test]
async fn rows_come_newest_first_in_pages_and_say_everything() {
    let app = TestApp::new().await;
    for number in 0..7 {
        app.clock().advance(Duration::from_secs(1));
        register(&app, &format!("u{number}@example.com"), PASSWORD).await.expect(201);
    }
    let admin = app.admin().await;
    let mut seen = Vec::new();
    let mut path = "/admin/audit?event=account.created&limit=3".to_owned();
    loop {
        let page = admin.get(&path).await.expect(200).json();
        let items = page["items"].as_array().unwrap().clone();
        assert!(items.len() <= 3);
        seen.extend(items);
        let Some(next) = page["next"].as_i64() else { break };
        path = format!("/admin/audit?event=account.created&limit=3&before={next}");
    }
    assert_eq!(seen.len(), 7);
    let ids: Vec<_> = seen.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "{ids:?}");
    let newest = &seen[0];
    assert_eq!(newest["at"], "2026-01-01T00:00:07Z");
    assert_eq!(
        (&newest["event"], &newest["result"], &newest["reason"]),
        (&json!("account.created"), &json!("success"), &json!(null))
    );
    assert_eq!(newest["actor"], json!({"kind": "anonymous", "id": null, "impersonator_id": null, "session_id": null}));
    assert!(newest["subject_id"].is_string() && newest["request_id"].is_string());
    assert_eq!((&newest["peer"], &newest["details"]), (&json!("192.0.2.1"), &json!({})));
}

#[tokio::test]
async fn rows_are_found_by_actor_subject_event_result_and_time() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.clock().advance(Duration::from_secs(3000));
    let minted = admin.mint(&bob).await;
    minted.post(LOGOUT).await.expect(204);
    ada.get("/admin/users").await.expect(403);
    let events = |query: String| {
        let call = admin.get(&format!("/admin/audit?{query}"));
        async move {
            let page = call.await.expect(200).json();
            let names = page["items"].as_array().unwrap().iter().map(|row| row["event"].as_str().unwrap().to_owned());
            names.collect::<Vec<_>>()
        }
    };
    assert_eq!(events(format!("actor={}", bob.id())).await, ["session.ended", "password.login"]);
    let by_admin = events(format!("actor={}&since=2026-01-01T00:50:00Z", admin.id())).await;
    assert_eq!(by_admin, ["session.ended", "impersonation.minted"], "what was done as somebody else is theirs too");
    assert_eq!(
        events(format!("subject={}", bob.id())).await,
        ["session.ended", "impersonation.minted", "password.login", "account.created"]
    );
    assert_eq!(events(format!("subject={}&result=refused", ada.id())).await, ["access.denied"]);
    assert_eq!(events("event=impersonation.minted".into()).await, ["impersonation.minted"]);
    assert_eq!(events("until=2026-01-01T00:50:00Z&event=impersonation.minted".into()).await.len(), 0);
    assert_eq!(events("since=2026-01-02".into()).await.len(), 0);
}

#[tokio::test]
async fn odd_filters_are_problems_that_name_the_parameter() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for (query, name) in [
        ("actor=bob", "actor"),
        ("subject=%00", "subject"),
        ("event=nothing", "event"),
        ("result=maybe", "result"),
        ("since=yesterday", "since"),
        ("until=2026-13-01", "until"),
        ("before=x", "before"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("event=account.created'--", "event"),
    ] {
        let answer = admin.get(&format!("/admin/audit?{query}")).await.expect(422);
        let body = answer.json();
        assert_eq!(body["code"], "INVALID_REQUEST", "{query}");
        assert_eq!(body["errors"][0]["loc"], json!(["query", name]), "{query}");
    }
}

#[tokio::test]
async fn who_comes_from_nowhere_leaves_rows_without_a_place() {
    let app = TestApp::new().await;
    register(&app, "near@example.com", PASSWORD).await.expect(201);
    let call = app.anonymous().post_json(REGISTER, &json!({"email": "far@example.com", "password": PASSWORD}));
    let call = call.from(Ipv4Addr::new(203, 0, 113, 9));
    let rows = call.header("x-forwarded-for", "10.0.0.1").header("forwarded", "for=10.0.0.1").await.audit().await;
    assert_eq!(rows[0].peer.as_deref(), Some("203.0.113.9"), "headers are never believed here");
}

/// Makes every audit row fail from now on, as a full disk would.
async fn break_the_trail(app: &TestApp) {
    let store = app.database().open_sqlite().await;
    let trigger = "CREATE TRIGGER no_audit BEFORE INSERT ON portcullis_audit BEGIN SELECT RAISE(ABORT, 'broken'); END";
    sqlx::query(trigger).execute(store.write_pool()).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_noted_does_not_happen_and_a_refusal_stays_one() {
    let app = TestApp::builder().store(StoreKind::Sqlite).ignore_mails().build().await;
    let admin = app.admin().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let login = app.anonymous().post("/auth/cli-login").await.expect(200).json();
    let one = format!("/auth/cli-login/{}", login["code"].as_str().unwrap());
    app.anonymous().post_json("/auth/forgot-password", &json!({"email": ada.email()})).await.expect(202);
    let token = app.mailbox().token(ada.email());
    break_the_trail(&app).await;
    let before = app.audit().await.len();

    let reset = json!({"token": token, "password": PASSWORD});
    for call in [
        app.anonymous().post_json(REGISTER, &json!({"email": "new@example.com", "password": PASSWORD})),
        app.anonymous().form(LOGIN, &[("username", ada.email()), ("password", ada.password())]),
        ada.patch_json(ME, &json!({"password": PASSWORD})),
        ada.patch_json(ME, &json!({"email": "other@example.com"})),
        ada.post(LOGOUT),
        ada.patch(&one),
        ada.delete(&one),
        admin.patch_json(&bob.path(), &json!({"is_superuser": true})),
        admin.delete(&bob.path()),
        admin.post(&format!("/admin/users/{}/token", bob.id())),
        app.anonymous().post_json("/auth/reset-password", &reset),
        app.anonymous().post("/auth/cli-login"),
    ] {
        let answer = call.may_fail().await;
        assert!(answer.status().is_server_error(), "{answer:?}");
    }
    let refused = app.anonymous().form(LOGIN, &[("username", ada.email()), ("password", "wrong")]);
    refused.await.refused(400, "LOGIN_BAD_CREDENTIALS");
    bob.get("/admin/users").await.refused(403, "Forbidden");
    app.bearer("forged").get(ME).await.refused(401, "Unauthorized");

    assert_eq!(app.audit().await.len(), before);
    assert_eq!(ada.get(ME).await.expect(200).json()["email"], ada.email());
    let users = app.auth().users();
    assert!(users.find_by_email("new@example.com").await.unwrap().is_none());
    assert_eq!(users.find(bob.id()).await.unwrap().as_ref(), Some(bob.user()));
    let sessions = app.auth().core().store.list_sessions(ada.id(), app.auth().core().clock.now()).await.unwrap();
    assert_eq!(sessions.len(), 1, "no sign-in that nobody noted");
}

//! The story itself: what happens to a deployment that moves over, step by step.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use portcullis_testkit::process::Launch;
use serde_json::{Value, json};

use super::database::Database;
use crate::dropin::{ADMIN, ADMIN_PASSWORD, SECRET};
use crate::seed::{self, Seed, SeedOptions};

/// How long ours may take to hear of a change that the Python process made; promised is one second.
const HEARING: Duration = Duration::from_secs(5);

const PASSWORD: &str = "tidal-lantern-41";
const OTHER_PASSWORD: &str = "copper-harbour-52";

/// Runs the whole story on one database.
pub async fn tell(database: &Database) {
    let seed = start_seed(database);
    let before = Before::prepare(&Side::new("seed", seed.base()), database).await;
    let process = launch(database).start().await;
    let (theirs, ours) = (Side::new("seed", seed.base()), Side::new("ours", process.url()));
    takes_over(&before, &theirs, &ours, database).await;
    accounts_of_the_other(&theirs, &ours, database).await;
    at_the_same_moment(&theirs, &ours).await;
    changes_of_the_other(&theirs, &ours).await;
    ends_of_the_other(&theirs, &ours).await;
    deletions(&before, &theirs, &ours, database).await;
    let process = process.kill_and_restart().await;
    let ours = Side::new("ours", process.url());
    ours.token(ADMIN, ADMIN_PASSWORD).await;
    theirs.token(ADMIN, ADMIN_PASSWORD).await;
}

fn start_seed(database: &Database) -> Seed {
    let options = SeedOptions::url(database.for_seed.clone())
        .with("ZNDRAW_AUTH_SECRET_KEY", SECRET)
        .with("ZNDRAW_AUTH_DEFAULT_ADMIN_EMAIL", ADMIN)
        .with("ZNDRAW_AUTH_DEFAULT_ADMIN_PASSWORD", ADMIN_PASSWORD)
        .with("SEED_HOST_TABLE", "job");
    Seed::start(&database.python, &options)
}

fn launch(database: &Database) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_portcullis"))
        .env("PORTCULLIS_DATABASE_URL", &database.for_ours)
        .env("PORTCULLIS_SECRET_KEY", SECRET)
        .env("PORTCULLIS_DEFAULT_ADMIN_EMAIL", ADMIN)
        .env("PORTCULLIS_DEFAULT_ADMIN_PASSWORD", ADMIN_PASSWORD)
        .env("PORTCULLIS_ALLOW_UNLIMITED", "true")
}

/// What the seed had before ours came.
struct Before {
    /// A token the seed made for `old@example.com`.
    token: String,
    /// The accounts that approved a login of the command-line tool: one redeemed, one still waiting.
    approvers: Vec<Account>,
    /// An account that a row of the host's own table refers to.
    owner: Account,
}

/// An account as the test knows it.
struct Account {
    id: String,
    token: String,
}

impl Before {
    async fn prepare(seed: &Side, database: &Database) -> Self {
        let token = seed.join("old@example.com").await.token;
        let owner = seed.join("owner@example.com").await;
        let mut approvers = Vec::new();
        if database.has_cli_login {
            for (email, redeems) in [("redeemed@example.com", true), ("waiting@example.com", false)] {
                let account = seed.join(email).await;
                let challenge = seed.send("POST", "/auth/cli-login", None, None).await.expect(200);
                let (code, secret) = (text(&challenge, "code"), text(&challenge, "secret"));
                let path = format!("/auth/cli-login/{code}");
                seed.send("PATCH", &path, Some(&account.token), None).await.expect(200);
                if redeems {
                    seed.send("GET", &format!("{path}?secret={secret}"), None, None).await.expect(200);
                }
                approvers.push(account);
            }
        }
        database.sql(&[&format!("INSERT INTO job (id, owner) VALUES (1, '{}')", owner.id)]);
        Self { token, approvers, owner }
    }
}

async fn takes_over(before: &Before, theirs: &Side, ours: &Side, database: &Database) {
    ours.token(ADMIN, ADMIN_PASSWORD).await;
    let token = ours.token("old@example.com", PASSWORD).await;
    assert_eq!(text(&ours.me(&token).await.expect(200), "email"), "old@example.com");
    ours.me(&before.token).await.expect(200);
    theirs.me(&token).await.expect(200);
    let claims = seed::ask(&database.python, &json!({"do": "claims", "token": token, "secret": SECRET}));
    assert_eq!(claims["sub"], ours.me(&token).await.expect(200)["id"], "PyJWT reads our token");
    let columns = |table: &str| {
        database.sql(&[&format!("SELECT * FROM {table} LIMIT 1")]).first().map(|row| row.as_array().map_or(0, Vec::len))
    };
    assert_eq!(columns("\"user\""), Some(6), "no column was added to the account table");
}

async fn accounts_of_the_other(theirs: &Side, ours: &Side, database: &Database) {
    for (here, there, email) in [(theirs, ours, "made-there@example.com"), (ours, theirs, "made-here@example.com")] {
        let account = here.join(email).await;
        there.me(&account.token).await.expect(200);
        let token = there.token(email, PASSWORD).await;
        here.me(&token).await.expect(200);
        here.token(email, PASSWORD).await;
        assert_eq!(there.register(&email.to_uppercase()).await.status, 400, "{email} is taken on both sides");
        assert_eq!(there.login(email, OTHER_PASSWORD).await.status, 400);
        let row = database.sql(&[&format!("SELECT hashed_password FROM \"user\" WHERE email = '{email}'")]);
        let request = json!({"do": "verify", "password": PASSWORD, "hash": row[0][0]});
        assert_eq!(seed::ask(&database.python, &request), true, "pwdlib takes the hash of {email}");
    }
}

/// Both write at once: one address has one owner, and ours answers no 5xx whatever the other process locks.
async fn at_the_same_moment(theirs: &Side, ours: &Side) {
    let spellings = ["race@example.com", "Race@example.com", "RACE@example.com"];
    let everywhere = spellings.iter().flat_map(|email| [theirs.register(email), ours.register(email)]);
    let answers = join_all(everywhere).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "one of them wins");
    for answer in answers.iter().skip(1).step_by(2) {
        assert!(matches!(answer.status, 201 | 400), "{}: {} {}", answer.asked, answer.status, answer.body);
    }
    let emails: Vec<_> = (0..6).map(|number| format!("crowd-{number}@example.com")).collect();
    let (their_half, our_half) = emails.split_at(3);
    let (_, answers) = tokio::join!(
        join_all(their_half.iter().map(|email| theirs.register(email))),
        join_all(our_half.iter().map(|email| ours.register(email)))
    );
    for answer in answers {
        answer.expect(201);
    }
}

async fn changes_of_the_other(theirs: &Side, ours: &Side) {
    for (here, there, name) in [(theirs, ours, "moves-there"), (ours, theirs, "moves-here")] {
        let (email, next) = (format!("{name}@example.com"), format!("{name}-2@example.com"));
        let token = there.join(&email).await.token;
        here.me(&token).await.expect(200);
        here.change_me(&token, json!({"password": OTHER_PASSWORD})).await.expect(200);
        assert_eq!(
            there.login(&email, PASSWORD).await.status,
            400,
            "the old password of {email} is gone on both sides"
        );
        let token = there.token(&email, OTHER_PASSWORD).await;
        there.change_me(&token, json!({"email": next})).await.expect(200);
        assert_eq!(here.login(&email, OTHER_PASSWORD).await.status, 400);
        here.token(&next, OTHER_PASSWORD).await;
    }
}

async fn ends_of_the_other(theirs: &Side, ours: &Side) {
    let (their_admin, our_admin) = (theirs.token(ADMIN, ADMIN_PASSWORD).await, ours.token(ADMIN, ADMIN_PASSWORD).await);
    // A login at the Python process replaces our hash by one with its own parameters. That is no new password, and nobody is
    // signed out by it; the change after it is one.
    let account = ours.join("changed-there@example.com").await;
    let token = theirs.token("changed-there@example.com", PASSWORD).await;
    ours.me(&account.token).await.expect(200);
    theirs.change_me(&token, json!({"password": OTHER_PASSWORD})).await.expect(200);
    ours.until_refused(&account.token, "a password changed by the seed").await;
    ours.token("changed-there@example.com", OTHER_PASSWORD).await;
    // The Python process deactivates.
    let account = ours.join("stopped-there@example.com").await;
    theirs.change(&their_admin, &account.id, json!({"is_active": false})).await.expect(200);
    ours.until_refused(&account.token, "an account deactivated by the seed").await;
    assert_eq!(ours.login("stopped-there@example.com", PASSWORD).await.status, 400);
    // Ours deactivates.
    let account = theirs.join("stopped-here@example.com").await;
    ours.change(&our_admin, &account.id, json!({"is_active": false})).await.expect(200);
    theirs.me(&account.token).await.expect(401);
    assert_eq!(theirs.login("stopped-here@example.com", PASSWORD).await.status, 400);
    // The Python process promotes, and takes it back.
    let account = ours.join("promoted-there@example.com").await;
    theirs.change(&their_admin, &account.id, json!({"is_superuser": true})).await.expect(200);
    ours.until("promotion", async || ours.read(&account.token, &account.id).await.status == 200).await;
    theirs.change(&their_admin, &account.id, json!({"is_superuser": false})).await.expect(200);
    ours.until("demotion", async || ours.read(&account.token, &account.id).await.status == 403).await;
}

async fn deletions(before: &Before, theirs: &Side, ours: &Side, database: &Database) {
    let (their_admin, our_admin) = (theirs.token(ADMIN, ADMIN_PASSWORD).await, ours.token(ADMIN, ADMIN_PASSWORD).await);
    // The Python process deletes an account that has a session with ours.
    let account = ours.join("deleted-there@example.com").await;
    theirs.delete(&their_admin, &account.id).await.expect(204);
    ours.until_refused(&account.token, "an account deleted by the seed").await;
    ours.read(&our_admin, &account.id).await.expect(404);
    ours.register("deleted-there@example.com").await.expect(201);
    // Ours deletes accounts that the seed's command-line login refers to.
    for account in &before.approvers {
        ours.delete(&our_admin, &account.id).await.expect(204);
        theirs.me(&account.token).await.expect(401);
        theirs.read(&their_admin, &account.id).await.expect(404);
    }
    if database.has_cli_login {
        let left = database.sql(&["SELECT COUNT(*) FROM cliloginchallenge WHERE user_id IS NOT NULL"]);
        assert_eq!(left[0][0], 0, "no challenge refers to a deleted account");
    }
    // A row of the host's own table holds its account.
    let refused = ours.delete(&our_admin, &before.owner.id).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.to_string().contains("USER_HAS_DEPENDENTS"), "{}", refused.body);
    assert!(refused.body.to_string().contains("job"), "the table is named: {}", refused.body);
    theirs.me(&before.owner.token).await.expect(200);
    database.sql(&["DELETE FROM job"]);
    ours.delete(&our_admin, &before.owner.id).await.expect(204);
    theirs.me(&before.owner.token).await.expect(401);
}

/// One of the two servers.
struct Side {
    name: &'static str,
    base: String,
    client: reqwest::Client,
}

/// An answer, and what was asked for the message of a failure.
struct Answer {
    asked: String,
    status: u16,
    body: Value,
}

impl Answer {
    /// The body, if the status is the expected one.
    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.body);
        self.body
    }
}

impl Side {
    fn new(name: &'static str, base: String) -> Self {
        let client =
            reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a plain client builds");
        Self { name, base, client }
    }

    async fn send(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method is a token");
        let asked = format!("{}: {method} {path}", self.name);
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = &body {
            request = request.json(body);
        }
        Self::answer(asked, request).await
    }

    async fn answer(asked: String, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        let status = response.status().as_u16();
        let bytes = response.bytes().await.expect("the body arrives whole");
        let body =
            serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into()));
        Answer { asked, status, body }
    }

    async fn register(&self, email: &str) -> Answer {
        self.send("POST", "/auth/register", None, Some(json!({"email": email, "password": PASSWORD}))).await
    }

    async fn login(&self, email: &str, password: &str) -> Answer {
        let request = self.client.post(format!("{}/auth/jwt/login", self.base));
        Self::answer(
            format!("{}: login of {email}", self.name),
            request.form(&[("username", email), ("password", password)]),
        )
        .await
    }

    async fn token(&self, email: &str, password: &str) -> String {
        text(&self.login(email, password).await.expect(200), "access_token")
    }

    /// Registers and logs in.
    async fn join(&self, email: &str) -> Account {
        let id = text(&self.register(email).await.expect(201), "id");
        Account { id, token: self.token(email, PASSWORD).await }
    }

    async fn me(&self, token: &str) -> Answer {
        self.send("GET", "/users/me", Some(token), None).await
    }

    async fn change_me(&self, token: &str, change: Value) -> Answer {
        self.send("PATCH", "/users/me", Some(token), Some(change)).await
    }

    async fn read(&self, token: &str, id: &str) -> Answer {
        self.send("GET", &format!("/users/{id}"), Some(token), None).await
    }

    async fn change(&self, token: &str, id: &str, change: Value) -> Answer {
        self.send("PATCH", &format!("/users/{id}"), Some(token), Some(change)).await
    }

    async fn delete(&self, token: &str, id: &str) -> Answer {
        self.send("DELETE", &format!("/users/{id}"), Some(token), None).await
    }

    async fn until_refused(&self, token: &str, after: &str) {
        self.until(after, async || self.me(token).await.status == 401).await;
    }

    /// Asks again until it is so; the news comes from another process.
    async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + HEARING;
        while !is_so().await {
            assert!(Instant::now() < deadline, "{} did not hear of it in time: {what}", self.name);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap_or_else(|| panic!("no {member} in {body}")).into()
}

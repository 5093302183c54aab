//! Where secrets never are: in the log, in the audit trail, in the database, in `Debug`.

use crate::support::{LOGOUT, ME, PASSWORD, login, register};
use portcullis_testkit::{Identity, SECRET, StoreKind, TestApp};
use serde_json::json;
use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::prelude::*;

thread_local! {
    /// What this thread has logged, once a test asked for it.
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Keeps what is logged on a thread that listens. For all tests of the program at once: a subscriber of one thread
/// alone is missed by those call sites that another thread was the first to pass.
struct Listener;

impl Write for Listener {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.as_mut().map(|log| log.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// From here on everything is kept that this thread logs.
fn listen() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let listening = dynamic_filter_fn(|_, _| LOG.with_borrow(Option::is_some));
        let layer = tracing_subscriber::fmt::layer().with_writer(|| Listener).with_ansi(false).with_filter(listening);
        tracing_subscriber::registry().with(layer).init();
    });
    LOG.set(Some(Vec::new()));
}

fn heard() -> String {
    String::from_utf8_lossy(&LOG.take().unwrap()).into_owned()
}

/// Uses every secret that there is, rightly and wrongly, and names them all.
async fn story(app: &TestApp) -> Vec<String> {
    let mut secrets = vec![SECRET.to_owned(), PASSWORD.to_owned()];
    let nobody = app.anonymous();
    let ada = app.user("ada").await;
    let admin = app.admin().await;
    secrets.extend([ada.password().to_owned(), admin.password().to_owned()]);
    secrets.extend([ada.bearer().text().to_owned(), admin.bearer().text().to_owned()]);
    let wrong = "a wrong but secret password";
    secrets.push(wrong.to_owned());
    login(app, ada.email(), wrong).await.expect(400);
    register(app, ada.email(), wrong).await.expect(400);
    register(app, "bob@example.com", PASSWORD).await.expect(201);
    ada.patch_json(ME, &json!({"current_password": wrong})).await.expect(400);
    nobody.post_json("/auth/register", &json!({"password": wrong})).await.expect(422);

    nobody.post_json("/auth/forgot-password", &json!({"email": ada.email()})).await.expect(202);
    let reset = app.mailbox().token(ada.email());
    nobody.post_json("/auth/request-verify-token", &json!({"email": ada.email()})).await.expect(202);
    let verify = app.mailbox().token(ada.email());
    secrets.extend([reset.clone(), verify.clone()]);

    // A second of each that stays open, so that what is stored of it is looked at too.
    for waiting in [false, true] {
        let started = nobody.post("/auth/cli-login").await.expect(200).json();
        let (code, secret) = (started["code"].as_str().unwrap(), started["secret"].as_str().unwrap());
        secrets.extend([code.to_owned(), secret.to_owned()]);
        ada.patch(&format!("/auth/cli-login/{code}")).await.expect(200);
        nobody.get(&format!("/auth/cli-login/{code}?secret=not{secret}")).await.expect(404);
        if !waiting {
            let polled = nobody.get(&format!("/auth/cli-login/{code}?secret={secret}")).await.expect(200).json();
            secrets.push(polled["token"].as_str().unwrap().to_owned());
        }
    }
    let minted = admin.mint(&ada).await;
    secrets.push(minted.text().to_owned());
    minted.patch_json(ME, &json!({"password": wrong})).await.expect(403);
    minted.post(LOGOUT).await.expect(204);
    minted.get(ME).await.expect(401);
    app.bearer(format!("{}x", ada.bearer().text())).get(ME).await.expect(401);

    nobody.post_json("/auth/verify", &json!({"token": format!("{verify}x")})).await.expect(400);
    nobody.post_json("/auth/verify", &json!({"token": verify})).await.expect(200);
    nobody.post_json("/auth/reset-password", &json!({"token": reset, "password": PASSWORD})).await.expect(200);
    // A mail that waits, with a token in it.
    app.mailbox().close(true);
    nobody.post_json("/auth/forgot-password", &json!({"email": ada.email()})).await.expect(202);
    app.mailbox().close(false);
    app.clock().advance(std::time::Duration::from_secs(61));
    app.deliver().await;
    secrets.extend(app.mailbox().take().iter().filter_map(|letter| letter.mail.token().map(str::to_owned)));
    secrets
}

#[tokio::test]
async fn no_secret_is_in_the_log_however_much_is_logged() {
    listen();
    let app = TestApp::builder().store(StoreKind::durable()).ignore_mails().build().await;
    let secrets = story(&app).await;
    let text = heard();
    assert!(text.contains("a token was refused"), "the log is heard");
    for secret in secrets {
        assert!(!text.contains(&secret), "the log holds {secret:?}");
    }
    assert!(!text.contains("$argon2id$"), "the log holds a hash");
}

#[tokio::test]
async fn no_secret_is_in_the_trail_or_in_debug() {
    let app = TestApp::builder().ignore_mails().build().await;
    let secrets = story(&app).await;
    let shown = format!("{:?} {:?} {:?}", app.audit().await, app, app.auth().config());
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret:?} is shown");
    }
    assert!(!shown.contains("$argon2id$"));
}

#[tokio::test]
async fn no_secret_is_in_the_database() {
    let app = TestApp::builder().store(StoreKind::Sqlite).ignore_mails().build().await;
    let secrets = story(&app).await;
    let file = app.database().file().unwrap();
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
        // Never the database's own files by descriptor: a copy is read, so that no lock is dropped.
        let copy = tempfile::NamedTempFile::new().unwrap();
        std::fs::copy(entry.unwrap().path(), copy.path()).unwrap();
        bytes.extend(std::fs::read(copy.path()).unwrap());
    }
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("ada@example.com"), "the files are the right ones");
    for secret in secrets {
        assert!(!text.contains(&secret), "the database holds {secret:?}");
    }
}

//! The app under test.
//!
//! * [`TestApp`]: a whole Portcullis in the test's own process, without a socket: a clock to advance, a mailbox to
//!   look into, and people to call as.
//! * [`fence`]: every route tried by every kind of caller, as one table of text.
//! * [`forge`]: tokens that nobody should accept.
//! * [`services`]: what `cargo xtask test` provides, by environment variable.
//! * [`postgres`]: a database of one's own.
//! * [`process`]: the real server binary, started, stopped, killed and started again.
//! * [`shell`]: commands as documents show them, run as they stand there.
//!
//! ```
//! use portcullis_testkit::{Identity, TestApp};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let app = TestApp::new().await;
//! let ada = app.user("ada").await;
//! assert_eq!(ada.get("/users/me").await.json()["email"], "ada@example.com");
//! assert_eq!(app.anonymous().get("/users/me").await.status(), 401);
//! # }
//! ```
//!
//! Everything in here panics with a sentence when it cannot do its work: that is how a test fails.

mod app;
pub mod fence;
pub mod forge;
pub mod postgres;
pub mod process;
pub mod services;
pub mod shell;

pub use app::{
    Anonymous, Bearer, Call, Database, HashCount, Identity, Mailbox, Person, Response, SECRET, StoreKind, TestApp,
    TestAppBuilder,
};

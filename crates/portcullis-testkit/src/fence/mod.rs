//! Every route tried by every kind of caller, as one table of text.
//!
//! 1. [`fence`] walks [`Auth::manifest`](portcullis::Auth::manifest). For each route and each [`Kind`] of caller it
//!    sets a fresh scene (people, a device login, a mailed token) and sends a request that is right in everything but,
//!    perhaps, the caller. So what decides is the policy, not validation.
//! 2. Each status is checked against the policy that the route declares: [`Kind::must_be`].
//! 3. `HEAD` is tried on every path, because a GET that redeems something must not run for it.
//! 4. [`assert_fence`] compares the table with the one that is checked in. A route that was added, removed or opened
//!    changes a line that somebody has to look at.

mod kind;
mod scene;

pub use kind::Kind;

use crate::{Identity, TestApp};
use portcullis::RouteInfo;
use scene::Scene;
use std::fmt::Write as _;
use std::path::Path;

/// Tries everything, and draws the table.
///
/// The app should have no limits (`allow_unlimited`) and have its guests allowed, so that neither decides.
///
/// # Panics
///
/// When a status contradicts the policy of its route, a request was not understood, or a route is not known here.
pub async fn fence(app: &TestApp) -> String {
    let routes = app.auth().manifest();
    let width = routes.iter().map(|route| line_head(route).len()).max().unwrap_or_default();
    let mut table = format!("{:width$}  {:9}", "route", "policy");
    for kind in Kind::ALL {
        let _ = write!(table, "  {}", kind.as_str());
    }
    table.push('\n');
    for route in &routes {
        let mut cells = Vec::new();
        for kind in Kind::ALL {
            let status = Scene::set(app, kind).await.call(route).await.status().as_u16();
            if let Err(problem) = kind.must_be(route.policy, status) {
                panic!("{} as {}: {problem}", line_head(route), kind.as_str());
            }
            cells.push(status);
        }
        draw(&mut table, &format!("{:width$}  {:9}", line_head(route), route.policy.as_str()), &cells);
    }
    heads(app, &routes, width, &mut table).await;
    table
}

async fn heads(app: &TestApp, routes: &[RouteInfo], width: usize, table: &mut String) {
    let mut scenes = Vec::new();
    for kind in Kind::ALL {
        scenes.push(Scene::set(app, kind).await);
    }
    let mut paths: Vec<&str> = routes.iter().map(|route| route.path.as_str()).collect();
    paths.dedup();
    let mut seen = Vec::new();
    for path in paths {
        if seen.contains(&path) {
            continue;
        }
        seen.push(path);
        let mut cells = Vec::new();
        for scene in &scenes {
            let status = scene.caller().head(&scene.fill(path)).await.status().as_u16();
            assert_eq!(status, 405, "HEAD {path}");
            cells.push(status);
        }
        draw(table, &format!("{:width$}  {:9}", format!("HEAD   {path}"), "none"), &cells);
    }
}

fn line_head(route: &RouteInfo) -> String {
    format!("{:6} {}", route.method.as_str(), route.path)
}

fn draw(table: &mut String, head: &str, cells: &[u16]) {
    table.push_str(head);
    for (kind, status) in Kind::ALL.into_iter().zip(cells) {
        let _ = write!(table, "  {status:<width$}", width = kind.as_str().len());
    }
    let end = table.trim_end().len();
    table.truncate(end);
    table.push('\n');
}

/// Compares [`fence`] with a file. With `UPDATE_FENCE=1` writes the file instead.
///
/// # Panics
///
/// When they differ, and as [`fence`].
#[expect(clippy::disallowed_methods, reason = "the developer says by this variable to write the table anew")]
pub async fn assert_fence(app: &TestApp, file: &Path) {
    let drawn = fence(app).await;
    if std::env::var("UPDATE_FENCE").is_ok_and(|value| value == "1") {
        std::fs::write(file, drawn).unwrap_or_else(|error| panic!("{} was not written: {error}", file.display()));
        return;
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let news: Vec<_> = drawn.lines().filter(|line| !kept.lines().any(|old| old == *line)).collect();
    let gone: Vec<_> = kept.lines().filter(|line| !drawn.lines().any(|new| new == *line)).collect();
    assert!(
        drawn == kept,
        "{} is not what the routes do. Run the test with UPDATE_FENCE=1 and look at the difference.\n\
         now:\n{}\nbefore:\n{}",
        file.display(),
        news.join("\n"),
        gone.join("\n")
    );
}

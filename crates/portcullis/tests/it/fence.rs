//! Every route, every kind of caller.

use portcullis_testkit::TestApp;
use portcullis_testkit::fence::assert_fence;
use std::path::Path;

#[tokio::test]
async fn every_route_answers_every_caller_as_the_table_says() {
    let app = TestApp::builder()
        .config(|config| {
            config.allow_guests = true;
            config.allow_unlimited = true;
        })
        .build()
        .await;
    assert_fence(&app, &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fence.txt")).await;
}

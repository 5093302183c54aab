//! Migrating.

use super::World;
use crate::store::Migrated;
use crate::testing::fixture::{START, at};

pub(super) async fn migrating_twice_changes_nothing(w: World) {
    let first = w.store.migrate(START).await.expect("an empty store can be migrated");
    assert_eq!(first.adopted, None, "there was nothing to adopt");
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let session = w.sign_in(user.id).await;
    let before = w.picture().await;
    let again = w.store.migrate(at(60)).await.expect("migrate works");
    assert_eq!((again.applied, again.adopted), (0, None), "{again:?}");
    w.unchanged(&before).await;
    assert!(w.opens(session).await);
}

pub(super) async fn eight_parallel_migrations_end_with_one_schema(w: World) {
    let done =
        w.race(8, |_, store| async move { store.migrate(START).await.expect("migrate works in parallel") }).await;
    assert!(done.iter().filter(|migrated| migrated.applied > 0).count() <= 1, "one does it: {done:?}");
    assert!(done.iter().all(|migrated: &Migrated| migrated.adopted.is_none()), "{done:?}");
    w.store.ready().await.expect("ready");
    w.person("ada@example.com").await;
}

pub(super) async fn a_migrated_store_is_ready(w: World) {
    let w = w.open().await;
    w.store.ready().await.expect("ready");
    assert!(!w.store.kind().is_empty());
}

pub(super) async fn a_store_that_was_empty_was_not_adopted(w: World) {
    let w = w.open().await;
    w.person("ada@example.com").await;
    w.store.migrate(at(60)).await.expect("migrate works");
    assert_eq!(w.store.adopted_at().await.expect("adopted_at works"), None);
}

//! Text that a database does not like.

use crate::support::on_each;
use portcullis_core::audit::{AuditEvent, AuditFilter};
use portcullis_core::store::CreateUser;
use portcullis_core::testing::fixture::{START, audit_entry, new_user};
use portcullis_core::throttle::{Limit, Verdict};

on_each! {
    async fn a_nul_finds_nothing_and_breaks_nothing(db) {
        let db = db.migrated().await;
        db.person("ada@example.com").await;
        assert_eq!(db.by_email("ada@example.com\0").await, None);
        let mut refused = audit_entry(AuditEvent::PasswordLogin).detail("typed", "a\0b");
        refused.agent = Some("a\0b".into());
        db.store.record(refused).await.expect("works");
        let filter = AuditFilter { event: Some("\0".into()), limit: 9, ..AuditFilter::default() };
        assert!(db.store.list_audit(&filter).await.expect("works").is_empty());
    }

    async fn a_limit_counts_by_keys_of_any_length_and_content(db) {
        let db = db.migrated().await;
        let limit = Limit::per_hour(1, 1);
        for key in ["login:\0".to_owned(), "x".repeat(10_000), format!("{}y", "x".repeat(9_999))] {
            assert_eq!(db.store.take(&key, limit, START).await.expect("works"), Verdict::Allowed);
            assert!(matches!(db.store.take(&key, limit, START).await, Ok(Verdict::Limited { .. })));
            db.store.forget(&key).await.expect("works");
            assert_eq!(db.store.take(&key, limit, START).await.expect("works"), Verdict::Allowed);
        }
    }

    async fn an_address_of_another_program_that_grows_beyond_an_index_stops_nobody(db) {
        let db = db.migrated().await;
        // One letter that becomes eighteen by compatibility.
        let long = format!("{}@example.com", "\u{fdfa}".repeat(300));
        let id = portcullis_core::ids::UserId::random(&portcullis_core::rng::OsRng);
        db.insert_user(id, &long).await;
        assert!(matches!(db.try_create(new_user("ada@example.com")).await, CreateUser::Created(_)));
        assert_eq!(db.by_email(&long).await, Some(id));
    }
}

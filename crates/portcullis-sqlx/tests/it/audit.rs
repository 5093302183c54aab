//! What cannot be written to the audit trail does not happen (invariant 6).

use crate::support::on_each;
use portcullis_core::account::Epoch;
use portcullis_core::audit::AuditEvent;
use portcullis_core::store::NoHook;
use portcullis_core::testing::fixture::{at, audit_entry, new_session, new_user};

on_each! {
    async fn what_cannot_be_audited_does_not_happen(db) {
        let db = db.migrated().await;
        let (root, ada) = (db.superuser("root@example.com").await, db.person("ada@example.com").await);
        let open = db.sign_in(ada.id).await;
        db.run("ALTER TABLE portcullis_audit RENAME TO elsewhere").await;

        let created = db.store.create_user(new_user("bob@example.com"), audit_entry(AuditEvent::AccountCreated), &NoHook);
        assert!(created.await.is_err());
        let session = new_session(ada.id, Epoch(db.epoch(ada.id).await));
        let lost = session.id;
        assert!(db.store.create_session(session, None, audit_entry(AuditEvent::PasswordLogin)).await.is_err());
        let ended = db.store.end_session(open, ada.id, "signed_out", at(1), audit_entry(AuditEvent::SessionEnded));
        assert!(ended.await.is_err());
        assert!(db.store.delete_user(ada.id, at(1), audit_entry(AuditEvent::AccountDeleted)).await.is_err());

        db.run("ALTER TABLE elsewhere RENAME TO portcullis_audit").await;
        assert_eq!(db.by_email("bob@example.com").await, None);
        assert!(!db.opens(lost).await && db.opens(open).await);
        assert_eq!(db.number(r#"SELECT COUNT(*) FROM "user""#).await, 2);
        assert!(db.by_email(&root.email).await.is_some());
    }
}

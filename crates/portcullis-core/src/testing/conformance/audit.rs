//! The audit trail: what is written comes back, and can be found.

use super::World;
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent, AuditFilter, AuditResult, AuditRow};
use crate::ids::{SessionId, UserId};
use crate::rng::OsRng;
use crate::testing::fixture::{START, at, audit_entry, context_at, just_before};
use uuid::Uuid;

async fn record(w: &World, entry: AuditEntry) {
    w.store.record(entry).await.expect("record works");
}

async fn list(w: &World, filter: AuditFilter) -> Vec<AuditRow> {
    w.store.list_audit(&filter).await.expect("list_audit works")
}

fn all() -> AuditFilter {
    AuditFilter { limit: 1000, ..AuditFilter::default() }
}

pub(super) async fn a_row_comes_back_as_it_was_written(w: World) {
    let w = w.open().await;
    let (id, session, admin) = (UserId::random(&OsRng), SessionId::random(&OsRng), UserId::random(&OsRng));
    let (subject, object) = (UserId::random(&OsRng), Uuid::from(SessionId::random(&OsRng)));
    let ctx = context_at(at(7));
    let actor = Actor::User { id, session: Some(session), impersonator: Some(admin) };
    let entry = AuditEntry::refused(&ctx, actor, AuditEvent::AccessDenied, "NOT_ALLOWED")
        .subject(subject)
        .object(object)
        .detail("route", "GET /admin/users")
        .detail("nothing", "");
    record(&w, entry).await;
    let rows = w.trail().await;
    let [row] = &rows[..] else { panic!("one row: {rows:?}") };
    let expected = AuditRow {
        id: row.id,
        at: at(7),
        event: "access.denied".into(),
        result: "refused".into(),
        reason: Some("NOT_ALLOWED".into()),
        actor_kind: "user".into(),
        actor_id: Some(id),
        session_id: Some(session),
        impersonator_id: Some(admin),
        subject_id: Some(subject),
        object_id: Some(object),
        peer: Some("192.0.2.7".into()),
        agent: Some("fixture/1.0".into()),
        request_id: ctx.request_id.to_string(),
        details: row.details.clone(),
    };
    assert_eq!(*row, expected);
    let details: serde_json::Value = serde_json::from_str(&row.details).expect("a JSON object");
    assert_eq!(details, serde_json::json!({"route": "GET /admin/users"}));
}

pub(super) async fn a_row_of_nobody_from_nowhere_comes_back_empty(w: World) {
    let w = w.open().await;
    for (actor, kind) in
        [(Actor::Anonymous, "anonymous"), (Actor::Host, "host"), (Actor::Console, "console"), (Actor::System, "system")]
    {
        let mut entry = AuditEntry::success(&context_at(START), actor, AuditEvent::AdminEnsured);
        (entry.peer, entry.agent) = (None, None);
        record(&w, entry).await;
        let row = w.trail().await.pop().expect("a row");
        assert_eq!((row.actor_kind.as_str(), row.result.as_str()), (kind, "success"));
        assert_eq!((row.reason, row.actor_id, row.session_id, row.impersonator_id), (None, None, None, None));
        assert_eq!((row.subject_id, row.object_id, row.peer, row.agent), (None, None, None, None));
        let details: serde_json::Value = serde_json::from_str(&row.details).expect("a JSON object");
        assert_eq!(details, serde_json::json!({}));
    }
}

pub(super) async fn details_keep_every_letter(w: World) {
    let w = w.open().await;
    let odd = "\"quoted\" \\ back\nnew\tline 'single' ; -- {\"a\":1} äß 日本 🦀 \u{1b}[31m %s $1 ?";
    let long = "x".repeat(5000);
    record(&w, audit_entry(AuditEvent::AccessDenied).detail("odd", odd).detail("long", &*long)).await;
    let row = w.trail().await.pop().expect("a row");
    let details: serde_json::Value = serde_json::from_str(&row.details).expect("a JSON object");
    assert_eq!(details["odd"], odd);
    assert_eq!(details["long"], long);
}

pub(super) async fn every_event_has_a_name_that_is_found_again(w: World) {
    let w = w.open().await;
    for event in AuditEvent::ALL {
        record(&w, audit_entry(*event)).await;
    }
    for event in AuditEvent::ALL {
        let filter = AuditFilter { event: Some(event.as_str().to_owned()), ..all() };
        let found: Vec<_> = list(&w, filter).await.into_iter().map(|row| row.event).collect();
        assert_eq!(found, [event.as_str()]);
    }
    for unknown in ["", "account", "account.%", "account.created\0"] {
        assert_eq!(list(&w, AuditFilter { event: Some(unknown.to_owned()), ..all() }).await, [], "{unknown:?}");
    }
}

pub(super) async fn rows_are_found_by_who_and_whom(w: World) {
    let w = w.open().await;
    let (ada, bob, admin) = (UserId::random(&OsRng), UserId::random(&OsRng), UserId::random(&OsRng));
    let acts = |id, impersonator| {
        let actor = Actor::User { id, session: None, impersonator };
        AuditEntry::success(&context_at(START), actor, AuditEvent::AccountUpdated)
    };
    record(&w, acts(ada, None).subject(ada)).await;
    record(&w, acts(ada, Some(admin)).subject(bob)).await;
    record(&w, acts(admin, None).subject(ada)).await;
    record(&w, audit_entry(AuditEvent::AccessDenied).subject(bob)).await;
    let ids: Vec<_> = w.trail().await.into_iter().map(|row| row.id).collect();
    let found = async |filter| -> Vec<usize> {
        let rows = list(&w, filter).await;
        rows.iter().map(|row| ids.iter().position(|id| *id == row.id).expect("known")).collect()
    };
    assert_eq!(found(AuditFilter { actor: Some(ada), ..all() }).await, [1, 0]);
    assert_eq!(found(AuditFilter { actor: Some(admin), ..all() }).await, [2, 1], "also as somebody");
    assert_eq!(found(AuditFilter { actor: Some(bob), ..all() }).await, [0; 0]);
    assert_eq!(found(AuditFilter { subject: Some(bob), ..all() }).await, [3, 1]);
    assert_eq!(found(AuditFilter { actor: Some(admin), subject: Some(ada), ..all() }).await, [2]);
}

pub(super) async fn rows_are_found_by_result_and_time(w: World) {
    let w = w.open().await;
    for secs in [0, 10, 20] {
        let ctx = context_at(at(secs));
        record(&w, AuditEntry::success(&ctx, Actor::Anonymous, AuditEvent::PasswordLogin)).await;
        record(&w, AuditEntry::refused(&ctx, Actor::Anonymous, AuditEvent::PasswordLogin, "BAD")).await;
    }
    let times = async |filter| -> Vec<_> { list(&w, filter).await.into_iter().map(|row| row.at).collect() };
    let good = AuditFilter { result: Some(AuditResult::Success), ..all() };
    assert_eq!(times(good.clone()).await, [at(20), at(10), at(0)]);
    assert_eq!(times(AuditFilter { since: Some(at(10)), ..good.clone() }).await, [at(20), at(10)]);
    assert_eq!(times(AuditFilter { until: Some(at(10)), ..good.clone() }).await, [at(0)]);
    let middle = AuditFilter { since: Some(at(10)), until: Some(at(20)), ..good.clone() };
    assert_eq!(times(middle).await, [at(10)]);
    let edge = AuditFilter { since: Some(just_before(at(20))), ..good };
    assert_eq!(times(edge).await, [at(20)]);
    let bad = list(&w, AuditFilter { result: Some(AuditResult::Refused), ..all() }).await;
    assert!(bad.len() == 3 && bad.iter().all(|row| row.reason.as_deref() == Some("BAD")));
}

pub(super) async fn pages_follow_each_other_newest_first_while_rows_are_written(w: World) {
    let w = w.open().await;
    for number in 0..10 {
        record(&w, audit_entry(AuditEvent::PasswordLogin).detail("number", format!("{number}"))).await;
    }
    let mut expected: Vec<_> = w.trail().await.into_iter().map(|row| row.id).collect();
    expected.reverse();
    assert!(expected.is_sorted_by(|a, b| a > b), "growing");
    let (mut pages, mut before_id) = (Vec::new(), None);
    // As often as there are pages, and once more; a cursor that stands still shall fail and not hang.
    for _ in 0..5 {
        let page = list(&w, AuditFilter { before_id, limit: 3, ..AuditFilter::default() }).await;
        let Some(last) = page.last() else { break };
        before_id = Some(last.id);
        pages.push(page.iter().map(|row| row.id).collect::<Vec<_>>());
        record(&w, audit_entry(AuditEvent::PasswordLogin)).await;
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 1]);
    assert_eq!(pages.concat(), expected);
    assert_eq!(list(&w, AuditFilter { limit: 0, ..AuditFilter::default() }).await, []);
}

pub(super) async fn parallel_rows_are_all_kept(w: World) {
    let w = w.open().await;
    w.race(50, |number, store| async move {
        let entry = audit_entry(AuditEvent::PasswordLogin).detail("number", format!("{number:02}"));
        store.record(entry).await.expect("record works");
    })
    .await;
    let rows = w.trail().await;
    let mut details: Vec<_> = rows.iter().map(|row| row.details.clone()).collect();
    details.sort();
    details.dedup();
    assert_eq!((rows.len(), details.len()), (50, 50));
    assert!(rows.is_sorted_by(|a, b| a.id < b.id), "no two have one place");
}

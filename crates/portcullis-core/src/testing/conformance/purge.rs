//! Housekeeping: what is old enough goes, and nothing else.

use super::World;
use super::event::nothing;
use crate::account::{AccountKind, ChangeTo, NewUser};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::clock::Timestamp;
use crate::device::DeviceStatus;
use crate::digest::Digest;
use crate::one_time::Purpose;
use crate::session::SessionKind;
use crate::store::{PurgeBefore, Purged};
use crate::testing::fixture::{START, at, audit_entry, context_at, just_before, new_user, password_hash};
use crate::throttle::{Limit, Verdict};
use std::time::Duration;

async fn purge(w: &World, before: PurgeBefore) -> Purged {
    w.store.purge(&before).await.expect("purge works")
}

/// The first microsecond after `moment`.
fn after(moment: Timestamp) -> Timestamp {
    moment + Duration::from_micros(1)
}

pub(super) async fn nothing_old_means_nothing_purged(w: World) {
    let w = w.open().await;
    assert_eq!(purge(&w, nothing()).await, Purged::default());
    let user = w.person("ada@example.com").await;
    let session = w.sign_in(user.id).await;
    w.send_one_time(Purpose::ResetPassword, &user, "reset").await;
    w.approved_device(user.id, "BCDFGHJK").await;
    let before = w.picture().await;
    assert_eq!(purge(&w, nothing()).await, Purged::default());
    w.unchanged(&before).await;
    assert!(w.opens(session).await);
}

pub(super) async fn sessions_go_when_they_ended_or_expired_before_the_boundary(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let (long, ended, short) = (
        w.sign_in_as(user.id, |new| new.expires_at = at(10_000)).await,
        w.sign_in(user.id).await,
        w.sign_in_as(user.id, |new| new.expires_at = at(300)).await,
    );
    let audit = audit_entry(AuditEvent::SessionEnded);
    assert!(w.store.end_session(ended, user.id, "signed_out", at(60), audit).await.expect("end_session works"));
    for (boundary, gone) in [(at(60), 0), (after(at(60)), 1), (at(300), 0), (after(at(300)), 1), (at(5000), 0)] {
        let purged = purge(&w, PurgeBefore { sessions: boundary, ..nothing() }).await;
        assert_eq!(purged, Purged { sessions: gone, ..Purged::default() }, "before {boundary:?}");
    }
    for (session, stays) in [(long, true), (ended, false), (short, false)] {
        assert_eq!(w.store.find_session(session).await.expect("find_session works").is_some(), stays);
    }
    assert!(w.opens_at(long, at(5000)).await);
}

pub(super) async fn one_time_values_go_when_they_expired_before_the_boundary(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    w.send_one_time(Purpose::ResetPassword, &user, "reset").await;
    let digest = Digest::of(b"reset");
    let found = || w.store.find_one_time(Purpose::ResetPassword, &digest, at(60));
    assert_eq!(purge(&w, PurgeBefore { one_times: at(3600), ..nothing() }).await.one_times, 0);
    assert!(found().await.expect("find_one_time works").is_some());
    assert_eq!(purge(&w, PurgeBefore { one_times: after(at(3600)), ..nothing() }).await.one_times, 1);
    assert!(found().await.expect("find_one_time works").is_none());
}

pub(super) async fn device_logins_go_when_they_expired_before_the_boundary(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let device = w.approved_device(user.id, "BCDFGHJK").await;
    assert!(w.redeem(&device, at(10)).await);
    assert_eq!(purge(&w, PurgeBefore { devices: at(300), ..nothing() }).await.devices, 0);
    assert_eq!(w.device("BCDFGHJK").await.status, DeviceStatus::Redeemed, "a used one stays as a row until then");
    assert_eq!(purge(&w, PurgeBefore { devices: after(at(300)), ..nothing() }).await.devices, 1);
    let found = w.store.find_device(&Digest::of(b"BCDFGHJK")).await.expect("find_device works");
    assert!(found.is_none());
    assert_eq!(w.store.list_sessions(user.id, at(60)).await.expect("list_sessions works").len(), 1);
}

pub(super) async fn audit_rows_go_when_they_are_older_than_the_boundary(w: World) {
    let w = w.open().await;
    for secs in [0, 10, 20] {
        let entry = AuditEntry::success(&context_at(at(secs)), Actor::System, AuditEvent::PasswordLogin);
        w.store.record(entry).await.expect("record works");
    }
    let ids: Vec<_> = w.trail().await.into_iter().map(|row| row.id).collect();
    assert_eq!(purge(&w, PurgeBefore { audit: at(10), ..nothing() }).await.audit, 1);
    assert_eq!(w.trail().await.into_iter().map(|row| row.id).collect::<Vec<_>>(), ids[1..]);
    assert_eq!(purge(&w, PurgeBefore { audit: at(30), ..nothing() }).await.audit, 2);
    w.store.record(audit_entry(AuditEvent::PasswordLogin)).await.expect("record works");
    let row = w.trail().await.pop().expect("a row");
    assert!(row.id > ids[2], "a cursor from before the purge stays right");
}

pub(super) async fn expired_denials_and_full_buckets_go(w: World) {
    let w = w.open().await;
    let user = w.person("ada@example.com").await;
    let audit = || audit_entry(AuditEvent::SessionEnded);
    w.store.deny_legacy(&Digest::of(b"long"), at(3600), audit()).await.expect("deny_legacy works");
    w.store.deny_legacy(&Digest::of(b"short"), at(60), audit()).await.expect("deny_legacy works");
    let limit = Limit { burst: 1, refill: Duration::from_secs(600) };
    assert_eq!(w.store.take("a", limit, START).await.expect("take works"), Verdict::Allowed);
    purge(&w, PurgeBefore { now: at(100), ..nothing() }).await;
    let state = w.store.find_legacy(user.id, &Digest::of(b"long")).await.expect("find_legacy works");
    assert!(state.expect("is there").denied, "it is still needed");
    let verdict = w.store.take("a", limit, at(100)).await.expect("take works");
    assert_eq!(verdict, Verdict::Limited { retry_after: Duration::from_secs(500) }, "it is still needed");
    purge(&w, PurgeBefore { now: at(3600), ..nothing() }).await;
    assert_eq!(w.store.take("a", limit, at(3600)).await.expect("take works"), Verdict::Allowed);
}

pub(super) async fn guests_go_when_they_are_old_and_nobody_uses_them(w: World) {
    let w = w.open().await;
    let person = w.person("ada@example.com").await;
    let mut guests = Vec::new();
    for name in ["live", "ended", "expired", "outdated", "never", "young"] {
        let created_at = if name == "young" { at(60) } else { START };
        let kind = AccountKind::Guest;
        let new = NewUser { kind, created_at, ..new_user(&format!("{name}@guests.example.com")) };
        guests.push(w.create(new).await);
    }
    let [live, ended, expired, outdated, never, young] = &guests[..] else { panic!("six") };
    let long = w.sign_in_as(live.id, |new| new.kind = SessionKind::Guest).await;
    let over = w.sign_in(ended.id).await;
    let audit = audit_entry(AuditEvent::SessionEnded);
    assert!(w.store.end_session(over, ended.id, "signed_out", at(10), audit).await.expect("end_session works"));
    w.sign_in_as(expired.id, |new| new.expires_at = at(120)).await;
    w.sign_in(outdated.id).await;
    w.updated(outdated.id, |change| change.password = ChangeTo::Set(password_hash("new"))).await;
    let trail = w.trail().await.len();

    let edge = PurgeBefore { now: just_before(at(120)), guests: START, ..nothing() };
    assert_eq!(purge(&w, edge).await.guests, 0, "none was created before the boundary");
    let purged = purge(&w, PurgeBefore { now: at(120), guests: at(60), ..nothing() }).await;
    assert_eq!(purged.guests, 4);
    for gone in [ended, expired, outdated, never] {
        assert_eq!(w.store.find_user(gone.id).await.expect("find_user works"), None, "{}", gone.email);
        assert_eq!(w.by_email(&gone.email).await, None, "{}", gone.email);
    }
    for stays in [live, young, &person] {
        assert_eq!(w.store.find_user(stays.id).await.expect("find_user works").as_ref(), Some(stays));
    }
    assert!(w.opens(long).await);
    assert!(w.trail().await.len() >= trail, "what was written about them stays");
}

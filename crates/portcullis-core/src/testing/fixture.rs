//! Ready-made values. A test changes the member that it is about, and leaves the rest.
//!
//! Ids are drawn anew at each call; times start at [`START`] and go on by [`at`].

use crate::account::{AccountKind, Epoch, NewUser, User};
use crate::actor::Actor;
use crate::audit::{AuditEntry, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::device::NewDevice;
use crate::digest::Digest;
use crate::email_address::EmailKey;
use crate::ids::{DeviceId, OneTimeId, RequestId, SessionId, UserId};
use crate::one_time::{NewOneTime, Purpose};
use crate::outbox::NewMail;
use crate::password_hasher::PasswordHash;
use crate::rng::OsRng;
use crate::session::{NewSession, SessionKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// The moment at which everything here begins: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_secs(1_767_225_600);

/// The moment `secs` seconds after [`START`].
pub fn at(secs: u64) -> Timestamp {
    START + Duration::from_secs(secs)
}

/// The moment just before `moment`.
pub fn just_before(moment: Timestamp) -> Timestamp {
    moment - Duration::from_micros(1)
}

/// A request at `now`, from an address of the documentation range (RFC 5737).
pub fn context_at(now: Timestamp) -> Context {
    Context {
        now,
        request_id: RequestId::random(&OsRng),
        peer: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))),
        agent: Some("fixture/1.0".to_owned()),
    }
}

/// A row about something that an unknown caller achieved at [`START`].
pub fn audit_entry(event: AuditEvent) -> AuditEntry {
    AuditEntry::success(&context_at(START), Actor::Anonymous, event)
}

/// A string in the form of a hash with today's parameters. The same word gives the same hash; no password opens it.
pub fn password_hash(word: &str) -> PasswordHash {
    let digest = STANDARD_NO_PAD.encode(Digest::of(word.as_bytes()).as_bytes());
    PasswordHash::from_stored(format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA${digest}"))
}

/// An active, unverified account of a person with the hash of the word `password`.
pub fn new_user(email: &str) -> NewUser {
    NewUser {
        id: UserId::random(&OsRng),
        email: email.to_owned(),
        email_key: EmailKey::of(email),
        password: password_hash("password"),
        is_active: true,
        is_superuser: false,
        is_verified: false,
        kind: AccountKind::Person,
        dev_superuser: false,
        created_at: START,
    }
}

/// An active, verified superuser.
pub fn new_superuser(email: &str) -> NewUser {
    NewUser { is_superuser: true, is_verified: true, ..new_user(email) }
}

/// A session of `user` by password, from [`START`] for an hour.
pub fn new_session(user: UserId, epoch: Epoch) -> NewSession {
    NewSession {
        id: SessionId::random(&OsRng),
        user_id: user,
        kind: SessionKind::Password,
        created_at: START,
        expires_at: at(3600),
        peer: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))),
        agent: Some("fixture/1.0".to_owned()),
        epoch,
        impersonator: None,
        refresh: None,
    }
}

/// A one-time value for `user` at the present address, from [`START`] for an hour. The word stands for the token.
pub fn new_one_time(purpose: Purpose, user: &User, word: &str) -> NewOneTime {
    NewOneTime {
        id: OneTimeId::random(&OsRng),
        purpose,
        user_id: user.id,
        digest: Digest::of(word.as_bytes()),
        email_key: EmailKey::of(&user.email),
        created_at: START,
        expires_at: at(3600),
    }
}

/// A mail from [`START`] with a few bytes that stand for its encrypted text.
pub fn new_mail(to: &str) -> NewMail {
    NewMail { to: to.to_owned(), kind: "password_changed", sealed: vec![0, 1, 2, 255], created_at: START }
}

/// A device login from [`START`] for five minutes. The words stand for the user code and the device secret.
pub fn new_device(code: &str, secret: &str) -> NewDevice {
    NewDevice {
        id: DeviceId::random(&OsRng),
        code: Digest::of(code.as_bytes()),
        secret: Digest::of(secret.as_bytes()),
        created_at: START,
        expires_at: at(300),
        peer: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))),
        agent: Some("fixture/1.0".to_owned()),
    }
}

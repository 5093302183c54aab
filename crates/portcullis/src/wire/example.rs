//! What goes over the wire, as the OpenAPI document shows it.

use super::{
    AuditActor, AuditItem, AuditPage, BearerToken, DeviceApproved, DevicePoll, DeviceStarted, GuestToken, SessionItem,
    SessionList, TokenSet, UserList, UserRead,
};
use portcullis_core::audit::{AuditEvent, AuditResult};
use portcullis_core::clock::Timestamp;
use serde_json::value::RawValue;
use std::time::Duration;
use uuid::{Uuid, uuid};

const ADA: Uuid = uuid!("3f2b8c1e-7d4a-4b60-9a52-0c6d5e1f8a37");
const BOB: Uuid = uuid!("b81e5f0a-52c9-4f3d-8f6e-4a7c92d1e003");
const SESSION: Uuid = uuid!("9c4e1d77-0b1f-4f7a-a6d3-2e8b5f90c1ad");
const REQUEST: Uuid = uuid!("5b0d6f1c-3a84-4c29-b7e1-6d2f9a08e4b5");

/// A token of Ada's that ended in January 2026, signed with a secret that nobody has.
const TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJhdWQiOlsiZmFzdGFwaS11c2VyczphdXRoIl0sInN1YiI6IjNmMmI4YzF\
     lLTdkNGEtNGI2MC05YTUyLTBjNmQ1ZTFmOGEzNyIsImV4cCI6MTc2NzIyOTIwMCwiaWF0IjoxNzY3MjI1NjAwLCJpc3MiOiJ\
     wb3J0Y3VsbGlzIiwianRpIjoiZTJmN2ExYzQtNmIzZC00ZTU4LThhOTAtMWQ1YzdiMmY5ZTY0Iiwic2lkIjoiOWM0ZTFkNzc\
     tMGIxZi00ZjdhLWE2ZDMtMmU4YjVmOTBjMWFkIn0.DB6e-2J55Wqm8qIzubwhTIZ66L6CP4nza8ncY-DCILM";

/// A refresh token of the session in the examples, with a tag that nobody has made.
pub(crate) const REFRESH_TOKEN: &str =
    "pcr_nE4ddwsfT3qm0y6LX5DBrQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl UserRead {
    /// The id of the account in the examples.
    pub(crate) const EXAMPLE_ID: &str = "3f2b8c1e-7d4a-4b60-9a52-0c6d5e1f8a37";

    pub(crate) fn example() -> Self {
        Self { id: ADA, email: "ada@example.com".to_owned(), is_active: true, is_superuser: false, is_verified: false }
    }

    /// The same account after its address was proved.
    pub(crate) fn verified_example() -> Self {
        Self { is_verified: true, ..Self::example() }
    }
}

impl UserList {
    pub(crate) fn example() -> Self {
        let bob = UserRead { id: BOB, email: "bob@example.com".to_owned(), ..UserRead::verified_example() };
        Self { items: vec![UserRead::example(), bob], total: 7, offset: 0, limit: 2 }
    }
}

impl BearerToken {
    pub(crate) fn example() -> Self {
        Self::new(TOKEN.to_owned())
    }
}

impl TokenSet {
    pub(crate) fn example() -> Self {
        Self {
            access_token: TOKEN.to_owned(),
            token_type: "bearer",
            expires_in: 3600,
            refresh_token: REFRESH_TOKEN.to_owned(),
        }
    }
}

impl SessionList {
    pub(crate) fn example() -> Self {
        let session = |id, kind, agent: &str, current| SessionItem {
            id,
            kind,
            created_at: "2026-01-01T00:00:00Z".to_owned(),
            last_seen_at: "2026-01-01T08:15:00Z".to_owned(),
            expires_at: "2026-01-31T00:00:00Z".to_owned(),
            peer: Some("192.0.2.7".to_owned()),
            agent: Some(agent.to_owned()),
            impersonated: false,
            current,
        };
        Self { items: vec![session(SESSION, "password", "Firefox", true), session(BOB, "device", "zndraw-cli", false)] }
    }
}

impl GuestToken {
    pub(crate) fn example() -> Self {
        Self { access_token: TOKEN.to_owned(), token_type: "bearer", email: "k3v9q0zt@guest.user".to_owned() }
    }
}

impl DeviceStarted {
    pub(crate) fn example() -> Self {
        Self {
            code: "BDWPHQXK".to_owned(),
            secret: "mF3nY0pVt6bW2xQz8sKc1LrJd4uHg7eAo5iTqNvXyZk".to_owned(),
            approve_url: "/auth/cli-login/BDWPHQXK".to_owned(),
        }
    }
}

impl DevicePoll {
    pub(crate) fn example() -> Self {
        Self { status: "approved", token: Some(TOKEN.to_owned()) }
    }
}

impl DeviceApproved {
    pub(crate) fn example() -> Self {
        Self { status: "approved" }
    }
}

impl AuditPage {
    pub(crate) fn example() -> Self {
        let at = Timestamp::from_secs(1_767_225_600) + Duration::from_millis(4_250);
        let item = AuditItem {
            id: 214,
            at: at.to_rfc3339(),
            event: AuditEvent::PasswordLogin.as_str().to_owned(),
            result: AuditResult::Success.as_str().to_owned(),
            reason: None,
            actor: AuditActor {
                kind: "user".to_owned(),
                id: Some(ADA),
                impersonator_id: None,
                session_id: Some(SESSION),
            },
            subject_id: Some(ADA),
            object_id: Some(SESSION),
            peer: Some("192.0.2.7".to_owned()),
            agent: Some("curl/8.5.0".to_owned()),
            request_id: REQUEST.to_string(),
            details: RawValue::from_string("{}".to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        };
        Self { items: vec![item], next: None }
    }
}

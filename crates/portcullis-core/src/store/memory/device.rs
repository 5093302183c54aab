//! Device logins in memory.

use super::{Memory, State};
use crate::audit::AuditEntry;
use crate::clock::Timestamp;
use crate::device::{Device, DeviceStatus, NewDevice};
use crate::digest::Digest;
use crate::ids::{DeviceId, UserId};
use crate::session::NewSession;
use crate::store::{DeviceStore, StoreError};
use async_trait::async_trait;

/// A device login with its code; rows stand in the order of their creation.
pub(super) struct Row {
    pub(super) code: Digest,
    pub(super) device: Device,
}

impl State {
    fn device(&mut self, id: DeviceId) -> Option<&mut Device> {
        self.devices.iter_mut().map(|row| &mut row.device).find(|device| device.id == id)
    }

    fn is_active(&self, user: UserId) -> bool {
        self.accounts.get(&user).is_some_and(|account| account.user.is_active)
    }
}

fn is_open_to(device: &Device, user: UserId) -> bool {
    device.status == DeviceStatus::Pending && device.claimed_by.is_none_or(|claimant| claimant == user)
}

#[async_trait]
impl DeviceStore for Memory {
    async fn create_device(&self, new: NewDevice, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let taken = state.devices.iter().any(|row| {
            row.code == new.code
                && matches!(row.device.status, DeviceStatus::Pending | DeviceStatus::Approved)
                && !row.device.is_expired(new.created_at)
        });
        if taken {
            return Ok(false);
        }
        let device = Device {
            id: new.id,
            secret: new.secret,
            status: DeviceStatus::Pending,
            claimed_by: None,
            approved_by: None,
            created_at: new.created_at,
            expires_at: new.expires_at,
            peer: new.peer.map(|peer| peer.to_string()),
            agent: new.agent,
        };
        state.devices.push(Row { code: new.code, device });
        state.write_audit(audit);
        Ok(true)
    }

    async fn find_device(&self, code: &Digest) -> Result<Option<Device>, StoreError> {
        let state = self.lock();
        Ok(state.devices.iter().rev().find(|row| row.code == *code).map(|row| row.device.clone()))
    }

    async fn claim_device(&self, id: DeviceId, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let active = state.is_active(user);
        let Some(device) = state.device(id) else { return Ok(false) };
        if active && is_open_to(device, user) && !device.is_expired(now) {
            device.claimed_by = Some(user);
        }
        Ok(device.claimed_by == Some(user))
    }

    async fn approve_device(
        &self,
        id: DeviceId,
        user: UserId,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let Some(epoch) = state.accounts.get(&user).filter(|it| it.user.is_active).map(|it| it.epoch) else {
            return Ok(false);
        };
        let Some(device) = state.device(id).filter(|it| is_open_to(it, user) && !it.is_expired(now)) else {
            return Ok(false);
        };
        device.status = DeviceStatus::Approved;
        device.claimed_by = Some(user);
        device.approved_by = Some((user, epoch));
        state.write_audit(audit);
        Ok(true)
    }

    async fn reject_device(
        &self,
        id: DeviceId,
        user: UserId,
        _now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let may = |device: &&mut Device| {
            is_open_to(device, user)
                || (device.status == DeviceStatus::Approved && device.approved_by.is_some_and(|(by, _)| by == user))
        };
        let Some(device) = state.device(id).filter(may) else { return Ok(false) };
        device.status = DeviceStatus::Rejected;
        device.claimed_by = Some(user);
        state.write_audit(audit);
        Ok(true)
    }

    async fn redeem_device(&self, id: DeviceId, session: NewSession, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let Some(approved) = state
            .device(id)
            .filter(|it| it.status == DeviceStatus::Approved && !it.is_expired(session.created_at))
            .and_then(|it| it.approved_by)
        else {
            return Ok(false);
        };
        if approved != (session.user_id, session.epoch) || !state.may_create(&session) {
            return Ok(false);
        }
        if let Some(device) = state.device(id) {
            device.status = DeviceStatus::Redeemed;
        }
        state.insert_session(session);
        state.write_audit(audit);
        Ok(true)
    }
}

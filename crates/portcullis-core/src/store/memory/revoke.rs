//! Carries a [`Sweep`] out: the table of [`crate::revoke`], applied to what is stored here.

use super::State;
use super::one_time::Life;
use crate::account::Epoch;
use crate::device::DeviceStatus;
use crate::one_time::Purpose;
use crate::revoke::{Credential, Sweep};

impl State {
    /// Kills what the sweep says, and brings the one session that stays under the new epoch.
    pub(super) fn sweep(&mut self, sweep: &Sweep) {
        let Some(reason) = sweep.reason else { return };
        let user = sweep.user;
        let doomed: Vec<_> = self
            .sessions
            .values()
            .filter(|row| {
                let is_this = Some(row.session.id) == sweep.this_session;
                let owned = row.session.user_id == user;
                (owned && is_this && sweep.kills(Credential::ThisSession))
                    || (owned && !is_this && row.impersonator.is_none() && sweep.kills(Credential::OtherSessions))
                    || (owned && !is_this && row.impersonator.is_some() && sweep.kills(Credential::MintedForUser))
                    || (row.impersonator.is_some_and(|admin| admin.user_id == user)
                        && sweep.kills(Credential::MintedByUser))
            })
            .map(|row| row.session.id)
            .collect();
        for id in doomed {
            self.end(id, reason, sweep.at);
        }
        if let Some(account) = self.accounts.get_mut(&user) {
            if sweep.raises_epoch() {
                account.epoch = Epoch(account.epoch.0 + 1);
                let kept = sweep.this_session.and_then(|id| self.sessions.get_mut(&id));
                if let Some(kept) = kept.filter(|row| row.session.user_id == user) {
                    kept.session.epoch = account.epoch;
                }
            }
            if sweep.kills(Credential::LegacyTokens) {
                account.legacy_dead_before = account.legacy_dead_before.max(Some(sweep.at));
            }
        }
        for (purpose, credential) in
            [(Purpose::ResetPassword, Credential::ResetTokens), (Purpose::VerifyEmail, Credential::VerifyTokens)]
        {
            if sweep.kills(credential) {
                self.one_times
                    .values_mut()
                    .filter(|row| row.user_id == user && row.purpose == purpose && row.life == Life::Open)
                    .for_each(|row| row.life = Life::Dead);
            }
        }
        if sweep.kills(Credential::ApprovedDevices) {
            self.devices
                .iter_mut()
                .map(|row| &mut row.device)
                .filter(|device| {
                    device.status == DeviceStatus::Approved && device.approved_by.is_some_and(|(by, _)| by == user)
                })
                .for_each(|device| device.status = DeviceStatus::Rejected);
        }
    }
}

//! The settings that change what the rules say.

use crate::clock::Timestamp;
use crate::password_policy::PasswordPolicy;
use crate::throttle::Limit;
use std::time::Duration;

/// Which of two families of answers a deployment gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Paths, bodies, success and error codes as fastapi-users gives them.
    #[default]
    Compat,
    /// The same paths with less revealed and more asked for: a uniform answer to registrations, the present password
    /// for a new one, a recent sign-in for approving and minting, no secret in a query string.
    Strict,
}

/// The settings of a deployment that the flows obey.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Compat or strict.
    pub profile: Profile,
    /// Which passwords are accepted for new ones.
    pub passwords: PasswordPolicy,
    /// How long an access token, and the session of a plain login, lasts.
    pub token_lifetime: Duration,
    /// How long a refresh token may wait to be used.
    pub refresh_idle: Duration,
    /// How long a session lasts at most, however often it is refreshed.
    pub refresh_absolute: Duration,
    /// How long a minted token lasts.
    pub mint_lifetime: Duration,
    /// How long a device login can be approved and redeemed.
    pub device_lifetime: Duration,
    /// How long a reset token works.
    pub reset_lifetime: Duration,
    /// How long a verification token works.
    pub verify_lifetime: Duration,
    /// In [`Profile::Strict`]: how long ago a sign-in may be for approving and minting.
    pub recent_login: Duration,
    /// Whether every new account is a superuser.
    pub dev_mode: bool,
    /// Whether the guest route makes accounts.
    pub allow_guests: bool,
    /// Whether a superuser may mint for a superuser, or for themselves.
    pub allow_mint_superuser: bool,
    /// Whether tokens from before sessions existed are accepted, and until when.
    pub legacy_until: Option<Timestamp>,
    /// How often things may be tried.
    pub limits: Limits,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            profile: Profile::Compat,
            passwords: PasswordPolicy::compat(),
            token_lifetime: Duration::from_secs(3600),
            refresh_idle: Duration::from_secs(14 * 24 * 3600),
            refresh_absolute: Duration::from_secs(30 * 24 * 3600),
            mint_lifetime: Duration::from_secs(900),
            device_lifetime: Duration::from_secs(300),
            reset_lifetime: Duration::from_secs(30 * 60),
            verify_lifetime: Duration::from_secs(24 * 3600),
            recent_login: Duration::from_secs(600),
            dev_mode: false,
            allow_guests: false,
            allow_mint_superuser: false,
            legacy_until: None,
            limits: Limits::default(),
        }
    }
}

/// How often things may be tried, per peer or per account.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Off: nothing is counted. For tests and benches.
    pub unlimited: bool,
    /// Registrations and guests, per peer.
    pub register: Limit,
    /// Logins, per peer.
    pub login_peer: Limit,
    /// Wrong passwords, per account; a right one empties the count.
    pub login_account: Limit,
    /// Requests for reset and verification mails, per peer.
    pub mail_peer: Limit,
    /// Reset and verification mails, per address. Beyond it the answer is the same and no mail is sent.
    pub mail_address: Limit,
    /// Tries of reset and verification tokens, per peer.
    pub one_time_peer: Limit,
    /// Refresh tokens that are none, per peer. A right one is never limited.
    pub refresh_wrong: Limit,
    /// New device logins, per peer.
    pub device_start: Limit,
    /// Polls with a wrong code or secret, per peer. A right one is never limited.
    pub device_poll_wrong: Limit,
    /// Decisions over unknown codes, per user.
    pub device_decide_wrong: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unlimited: false,
            register: Limit::per_hour(30, 60),
            login_peer: Limit::per_minute(60, 30),
            login_account: Limit::per_minute(10, 2),
            mail_peer: Limit::per_hour(30, 60),
            mail_address: Limit::per_hour(3, 12),
            one_time_peer: Limit::per_minute(20, 10),
            refresh_wrong: Limit::per_minute(30, 30),
            device_start: Limit::per_minute(30, 10),
            device_poll_wrong: Limit::per_minute(20, 10),
            device_decide_wrong: Limit::per_hour(5, 30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_lists_every_limit() {
        // No `..`: a limit that is added does not compile until it is listed.
        let Limits {
            unlimited: _,
            register,
            login_peer,
            login_account,
            mail_peer,
            mail_address,
            one_time_peer,
            refresh_wrong,
            device_start,
            device_poll_wrong,
            device_decide_wrong,
        } = Limits::default();
        let rows = [
            ("registrations and guests, per peer", register),
            ("logins, per peer", login_peer),
            ("logins, per account; a right password empties the count", login_account),
            ("requests for reset and verification mails, per peer", mail_peer),
            ("reset and verification mails, per address", mail_address),
            ("tries of reset and verification tokens, per peer", one_time_peer),
            ("refresh tokens that are none, per peer", refresh_wrong),
            ("new device logins, per peer", device_start),
            ("polls with a wrong code or secret, per peer", device_poll_wrong),
            ("decisions over unknown device codes, per user", device_decide_wrong),
        ];
        let mut table = String::from("| what | at once | then |\n|---|---|---|\n");
        for (what, limit) in rows {
            let per_hour = 3600 / limit.refill.as_secs();
            let then =
                if per_hour % 60 == 0 { format!("{} a minute", per_hour / 60) } else { format!("{per_hour} an hour") };
            table += &format!("| {what} | {} | {then} |\n", limit.burst);
        }
        let guide = include_str!("../../../docs/guides/configuration.md");
        assert!(guide.contains(&table), "docs/guides/configuration.md should show:\n\n{table}");
    }
}

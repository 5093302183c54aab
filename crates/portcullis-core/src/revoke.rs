//! What dies when: the one table of revocation.
//!
//! Rows are events, columns are credentials, and [`fate`] has no default arm: an event or a credential that is
//! added does not compile until every cell is decided. Stores carry it out through [`Sweep`] inside the
//! transaction of the event itself, so there is no moment in which the event happened and the credential lives.

use crate::clock::Timestamp;
use crate::ids::{SessionId, UserId};

/// Something that happened to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevokingEvent {
    /// The user signed out of one session.
    SignedOut,
    /// The password was changed by its owner or an admin.
    PasswordChanged,
    /// The password was set through a mailed reset token.
    PasswordReset,
    /// The address became another one.
    EmailChanged,
    /// The account was deactivated.
    Deactivated,
    /// The account lost the superuser flag.
    Demoted,
    /// The account was deleted.
    Deleted,
}

impl RevokingEvent {
    /// Every event.
    pub const ALL: [Self; 7] = [
        Self::SignedOut,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::EmailChanged,
        Self::Deactivated,
        Self::Demoted,
        Self::Deleted,
    ];

    /// The word that is stored as the reason why a session ended.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::EmailChanged => "email_changed",
            Self::Deactivated => "deactivated",
            Self::Demoted => "demoted",
            Self::Deleted => "deleted",
        }
    }
}

/// Something that opens an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// The session in which the event happened, with its access tokens.
    ThisSession,
    /// Every other session of the user, with its access tokens.
    OtherSessions,
    /// Sessions in which a superuser acts as this user.
    MintedForUser,
    /// Sessions in which this user acts as somebody else.
    MintedByUser,
    /// Tokens without a session, made before adoption.
    LegacyTokens,
    /// Password reset tokens that are still open.
    ResetTokens,
    /// Address verification tokens that are still open.
    VerifyTokens,
    /// Device logins that the user approved and that are not redeemed.
    ApprovedDevices,
}

impl Credential {
    /// Every credential.
    pub const ALL: [Self; 8] = [
        Self::ThisSession,
        Self::OtherSessions,
        Self::MintedForUser,
        Self::MintedByUser,
        Self::LegacyTokens,
        Self::ResetTokens,
        Self::VerifyTokens,
        Self::ApprovedDevices,
    ];
}

/// What becomes of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It opens nothing any more, from this transaction on.
    Dies,
    /// It is not touched.
    Stays,
}

/// What becomes of `credential` at `event`.
pub const fn fate(event: RevokingEvent, credential: Credential) -> Fate {
    use Credential as C;
    use Fate::{Dies, Stays};
    use RevokingEvent as E;
    match (event, credential) {
        (E::SignedOut, C::ThisSession) => Dies,
        // Minted tokens hang on the admin's session, not only on the admin's rights.
        (E::SignedOut, C::MintedByUser) => Dies,
        (
            E::SignedOut,
            C::OtherSessions
            | C::MintedForUser
            | C::LegacyTokens
            | C::ResetTokens
            | C::VerifyTokens
            | C::ApprovedDevices,
        ) => Stays,

        (E::PasswordChanged, C::ThisSession | C::VerifyTokens) => Stays,
        (
            E::PasswordChanged,
            C::OtherSessions
            | C::MintedForUser
            | C::MintedByUser
            | C::LegacyTokens
            | C::ResetTokens
            | C::ApprovedDevices,
        ) => Dies,

        (E::PasswordReset, C::VerifyTokens) => Stays,
        (
            E::PasswordReset,
            C::ThisSession
            | C::OtherSessions
            | C::MintedForUser
            | C::MintedByUser
            | C::LegacyTokens
            | C::ResetTokens
            | C::ApprovedDevices,
        ) => Dies,

        // The mailbox is another one: what was sent to the old one must not work. Sessions were not opened by mail.
        (E::EmailChanged, C::ResetTokens | C::VerifyTokens) => Dies,
        (
            E::EmailChanged,
            C::ThisSession
            | C::OtherSessions
            | C::MintedForUser
            | C::MintedByUser
            | C::LegacyTokens
            | C::ApprovedDevices,
        ) => Stays,

        (E::Demoted, C::MintedByUser) => Dies,
        (
            E::Demoted,
            C::ThisSession
            | C::OtherSessions
            | C::MintedForUser
            | C::LegacyTokens
            | C::ResetTokens
            | C::VerifyTokens
            | C::ApprovedDevices,
        ) => Stays,

        (E::Deactivated | E::Deleted, _) => Dies,
    }
}

/// The deaths that a transaction has to carry out: the table, folded over what happened.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Whose credentials.
    pub user: UserId,
    /// The session in which it happened, if in one.
    pub this_session: Option<SessionId>,
    /// When.
    pub at: Timestamp,
    /// Why, as stored with ended sessions; `None` if nothing happened.
    pub reason: Option<&'static str>,
    dies: [bool; Credential::ALL.len()],
}

impl Sweep {
    /// Folds the table over `events`: a credential dies if one of them kills it.
    pub fn of(user: UserId, events: &[RevokingEvent], this_session: Option<SessionId>, at: Timestamp) -> Self {
        let dies = Credential::ALL.map(|credential| events.iter().any(|event| fate(*event, credential) == Fate::Dies));
        Self { user, this_session, at, reason: events.first().map(|event| event.as_str()), dies }
    }

    /// Whether `credential` dies.
    pub fn kills(&self, credential: Credential) -> bool {
        Credential::ALL.iter().zip(self.dies).any(|(listed, dies)| *listed == credential && dies)
    }

    /// Whether the epoch must be raised: all sessions die, or all but this one.
    ///
    /// A session that stays gets the new epoch in the same transaction.
    pub fn raises_epoch(&self) -> bool {
        self.kills(Credential::OtherSessions)
    }

    /// Whether nothing dies.
    pub fn is_empty(&self) -> bool {
        !self.dies.contains(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SeededRng;

    #[test]
    fn whoever_cannot_use_the_account_any_more_keeps_nothing() {
        for event in [RevokingEvent::Deactivated, RevokingEvent::Deleted] {
            assert!(Credential::ALL.iter().all(|credential| fate(event, *credential) == Fate::Dies));
        }
    }

    #[test]
    fn a_sweep_kills_what_any_of_its_events_kills() {
        let user = UserId::random(&SeededRng::new(1));
        let both = [RevokingEvent::EmailChanged, RevokingEvent::PasswordChanged];
        let sweep = Sweep::of(user, &both, None, Timestamp::from_secs(0));
        assert!(sweep.kills(Credential::VerifyTokens), "the address changed");
        assert!(sweep.kills(Credential::OtherSessions), "the password changed");
        assert!(!sweep.kills(Credential::ThisSession));
        assert!(sweep.raises_epoch());
        assert!(Sweep::of(user, &[], None, Timestamp::from_secs(0)).is_empty());
    }

    /// How a page for people calls a credential.
    const fn heading(credential: Credential) -> &'static str {
        match credential {
            Credential::ThisSession => "this session",
            Credential::OtherSessions => "other sessions",
            Credential::MintedForUser => "minted for",
            Credential::MintedByUser => "minted by",
            Credential::LegacyTokens => "old tokens",
            Credential::ResetTokens => "reset tokens",
            Credential::VerifyTokens => "verify tokens",
            Credential::ApprovedDevices => "approved devices",
        }
    }

    #[test]
    fn the_page_about_sessions_shows_this_table() {
        let row = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
        let mut table = row(std::iter::once("").chain(Credential::ALL.map(heading)).collect());
        table += &format!("|---|{}\n", ":-:|".repeat(Credential::ALL.len()));
        for event in RevokingEvent::ALL {
            let name = format!("`{}`", event.as_str());
            let cell = |credential| if fate(event, credential) == Fate::Dies { "dies" } else { "" };
            table += &row(std::iter::once(name.as_str()).chain(Credential::ALL.map(cell)).collect());
        }
        let page = include_str!("../../../docs/features/session.md");
        assert!(page.contains(&table), "docs/features/session.md should show:\n\n{table}");
    }
}

//! Whether a session still stands, judged from one read of everything that it hangs on.

use super::Session;
use crate::account::{Epoch, User};
use crate::clock::Timestamp;
use crate::refresh::GenerationState;

/// A session with all that decides about it, read in one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionState {
    /// The session.
    pub session: Session,
    /// Its user, as the account is now.
    pub user: User,
    /// The account's epoch now.
    pub epoch: Epoch,
    /// For a minted session: the superuser now. `None` if the account is gone.
    pub impersonator: Option<Impersonator>,
    /// For a session that can be refreshed: its newest generation.
    pub refresh: Option<GenerationState>,
}

/// The superuser behind a minted session, as the account is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impersonator {
    /// Whether the account may be used.
    pub is_active: bool,
    /// Whether it may do everything.
    pub is_superuser: bool,
    /// Its epoch now.
    pub epoch: Epoch,
    /// Its epoch when the token was minted.
    pub minted_under: Epoch,
    /// The session in which it was minted; `None` if it was minted without one.
    pub parent: Option<ParentSession>,
}

/// The session in which a token was minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentSession {
    /// Whether it was ended (or its row is gone).
    pub ended: bool,
    /// Until when at the latest.
    pub expires_at: Timestamp,
}

/// Why a session opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It was ended.
    Ended,
    /// Its time is over.
    Expired,
    /// The account was deactivated.
    Inactive,
    /// Something ended all older credentials of the account.
    Outdated,
    /// The superuser behind it has no longer the right, or signed out.
    ImpersonatorGone,
}

impl Denied {
    /// The stable code for audit rows and logs. The client is told nothing but "Unauthorized".
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ended => "SESSION_ENDED",
            Self::Expired => "SESSION_EXPIRED",
            Self::Inactive => "USER_INACTIVE",
            Self::Outdated => "CREDENTIAL_OUTDATED",
            Self::ImpersonatorGone => "IMPERSONATOR_GONE",
        }
    }
}

impl SessionState {
    /// Whether the session opens its account at `now`.
    ///
    /// # Errors
    ///
    /// The first of the reasons that apply, in the order of [`Denied`].
    pub fn standing(&self, now: Timestamp) -> Result<(), Denied> {
        if self.session.ended_at.is_some() {
            return Err(Denied::Ended);
        }
        if self.session.expires_at <= now {
            return Err(Denied::Expired);
        }
        if !self.user.is_active {
            return Err(Denied::Inactive);
        }
        if self.session.epoch != self.epoch {
            return Err(Denied::Outdated);
        }
        if self.session.impersonator_id.is_some() && !self.impersonator.is_some_and(|admin| admin.stands(now)) {
            return Err(Denied::ImpersonatorGone);
        }
        Ok(())
    }
}

impl Impersonator {
    fn stands(self, now: Timestamp) -> bool {
        self.is_active
            && self.is_superuser
            && self.epoch == self.minted_under
            && self.parent.is_none_or(|parent| !parent.ended && parent.expires_at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{SessionId, UserId};
    use crate::rng::SeededRng;
    use crate::session::SessionKind;

    fn now() -> Timestamp {
        Timestamp::from_secs(1000)
    }

    fn state() -> SessionState {
        let rng = SeededRng::new(1);
        let user = User {
            id: UserId::random(&rng),
            email: "ada@example.com".into(),
            is_active: true,
            is_superuser: false,
            is_verified: true,
        };
        SessionState {
            session: Session {
                id: SessionId::random(&rng),
                user_id: user.id,
                kind: SessionKind::Password,
                created_at: now(),
                last_seen_at: now(),
                expires_at: Timestamp::from_secs(2000),
                peer: None,
                agent: None,
                epoch: Epoch(3),
                ended_at: None,
                end_reason: None,
                impersonator_id: None,
            },
            user,
            epoch: Epoch(3),
            impersonator: None,
            refresh: None,
        }
    }

    #[test]
    fn a_session_stands_until_one_of_its_legs_is_cut() {
        let good = state();
        assert_eq!(good.standing(now()), Ok(()));
        assert_eq!(good.standing(Timestamp::from_secs(2000)), Err(Denied::Expired));

        let mut ended = state();
        ended.session.ended_at = Some(now());
        assert_eq!(ended.standing(now()), Err(Denied::Ended));

        let mut inactive = state();
        inactive.user.is_active = false;
        assert_eq!(inactive.standing(now()), Err(Denied::Inactive));

        let mut outdated = state();
        outdated.epoch = Epoch(4);
        assert_eq!(outdated.standing(now()), Err(Denied::Outdated));
    }

    #[test]
    fn a_minted_session_dies_with_its_superuser() {
        let admin = Impersonator {
            is_active: true,
            is_superuser: true,
            epoch: Epoch(0),
            minted_under: Epoch(0),
            parent: Some(ParentSession { ended: false, expires_at: Timestamp::from_secs(1500) }),
        };
        let with = |admin: Option<Impersonator>| {
            let mut minted = state();
            minted.session.impersonator_id = Some(UserId::random(&SeededRng::new(2)));
            minted.impersonator = admin;
            minted
        };
        assert_eq!(with(Some(admin)).standing(now()), Ok(()));
        let cut = [
            None,
            Some(Impersonator { is_active: false, ..admin }),
            Some(Impersonator { is_superuser: false, ..admin }),
            Some(Impersonator { epoch: Epoch(1), ..admin }),
            Some(Impersonator {
                parent: Some(ParentSession { ended: true, expires_at: Timestamp::from_secs(1500) }),
                ..admin
            }),
            Some(Impersonator { parent: Some(ParentSession { ended: false, expires_at: now() }), ..admin }),
        ];
        for admin in cut {
            assert_eq!(with(admin).standing(now()), Err(Denied::ImpersonatorGone), "{admin:?}");
        }
    }
}

//! The columns of the fence: kinds of callers, and what each policy owes them.

use portcullis::Policy;

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Without a credential.
    Anonymous,
    /// With a text that is no token.
    Garbage,
    /// With a token of a session that stands, past its own time.
    Expired,
    /// With a token whose session was ended.
    SignedOut,
    /// With a token of a deactivated account.
    Deactivated,
    /// A user who asks for what is somebody else's.
    OtherUser,
    /// A user who asks for what is theirs.
    User,
    /// A superuser.
    Superuser,
    /// A superuser's token to act as the user.
    Minted,
    /// A token of the user that came out of a device login.
    Device,
}

impl Kind {
    /// Every kind, in the order of the columns.
    pub const ALL: [Self; 10] = [
        Self::Anonymous,
        Self::Garbage,
        Self::Expired,
        Self::SignedOut,
        Self::Deactivated,
        Self::OtherUser,
        Self::User,
        Self::Superuser,
        Self::Minted,
        Self::Device,
    ];

    /// The head of its column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Garbage => "garbage",
            Self::Expired => "expired",
            Self::SignedOut => "signed_out",
            Self::Deactivated => "deactivated",
            Self::OtherUser => "other_user",
            Self::User => "user",
            Self::Superuser => "superuser",
            Self::Minted => "minted",
            Self::Device => "device",
        }
    }

    /// Whether a valid credential is shown.
    const fn is_known(self) -> bool {
        match self {
            Self::Anonymous | Self::Garbage | Self::Expired | Self::SignedOut | Self::Deactivated => false,
            Self::OtherUser | Self::User | Self::Superuser | Self::Minted | Self::Device => true,
        }
    }

    /// Checks a status against a policy.
    ///
    /// # Errors
    ///
    /// What is wrong, as a sentence.
    pub fn must_be(self, policy: Policy, status: u16) -> Result<(), String> {
        let owed = match policy {
            Policy::Public => "neither 401 nor 403",
            Policy::SignedIn if !self.is_known() => "401",
            // A minted token and one of a device are limited beyond the policy: they may be told 403.
            Policy::SignedIn if matches!(self, Self::Minted | Self::Device) => "no 401",
            Policy::SignedIn => "neither 401 nor 403",
            Policy::Superuser if !self.is_known() => "401",
            Policy::Superuser if self != Self::Superuser => "403",
            Policy::Superuser => "neither 401 nor 403",
        };
        let kept = match owed {
            "401" => status == 401,
            "403" => status == 403,
            "no 401" => status != 401,
            _ => !matches!(status, 401 | 403),
        };
        // A body that is refused says nothing about the caller: the fence would be blind there.
        if kept && !matches!(status, 400 | 405 | 413 | 415 | 422 | 429) {
            return Ok(());
        }
        Err(format!("{status} for a route that is {}, which owes {owed}", policy.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_in_the_fence_is_seen() {
        for (kind, policy, status) in [
            (Kind::Anonymous, Policy::SignedIn, 200),
            (Kind::Deactivated, Policy::SignedIn, 403),
            (Kind::User, Policy::SignedIn, 401),
            (Kind::User, Policy::Superuser, 404),
            (Kind::Minted, Policy::Superuser, 200),
            (Kind::Superuser, Policy::Superuser, 403),
            (Kind::Anonymous, Policy::Public, 401),
            (Kind::Superuser, Policy::Superuser, 422),
        ] {
            assert!(kind.must_be(policy, status).is_err(), "{kind:?} {policy:?} {status}");
        }
        assert_eq!(Kind::Minted.must_be(Policy::SignedIn, 403), Ok(()));
        assert_eq!(Kind::Superuser.must_be(Policy::Superuser, 404), Ok(()));
    }
}

//! Names of things: one type per kind of row, so that a session is never looked up by a user's id.
//!
//! Ids are version-4 UUIDs as fastapi-users writes them. They are names, never secrets: whatever opens
//! something is a [`crate::secret`] value.

use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new random id.
            pub fn random(rng: &dyn crate::rng::Rng) -> Self {
                let mut bytes = [0; 16];
                rng.fill(&mut bytes);
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.as_hyphenated())
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id! {
    /// Names an account; the `id` of its row in the `user` table.
    UserId
}
id! {
    /// Names a session; the `sid` claim of its access tokens.
    SessionId
}
id! {
    /// Names a one-time value (reset, verify); never the value itself.
    OneTimeId
}
id! {
    /// Names a device login; never its code or its secret.
    DeviceId
}
id! {
    /// Names an access token: its `jti` claim.
    TokenId
}
id! {
    /// Names one request, so that a log line, an audit row and an answer can be brought together.
    RequestId
}

//! Access tokens: how a session travels.
//!
//! A [`TokenStrategy`] writes [`AccessClaims`] into a text and reads them back. It judges form, signature, audience
//! and time; whether the session behind the claims stands is judged by [`crate::session`] against the store.
//!
//! [`jwt`] is the default: HS256 with the audience `fastapi-users:auth`, so that PyJWT and fastapi-users with the
//! same secret read our tokens. Tokens that *they* wrote have no `sid`; they come out as [`ReadToken::Legacy`].
//! RFC 7519, RFC 8725, RFC 6750.

pub mod jwt;

use crate::clock::Timestamp;
use crate::ids::{SessionId, TokenId, UserId};

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// Whose: `sub`.
    pub user_id: UserId,
    /// The session: `sid`.
    pub session_id: SessionId,
    /// The token's own name: `jti`.
    pub token_id: TokenId,
    /// When it was issued: `iat`, in whole seconds, rounded down.
    pub issued_at: Timestamp,
    /// Until when it works: `exp`, in whole seconds.
    pub expires_at: Timestamp,
    /// The superuser who minted it: `act.sub` (RFC 8693 §4.1) and, as the seed has it, `impersonated_by`.
    pub impersonator: Option<UserId>,
    /// The refresh generation that it was issued with: `gen`.
    pub generation: Option<u32>,
}

/// What a token from before sessions existed says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegacyClaims {
    /// Whose.
    pub user_id: UserId,
    /// When it was issued, if it says so.
    pub issued_at: Option<Timestamp>,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// The superuser who minted it.
    pub impersonator: Option<UserId>,
    /// Whether it came out of a device login: the seed writes those with `iat` and a bare audience.
    pub device: bool,
}

/// A token that was read and found to be in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadToken {
    /// One of ours.
    Session(AccessClaims),
    /// One from before sessions existed, made by fastapi-users with the same secret.
    Legacy(LegacyClaims),
}

/// Why a token was not accepted. For logs and audit rows; the client is told "Unauthorized".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRejected {
    /// It is not a token.
    #[error("not a token")]
    Malformed,
    /// Its header asks for something else than the one algorithm, or for an extension.
    #[error("a header that is not accepted")]
    Header,
    /// The signature is not ours.
    #[error("a wrong signature")]
    Signature,
    /// A claim is missing or has the wrong type.
    #[error("claims that are missing or malformed")]
    Claims,
    /// It is meant for somebody else.
    #[error("another audience")]
    Audience,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Its time has not come.
    #[error("not valid yet")]
    NotYet,
}

impl TokenRejected {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "TOKEN_MALFORMED",
            Self::Header => "TOKEN_HEADER",
            Self::Signature => "TOKEN_SIGNATURE",
            Self::Claims => "TOKEN_CLAIMS",
            Self::Audience => "TOKEN_AUDIENCE",
            Self::Expired => "TOKEN_EXPIRED",
            Self::NotYet => "TOKEN_NOT_YET",
        }
    }
}

/// A token could not be written: the key does not fit the algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signing key cannot sign")]
pub struct CannotSign;

/// Writes and reads access tokens.
#[async_trait::async_trait]
pub trait TokenStrategy: Send + Sync {
    /// Writes a token.
    ///
    /// # Errors
    ///
    /// [`CannotSign`] when the key does not fit the algorithm, which a check at start should have found.
    async fn issue(&self, claims: &AccessClaims) -> Result<String, CannotSign>;

    /// Reads a token at `now`.
    ///
    /// # Errors
    ///
    /// [`TokenRejected`] with the first thing that is wrong. Nothing a stranger sends is anything else than that.
    async fn read(&self, token: &str, now: Timestamp) -> Result<ReadToken, TokenRejected>;
}

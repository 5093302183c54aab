//! Signed JSON Web Tokens, readable by PyJWT and fastapi-users.
//!
//! What the library's defaults would let through is closed here, each with a test: a missing or mistyped `aud`, a
//! missing or mistyped `exp`, 60 seconds of leeway, `crit` headers, an algorithm chosen by the token. Time is judged
//! by our clock, not the library's.

use super::{AccessClaims, CannotSign, LegacyClaims, ReadToken, TokenRejected, TokenStrategy};
use crate::clock::Timestamp;
use crate::ids::{SessionId, TokenId, UserId};
use async_trait::async_trait;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// The audience that fastapi-users writes and asks for.
pub const FASTAPI_USERS_AUDIENCE: &str = "fastapi-users:auth";

/// How far ahead of ours the clock of another replica may be, in seconds.
const CLOCK_SKEW_SECS: i64 = 5;

/// A token longer than this is not looked at: ours have about 500 bytes.
const MAX_TOKEN_BYTES: usize = 4096;

/// HS256 tokens with one secret.
pub struct Jwt {
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    issuer: String,
    audience: String,
}

impl Jwt {
    /// Tokens signed with `secret`, issued by `issuer`, for fastapi-users' audience.
    pub fn hs256(secret: &[u8], issuer: impl Into<String>) -> Self {
        // Another crate of the program may have switched the other backend on as well; then the library wants to be
        // told which one, and would panic at the first token. A second call is refused, which is as good.
        let _already_installed = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Self {
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
            validation,
            issuer: issuer.into(),
            audience: FASTAPI_USERS_AUDIENCE.to_owned(),
        }
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt").field("issuer", &self.issuer).field("audience", &self.audience).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Written<'a> {
    sub: Uuid,
    aud: [&'a str; 1],
    iss: &'a str,
    iat: i64,
    exp: i64,
    jti: Uuid,
    sid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    impersonated_by: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Act>,
    #[serde(rename = "gen", skip_serializing_if = "Option::is_none")]
    generation: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct Act {
    sub: Uuid,
}

/// Only whole numbers are times, and a repeated member is refused by serde.
#[derive(Deserialize)]
struct Read {
    sub: Uuid,
    aud: Audience,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    /// Ours is a UUID. A token without a session may come from somebody else, who names tokens otherwise.
    jti: Option<String>,
    sid: Option<Uuid>,
    impersonated_by: Option<Uuid>,
    act: Option<Act>,
    #[serde(rename = "gen")]
    generation: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn contains(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

#[async_trait]
impl TokenStrategy for Jwt {
    async fn issue(&self, claims: &AccessClaims) -> Result<String, CannotSign> {
        let written = Written {
            sub: claims.user_id.0,
            aud: [&self.audience],
            iss: &self.issuer,
            iat: claims.issued_at.as_secs(),
            exp: claims.expires_at.as_secs(),
            jti: claims.token_id.0,
            sid: claims.session_id.0,
            impersonated_by: claims.impersonator.map(|admin| admin.0),
            act: claims.impersonator.map(|admin| Act { sub: admin.0 }),
            generation: claims.generation,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &written, &self.signing).map_err(|_| CannotSign)
    }

    async fn read(&self, token: &str, now: Timestamp) -> Result<ReadToken, TokenRejected> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRejected::Malformed);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenRejected::Malformed)?;
        // An extension that must be understood is not understood: there is none that we know (RFC 7515 §4.1.11).
        if header.alg != Algorithm::HS256 || header.crit.is_some() {
            return Err(TokenRejected::Header);
        }
        let read: Read = jsonwebtoken::decode(token, &self.verifying, &self.validation)
            .map_err(|error| match error.kind() {
                jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenRejected::Signature,
                jsonwebtoken::errors::ErrorKind::InvalidToken => TokenRejected::Malformed,
                _ => TokenRejected::Claims,
            })?
            .claims;
        read.judge(&self.audience, now)
    }
}

impl Read {
    fn judge(self, audience: &str, now: Timestamp) -> Result<ReadToken, TokenRejected> {
        if !self.aud.contains(audience) {
            return Err(TokenRejected::Audience);
        }
        let now = now.as_secs();
        if self.exp <= now {
            return Err(TokenRejected::Expired);
        }
        if [self.iat, self.nbf].into_iter().flatten().any(|from| from > now + CLOCK_SKEW_SECS) {
            return Err(TokenRejected::NotYet);
        }
        let user_id = UserId(self.sub);
        let expires_at = Timestamp::from_secs(self.exp);
        let Some(sid) = self.sid else {
            return Ok(ReadToken::Legacy(LegacyClaims {
                user_id,
                issued_at: self.iat.map(Timestamp::from_secs),
                expires_at,
                impersonator: self.impersonated_by.or(self.act.map(|act| act.sub)).map(UserId),
                device: self.impersonated_by.is_none() && self.iat.is_some() && matches!(self.aud, Audience::One(_)),
            }));
        };
        let jti = self.jti.and_then(|jti| Uuid::try_parse(&jti).ok());
        let (Some(iat), Some(jti)) = (self.iat, jti) else { return Err(TokenRejected::Claims) };
        Ok(ReadToken::Session(AccessClaims {
            user_id,
            session_id: SessionId(sid),
            token_id: TokenId(jti),
            issued_at: Timestamp::from_secs(iat),
            expires_at,
            impersonator: self.act.map(|act| UserId(act.sub)),
            generation: self.generation,
        }))
    }
}

#[cfg(test)]
mod tests;

//! Errors of the flows as answers: the one place where a reason becomes a status.

use crate::detail::{Detail, PasswordCode};
use http::StatusCode;
use portcullis_core::account::{DeleteError, RegisterError, UpdateError};
use portcullis_core::device::DeviceError;
use portcullis_core::impersonation::MintError;
use portcullis_core::one_time::OneTimeError;
use portcullis_core::password::LoginError;
use portcullis_core::refresh::RefreshError;
use portcullis_core::session::SessionError;
use portcullis_core::store::StoreError;
use std::error::Error;
use std::time::Duration;

/// How long a client should wait before it tries a database again that did not answer.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);

/// The database failed: 503 if trying later may help, 500 otherwise. The cause is for the log.
pub(crate) fn store(error: &StoreError) -> Detail {
    let cause = error.source().map(ToString::to_string);
    if error.is_unavailable() {
        tracing::warn!(%error, cause, "the store is unavailable");
        Detail::service_unavailable(DATABASE_PAUSE)
    } else {
        tracing::error!(%error, cause, "the store failed");
        Detail::internal_server_error()
    }
}

impl From<StoreError> for Detail {
    fn from(error: StoreError) -> Self {
        store(&error)
    }
}

impl From<LoginError> for Detail {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::BadCredentials => Self::login_bad_credentials(),
            LoginError::Throttled { retry_after } => Self::too_many_requests(retry_after),
            LoginError::Busy { retry_after } => Self::service_unavailable(retry_after),
            LoginError::Store(error) => error.into(),
        }
    }
}

impl From<RegisterError> for Detail {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::EmailTaken => Self::register_user_already_exists(),
            RegisterError::InvalidPassword(refused) => Self::invalid_password(PasswordCode::Register, refused.reason()),
            RegisterError::Vetoed { code, reason } => Self::with_reason(StatusCode::BAD_REQUEST, code, reason),
            RegisterError::GuestsOff => Self::not_found(),
            RegisterError::Throttled { retry_after } => Self::too_many_requests(retry_after),
            RegisterError::Busy { retry_after } => Self::service_unavailable(retry_after),
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<UpdateError> for Detail {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::NotFound => Self::not_found(),
            UpdateError::Forbidden => Self::forbidden(),
            UpdateError::EmailTaken => Self::update_user_email_already_exists(),
            UpdateError::InvalidPassword(refused) => Self::invalid_password(PasswordCode::UpdateUser, refused.reason()),
            UpdateError::CurrentPasswordRequired | UpdateError::CurrentPasswordInvalid => {
                Self::new(StatusCode::BAD_REQUEST, error.code())
            }
            UpdateError::LastSuperuser => Self::new(StatusCode::CONFLICT, error.code()),
            UpdateError::Throttled { retry_after } => Self::too_many_requests(retry_after),
            UpdateError::Busy { retry_after } => Self::service_unavailable(retry_after),
            UpdateError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteError> for Detail {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::NotFound => Self::not_found(),
            DeleteError::Forbidden => Self::forbidden(),
            DeleteError::LastSuperuser => Self::new(StatusCode::CONFLICT, error.code()),
            DeleteError::HasDependents { .. } => {
                Self::with_reason(StatusCode::CONFLICT, error.code().to_owned(), error.to_string())
            }
            DeleteError::Store(error) => error.into(),
        }
    }
}

impl From<OneTimeError> for Detail {
    /// For what both flows share; a bad token has another word in each, see [`reset`].
    fn from(error: OneTimeError) -> Self {
        match error {
            OneTimeError::BadToken => Self::verify_user_bad_token(),
            OneTimeError::AlreadyVerified => Self::verify_user_already_verified(),
            OneTimeError::InvalidPassword(refused) => Self::invalid_password(PasswordCode::Reset, refused.reason()),
            OneTimeError::Throttled { retry_after } => Self::too_many_requests(retry_after),
            OneTimeError::Busy { retry_after } => Self::service_unavailable(retry_after),
            OneTimeError::Store(error) => error.into(),
        }
    }
}

/// A reset has its own word for a bad token.
pub(crate) fn reset(error: OneTimeError) -> Detail {
    match error {
        OneTimeError::BadToken => Detail::reset_password_bad_token(),
        other => other.into(),
    }
}

impl From<RefreshError> for Detail {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid | RefreshError::Reused => Self::unauthorized_because(error.code(), error.to_string()),
            RefreshError::Throttled { retry_after } => Self::too_many_requests(retry_after),
            RefreshError::Store(error) => error.into(),
        }
    }
}

impl From<SessionError> for Detail {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NotFound => Self::not_found(),
            SessionError::Forbidden => Self::forbidden(),
            SessionError::Store(error) => error.into(),
        }
    }
}

impl From<DeviceError> for Detail {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::NotFound => Self::challenge_not_found(),
            DeviceError::Expired => Self::challenge_expired(),
            DeviceError::Forbidden => Self::forbidden(),
            DeviceError::LoginTooOld => Self::new(StatusCode::FORBIDDEN, error.code()),
            DeviceError::Throttled { retry_after } => Self::too_many_requests(retry_after),
            DeviceError::Store(error) => error.into(),
        }
    }
}

impl From<MintError> for Detail {
    fn from(error: MintError) -> Self {
        match error {
            MintError::Forbidden => Self::forbidden(),
            MintError::NotFound => Self::user_not_found(),
            MintError::LoginTooOld => Self::new(StatusCode::FORBIDDEN, error.code()),
            MintError::Store(error) => error.into(),
        }
    }
}

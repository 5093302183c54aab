//! Why a request of the host's was refused, as the answer that its client gets.

use crate::body::Refused;
use crate::body::validation::{Kind, ValidationError};
use crate::detail::Detail;
use axum::response::{IntoResponse, Response};
use portcullis_core::account::{DeleteError, RegisterError, UpdateError};
use portcullis_core::email_address::EmailRefused;
use portcullis_core::one_time::OneTimeError;
use portcullis_core::store::StoreError;
use serde_json::Value;

/// Why an extractor or an operation of the manager refused, as the answer that our own routes would give.
///
/// A handler of the host's turns the manager's errors into it and is done with them:
///
/// ```
/// use portcullis::{Auth, CreateAccount, EmailAddress, Password, Rejection};
///
/// async fn invite(auth: Auth, address: String) -> Result<String, Rejection> {
///     let account = CreateAccount::without_password(EmailAddress::parse(&address)?);
///     let user = auth.users().create(account).await?;
///     auth.users().forgot_password(&user).await?;
///     Ok(user.id.to_string())
/// }
/// ```
#[derive(Debug)]
pub struct Rejection(Refused);

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl From<Detail> for Rejection {
    fn from(detail: Detail) -> Self {
        Self(detail.into())
    }
}

impl From<EmailRefused> for Rejection {
    fn from(refused: EmailRefused) -> Self {
        let reason = refused.reason().into_owned();
        let msg = format!("value is not a valid email address: {reason}");
        let error = ValidationError::at(Kind::ValueError, "body", "email", msg, &Value::Null);
        Self(error.with("reason", reason).into())
    }
}

macro_rules! answered_as_by_our_routes {
    ($($error:ty),*) => {
        $(impl From<$error> for Rejection {
            fn from(error: $error) -> Self {
                Detail::from(error).into()
            }
        })*
    };
}

answered_as_by_our_routes!(RegisterError, UpdateError, DeleteError, OneTimeError, StoreError);

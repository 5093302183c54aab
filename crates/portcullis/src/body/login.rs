//! A name and a password, as JSON or as a form.

use axum::extract::{FromRequest, Request};
use secrecy::SecretString;

use super::form::PasswordForm;
use super::json::JsonBody;
use super::media::Media;
use super::{Refused, limit};

/// What a caller signs in with, however it was sent.
pub(crate) struct LoginBody {
    /// The name, as typed.
    pub(crate) username: String,
    /// The password, as typed.
    pub(crate) password: SecretString,
}

impl<S: Send + Sync> FromRequest<S> for LoginBody {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let body = limit::collect(body).await?;
        if matches!(Media::of(&parts.headers), Media::UrlEncoded | Media::Multipart) {
            let PasswordForm { username, password } = PasswordForm::read(&parts.headers, body).await?;
            return Ok(Self { username, password });
        }
        let mut fields = JsonBody::read(&parts.headers, &body)?.fields()?;
        let username = fields.string("username");
        let password = fields.secret("password");
        let (username, password) = fields.finish((username, password))?;
        Ok(Self { username, password })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::header::CONTENT_TYPE;
    use secrecy::ExposeSecret;

    use super::*;

    async fn read(media: &str, body: &'static str) -> Result<(String, String), Refused> {
        let request = Request::post("/auth/login").header(CONTENT_TYPE, media).body(Body::from(body)).unwrap();
        let login = LoginBody::from_request(request, &()).await?;
        Ok((login.username, login.password.expose_secret().to_owned()))
    }

    #[tokio::test]
    async fn json_and_form_say_the_same() {
        let said = Ok(("ada".to_owned(), "p w".to_owned()));
        assert_eq!(read("application/json", r#"{"username":"ada","password":"p w"}"#).await, said);
        assert_eq!(read("application/x-www-form-urlencoded", "username=ada&password=p+w").await, said);
        assert!(read("application/json", r#"{"username":"ada"}"#).await.is_err());
        assert!(read("application/json", r#"{"username":7,"password":"p"}"#).await.is_err());
        assert!(read("text/plain", r#"{"username":"ada","password":"p w"}"#).await.is_err());
        assert!(read("application/x-www-form-urlencoded", "username=ada&password=").await.is_err());
    }
}

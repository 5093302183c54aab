//! Bringing callers into being.

use super::{ADMIN_EMAIL, ADMIN_PASSWORD, Anonymous, Bearer, Identity, Person, TestApp};
use crate::forge;
use portcullis_core::account::{CreateAccount, UpdateAccount, User};
use portcullis_core::email_address::EmailAddress;
use portcullis_core::ids::{SessionId, TokenId};
use portcullis_core::password_hasher::Password;
use portcullis_core::rng::OsRng;
use portcullis_core::token::AccessClaims;
use std::time::Duration;

impl TestApp {
    /// Nobody: no credential.
    pub fn anonymous(&self) -> Anonymous {
        Anonymous(self.clone())
    }

    /// A new, active user `NAME@example.com`, signed in.
    ///
    /// # Panics
    ///
    /// When there is one with that name already.
    pub async fn user(&self, name: &str) -> Person {
        self.person(name, false, false).await
    }

    /// The same with a proved address.
    ///
    /// # Panics
    ///
    /// As [`TestApp::user`].
    pub async fn verified(&self, name: &str) -> Person {
        self.person(name, false, true).await
    }

    /// The same with the superuser flag.
    ///
    /// # Panics
    ///
    /// As [`TestApp::user`].
    pub async fn superuser(&self, name: &str) -> Person {
        self.person(name, true, true).await
    }

    /// The configured admin, signed in anew at each call.
    ///
    /// # Panics
    ///
    /// When the app was built without it.
    pub async fn admin(&self) -> Person {
        let found = self.auth().users().find_by_email(ADMIN_EMAIL).await;
        let user = found.unwrap_or_else(|error| panic!("{error}")).unwrap_or_else(|| panic!("the app has no admin"));
        self.keep_from_answers(ADMIN_PASSWORD);
        self.enter(user, ADMIN_PASSWORD.to_owned()).await
    }

    async fn person(&self, name: &str, is_superuser: bool, is_verified: bool) -> Person {
        let password = format!("a passphrase of {name} alone");
        let email =
            EmailAddress::parse(&format!("{name}@example.com")).unwrap_or_else(|_| panic!("{name:?} is no name"));
        let account =
            CreateAccount { email, password: Some(Password::new(password.clone())), is_superuser, is_verified };
        let user = self.auth().users().create(account).await;
        let user = user.unwrap_or_else(|error| panic!("{name} could not be created: {error}"));
        self.keep_from_answers(&password);
        self.enter(user, password).await
    }

    async fn enter(&self, user: User, password: String) -> Person {
        let path = format!("{}/jwt/login", self.paths().auth);
        let answer = self.anonymous().form(&path, &[("username", &user.email), ("password", &password)]).await;
        let token = answer.expect(200).json()["access_token"].as_str().unwrap_or_default().to_owned();
        Person { app: self.clone(), user, password, token }
    }

    /// The same person with another sign-in.
    ///
    /// # Panics
    ///
    /// When the password opens nothing any more.
    pub async fn again(&self, person: &Person) -> Person {
        self.enter(person.user.clone(), person.password.clone()).await
    }

    /// Whoever holds this text as a token.
    pub fn bearer(&self, token: impl Into<String>) -> Bearer {
        Bearer { app: self.clone(), token: token.into() }
    }

    /// A token with which the configured admin acts as `person`.
    ///
    /// # Panics
    ///
    /// When none is minted.
    pub async fn minted_for(&self, person: &Person) -> Bearer {
        self.admin().await.mint(person).await
    }

    /// The token of a device login that `person` approved.
    ///
    /// # Panics
    ///
    /// When the login does not go through.
    pub async fn device_token(&self, person: &Person) -> Bearer {
        let path = format!("{}/cli-login", self.paths().auth);
        let started = self.anonymous().post(&path).await.expect(200).json();
        let text = |name: &str| started[name].as_str().unwrap_or_default().to_owned();
        let (code, secret) = (text("code"), text("secret"));
        person.patch(&format!("{path}/{code}")).await.expect(200);
        let redeemed = self.anonymous().get(&format!("{path}/{code}?secret={secret}")).await.expect(200).json();
        self.bearer(redeemed["token"].as_str().unwrap_or_default())
    }

    /// A token of a session of `person` that still stands, whose own time is over.
    ///
    /// # Panics
    ///
    /// When it cannot be signed.
    pub async fn expired(&self, person: &Person) -> Bearer {
        let core = self.auth().core();
        let now = core.clock.now();
        let session = forge::claims_of(&person.token)["sid"].as_str().and_then(|sid| sid.parse().ok());
        let claims = AccessClaims {
            user_id: person.id(),
            session_id: SessionId(session.unwrap_or_else(|| panic!("the token has no session"))),
            token_id: TokenId::random(&OsRng),
            issued_at: now - Duration::from_secs(60),
            expires_at: now - Duration::from_secs(1),
            impersonator: None,
            generation: None,
        };
        self.bearer(core.tokens.issue(&claims).await.unwrap_or_else(|error| panic!("{error}")))
    }

    /// A new user who signed in and was deactivated then.
    ///
    /// # Panics
    ///
    /// As [`TestApp::user`].
    pub async fn deactivated(&self, name: &str) -> Person {
        let person = self.user(name).await;
        let update = UpdateAccount { is_active: Some(false), ..UpdateAccount::default() };
        let updated = self.auth().users().update(person.id(), update).await;
        updated.unwrap_or_else(|error| panic!("{name} could not be deactivated: {error}"));
        person
    }

    /// A new user who signed in and out again.
    ///
    /// # Panics
    ///
    /// As [`TestApp::user`].
    pub async fn signed_out(&self, name: &str) -> Person {
        let person = self.user(name).await;
        person.post(&format!("{}/jwt/logout", self.paths().auth)).await.expect(204);
        person
    }
}

impl Person {
    /// A token with which this superuser acts as `person`.
    ///
    /// # Panics
    ///
    /// When none is minted.
    pub async fn mint(&self, person: &Person) -> Bearer {
        let path = format!("{}/users/{}/token", self.app.paths().admin, person.id());
        let minted = self.post(&path).await.expect(200).json();
        self.app.bearer(minted["access_token"].as_str().unwrap_or_default())
    }
}

//! Those who call.

use super::{Call, TestApp};
use http::Method;
use portcullis_core::account::User;
use portcullis_core::ids::UserId;
use serde_json::Value;

/// Somebody who calls, with the same verbs for all.
pub trait Identity {
    /// The app that is called.
    fn app(&self) -> &TestApp;

    /// The bearer token, if there is one.
    fn token(&self) -> Option<&str>;

    /// Any request.
    fn call(&self, method: Method, path: &str) -> Call {
        let call = Call::new(self.app().clone(), method, path);
        match self.token() {
            Some(token) => call.bearer(token),
            None => call,
        }
    }

    /// `GET`.
    fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// `HEAD`.
    fn head(&self, path: &str) -> Call {
        self.call(Method::HEAD, path)
    }

    /// `POST` without a body.
    fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// `POST` with JSON.
    fn post_json(&self, path: &str, body: &Value) -> Call {
        self.post(path).json(body)
    }

    /// `POST` with a form.
    fn form(&self, path: &str, fields: &[(&str, &str)]) -> Call {
        self.post(path).form(fields)
    }

    /// `PATCH` without a body.
    fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// `PATCH` with JSON.
    fn patch_json(&self, path: &str, body: &Value) -> Call {
        self.patch(path).json(body)
    }

    /// `DELETE`.
    fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }
}

/// Nobody: no credential.
#[derive(Clone, Debug)]
pub struct Anonymous(pub(super) TestApp);

impl Identity for Anonymous {
    fn app(&self) -> &TestApp {
        &self.0
    }

    fn token(&self) -> Option<&str> {
        None
    }
}

/// Somebody with an account, a password and a token of one sign-in.
#[derive(Clone, Debug)]
pub struct Person {
    pub(super) app: TestApp,
    pub(super) user: User,
    pub(super) password: String,
    pub(super) token: String,
}

impl Person {
    /// The account, as it was when the person came into being.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The id of the account.
    pub fn id(&self) -> UserId {
        self.user.id
    }

    /// The address.
    pub fn email(&self) -> &str {
        &self.user.email
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The path of the account for superusers.
    pub fn path(&self) -> String {
        format!("{}/{}", self.app.paths().users, self.user.id)
    }

    /// The token alone.
    pub fn bearer(&self) -> Bearer {
        Bearer { app: self.app.clone(), token: self.token.clone() }
    }
}

impl Identity for Person {
    fn app(&self) -> &TestApp {
        &self.app
    }

    fn token(&self) -> Option<&str> {
        Some(&self.token)
    }
}

/// Whoever holds a token: minted, from a device login, expired, forged.
#[derive(Clone, Debug)]
pub struct Bearer {
    pub(super) app: TestApp,
    pub(super) token: String,
}

impl Bearer {
    /// The token as text.
    pub fn text(&self) -> &str {
        &self.token
    }
}

impl Identity for Bearer {
    fn app(&self) -> &TestApp {
        &self.app
    }

    fn token(&self) -> Option<&str> {
        Some(&self.token)
    }
}

//! In dev mode: mails go to the console instead of the post.
//!
//! The last hundred are kept for `GET /dev/mails`, so that a test or a front end under development finds its token.

use portcullis::core::clock::Timestamp;
use portcullis::core::mail::{Letter, Mail, Mailer};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many are kept.
const KEPT: usize = 100;

/// Prints mails and keeps them.
#[derive(Debug)]
pub struct ConsoleMailer {
    /// Origin and mount point of the routes that take the tokens.
    auth_url: String,
    kept: Mutex<VecDeque<SentMail>>,
}

/// A mail that was printed.
#[derive(Clone, Serialize)]
pub struct SentMail {
    to: String,
    kind: &'static str,
    token: Option<String>,
    /// The address that takes the token by POST.
    link: Option<String>,
    created_at: String,
}

impl std::fmt::Debug for SentMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SentMail({})", self.kind)
    }
}

impl ConsoleMailer {
    /// Mails whose tokens are taken by the routes under `auth_url`.
    pub fn new(auth_url: String) -> Self {
        Self { auth_url, kept: Mutex::default() }
    }

    /// The mails that were kept, oldest first.
    pub fn sent(&self) -> Vec<SentMail> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn link(&self, mail: &Mail) -> Option<String> {
        let route = match mail {
            Mail::ResetPassword { .. } => "reset-password",
            Mail::VerifyEmail { .. } => "verify",
            Mail::EmailChanged { .. } | Mail::PasswordChanged | Mail::SessionEndedByReuse => return None,
        };
        Some(format!("{}/{route}", self.auth_url))
    }
}

#[async_trait::async_trait]
impl Mailer for ConsoleMailer {
    async fn send(&self, letter: &Letter) -> Result<(), String> {
        let Letter { to, mail, created_at } = letter;
        let sent = SentMail {
            to: to.clone(),
            kind: mail.kind(),
            token: mail.token().map(str::to_owned),
            link: self.link(mail),
            created_at: Timestamp::to_rfc3339(*created_at),
        };
        match (&sent.token, &sent.link) {
            (Some(token), Some(link)) => {
                tracing::info!(
                    to = sent.to,
                    token,
                    link,
                    "a mail, {}: its token is taken by POST to the link",
                    sent.kind
                );
            }
            _ => tracing::info!(to = sent.to, "a mail, {}", sent.kind),
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(sent);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_hundred_are_kept_with_their_tokens() {
        let mailer = ConsoleMailer::new("http://localhost:8000/auth".to_owned());
        for n in 0..=KEPT {
            let mail = Mail::VerifyEmail { token: format!("token-{n}"), expires_at: 0 };
            let letter = Letter { to: "ada@example.com".to_owned(), mail, created_at: Timestamp::from_secs(0) };
            mailer.send(&letter).await.unwrap();
        }
        let kept = serde_json::to_value(mailer.sent()).unwrap();
        assert_eq!(kept.as_array().unwrap().len(), KEPT);
        assert_eq!(
            kept[0],
            serde_json::json!({
                "to": "ada@example.com", "kind": "verify_email", "token": "token-1",
                "link": "http://localhost:8000/auth/verify", "created_at": "1970-01-01T00:00:00Z",
            })
        );
    }
}

//! Where mails end up in a test.

use portcullis_core::mail::{Letter, Mail, Mailer};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Records what it is given to send. Clones are handles on the same mailbox.
#[derive(Clone, Debug, Default)]
pub struct Mailbox(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    letters: Mutex<Vec<Letter>>,
    closed: AtomicBool,
}

impl Mailbox {
    /// Takes all letters out, the oldest first.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.letters())
    }

    /// Takes the letters to this address out.
    pub fn take_for(&self, address: &str) -> Vec<Letter> {
        self.letters().extract_if(.., |letter| letter.to == address).collect()
    }

    /// Takes all letters out and names them: address and kind.
    pub fn kinds(&self) -> Vec<(String, &'static str)> {
        self.take().into_iter().map(|letter| (letter.to, letter.mail.kind())).collect()
    }

    /// Takes the one letter to this address out.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one.
    pub fn only(&self, address: &str) -> Mail {
        let mut letters = self.take_for(address);
        assert_eq!(letters.len(), 1, "one mail to {address} was expected: {letters:?}");
        letters.remove(0).mail
    }

    /// Takes the one letter to this address out, and gives the one-time token that it carries.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one, or it carries no token.
    pub fn token(&self, address: &str) -> String {
        let mail = self.only(address);
        mail.token().unwrap_or_else(|| panic!("{mail:?} carries no token")).to_owned()
    }

    /// From now on takes nothing, as a mail server that is down; or takes again.
    pub fn close(&self, closed: bool) {
        self.0.closed.store(closed, Ordering::SeqCst);
    }

    pub(crate) fn unseen(&self) -> Vec<String> {
        self.letters().iter().map(|letter| format!("{} to {}", letter.mail.kind(), letter.to)).collect()
    }

    fn letters(&self) -> MutexGuard<'_, Vec<Letter>> {
        self.0.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Mailer for Mailbox {
    async fn send(&self, letter: &Letter) -> Result<(), String> {
        if self.0.closed.load(Ordering::SeqCst) {
            return Err("the mailbox is closed".to_owned());
        }
        self.letters().push(letter.clone());
        Ok(())
    }
}

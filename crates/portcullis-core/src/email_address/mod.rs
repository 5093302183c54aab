//! E-mail addresses: what is accepted, how it is stored, and when two spellings are one address.
//!
//! An address plays two parts here, and they are kept apart on purpose:
//!
//! 1. [`EmailAddress`] is what a person gave us and what we show and send mail to. [`EmailAddress::parse`]
//!    decides whether we take it at all, and normalises it: surrounding spaces and a display name go
//!    (`Bob <bob@example.com>`), the domain becomes lower-case Unicode (`xn--bcher-kva` is stored as
//!    `bücher`), the part before the @-sign keeps its case and is put into NFC.
//! 2. [`EmailKey`] is the identity: the one value that is compared, indexed and counted. It folds away
//!    everything that a person would not call a difference. It exists for *every* string, because a login
//!    form and a table filled by somebody else also hold strings that [`EmailAddress::parse`] would refuse.
//!
//! Mail always goes to the stored spelling, never to the spelling typed into a form: a look-alike that
//! folds to the same key must not be able to redirect a reset link.
//!
//! # What is refused
//!
//! The syntax rules and their sentences are those of the email-validator package (2.3) as pydantic calls it,
//! because clients of the API show the sentences to people. On top of those we refuse, on purpose, what only
//! serves to deceive: look-alike letters (anything that NFKC would change, such as full-width letters),
//! invisible characters, and quotation marks. See [`EmailRefused`] for the list.
//!
//! Nothing here touches the network: a domain that does not exist is accepted.
//!
//! RFC 5321 §4.1.2 and §4.5.3.1, RFC 5322 §3.2.3 and §3.4, RFC 6531 §3.3, RFC 6761, RFC 5891–5893, UTS #46.

mod characters;
mod domain;
mod key;
mod parse;
mod reason;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use characters::CharacterList;
pub use key::EmailKey;
pub(crate) use key::fold;
pub use reason::EmailRefused;

/// An address that passed every rule, in the spelling that is stored and shown.
///
/// Comparing two of these compares spellings. To ask whether two spellings are the same account, compare
/// their [`key`](EmailAddress::key)s.
///
/// ```
/// use portcullis_core::email_address::{EmailAddress, EmailRefused};
///
/// let address = EmailAddress::parse(" Bob <Bob@EXAMPLE.com> ")?;
/// assert_eq!(address.as_str(), "Bob@example.com");
/// assert_eq!(address.key().as_str(), "bob@example.com");
///
/// let refused = EmailAddress::parse("bob@localhost").unwrap_err();
/// assert_eq!(refused.reason(), "The part after the @-sign is not valid. It should have a period.");
/// # Ok::<(), EmailRefused>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    address: String,
    /// Byte offset of the @-sign that separates the two parts.
    at: usize,
}

impl EmailAddress {
    /// Checks and normalises what a person typed.
    ///
    /// Parsing the result again gives the same address.
    ///
    /// # Errors
    ///
    /// The first rule that the input breaks, in the order in which email-validator checks them; our own,
    /// stricter rules come last.
    pub fn parse(input: &str) -> Result<Self, EmailRefused> {
        let (local, domain) = parse::parse(input)?;
        Ok(Self { at: local.len(), address: format!("{local}@{domain}") })
    }

    /// The stored spelling.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The part before the @-sign.
    pub fn local_part(&self) -> &str {
        &self.address[..self.at]
    }

    /// The part after the @-sign, lower-case and in Unicode.
    pub fn domain(&self) -> &str {
        &self.address[self.at + 1..]
    }

    /// The identity of this address.
    pub fn key(&self) -> EmailKey {
        EmailKey::of(&self.address)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl AsRef<str> for EmailAddress {
    fn as_ref(&self) -> &str {
        &self.address
    }
}

impl FromStr for EmailAddress {
    type Err = EmailRefused;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        Self::parse(input)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.address
    }
}

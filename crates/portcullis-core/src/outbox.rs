//! Mails that wait to be sent.
//!
//! A mail is written in the transaction of the act that causes it, so neither can exist without the other, and a
//! dead mail server delays nobody. A job claims due rows for a while ([`ClaimedMail`]), sends, and marks them;
//! with several replicas one of them has the claim, and if it dies the claim runs out.
//!
//! Stored: address, kind, and the mail encrypted by [`crate::keys::Keys::seal`].

use crate::clock::Timestamp;

/// A mail to be stored.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// To which address.
    pub to: String,
    /// What kind of mail, for the operator's eyes.
    pub kind: &'static str,
    /// The encrypted mail.
    pub sealed: Vec<u8>,
    /// When it was caused.
    pub created_at: Timestamp,
}

/// A mail that a job holds for a while.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    /// Names the row.
    pub id: i64,
    /// To which address.
    pub to: String,
    /// The encrypted mail.
    pub sealed: Vec<u8>,
    /// When it was caused.
    pub created_at: Timestamp,
    /// How often it was tried before.
    pub attempts: u32,
}

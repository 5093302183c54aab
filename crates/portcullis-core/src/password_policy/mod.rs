//! What a new password must be like.
//!
//! The rules are those of NIST SP 800-63B §3.1.1.2 and OWASP ASVS 5.0 §6.2, and no more: a length, and not
//! one of the passwords that attackers try first. There is no demand for digits or symbols, and no expiry.
//!
//! 1. **Length**, counted in code points, so that a password in any script is measured alike: at least 8 in
//!    the compatible profile, 15 in the strict one; at most [`MAX_CHARS`]. [`MAX_BYTES`] is looked at first,
//!    so that megabytes of input cost nothing.
//! 2. **Blocklist**, compared with the *whole* password after case folding, never with a part of it: `password1`
//!    is refused, `a password about summer` is not. It holds common passwords (embedded, see `common.txt`),
//!    runs and repetitions such as `qwertyuiop` and `abcabcabc`, the account's own e-mail address and its
//!    parts, and the name of this software.
//!
//! The password itself is never changed: no trimming, no normalisation. What was typed is what is hashed.
//!
//! The policy judges passwords when they are *set* (registration, change, reset), not at login: accounts from
//! before the policy must get in. A password that the operator configured is only measured, see
//! [`PasswordPolicy::check_length_only`].

mod blocklist;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use crate::email_address::{EmailKey, fold};

/// The longest password, in code points.
pub const MAX_CHARS: usize = 256;
/// The longest password, in bytes of UTF-8. No password within [`MAX_CHARS`] is longer.
pub const MAX_BYTES: usize = 1024;

const COMPAT_MIN_LENGTH: usize = 8;
const STRICT_MIN_LENGTH: usize = 15;
const PRODUCT_NAME: &str = "portcullis";

/// The rules for passwords that are being set.
///
/// ```
/// use portcullis_core::password_policy::{PasswordPolicy, PasswordRefused};
///
/// let policy = PasswordPolicy::compat();
/// assert_eq!(policy.check("four unrelated words", "ada@example.com"), Ok(()));
/// assert_eq!(policy.check("Password123", "ada@example.com"), Err(PasswordRefused::Common));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    min_length: usize,
    blocklist: bool,
}

impl PasswordPolicy {
    /// The compatible profile: at least 8 characters.
    pub const fn compat() -> Self {
        Self { min_length: COMPAT_MIN_LENGTH, blocklist: true }
    }

    /// The strict profile: at least 15 characters, as the password is the only factor.
    pub const fn strict() -> Self {
        Self { min_length: STRICT_MIN_LENGTH, blocklist: true }
    }

    /// The same policy with another minimum, which is kept between 1 and [`MAX_CHARS`].
    ///
    /// # Security
    ///
    /// Below 8 the blocklist is off too: who asks for four digits wants to choose `1234`. The operator is told
    /// so at start.
    pub const fn with_min_length(self, min_length: usize) -> Self {
        let min_length = match min_length {
            0 => 1,
            n if n > MAX_CHARS => MAX_CHARS,
            n => n,
        };
        Self { min_length, blocklist: self.blocklist && min_length >= COMPAT_MIN_LENGTH }
    }

    /// The smallest number of characters.
    pub const fn min_length(&self) -> usize {
        self.min_length
    }

    /// Whether common passwords are refused.
    pub const fn has_blocklist(&self) -> bool {
        self.blocklist
    }

    /// Judges a password for the account with this e-mail address, in whatever spelling.
    ///
    /// # Errors
    ///
    /// * [`PasswordRefused::TooShort`] and [`PasswordRefused::TooLong`] for its length,
    /// * [`PasswordRefused::EmailAddress`] if it is the address, the part before the @-sign with or without a
    ///   `+tag`, or the domain,
    /// * [`PasswordRefused::ProductName`] if it is the name of this software,
    /// * [`PasswordRefused::Common`] if it is on the list, a run or a repetition.
    pub fn check(&self, password: &str, email: &str) -> Result<(), PasswordRefused> {
        self.check_length_only(password)?;
        if !self.blocklist {
            return Ok(());
        }
        let folded = fold(password);
        if is_from_email(password, &folded, email) {
            Err(PasswordRefused::EmailAddress)
        } else if folded == PRODUCT_NAME {
            Err(PasswordRefused::ProductName)
        } else if blocklist::is_common(&folded) {
            Err(PasswordRefused::Common)
        } else {
            Ok(())
        }
    }

    /// Judges only the length, for a password that the operator configured.
    ///
    /// # Errors
    ///
    /// [`PasswordRefused::TooShort`] and [`PasswordRefused::TooLong`].
    pub fn check_length_only(&self, password: &str) -> Result<(), PasswordRefused> {
        if password.len() > MAX_BYTES {
            return Err(PasswordRefused::TooLong { max_length: MAX_CHARS });
        }
        match password.chars().count() {
            n if n < self.min_length => Err(PasswordRefused::TooShort { min_length: self.min_length }),
            n if n > MAX_CHARS => Err(PasswordRefused::TooLong { max_length: MAX_CHARS }),
            _ => Ok(()),
        }
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self::compat()
    }
}

/// Why a password was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRefused {
    /// Fewer characters than the policy asks for.
    TooShort {
        /// The smallest number of characters.
        min_length: usize,
    },
    /// More characters than the policy allows.
    TooLong {
        /// The largest number of characters.
        max_length: usize,
    },
    /// A password that attackers try first.
    Common,
    /// The account's own e-mail address, or one side of it.
    EmailAddress,
    /// The name of this software.
    ProductName,
}

impl PasswordRefused {
    /// The sentence for the person who chose the password: what is wrong, and what to do.
    pub fn reason(&self) -> Cow<'static, str> {
        match self {
            Self::TooShort { min_length: 1 } => "The password is empty. Use at least 1 character.".into(),
            Self::TooShort { min_length } => {
                format!("The password is too short. Use at least {min_length} characters.").into()
            }
            Self::TooLong { max_length } => {
                format!("The password is too long. Use at most {max_length} characters.").into()
            }
            Self::Common => "The password is one of those that attackers try first. Choose another, for example a few \
                 unrelated words."
                .into(),
            Self::EmailAddress => {
                "The password is taken from the email address. Choose another, for example a few unrelated words."
                    .into()
            }
            Self::ProductName => {
                "The password is the name of this software. Choose another, for example a few unrelated words.".into()
            }
        }
    }

    /// The stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "PASSWORD_TOO_SHORT",
            Self::TooLong { .. } => "PASSWORD_TOO_LONG",
            Self::Common => "PASSWORD_COMMON",
            Self::EmailAddress => "PASSWORD_IS_EMAIL_ADDRESS",
            Self::ProductName => "PASSWORD_IS_PRODUCT_NAME",
        }
    }
}

impl fmt::Display for PasswordRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())
    }
}

impl std::error::Error for PasswordRefused {}

fn is_from_email(password: &str, folded: &str, email: &str) -> bool {
    let email = EmailKey::of(email);
    if EmailKey::of(password) == email {
        return true;
    }
    let (local, domain) = email.as_str().rsplit_once('@').unwrap_or((email.as_str(), ""));
    let untagged = local.split('+').next().unwrap_or(local);
    [local, untagged, domain].contains(&folded)
}

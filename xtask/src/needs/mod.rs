//! What the suite needs from the machine, and how it gets it.
//!
//! A need says how to look for one thing and which Debian packages bring it. [`require`] looks; when the
//! thing is missing it installs those packages, if we may, and looks again. It says in one line what it found
//! or did. What cannot be had is a failure that names the command to run: nothing is ever skipped.
//!
//! Adding a need is one file here with one [`Need`], and one line in [`crate::services`].

mod apt;
pub mod curl;
pub mod postgres;
pub mod python;
pub mod toolchain;

use crate::Result;

/// One thing the suite needs.
pub trait Need {
    /// What is known about the thing once it is there.
    type Found;

    /// What it is called in messages.
    fn name(&self) -> String;

    /// Looks for it; `Err` says in half a sentence what is missing.
    fn find(&self) -> std::result::Result<Self::Found, String>;

    /// One line about what was found: version and place.
    fn describe(&self, found: &Self::Found) -> String;

    /// The command that installs it, run as root.
    fn install(&self) -> Install;
}

/// A way to install something.
pub enum Install {
    /// Debian packages.
    Packages(&'static [&'static str]),
    /// Components of the Rust toolchain.
    Components(&'static [&'static str]),
}

/// Returns the thing, installed if it had to be.
///
/// # Errors
///
/// When it is missing and cannot be installed; the message holds the command that would.
pub fn require<N: Need>(need: &N) -> Result<N::Found> {
    let missing = match need.find() {
        Ok(found) => {
            println!("  found      {}: {}", need.name(), need.describe(&found));
            return Ok(found);
        }
        Err(missing) => missing,
    };
    println!("  missing    {}: {missing}", need.name());
    match need.install() {
        Install::Packages(packages) => apt::install(&need.name(), packages)?,
        Install::Components(components) => toolchain::install(&need.name(), components)?,
    }
    let found = need.find().map_err(|missing| format!("{} was installed, but {missing}", need.name()))?;
    println!("  installed  {}: {}", need.name(), need.describe(&found));
    Ok(found)
}

//! In dev mode without a configured secret: a random one, kept beside the database.
//!
//! It must outlive a restart, or every token of the developer would die with each. The file is made for its owner only,
//! complete before it has its name, so that two servers that start at once end with one secret.

use crate::config::Database;
use crate::exit::Failure;
use portcullis::core::keys::MIN_SECRET_BYTES;
use portcullis::core::rng::Rng;
use portcullis::core::secret::Token;
use secrecy::SecretString;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The secret of a dev server on this database.
pub fn of_dev(database: &Database, rng: &dyn Rng) -> Result<SecretString, Failure> {
    let Database::File(database) = database else { return Ok(SecretString::from(Token::random(rng).expose())) };
    let mut name = database.clone().into_os_string();
    name.push(".secret");
    let file = PathBuf::from(name);
    let text = kept(&file, rng).map_err(|error| {
        Failure::config(format!("the secret of dev mode in {} cannot be read or made: {error}", file.display()))
    })?;
    if text.trim().len() < MIN_SECRET_BYTES {
        return Err(Failure::config(format!(
            "{} holds no secret of dev mode: delete it, and the next start makes one",
            file.display()
        )));
    }
    Ok(SecretString::from(text.trim()))
}

fn kept(file: &Path, rng: &dyn Rng) -> io::Result<String> {
    match fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        read => return read,
    }
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let made = make(&draft, file, rng);
    let _ = fs::remove_file(&draft);
    match made {
        // Another server was faster. Its secret is the one.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => made?,
    }
    fs::read_to_string(file)
}

fn make(draft: &Path, file: &Path, rng: &dyn Rng) -> io::Result<()> {
    let _ = fs::remove_file(draft);
    let mut open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    writeln!(open, "{}", Token::random(rng).expose())?;
    open.sync_all()?;
    fs::hard_link(draft, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::core::rng::OsRng;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_made_once_for_its_owner_only_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::File(folder.path().join("a.db"));
        let secrets: Vec<_> = (0..2).map(|_| of_dev(&database, &OsRng).unwrap()).collect();
        assert_eq!(secrets[0].expose_secret(), secrets[1].expose_secret());
        assert!(secrets[0].expose_secret().len() >= MIN_SECRET_BYTES);
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["a.db.secret"]);
        let mode = fs::metadata(folder.path().join("a.db.secret")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn servers_that_start_at_once_end_with_one_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db.secret");
        let draft = |n| folder.path().join(format!("draft-{n}"));
        make(&draft(1), &file, &OsRng).unwrap();
        let first = fs::read_to_string(&file).unwrap();
        assert_eq!(make(&draft(2), &file, &OsRng).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(kept(&file, &OsRng).unwrap(), first);
    }

    #[test]
    fn a_file_without_a_secret_is_refused_and_memory_has_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.db.secret"), "short\n").unwrap();
        let failure = of_dev(&Database::File(folder.path().join("a.db")), &OsRng).unwrap_err();
        assert_eq!(failure.code(), 78);
        assert!(failure.to_string().contains("a.db.secret holds no secret"), "{failure}");
        let [one, other] = [(); 2].map(|()| of_dev(&Database::Memory, &OsRng).unwrap());
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}

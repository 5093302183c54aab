//! `cargo xtask tidy`: house rules that the compiler cannot see.
//!
//! Every finding is printed as `file:line: what is wrong`, all of them, not only the first. The rules about
//! words in the source are a table in [`rules`]; they look at code alone, so a comment or a string may name
//! what code may not use. An exception is a line in that table, with its reason.

mod dependencies;
mod examples;
mod links;
mod rules;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Result, workspace};
use source::Source;

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    file: PathBuf,
    line: usize,
    message: String,
}

/// A file of the repository: its path from the root, with forward slashes, and its text.
pub struct File {
    path: String,
    text: String,
}

impl File {
    fn is(&self, kind: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == kind)
    }
}

/// Checks every file and prints what it finds.
///
/// # Errors
///
/// If there was anything to find.
pub fn run() -> Result {
    let root = workspace::root();
    let files = files(&root)?;
    let findings = check(&root, &files);
    for finding in &findings {
        println!("{}:{}: {}", finding.file.display(), finding.line, finding.message);
    }
    if findings.is_empty() {
        println!("  {} files are tidy", files.len());
        Ok(())
    } else {
        Err(format!("{} findings", findings.len()).into())
    }
}

fn check(root: &Path, files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let mut report =
            |line: usize, message: String| findings.push(Finding { file: PathBuf::from(&file.path), line, message });
        if file.is("rs") {
            rules::check_code(&file.path, &Source::new(&file.path, &file.text), &mut report);
        }
        if file.is("md") {
            links::check(root, &file.path, &file.text, &mut report);
        }
        rules::check_text(&file.path, &file.text, &mut report);
    }
    dependencies::check(files, &mut findings);
    dependencies::check_reasons(files, &mut findings);
    dependencies::check_used(files, &mut findings);
    examples::check(files, &mut findings);
    findings.sort();
    findings
}

/// Reads the files that people write: no build products, nothing that git keeps for itself.
fn files(root: &Path) -> Result<Vec<File>> {
    const KINDS: [&str; 9] = ["rs", "md", "toml", "sql", "html", "txt", "yml", "css", "py"];
    const NOT_OURS: [&str; 4] = ["target", ".git", "node_modules", "__pycache__"];

    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let ours = !NOT_OURS.iter().any(|skipped| name == *skipped);
            // Links are not followed: they may lead out of the repository, or round in it.
            let kind = entry.file_type()?;
            if kind.is_dir() && ours {
                folders.push(path);
            } else if kind.is_file()
                && (path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
                    || path.ends_with(".ci/run"))
            {
                // A file that git ignores, such as a database, may not be text; a source file is.
                let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                let relative = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
                found.push(File { path: relative, text });
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules hold in this repository, also for those who only run `cargo test --workspace`.
    #[test]
    fn the_house_is_tidy() {
        let root = workspace::root();
        let findings = check(&root, &files(&root).expect("the repository can be read"));
        let shown: Vec<_> =
            findings.iter().map(|f| format!("{}:{}: {}", f.file.display(), f.line, f.message)).collect();
        assert!(findings.is_empty(), "\n{}", shown.join("\n"));
    }
}

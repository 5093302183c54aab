//! What a crate may not even depend on (invariant 1): a word in the source comes later than the line in its
//! manifest.

use std::path::PathBuf;

use super::{File, Finding};

/// A manifest, and the packages that may not stand under its `[dependencies]`.
const FORBIDDEN: [(&str, &[&str]); 2] = [
    ("crates/portcullis-core/Cargo.toml", &["axum", "http", "hyper", "sqlx", "reqwest", "tokio", "clap", "tower"]),
    ("crates/portcullis-sqlx/Cargo.toml", &["axum", "http", "hyper", "reqwest", "clap", "tower"]),
];

/// Reports packages that a manifest may not name.
pub fn check(files: &[File], findings: &mut Vec<Finding>) {
    for (manifest, forbidden) in FORBIDDEN {
        let Some(file) = files.iter().find(|file| file.path == manifest) else { continue };
        // Dev-dependencies are for tests, and tests need a runtime.
        let mut inside = false;
        for (number, line) in file.text.lines().enumerate() {
            if line.starts_with('[') {
                inside = line == "[dependencies]" || line == "[build-dependencies]";
            }
            let package = line.split(['.', '=', ' ']).next().unwrap_or_default();
            if inside && forbidden.contains(&package) {
                findings.push(Finding {
                    file: PathBuf::from(manifest),
                    line: number + 1,
                    message: format!("`{package}` does not belong in this crate (invariant 1)"),
                });
            }
        }
    }
}

/// Reports packages of the workspace's table that the decision about dependencies does not name.
pub fn check_reasons(files: &[File], findings: &mut Vec<Finding>) {
    let text = |path: &str| files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let reasons = text("docs/decisions/0003-dependencies.md");
    let mut inside = false;
    for (number, line) in text("Cargo.toml").lines().enumerate() {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
        }
        let package = line.split(['.', '=', ' ', '#']).next().unwrap_or_default();
        let ours = package.is_empty() || package.starts_with("portcullis");
        if inside && !line.starts_with('[') && !ours && !reasons.contains(&format!("`{package}`")) {
            findings.push(Finding {
                file: PathBuf::from("Cargo.toml"),
                line: number + 1,
                message: format!("docs/decisions/0003-dependencies.md does not say what `{package}` is for"),
            });
        }
    }
}

/// Reports packages that a manifest names and no source of its crate does: they cost every build, and say nothing.
pub fn check_used(files: &[File], findings: &mut Vec<Finding>) {
    for manifest in files {
        let Some(folder) = manifest.path.strip_suffix("Cargo.toml").filter(|folder| !folder.is_empty()) else {
            continue;
        };
        // Tests may use what the crate itself may not.
        let (sources, all) = (format!("{folder}src/"), folder.to_owned());
        let mut inside = None;
        for (number, line) in manifest.text.lines().enumerate() {
            if line.starts_with('[') {
                inside = match line {
                    "[dependencies]" => Some(&sources),
                    "[dev-dependencies]" => Some(&all),
                    _ => None,
                };
                continue;
            }
            let package = line.split(['.', '=', ' ', '#']).next().unwrap_or_default();
            let Some(inside) = inside.filter(|_| !package.is_empty()) else { continue };
            let name = package.replace('-', "_");
            let mut sources = files.iter().filter(|file| file.path.starts_with(inside) && file.is("rs"));
            if !sources.any(|source| names(&source.text, &name)) {
                findings.push(Finding {
                    file: PathBuf::from(&manifest.path),
                    line: number + 1,
                    message: format!("nothing in {inside} uses `{package}`"),
                });
            }
        }
    }
}

/// Whether a source speaks of this crate: as the start of a path, or in a `use` of its own.
fn names(source: &str, name: &str) -> bool {
    source.match_indices(name).any(|(at, _)| {
        let before = source[..at].chars().next_back();
        let after = &source[at + name.len()..];
        !before.is_some_and(|before| before.is_alphanumeric() || before == '_')
            && ["::", ";", " as ", "!"].iter().any(|end| after.starts_with(end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_used_where_it_may_be() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let manifest = "[dependencies]\nasync-trait.workspace = true\nuuid.workspace = true\n\n[dev-dependencies]\ntime = \"1\"\nsqlx = \"1\"\n";
        let files = [
            file("crates/a/Cargo.toml", manifest),
            file("crates/a/src/lib.rs", "#[async_trait::async_trait]"),
            file("crates/a/tests/it.rs", "use time::Date; use uuid::Uuid; use portcullis_sqlx::Sqlite;"),
            file("crates/b/src/lib.rs", "use sqlx::query;"),
        ];
        let mut findings = Vec::new();
        check_used(&files, &mut findings);
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [3, 7]);
    }

    #[test]
    fn only_what_is_linked_into_the_crate_counts() {
        let text =
            "[dependencies]\ntime.workspace = true\ntokio = \"1\"\n\n[dev-dependencies]\ntokio.workspace = true\n";
        let files = [File { path: "crates/portcullis-core/Cargo.toml".to_owned(), text: text.to_owned() }];
        let mut findings = Vec::new();
        check(&files, &mut findings);
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn every_package_has_a_reason() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let manifest = "[workspace.dependencies]\nportcullis = { path = \"a\" }\n\n# tests\ntime = \"1\"\nuuid = \"1\"\n[profile.dev]\ndebug = 1\n";
        let files = [file("Cargo.toml", manifest), file("docs/decisions/0003-dependencies.md", "| `time` | |")];
        let mut findings = Vec::new();
        check_reasons(&files, &mut findings);
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [6]);
    }
}

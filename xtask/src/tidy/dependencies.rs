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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_linked_into_the_crate_counts() {
        let text =
            "[dependencies]\ntime.workspace = true\ntokio = \"1\"\n\n[dev-dependencies]\ntokio.workspace = true\n";
        let files = [File { path: "crates/portcullis-core/Cargo.toml".to_owned(), text: text.to_owned() }];
        let mut findings = Vec::new();
        check(&files, &mut findings);
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [3]);
    }
}

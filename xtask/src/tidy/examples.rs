//! Every example is driven by a test: it will be pasted, so it has to work.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{File, Finding};

/// Reports packages under `examples/` that have no test.
pub fn check(files: &[File], findings: &mut Vec<Finding>) {
    let mut examples: BTreeMap<&str, bool> = BTreeMap::new();
    for file in files {
        let Some((example, rest)) = file.path.strip_prefix("examples/").and_then(|path| path.split_once('/')) else {
            continue;
        };
        if rest == "Cargo.toml" {
            examples.entry(example).or_default();
        } else if file.is("rs") && (file.text.contains("#[test]") || file.text.contains("#[tokio::test")) {
            examples.insert(example, true);
        }
    }
    for (example, _) in examples.into_iter().filter(|(_, tested)| !tested) {
        findings.push(Finding {
            file: PathBuf::from(format!("examples/{example}/Cargo.toml")),
            line: 1,
            message: "an example without a test that drives it".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_needs_a_test() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let files = [
            file("examples/jobs/Cargo.toml", ""),
            file("examples/jobs/tests/it.rs", "#[tokio::test]\nasync fn a() {}"),
            file("examples/minimal/Cargo.toml", ""),
            file("examples/minimal/src/main.rs", "fn main() {}"),
        ];
        let mut findings = Vec::new();
        check(&files, &mut findings);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].file, PathBuf::from("examples/minimal/Cargo.toml"));
    }
}

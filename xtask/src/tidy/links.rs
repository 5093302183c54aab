//! Links between documents lead somewhere.
//!
//! Only links into the repository are looked at: the others need a network, and break without our doing.

use std::path::Path;

/// Checks the links of one Markdown file.
pub fn check(root: &Path, path: &str, text: &str, report: &mut impl FnMut(usize, String)) {
    let folder = root.join(path).parent().map(Path::to_path_buf).unwrap_or_default();
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for target in targets(line) {
            let Some(file) = local_file(target) else { continue };
            let place = file.strip_prefix('/').map_or_else(|| folder.join(file), |from_root| root.join(from_root));
            if !place.exists() {
                report(number + 1, format!("the link to `{target}` leads nowhere"));
            }
        }
    }
}

/// The targets of `[text](target)` and `[name]: target` in a line.
fn targets(line: &str) -> Vec<&str> {
    let mut found: Vec<&str> = line
        .match_indices("](")
        .filter(|(at, _)| !inside_code(line, *at))
        .filter_map(|(at, mark)| line[at + mark.len()..].split([')', ' ']).next())
        .collect();
    if let Some((_, target)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
        found.extend(target.split_whitespace().next());
    }
    found
}

/// Whether the place is between backticks.
fn inside_code(line: &str, at: usize) -> bool {
    line[..at].matches('`').count() % 2 == 1
}

/// The file that a target names, unless it is elsewhere or on the same page.
fn local_file(target: &str) -> Option<&str> {
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    let file = target.trim_matches(['<', '>']).split(['#', '?']).next().unwrap_or_default();
    (!elsewhere && !file.is_empty()).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_files_are_looked_for() {
        let text = "[a](missing.md) [b](https://example.org/x.md) [c](#here) `[d](code.md)`\n```\n[e](fenced.md)\n```\n\
                    [f]: gone.md#part\n[g](Cargo.toml#L1)\n";
        let mut found = Vec::new();
        check(&crate::workspace::root(), "README.md", text, &mut |line, message| found.push((line, message)));
        assert_eq!(
            found,
            [
                (1, "the link to `missing.md` leads nowhere".to_owned()),
                (5, "the link to `gone.md#part` leads nowhere".to_owned()),
            ]
        );
    }
}

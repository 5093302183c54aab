//! `.env` files: lines of `NAME=value`.
//!
//! There is no standard; what is read here is what Docker, systemd and python-dotenv agree on: one variable per
//! line, an optional `export` in front, `#` comments, values bare or in quotes. In double quotes `\n`, `\"`, `\\` and
//! `\$` are escapes; there is no substitution, so that a `$` in a password stays one.

use super::{ConfigError, Origin};
use std::io::ErrorKind;
use std::path::Path;

/// A variable with the line that sets it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) number: usize,
}

/// Reads the lines of `file` whose name, in capitals, `concerns` us; none if there is no file. If a name is set
/// twice, the last line holds.
///
/// # Errors
///
/// When the file cannot be read, and when a line with one of our names has no value that can be understood. Lines
/// for other programs are theirs to understand.
pub(super) fn read(file: &Path, concerns: impl Fn(&str) -> bool) -> Result<Vec<Line>, ConfigError> {
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => zeroize::Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ConfigError::missing(&name, format!("cannot be read: {error}"))),
    };
    let mut lines: Vec<Line> = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(line.len());
        let (variable, rest) = line.split_at(end);
        if !concerns(&variable.to_ascii_uppercase()) {
            continue;
        }
        let number = index + 1;
        let refuse = |problem: &str| {
            let origin = Origin::DotEnv { variable: variable.to_owned(), file: file.to_owned(), line: number };
            ConfigError::invalid(variable, &origin, problem)
        };
        let rest = rest.trim_start().strip_prefix('=').ok_or_else(|| refuse("has no = behind its name"))?;
        let value = value(rest.trim()).map_err(refuse)?;
        lines.retain(|earlier| earlier.name != variable);
        lines.push(Line { name: variable.to_owned(), value, number });
    }
    Ok(lines)
}

fn value(text: &str) -> Result<String, &'static str> {
    let quote = text.chars().next().filter(|c| ['"', '\''].contains(c));
    let Some(quote) = quote else {
        // A comment begins behind a blank: `a#b` is a value.
        let end = if text.starts_with('#') { Some(0) } else { text.find(" #").or_else(|| text.find("\t#")) };
        return Ok(text[..end.unwrap_or(text.len())].trim_end().to_owned());
    };
    let mut value = String::new();
    let mut rest = text[1..].chars();
    while let Some(c) = rest.next() {
        match c {
            c if c == quote => {
                let behind = rest.as_str().trim_start();
                if behind.is_empty() || behind.starts_with('#') {
                    return Ok(value);
                }
                return Err("goes on behind its closing quotation mark");
            }
            '\\' if quote == '"' => match rest.next() {
                Some('n') => value.push('\n'),
                Some(c @ ('"' | '\\' | '$')) => value.push(c),
                Some(c) => value.extend(['\\', c]),
                None => break,
            },
            c => value.push(c),
        }
    }
    Err("has no closing quotation mark on its line")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Result<Vec<(String, String, usize)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".env");
        std::fs::write(&file, text).unwrap();
        let lines = read(&file, |name| name.starts_with("OUR_")).map_err(|error| error.to_string())?;
        Ok(lines.into_iter().map(|line| (line.name, line.value, line.number)).collect())
    }

    fn only(text: &str) -> String {
        lines(text).unwrap().pop().unwrap().1
    }

    #[test]
    fn values_come_bare_and_in_quotes() {
        assert_eq!(only("OUR_A=b"), "b");
        assert_eq!(only("  export OUR_A = b c   # why"), "b c");
        assert_eq!(only("OUR_A=a#b"), "a#b");
        assert_eq!(only("OUR_A=# nothing"), "");
        assert_eq!(only("OUR_A='a # \\n $x'  # why"), "a # \\n $x");
        assert_eq!(only(r#"OUR_A="a\n\"b\"\\ \$c \d""#), "a\n\"b\"\\ $c \\d");
        assert_eq!(only("\u{feff}our_a=b\r\n"), "b");
    }

    #[test]
    fn the_last_line_of_a_name_holds_and_lines_of_others_are_theirs() {
        let found = lines("OUR_A=1\nTHEIRS 'x\n# OUR_B=2\nOUR_A=3").unwrap();
        assert_eq!(found, [("OUR_A".to_owned(), "3".to_owned(), 4)]);
    }

    #[test]
    fn a_line_of_ours_that_cannot_be_understood_is_named_without_its_value() {
        for (text, problem) in [
            ("\nOUR_A hunter2", "has no ="),
            ("\nOUR_A=\"hunter2", "no closing"),
            ("\nOUR_A='hunter2' hunter2", "goes on behind"),
        ] {
            let error = lines(text).unwrap_err();
            assert!(error.contains("OUR_A (") && error.contains("line 2)") && error.contains(problem), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn no_file_is_no_lines_and_an_unreadable_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(&folder.path().join("none"), |_| true).unwrap(), []);
        assert!(read(folder.path(), |_| true).unwrap_err().to_string().contains("cannot be read"));
    }
}

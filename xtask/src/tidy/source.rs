//! Rust source with everything blanked out that is not code, and the knowledge which lines are tests.
//!
//! This is a scanner, not a parser: it knows comments, strings, characters and matching braces, which is all
//! that rules about words need.

/// One source file, as the rules see it.
pub struct Source {
    /// The lines, with comments and the contents of strings replaced by spaces.
    pub lines: Vec<Line>,
}

/// One line of code.
pub struct Line {
    /// What is left of it.
    pub code: String,
    /// Whether it belongs to a test.
    pub test: bool,
}

impl Source {
    /// Reads the file at `path` from the root.
    pub fn new(path: &str, text: &str) -> Self {
        let code = mask(text);
        let in_tests = test_regions(&code);
        let whole_file = is_test_file(path);
        let mut lines = Vec::new();
        let mut start = 0;
        for line in code.split('\n') {
            let test = whole_file || in_tests.iter().any(|region| region.contains(&start));
            lines.push(Line { code: line.to_owned(), test });
            start += line.len() + 1;
        }
        Self { lines }
    }
}

/// Whether the whole file is tests: under `tests/` or `testing/`, or a module called `tests`.
fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "testing" | "tests.rs" | "testing.rs"))
}

/// The text with the same length in bytes and the same lines, but only its code.
fn mask(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => comment_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'r' | b'b' | b'c' if !continues_word(bytes, at) => match raw_string(bytes, at) {
                Some(end) => end,
                None => at,
            },
            b'\'' => character_end(bytes, at),
            _ => at,
        };
        if end == at {
            at += 1;
            continue;
        }
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    // Only whole characters were blanked: every region begins and ends at ASCII.
    String::from_utf8_lossy(&out).into_owned()
}

fn continues_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| from + length)
}

fn comment_end(bytes: &[u8], from: usize) -> usize {
    let (mut depth, mut at) = (0_usize, from);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The end of `r"…"`, `r#"…"#`, `br"…"` and the like, if one begins here.
fn raw_string(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    if matches!(bytes[at], b'b' | b'c') {
        at += 1;
    }
    if bytes.get(at) != Some(&b'r') {
        return None;
    }
    at += 1;
    let hashes = bytes[at..].iter().take_while(|byte| **byte == b'#').count();
    at += hashes;
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    at += 1;
    let closing: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let length = bytes[at..].windows(closing.len()).position(|window| window == closing)?;
    Some(at + length + closing.len())
}

/// The end of `'x'` or `'\n'`; a lifetime is left alone.
fn character_end(bytes: &[u8], from: usize) -> usize {
    if bytes.get(from + 1) == Some(&b'\\') {
        // Past the escaped character, which may be a quote.
        return bytes[(from + 3).min(bytes.len())..]
            .iter()
            .position(|byte| *byte == b'\'')
            .map_or(bytes.len(), |length| from + 3 + length + 1);
    }
    // A character is at most four bytes long, and a lifetime has no closing quote right behind its first letter.
    let first = bytes.get(from + 1).copied().unwrap_or_default();
    let width = match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    };
    if bytes.get(from + 1 + width) == Some(&b'\'') { from + width + 2 } else { from }
}

/// The byte ranges of items under `#[cfg(test)]` and `#[test]`.
fn test_regions(code: &str) -> Vec<std::ops::Range<usize>> {
    const MARKS: [&str; 4] = ["#[cfg(test)]", "#[test]", "#[tokio::test", "#[sqlx::test"];
    let mut regions = Vec::new();
    for mark in MARKS {
        for (start, _) in code.match_indices(mark) {
            regions.push(start..item_end(code, start + mark.len()));
        }
    }
    regions
}

/// The end of the item that follows: its closing brace, or the semicolon of one without a body.
fn item_end(code: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, byte) in code.as_bytes()[from..].iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return from + offset + 1;
                }
            }
            b';' if depth == 0 => return from + offset + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_not_code() {
        let text =
            "let a = \"dbg!(\"; // dbg!(\nlet b = r#\"dbg!(\"#; /* dbg!( /* dbg!( */ */ call('\\'', 'é', b'\"');";
        let masked = mask(text);
        assert_eq!(masked.len(), text.len());
        assert!(!masked.contains("dbg"), "{masked}");
        assert!(masked.contains("let b = ") && masked.contains("call("), "{masked}");
    }

    #[test]
    fn a_lifetime_is_not_a_character() {
        let text = "fn f<'a>(x: &'a str) -> &'a str { \"sleep(\" }";
        assert_eq!(mask(text), "fn f<'a>(x: &'a str) -> &'a str {          }");
    }

    #[test]
    fn a_test_module_ends_at_its_brace() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let tests: Vec<_> = Source::new("src/a.rs", text).lines.iter().map(|line| line.test).collect();
        // The split leaves an empty line after the last newline.
        assert_eq!(tests, [false, true, true, true, true, false, false]);
    }

    #[test]
    fn a_file_under_tests_is_a_test() {
        assert!(Source::new("crates/x/tests/it/main.rs", "mod a;").lines[0].test);
        assert!(!Source::new("crates/x/src/contests.rs", "mod a;").lines[0].test);
    }
}

//! Which words may stand where.
//!
//! Numbers in messages are the invariants of ARCHITECTURE.md.

use super::source::Source;

/// Files above this are hard to hold in one head.
const LONGEST_FILE: usize = 600;

/// Words that code may not use.
struct Rule {
    words: &'static [&'static str],
    /// What is wrong and what to do instead.
    message: &'static str,
    within: Within,
    /// The files it is about; empty means every file.
    only_in: &'static [&'static str],
    /// Beginnings of paths that may, each with the reason.
    except: &'static [(&'static str, &'static str)],
}

/// Which lines of a file a rule is about.
#[derive(PartialEq)]
enum Within {
    Everything,
    TestsOnly,
    /// Test code may.
    CodeOnly,
}

const CORE: &[&str] = &["crates/portcullis-core/"];

const RULES: &[Rule] = &[
    Rule {
        words: &["axum::", "http::", "sqlx::", "reqwest::", "tokio::", "clap::", "StatusCode"],
        message: "the core knows no HTTP, no SQL, no runtime: return an outcome (invariant 1)",
        within: Within::CodeOnly,
        only_in: CORE,
        except: &[],
    },
    Rule {
        words: &["Serialize"],
        message: "the wire is not the core's: write a type beside the handler (invariant 4)",
        within: Within::CodeOnly,
        only_in: CORE,
        except: &[
            ("crates/portcullis-core/src/mail.rs", "a mail waits encrypted in the outbox"),
            ("crates/portcullis-core/src/token/jwt.rs", "claims are signed"),
        ],
    },
    Rule {
        words: &["sqlx::"],
        message: "SQL appears only in portcullis-sqlx (invariant 2)",
        within: Within::CodeOnly,
        only_in: &[],
        except: &[
            ("crates/portcullis-sqlx/", "the only SQL"),
            ("crates/portcullis-testkit/", "it makes and drops the databases of tests"),
            ("examples/", "a host has tables of its own"),
            ("bench/", "the peers that are measured have theirs"),
        ],
    },
    Rule {
        words: &["StatusCode"],
        message: "statuses are decided in portcullis (invariant 2)",
        within: Within::Everything,
        only_in: &["crates/portcullis-sqlx/"],
        except: &[],
    },
    Rule {
        words: &["SystemTime::now", "Utc::now", "OffsetDateTime::now_utc", "UtcDateTime::now"],
        message: "time is a parameter: take a `Clock` (invariant 3)",
        within: Within::Everything,
        only_in: &[],
        except: &[
            ("crates/portcullis-core/src/clock.rs", "the one place that reads the machine's clock"),
            ("crates/portcullis-server/tests/e2e", "whole processes live by the machine's clock"),
            ("bench/", "it measures"),
        ],
    },
    Rule {
        words: &["Instant::now"],
        message: "time is a parameter: take a `Clock` (invariant 3); a stopwatch needs an exception in tidy's rules",
        within: Within::CodeOnly,
        only_in: &["crates/portcullis-core/", "crates/portcullis-sqlx/", "crates/portcullis/"],
        except: &[
            ("crates/portcullis-core/src/clock.rs", "the one place that reads the machine's clock"),
            ("crates/portcullis/src/hashing", "a job's deadline in the queue, and how long a hash took"),
            ("crates/portcullis/src/metrics", "how long a request took"),
            ("crates/portcullis/benches/", "it measures"),
        ],
    },
    Rule {
        words: &["std::env", "env::var", "env::vars", "env::args"],
        message: "only the server and `from_env` read the environment (invariant 2)",
        within: Within::CodeOnly,
        only_in: &[],
        except: &[
            ("crates/portcullis-server/", "the server"),
            ("crates/portcullis/src/config", "`AuthConfig::from_env`"),
            ("crates/portcullis-testkit/", "it finds the services of the test suite"),
            ("examples/", "a host reads its own"),
            ("bench/", "a program of its own"),
            ("xtask/", "a program of its own"),
        ],
    },
    Rule {
        words: &["#[ignore"],
        message: "a test runs or does not exist",
        within: Within::Everything,
        only_in: &[],
        except: &[],
    },
    Rule {
        words: &["todo!(", "unimplemented!(", "dbg!("],
        message: "unfinished",
        within: Within::Everything,
        only_in: &[],
        except: &[],
    },
    Rule {
        words: &["sleep("],
        message: "a test does not sleep: advance the clock, or wait for the event itself",
        within: Within::TestsOnly,
        only_in: &[],
        except: &[("crates/portcullis-server/tests/e2e", "another process can neither be told the time nor awaited")],
    },
];

/// Text that belongs on one machine, in any file.
const MACHINE_PATHS: [&str; 5] = ["/home/", "/root/", "/Users/", "/work/", "/tmp/wt"];

/// Checks the code of a Rust file.
pub fn check_code(path: &str, source: &Source, report: &mut impl FnMut(usize, String)) {
    if source.lines.len() > LONGEST_FILE + 1 {
        report(LONGEST_FILE + 1, format!("a file has at most {LONGEST_FILE} lines: split it by what it is about"));
    }
    for rule in RULES.iter().filter(|rule| rule.is_about(path)) {
        for (number, line) in source.lines.iter().enumerate() {
            let wanted = match rule.within {
                Within::Everything => true,
                Within::TestsOnly => line.test,
                Within::CodeOnly => !line.test,
            };
            if wanted && let Some(word) = rule.words.iter().find(|word| contains_word(&line.code, word)) {
                report(number + 1, format!("`{word}`: {}", rule.message));
            }
        }
    }
}

/// Checks any text file.
pub fn check_text(path: &str, text: &str, report: &mut impl FnMut(usize, String)) {
    if path == "xtask/src/tidy/rules.rs" {
        return;
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(found) = MACHINE_PATHS.iter().find(|place| begins_path(line, place)) {
            report(number + 1, format!("`{found}`: a path of somebody's machine"));
        }
    }
}

impl Rule {
    fn is_about(&self, path: &str) -> bool {
        let named = self.only_in.is_empty() || self.only_in.iter().any(|start| path.starts_with(start));
        named && !self.except.iter().any(|(start, _)| path.starts_with(start))
    }
}

/// Whether `word` stands in `code`, not as the end of a longer word.
fn contains_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Whether an absolute path begins with `place`: `https://example.org/home/x` does not.
fn begins_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-./}~$".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        check_code(path, &Source::new(path, text), &mut |line, message| found.push((line, message)));
        check_text(path, text, &mut |line, message| found.push((line, message)));
        found
    }

    #[test]
    fn each_rule_finds_what_it_is_about() {
        let long = "\n".repeat(LONGEST_FILE + 1);
        let cases: [(&str, &str); 12] = [
            ("crates/portcullis-core/src/a.rs", "use axum::Router;"),
            ("crates/portcullis-core/src/a.rs", "#[derive(Clone, Serialize)]"),
            ("crates/portcullis/src/a.rs", "use sqlx::query;"),
            ("crates/portcullis-sqlx/src/a.rs", "fn f() -> StatusCode {}"),
            ("crates/portcullis-sqlx/src/a.rs", "let t = SystemTime::now();"),
            ("crates/portcullis/src/a.rs", "let t = std::time::Instant::now();"),
            ("crates/portcullis/src/a.rs", "let v = std::env::var(NAME);"),
            ("crates/portcullis/tests/it/a.rs", "#[ignore = \"later\"]"),
            ("crates/portcullis/src/a.rs", "todo!()"),
            ("crates/portcullis/tests/it/a.rs", "tokio::time::sleep(SECOND).await;"),
            ("docs/a.md", "see /home/ada/portcullis"),
            ("crates/portcullis/src/a.rs", &long),
        ];
        for (path, text) in cases {
            assert_eq!(findings(path, text).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn what_is_allowed_is_not_found() {
        let cases = [
            ("crates/portcullis/src/a.rs", "use portcullis_sqlx::Sqlite; // sqlx::query"),
            ("crates/portcullis/tests/it/a.rs", "sqlx::query(CREATE_FOREIGN_TABLE);"),
            ("crates/portcullis-core/src/clock.rs", "SystemTime::now()"),
            ("crates/portcullis-server/src/jobs.rs", "tokio::time::sleep(pause).await;"),
            ("docs/a.md", "https://example.org/home/ada"),
        ];
        for (path, text) in cases {
            assert_eq!(findings(path, text), [], "{path}: {text}");
        }
    }
}

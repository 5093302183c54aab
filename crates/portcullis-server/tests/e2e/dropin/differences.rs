//! Every intended difference from the seed, with its reason, and what ours answers instead.
//!
//! A [`Rule`] is a difference as a reader of the guide meets it; a [`Case`] is one exchange of the script that shows it. A case
//! pins our answer, so that a difference cannot silently become another one; a case that no longer differs is an error.
//! [`guide`] writes `docs/guides/differences.md`, which a test holds equal.

use super::answer::Answer;

mod cases;
mod rules;

pub use cases::CASES;
pub use rules::RULES;

/// One exchange that is answered differently on purpose.
pub struct Case {
    /// The exchange.
    pub exchange: &'static str,
    /// The [`Rule::id`] it shows.
    pub rule: &'static str,
    /// Our status.
    pub status: u16,
    /// Our body.
    pub body: Body,
}

/// What our body has to be.
pub enum Body {
    /// `{"detail": TEXT}`.
    Detail(&'static str),
    /// `{"detail": {"code": TEXT, "reason": ...}}`.
    Code(&'static str),
    /// An RFC 9457 problem with this code.
    Problem(&'static str),
    /// Validation errors of these types at these places, as `type@body.email`.
    Invalid(&'static [&'static str]),
    /// An object with exactly these members.
    Members(&'static [&'static str]),
    /// A user with this address, flags as active, superuser, verified.
    User(&'static str, [bool; 3]),
    /// A token that lives this many minutes.
    Token(i64),
}

/// Finds the case of an exchange.
pub fn case_of(exchange: &str) -> Option<&'static Case> {
    CASES.iter().find(|case| case.exchange == exchange)
}

impl Case {
    /// What is wrong with our answer, or `None` when it is the intended one.
    pub fn refute(&self, answer: &Answer, masked: &serde_json::Value) -> Option<String> {
        if answer.status != self.status {
            return Some(format!("status {} instead of {}: {masked}", answer.status, self.status));
        }
        (!self.body.fits(answer, masked)).then(|| format!("another body than intended: {masked}"))
    }
}

impl Body {
    fn fits(&self, answer: &Answer, masked: &serde_json::Value) -> bool {
        let is_json = answer.header("content-type") == Some("application/json");
        match self {
            Self::Detail(text) => is_json && masked["detail"] == *text,
            Self::Code(code) => is_json && masked["detail"]["code"] == *code && masked["detail"]["reason"].is_string(),
            Self::Problem(code) => {
                answer.header("content-type") == Some("application/problem+json") && masked["code"] == *code
            }
            Self::Invalid(errors) => is_json && places(masked) == *errors,
            Self::Members(names) => {
                is_json
                    && masked
                        .as_object()
                        .is_some_and(|members| members.keys().map(String::as_str).eq(names.iter().copied()))
            }
            Self::User(email, flags) => {
                let [active, superuser, verified] = *flags;
                is_json
                    && masked["email"] == *email
                    && masked["is_active"] == active
                    && masked["is_superuser"] == superuser
                    && masked["is_verified"] == verified
            }
            Self::Token(minutes) => {
                let token = masked["access_token"].as_str().or(masked["token"].as_str()).unwrap_or_default();
                is_json && token.contains(&format!(" minutes={minutes}"))
            }
        }
    }
}

/// The types and places of validation errors, as `type@body.email`.
fn places(masked: &serde_json::Value) -> Vec<String> {
    let errors = masked["detail"].as_array().cloned().unwrap_or_default();
    let place = |error: &serde_json::Value| {
        let parts: Vec<_> =
            error["loc"].as_array().into_iter().flatten().map(|part| part.to_string().replace('"', "")).collect();
        format!("{}@{}", error["type"].as_str().unwrap_or_default(), parts.join("."))
    };
    errors.iter().map(place).collect()
}

/// The text of `docs/guides/differences.md`.
pub fn guide() -> String {
    let mut lines = vec![rules::INTRODUCTION.to_owned()];
    let mut area = "";
    for rule in RULES {
        if rule.area != area {
            area = rule.area;
            lines.push(format!("## {area}\n"));
        }
        lines.push(format!("### {}\n", rule.title));
        lines.push(format!("* zndraw-auth: {}", rule.seed));
        lines.push(format!("* Portcullis: {}", rule.ours));
        lines.push(format!("* Why: {}", rule.why));
        let cases = CASES.iter().filter(|case| case.rule == rule.id);
        let shown: Vec<_> = cases.map(|case| format!("`{}`", case.exchange)).collect();
        if !shown.is_empty() {
            lines.push(format!("* Exchanges: {}", shown.join(", ")));
        }
        lines.push(String::new());
    }
    lines.join("\n")
}

//! Where a text stops being JSON, and what Python says about it.
//!
//! The values come from `serde_json`. Only when that refuses a text is it walked a second time,
//! here, because the answer names the place and the reason as Python's `json` module does: the
//! offset counts **characters**, and the reason is one of eight sentences. A walk keeps nothing but
//! its position, goes no deeper than [`DEPTH`], and ends at the first fault.

/// The number of nested lists and objects that is one too many.
///
/// `serde_json`'s own limit. Python gives up somewhere above 900; no request of ours nests at all.
pub(super) const DEPTH: usize = 128;

/// The first thing wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not JSON from the character `offset` on.
    Syntax {
        /// Characters, not bytes, before the fault.
        offset: usize,
        /// Python's sentence.
        error: &'static str,
    },
    /// [`DEPTH`] lists and objects inside each other.
    TooDeep,
}

/// Finds the first fault; `None` if the text is JSON that `serde_json` takes.
pub(super) fn first_fault(text: &str) -> Option<Fault> {
    let mut walk = Walk { text, at: 0, depth: 0 };
    walk.document().err().map(|found| match found {
        Found::TooDeep => Fault::TooDeep,
        Found::Syntax(at, error) => Fault::Syntax { offset: text.get(..at).unwrap_or(text).chars().count(), error },
    })
}

const VALUE: &str = "Expecting value";
const NAME: &str = "Expecting property name enclosed in double quotes";
const COLON: &str = "Expecting ':' delimiter";
const COMMA: &str = "Expecting ',' delimiter";
const EXTRA: &str = "Extra data";
const CONTROL: &str = "Invalid control character at";
const UNTERMINATED: &str = "Unterminated string starting at";
const ESCAPE: &str = "Invalid \\escape";
const UNICODE_ESCAPE: &str = "Invalid \\uXXXX escape";
/// Ours: Python reads `1e999` as infinity, which nothing behind it can handle.
const RANGE: &str = "Number out of range";

/// A fault with its place in bytes.
enum Found {
    Syntax(usize, &'static str),
    TooDeep,
}

type Step = Result<(), Found>;

struct Walk<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
    depth: usize,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Steps over `byte` if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn fault(&self, error: &'static str) -> Step {
        Err(Found::Syntax(self.at, error))
    }

    fn document(&mut self) -> Step {
        self.spaces();
        self.value()?;
        self.spaces();
        if self.at < self.text.len() {
            return self.fault(EXTRA);
        }
        Ok(())
    }

    fn value(&mut self) -> Step {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for word in ["null", "true", "false"] {
                    if self.rest().starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return Ok(());
                    }
                }
                self.fault(VALUE)
            }
        }
    }

    fn nested(&mut self, inside: fn(&mut Self) -> Step) -> Step {
        self.at += 1;
        self.depth += 1;
        if self.depth >= DEPTH {
            return Err(Found::TooDeep);
        }
        self.spaces();
        inside(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn array(&mut self) -> Step {
        if self.eat(b']') {
            return Ok(());
        }
        loop {
            self.value()?;
            self.spaces();
            if self.eat(b']') {
                return Ok(());
            }
            self.comma()?;
        }
    }

    fn object(&mut self) -> Step {
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.fault(NAME);
            }
            self.string()?;
            self.spaces();
            if !self.eat(b':') {
                return self.fault(COLON);
            }
            self.spaces();
            self.value()?;
            self.spaces();
            if self.eat(b'}') {
                return Ok(());
            }
            self.comma()?;
        }
    }

    fn comma(&mut self) -> Step {
        if !self.eat(b',') {
            return self.fault(COMMA);
        }
        self.spaces();
        Ok(())
    }

    fn string(&mut self) -> Step {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escape(start)?,
                0x00..=0x1f => return self.fault(CONTROL),
                // Bytes of longer characters included: none of them looks like ASCII.
                _ => self.at += 1,
            }
        }
        Err(Found::Syntax(start, UNTERMINATED))
    }

    /// A backslash and what follows; `start` is where the string began.
    fn escape(&mut self, start: usize) -> Step {
        match self.text.as_bytes().get(self.at + 1) {
            Some(b'u') => self.unicode_escape(),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(_) => self.fault(ESCAPE),
            None => Err(Found::Syntax(start, UNTERMINATED)),
        }
    }

    /// `\uXXXX`, or two of them for a character beyond the first plane.
    ///
    /// Half of such a pair alone is no character. Python lets it through, and fails later.
    fn unicode_escape(&mut self) -> Step {
        let bad = Found::Syntax(self.at + 1, UNICODE_ESCAPE);
        match self.code_unit() {
            Some(0xd800..=0xdbff) => match self.code_unit() {
                Some(0xdc00..=0xdfff) => Ok(()),
                _ => Err(bad),
            },
            Some(0xdc00..=0xdfff) | None => Err(bad),
            Some(_) => Ok(()),
        }
    }

    /// Steps over one `\uXXXX` and returns its number.
    fn code_unit(&mut self) -> Option<u32> {
        let digits = self.rest().strip_prefix(br"\u")?.get(..4)?;
        let unit = digits.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))?;
        self.at += 6;
        Some(unit)
    }

    /// The longest number from here; what follows it is somebody else's fault.
    fn number(&mut self) -> Step {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && !self.digits() {
            return Err(Found::Syntax(start, VALUE));
        }
        let whole = self.at;
        if self.eat(b'.') && !self.digits() {
            self.at = whole;
        }
        let mantissa = self.at;
        if self.at_exponent() {
            self.at += 1;
            let _ = self.eat(b'+') || self.eat(b'-');
            if !self.digits() {
                self.at = mantissa;
            }
        }
        let written = self.text.get(start..self.at).unwrap_or_default();
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(()),
            _ => Err(Found::Syntax(start, RANGE)),
        }
    }

    fn at_exponent(&self) -> bool {
        matches!(self.peek(), Some(b'e' | b'E'))
    }

    /// Steps over digits; whether there was one.
    fn digits(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at > start
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Text, offset and sentence, as observed from the original.
    const OBSERVED: &[(&str, usize, &str)] = &[
        ("{", 1, NAME),
        ("}", 0, VALUE),
        (" ", 1, VALUE),
        ("nul", 0, VALUE),
        ("-", 0, VALUE),
        ("{a:1}", 1, NAME),
        ("{'a':1}", 1, NAME),
        ("{,}", 1, NAME),
        ("{\"a\":1,}", 7, NAME),
        ("{\"a\":1,", 7, NAME),
        ("{\"a\" 1}", 5, COLON),
        ("{\"a\"", 4, COLON),
        ("{\"a\":", 5, VALUE),
        ("{\"a\":tru}", 5, VALUE),
        ("{\"a\":.5}", 5, VALUE),
        ("{\"a\":1 \"b\":2}", 7, COMMA),
        ("{\"a\":01}", 6, COMMA),
        ("{\"a\":1.}", 6, COMMA),
        ("{\"a\":1e}", 6, COMMA),
        ("[1,2", 4, COMMA),
        ("[1 2]", 3, COMMA),
        ("[1,]", 3, VALUE),
        ("[,1]", 1, VALUE),
        ("{\"a\":1}x", 7, EXTRA),
        ("{\"a\":1}\0", 7, EXTRA),
        ("1e5x", 3, EXTRA),
        ("{\"a\":\"\n\"}", 6, CONTROL),
        ("\"abc", 0, UNTERMINATED),
        ("{\"a\":\"\\x\"}", 6, ESCAPE),
        ("{\"a\":\"\\u12\"}", 7, UNICODE_ESCAPE),
        ("/*c*/{}", 0, VALUE),
        ("\u{b}{}", 0, VALUE),
        ("\0", 0, VALUE),
        ("{\0", 1, NAME),
        ("{\"é\":x}", 5, VALUE),
        ("{\"é😀\":x}", 6, VALUE),
        // A 500 in the original, or a value that is not JSON.
        ("{\"a\":\"\\ud800\"}", 7, UNICODE_ESCAPE),
        ("{\"a\":\"\\ud83dx\"}", 7, UNICODE_ESCAPE),
        ("{\"\\ud800\":1}", 3, UNICODE_ESCAPE),
        ("{\"a\":\"\\udc00\"}", 7, UNICODE_ESCAPE),
        ("{\"a\":NaN}", 5, VALUE),
        ("Infinity", 0, VALUE),
        ("-Infinity", 0, VALUE),
        ("{\"a\":1e999}", 5, RANGE),
    ];

    #[test]
    fn the_place_and_the_sentence_are_those_of_the_original() {
        for &(text, offset, error) in OBSERVED {
            assert_eq!(first_fault(text), Some(Fault::Syntax { offset, error }), "{text:?}");
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn depth_is_counted_before_the_missing_ends() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |depth: usize| {
                let inside = if close == "}" { "1" } else { "" };
                format!("{}{inside}{}", open.repeat(depth), close.repeat(depth))
            };
            assert_eq!(first_fault(&nested(DEPTH - 1)), None);
            assert_eq!(first_fault(&nested(DEPTH)), Some(Fault::TooDeep));
            assert_eq!(first_fault(&open.repeat(20_000)), Some(Fault::TooDeep));
            assert!(serde_json::from_str::<Value>(&nested(DEPTH - 1)).is_ok());
            assert!(serde_json::from_str::<Value>(&nested(DEPTH)).is_err());
        }
        // Siblings are not depth.
        assert_eq!(first_fault(&format!("[{}[]]", "[[]],".repeat(500))), None);
    }

    proptest! {
        /// Both walks agree on what is JSON, so a refusal always has a place to point at.
        #[test]
        fn a_fault_is_found_exactly_where_the_parser_refuses(
            text in r#"([\[\]{}:,"\\ untrfalse0-9.eE+\-]|"a":|\\ud83d|\\ude00|null|é|1e9){0,24}"#
        ) {
            let refused = serde_json::from_str::<Value>(&text).is_err();
            prop_assert_eq!(first_fault(&text).is_some(), refused);
        }

        #[test]
        fn any_text_is_walked_without_panicking(text in any::<String>()) {
            let refused = serde_json::from_str::<Value>(&text).is_err();
            prop_assert_eq!(first_fault(&text).is_some(), refused);
        }
    }
}

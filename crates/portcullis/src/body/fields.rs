//! The typed readers of a JSON object: pydantic's rules, all errors at once.
//!
//! ```text
//! let mut fields = body.fields()?;
//! let email = fields.email("email", parse);
//! let password = fields.secret("password");
//! let is_active = fields.nullable_bool("is_active");
//! let (email, password, is_active) = fields.finish((email, password, is_active))?;
//! ```
//!
//! A reader that meets something wrong notes it and goes on, so the answer lists everything. The
//! values come out of [`Fields::finish`] only, which wants all of them; no handler can go on with
//! half a body. Call the readers in the order of the original's schema, which is the order of the
//! errors: `email, password, is_active, is_superuser, is_verified` to register, `password` before
//! `email` to update.
//!
//! Three words for three rules about a field that may be left out:
//!
//! | reader | absent | `null` | gives |
//! |---|---|---|---|
//! | `secret`, `string`, `email` | `missing` | error of the type | the value |
//! | `optional_…` | fine | error of the type | `Option` |
//! | `nullable_…` | fine | fine | [`Field`], which tells the two apart |
//!
//! The original lets `null` through for fields that cannot be null and fails later with a 500;
//! those are `optional` here.
//!
//! A boolean may be written as `true`, `1`, `1.0`, or as one of the words in [`lax_bool`]. A text
//! must be a text. NUL and every other character are part of it.

use secrecy::SecretString;
use serde_json::{Map, Number, Value};

use super::validation::{Invalid, Kind, ValidationError};

/// The members of a JSON object, with the errors found so far.
pub(crate) struct Fields {
    members: Map<String, Value>,
    errors: Vec<ValidationError>,
}

/// The result of a reader; opened by [`Fields::finish`].
pub(crate) struct Read<T>(Option<T>);

/// A field that may be left out, and may be null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field<T> {
    /// Not in the body.
    Absent,
    /// In the body, as `null`.
    Null,
    /// In the body, with a value.
    Value(T),
}

impl<T> Field<T> {
    /// The value, where absent and null mean the same.
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl Fields {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self { members, errors: Vec::new() }
    }

    /// A text that is required.
    pub(crate) fn string(&mut self, name: &'static str) -> Read<String> {
        self.required(name, string)
    }

    /// A password or token that is required.
    pub(crate) fn secret(&mut self, name: &'static str) -> Read<SecretString> {
        self.required(name, secret)
    }

    /// A password or token that may be left out or null.
    pub(crate) fn nullable_secret(&mut self, name: &'static str) -> Read<Field<SecretString>> {
        self.nullable(name, secret)
    }

    /// An e-mail address that is required; `parse` gives the address, or the reason against it.
    pub(crate) fn email<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, String>) -> Read<T> {
        self.required(name, |name, value| email(name, &value, parse))
    }

    /// An e-mail address that may be left out.
    pub(crate) fn optional_email<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Read<Option<T>> {
        self.optional(name, |name, value| email(name, &value, parse))
    }

    /// A boolean that may be left out.
    pub(crate) fn optional_bool(&mut self, name: &'static str) -> Read<Option<bool>> {
        self.optional(name, boolean)
    }

    /// A boolean that may be left out or null.
    pub(crate) fn nullable_bool(&mut self, name: &'static str) -> Read<Field<bool>> {
        self.nullable(name, boolean)
    }

    /// Opens what the readers gave: a tuple of up to six of them, or one alone.
    ///
    /// # Errors
    ///
    /// Everything that any reader found wrong, in the order in which they were called.
    pub(crate) fn finish<R: Reads>(self, reads: R) -> Result<R::Values, Invalid> {
        let Self { errors, .. } = self;
        // A reader of which the result was dropped counts too.
        match reads.values() {
            Some(values) if errors.is_empty() => Ok(values),
            _ => Err(Invalid(errors)),
        }
    }

    fn required<T>(&mut self, name: &'static str, parse: impl Parse<T>) -> Read<T> {
        match self.members.remove(name) {
            Some(value) => self.note(parse(name, value)),
            None => self.note(Err(ValidationError::missing(name))),
        }
    }

    fn optional<T>(&mut self, name: &'static str, parse: impl Parse<T>) -> Read<Option<T>> {
        match self.members.remove(name) {
            Some(value) => self.note(parse(name, value).map(Some)),
            None => Read(Some(None)),
        }
    }

    fn nullable<T>(&mut self, name: &'static str, parse: impl Parse<T>) -> Read<Field<T>> {
        match self.members.remove(name) {
            Some(Value::Null) => Read(Some(Field::Null)),
            Some(value) => self.note(parse(name, value).map(Field::Value)),
            None => Read(Some(Field::Absent)),
        }
    }

    fn note<T>(&mut self, read: Result<T, ValidationError>) -> Read<T> {
        Read(read.map_err(|error| self.errors.push(error)).ok())
    }
}

/// What the readers of one body gave, to be opened together.
pub(crate) trait Reads {
    /// The values inside.
    type Values;

    /// All values, or none.
    fn values(self) -> Option<Self::Values>;
}

impl<T> Reads for Read<T> {
    type Values = T;

    fn values(self) -> Option<T> {
        self.0
    }
}

macro_rules! reads_of_tuples {
    ($(($($name:ident),+))+) => {$(
        impl<$($name),+> Reads for ($(Read<$name>,)+) {
            type Values = ($($name,)+);

            #[expect(non_snake_case, reason = "the type's letter doubles as the variable")]
            fn values(self) -> Option<Self::Values> {
                let ($($name,)+) = self;
                Some(($($name.0?,)+))
            }
        }
    )+};
}

reads_of_tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

trait Parse<T>: FnOnce(&'static str, Value) -> Result<T, ValidationError> {}

impl<T, F: FnOnce(&'static str, Value) -> Result<T, ValidationError>> Parse<T> for F {}

fn string(name: &'static str, value: Value) -> Result<String, ValidationError> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(not_a_string(name, &other)),
    }
}

fn secret(name: &'static str, value: Value) -> Result<SecretString, ValidationError> {
    string(name, value).map(SecretString::from)
}

fn email<T>(
    name: &'static str,
    value: &Value,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, ValidationError> {
    let text = value.as_str().ok_or_else(|| not_a_string(name, value))?;
    parse(text).map_err(|reason| {
        let msg = format!("value is not a valid email address: {reason}");
        ValidationError::at(Kind::ValueError, "body", name, msg, value).with("reason", reason)
    })
}

fn boolean(name: &'static str, value: Value) -> Result<bool, ValidationError> {
    let (kind, msg) = match lax_bool(&value) {
        Ok(boolean) => return Ok(boolean),
        Err(NotBool::Unreadable) => (Kind::BoolParsing, "Input should be a valid boolean, unable to interpret input"),
        Err(NotBool::WrongType) => (Kind::BoolType, "Input should be a valid boolean"),
    };
    Err(ValidationError::at(kind, "body", name, msg, &value))
}

pub(super) fn not_a_string(name: &'static str, value: &Value) -> ValidationError {
    ValidationError::at(Kind::StringType, "body", name, "Input should be a valid string", value)
}

/// Why a value stands for no boolean.
enum NotBool {
    /// A text or a whole number, but none of those that stand for one.
    Unreadable,
    /// Nothing that could.
    WrongType,
}

/// The booleans of pydantic's lax mode.
fn lax_bool(value: &Value) -> Result<bool, NotBool> {
    const FALSE: [&str; 6] = ["0", "off", "f", "false", "n", "no"];
    const TRUE: [&str; 6] = ["1", "on", "t", "true", "y", "yes"];
    match value {
        Value::Bool(boolean) => Ok(*boolean),
        Value::Number(number) => match whole(number) {
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            Some(_) => Err(NotBool::Unreadable),
            None => Err(NotBool::WrongType),
        },
        Value::String(text) => {
            let is = |word: &&str| text.eq_ignore_ascii_case(word);
            match (FALSE.iter().any(is), TRUE.iter().any(is)) {
                (true, _) => Ok(false),
                (_, true) => Ok(true),
                _ => Err(NotBool::Unreadable),
            }
        }
        Value::Null | Value::Array(_) | Value::Object(_) => Err(NotBool::WrongType),
    }
}

/// The number as an `i64`, if it is whole and in range however it was written.
#[expect(clippy::cast_possible_truncation, reason = "what is not whole or not in range is sorted out first")]
fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
        // Both bounds are powers of two; outside of them the conversion would saturate.
        (float > i64::MIN as f64 && float < i64::MAX as f64).then_some(float as i64)
    })
}

//! One exchange of the script: a request with placeholders, and what to keep of its answer.
//!
//! Every text of a request may contain `${name}`, which stands for a value kept earlier from the **same** server. A name that
//! was never kept becomes `unsaved-name`, so that one deviation does not end the run but shows up where the value is used.
//! Paths are written for the quick start's mount points (`/auth`, `/users`, `/admin`) and moved to the layout in use.

use super::world::World;

/// Makes a header value or a body from what is known about the server at that moment.
pub type Maker = Box<dyn Fn(&World) -> Vec<u8> + Send + Sync>;

/// A request, its name in the table, and what to keep of its answer.
pub struct Exchange {
    /// `area.what`, unique.
    pub id: &'static str,
    /// The method as sent.
    pub method: &'static str,
    /// The path and query, with placeholders.
    pub path: String,
    /// Headers in order; a name may come twice.
    pub headers: Vec<(&'static str, Maker)>,
    /// The body, `None` for none at all.
    pub body: Option<Maker>,
    /// Names and JSON pointers of values to keep.
    pub saves: Vec<(&'static str, &'static str)>,
    /// Name, kind and address of a one-time token to fetch from the server's delivery.
    pub delivered: Option<(&'static str, &'static str, &'static str)>,
    /// Repeat until the status is this one: for what only time can change.
    pub until: Option<u16>,
}

impl Exchange {
    fn new(id: &'static str, method: &'static str, path: impl Into<String>) -> Self {
        Self {
            id,
            method,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            saves: Vec::new(),
            delivered: None,
            until: None,
        }
    }

    /// Sends a header whose value is a template.
    pub fn header(mut self, name: &'static str, template: &str) -> Self {
        self.headers.push((name, filled(template.as_bytes())));
        self
    }

    /// Sends a header whose value is made at that moment.
    pub fn header_made(mut self, name: &'static str, make: impl Fn(&World) -> String + Send + Sync + 'static) -> Self {
        self.headers.push((name, Box::new(move |world| make(world).into_bytes())));
        self
    }

    /// Sends a header of raw bytes.
    pub fn header_bytes(mut self, name: &'static str, bytes: &'static [u8]) -> Self {
        self.headers.push((name, Box::new(move |_| bytes.to_vec())));
        self
    }

    /// Sends `Authorization: Bearer ` and the token kept under this name.
    pub fn bearer(self, name: &str) -> Self {
        self.header("authorization", &format!("Bearer ${{{name}}}"))
    }

    /// Sends `Authorization: Bearer ` and a token made at that moment.
    pub fn bearer_made(self, make: impl Fn(&World) -> String + Send + Sync + 'static) -> Self {
        self.header_made("authorization", move |world| format!("Bearer {}", make(world)))
    }

    /// Sends a body of this content type; the body is a template.
    pub fn body(self, content_type: &str, template: &str) -> Self {
        self.header("content-type", content_type).raw(template.as_bytes())
    }

    /// Sends a body of this content type, made at that moment.
    pub fn body_made(self, content_type: &str, make: impl Fn(&World) -> String + Send + Sync + 'static) -> Self {
        let mut exchange = self.header("content-type", content_type);
        exchange.body = Some(Box::new(move |world| make(world).into_bytes()));
        exchange
    }

    /// Sends a body without naming its type.
    pub fn raw(mut self, template: &[u8]) -> Self {
        self.body = Some(filled(template));
        self
    }

    /// Sends `application/json`; the text is a template and need not be valid JSON.
    pub fn json(self, template: &str) -> Self {
        self.body("application/json", template)
    }

    /// Sends `application/x-www-form-urlencoded`; the text is already encoded, and a template.
    pub fn form(self, template: &str) -> Self {
        self.body("application/x-www-form-urlencoded", template)
    }

    /// Sends `multipart/form-data` with these fields.
    pub fn multipart(self, fields: &[(&str, &str)]) -> Self {
        let part = |(name, value): &(&str, &str)| {
            format!("--frontier\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = fields.iter().map(part).collect::<Vec<_>>().concat() + "--frontier--\r\n";
        self.body("multipart/form-data; boundary=frontier", &body)
    }

    /// Keeps the value at this JSON pointer of the answer.
    pub fn save(mut self, name: &'static str, pointer: &'static str) -> Self {
        self.saves.push((name, pointer));
        self
    }

    /// Keeps the one-time token that the answer's server delivered to this address.
    pub fn save_delivered(mut self, name: &'static str, kind: &'static str, email: &'static str) -> Self {
        self.delivered = Some((name, kind, email));
        self
    }

    /// Repeats the request until it is answered with this status, for a few seconds at most.
    pub fn until(mut self, status: u16) -> Self {
        self.until = Some(status);
        self
    }
}

fn filled(template: &[u8]) -> Maker {
    match String::from_utf8(template.to_vec()) {
        Ok(text) => Box::new(move |world| world.fill(&text).into_bytes()),
        Err(bytes) => Box::new(move |_| bytes.as_bytes().to_vec()),
    }
}

/// A `GET`.
pub fn get(id: &'static str, path: impl Into<String>) -> Exchange {
    Exchange::new(id, "GET", path)
}

/// A `POST`.
pub fn post(id: &'static str, path: impl Into<String>) -> Exchange {
    Exchange::new(id, "POST", path)
}

/// A `PATCH`.
pub fn patch(id: &'static str, path: impl Into<String>) -> Exchange {
    Exchange::new(id, "PATCH", path)
}

/// A `DELETE`.
pub fn delete(id: &'static str, path: impl Into<String>) -> Exchange {
    Exchange::new(id, "DELETE", path)
}

/// Any other method.
pub fn other(id: &'static str, method: &'static str, path: impl Into<String>) -> Exchange {
    Exchange::new(id, method, path)
}

/// Registers an account and logs it in, keeping its id and token; the password is the one of [`password`].
///
/// `names` are the two exchange ids, the name of the id and the name of the token.
pub fn person(names: [&'static str; 4], email: &str) -> [Exchange; 2] {
    let [register, login, id, token] = names;
    [
        post(register, "/auth/register")
            .json(&format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#))
            .save(id, "/id"),
        post(login, "/auth/jwt/login")
            .form(&format!("username={}&password={PASSWORD}", email.replace('@', "%40").replace('+', "%2B")))
            .save(token, "/access_token"),
    ]
}

/// The password of everybody whose exchange is not about passwords: long, on no list, and without a character a form must encode.
pub const PASSWORD: &str = "tidal-lantern-41";

//! What can be set: one row per setting, from which the variables, file keys and flags get their names.

/// One thing that can be set.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in capitals: `TOKEN_LIFETIME_SECONDS` is the variable `PORTCULLIS_TOKEN_LIFETIME_SECONDS`, the key
    /// `token_lifetime_seconds` in the file and the flag `--token-lifetime-seconds`.
    pub name: &'static str,
    /// What kind of value it has, which decides who may see it.
    pub kind: Kind,
    /// Whether zndraw-auth has it too, so that `ZNDRAW_AUTH_` + name is understood.
    pub inherited: bool,
    /// What holds if nobody sets it, as it is shown; empty for nothing.
    pub default: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
}

/// What kind of value a setting has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anybody may see it.
    Plain,
    /// Nobody may see it. It is never a flag, because every user of the machine sees the flags of a process; instead
    /// it can be read from a file that name + `_FILE` names.
    Secret,
    /// A URL that may carry a password, which nobody may see. It can be a flag, and come from a `_FILE`.
    Url,
    /// Read so that an old deployment starts, and not used.
    Ignored,
}

impl Setting {
    /// Whether an error may repeat the value.
    pub const fn is_public(&self) -> bool {
        matches!(self.kind, Kind::Plain)
    }

    /// Whether name + `_FILE` is understood.
    pub const fn has_file(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::Url)
    }

    /// Its key in the settings file.
    pub fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }
}

const fn setting(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, kind: Kind::Plain, inherited: false, default, help }
}

const fn inherited(kind: Kind, name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, kind, inherited: true, default, help }
}

/// The settings of the library. The server has a few more of its own.
pub static SETTINGS: &[Setting] = &[
    inherited(Kind::Secret, "SECRET_KEY", "", "Signs access tokens, and every other key comes from it; ≥ 32 bytes"),
    setting("PROFILE", "compat", "compat: answers as fastapi-users gives them; strict: reveals less and asks for more"),
    inherited(
        Kind::Plain,
        "TOKEN_LIFETIME_SECONDS",
        "3600; 900 in the strict profile",
        "How long an access token lasts",
    ),
    setting("MINT_LIFETIME_SECONDS", "900", "How long a token lasts that a superuser made for somebody else"),
    setting("DEVICE_LIFETIME_SECONDS", "300", "How long a device login can be approved and redeemed"),
    setting("PASSWORD_MIN_LENGTH", "8; 15 in the strict profile", "The shortest new password, in characters"),
    setting("PATHS_AUTH", "/auth", "Where login, registration and device logins are mounted"),
    setting("PATHS_USERS", "/users", "Where accounts are mounted"),
    setting("PATHS_ADMIN", "/admin", "Where the routes of superusers are mounted"),
    setting("PUBLIC_URL", "", "The origin under which users reach the server: https, or http for loopback"),
    setting("TRUSTED_PROXIES", "", "Networks of proxies whose forwarding headers are believed, comma-separated"),
    setting("CORS_ORIGINS", "", "Origins whose pages may call the API, comma-separated"),
    inherited(Kind::Plain, "DEFAULT_ADMIN_EMAIL", "", "The address of the first superuser"),
    inherited(Kind::Secret, "DEFAULT_ADMIN_PASSWORD", "", "The first password of the first superuser"),
    setting("ALLOW_GUESTS", "false", "Lets anybody get a guest account without a password"),
    setting("ALLOW_UNLIMITED", "false", "Turns all limits off, for tests and benchmarks"),
    setting("ALLOW_MINT_SUPERUSER", "false", "Lets a superuser make tokens for superusers"),
    setting("ALLOW_LEGACY_TOKENS_UNTIL", "", "Accepts tokens without a session until this date (RFC 3339)"),
    inherited(Kind::Ignored, "RESET_PASSWORD_TOKEN_SECRET", "", "Not used: reset tokens are random values"),
    inherited(Kind::Ignored, "VERIFICATION_TOKEN_SECRET", "", "Not used: verification tokens are random values"),
];

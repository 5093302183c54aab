//! Where the routes are mounted.

/// The three mount points. ZnDraw has them at `/v1/auth`, `/v1/auth/users` and `/v1/admin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Login, registration, device logins, mails.
    pub auth: String,
    /// Accounts.
    pub users: String,
    /// What only superusers may do.
    pub admin: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self { auth: "/auth".to_owned(), users: "/users".to_owned(), admin: "/admin".to_owned() }
    }
}

impl Paths {
    /// The first mount point that collides with another, and that other one.
    ///
    /// One may lie below another, as ZnDraw's do, but not on it, and not on the routes that the others hold.
    pub(super) fn collision(&self) -> Option<(&'static str, String)> {
        let Self { auth, users, admin } = self;
        for (name, path) in [("PATHS_USERS", users), ("PATHS_ADMIN", admin)] {
            let taken = [auth.clone(), format!("{auth}/jwt"), format!("{auth}/cli-login")];
            if let Some(taken) = taken.into_iter().enumerate().find_map(|(index, taken)| {
                let below = path.strip_prefix(&taken).is_some_and(|rest| rest.starts_with('/'));
                (*path == taken || index > 0 && below).then_some(taken)
            }) {
                return Some((name, taken));
            }
        }
        let below_users =
            admin.strip_prefix(users.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        below_users.then(|| ("PATHS_ADMIN", users.clone()))
    }
}

/// Checks a mount point: `/`, then segments of letters, digits and `-._~` with single slashes between.
///
/// # Errors
///
/// What it must be instead, as the end of a sentence that begins with its name.
pub fn mount_point(text: &str) -> Result<String, String> {
    if !text.starts_with('/') {
        return Err("must begin with a slash, as /auth does".to_owned());
    }
    if text.ends_with('/') {
        return Err("must not end with a slash; /auth is right, and the root cannot be a mount point".to_owned());
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    if !text[1..].split('/').all(|part| !matches!(part, "" | "." | "..") && part.chars().all(plain)) {
        return Err("must consist of letters, digits and -._~ between single slashes".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_plain_paths() {
        for path in ["/auth", "/v1/auth", "/a.b-c_d~e"] {
            assert_eq!(mount_point(path).as_deref(), Ok(path));
        }
        for path in ["", "auth", "/", "/auth/", "/{id}", "/a//b", "/a b", "/ä", "/a/../b", "/*rest", "/a?b"] {
            assert!(mount_point(path).is_err(), "{path}");
        }
    }

    #[test]
    fn mount_points_do_not_lie_on_each_other() {
        let collision = |auth: &str, users: &str, admin: &str| {
            let paths = Paths { auth: auth.to_owned(), users: users.to_owned(), admin: admin.to_owned() };
            paths.collision().map(|(name, _)| name)
        };
        assert_eq!(Paths::default().collision(), None);
        assert_eq!(collision("/v1/auth", "/v1/auth/users", "/v1/admin"), None);
        assert_eq!(collision("/a", "/a", "/admin"), Some("PATHS_USERS"));
        assert_eq!(collision("/a", "/a/cli-login", "/admin"), Some("PATHS_USERS"));
        assert_eq!(collision("/a", "/users", "/a/jwt/x"), Some("PATHS_ADMIN"));
        assert_eq!(collision("/a", "/users", "/users"), Some("PATHS_ADMIN"));
        assert_eq!(collision("/a", "/users", "/users/admin"), Some("PATHS_ADMIN"));
        assert_eq!(collision("/a", "/users", "/users2"), None);
    }
}

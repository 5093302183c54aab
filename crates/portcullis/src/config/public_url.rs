//! The origin under which users reach the server.

use std::fmt;
use std::net::IpAddr;

/// A scheme, a host and perhaps a port: where links, redirects and the issuer point, whatever a request claims.
///
/// `https`, or `http` for this machine only: over a network, sign-in without TLS is no sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    https: bool,
    host: String,
}

impl PublicUrl {
    /// Reads an origin; one slash behind it is forgiven.
    ///
    /// # Errors
    ///
    /// What it must be instead, as the end of a sentence that begins with its name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let uri: http::Uri =
            text.parse().map_err(|_| "must be an origin such as https://auth.example.com".to_owned())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err("must be an origin with its scheme, such as https://auth.example.com".to_owned());
        };
        if authority.as_str().contains('@') {
            return Err("must not contain a user name or password".to_owned());
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || text.contains('#') {
            return Err("must be an origin without path, query and fragment, such as https://auth.example.com; \
                        the paths are settings of their own (PORTCULLIS_PATHS_…)"
                .to_owned());
        }
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let https = match scheme {
            "https" => true,
            "http" if is_loopback(&host) => false,
            "http" => {
                return Err("must be https: http is only for this machine (localhost, 127.0.0.1, [::1])".to_owned());
            }
            _ => return Err("must begin with https://".to_owned()),
        };
        let port = uri.port_u16().filter(|port| *port != if https { 443 } else { 80 });
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self { origin: format!("{scheme}://{host}{port}"), https, host })
    }

    /// The origin, without a slash behind it: `https://auth.example.com`.
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// Whether it is https, so that cookies are `Secure` and browsers are told to stay on https.
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// The host, in lower case; an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

/// Whether a host name always means this machine: `localhost` and what is below it (RFC 6761 §6.3), 127/8, `[::1]`.
pub fn is_loopback(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
    host == "localhost"
        || host.ends_with(".localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_in_its_shortest_form() {
        for (text, origin, https) in [
            ("https://Auth.Example.com/", "https://auth.example.com", true),
            ("https://auth.example.com:443", "https://auth.example.com", true),
            ("https://auth.example.com:8443", "https://auth.example.com:8443", true),
            ("http://localhost:8000", "http://localhost:8000", false),
            ("http://127.0.0.1", "http://127.0.0.1", false),
            ("http://[::1]:8000/", "http://[::1]:8000", false),
            ("http://app.localhost:80", "http://app.localhost", false),
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!((url.as_str(), url.is_https()), (origin, https));
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_it_must_be() {
        for (text, told) in [
            ("auth.example.com", "with its scheme"),
            ("/auth", "with its scheme"),
            ("https://a b", "an origin such as"),
            ("http://auth.example.com", "must be https"),
            ("http://localhost.example.com", "must be https"),
            ("http://192.168.1.2", "must be https"),
            ("ftp://auth.example.com", "must begin with https://"),
            ("https://auth.example.com/sso", "without path"),
            ("https://auth.example.com/?a", "without path"),
            ("https://auth.example.com#a", "without path"),
            ("https://root:hunter2@auth.example.com", "user name"),
        ] {
            let problem = PublicUrl::parse(text).unwrap_err();
            assert!(problem.contains(told), "{text}: {problem}");
            assert!(!problem.contains("hunter2"));
        }
    }
}

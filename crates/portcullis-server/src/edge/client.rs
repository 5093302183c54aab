//! Who the client is, behind proxies that are trusted.
//!
//! Forwarding headers are claims: anybody can send them. So they count only if the connection comes from a trusted
//! proxy, and then only as far as trusted proxies wrote them: from the right, the first address that is not a trusted
//! proxy's is the client's. What stands further left was written by the client.
//!
//! `X-Forwarded-For` and `Forwarded` (RFC 7239) are understood. A proxy that writes one of them and lets the other
//! through would let the client choose; when both are there and disagree, neither is believed, and the connection's
//! address counts.

use http::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

const X_FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED: &str = "forwarded";

/// The proxies that are trusted.
#[derive(Debug, Default)]
pub struct Proxies {
    trusted: Vec<IpNet>,
    warned: AtomicBool,
}

impl Proxies {
    /// Trusts proxies in these networks.
    pub fn new(trusted: Vec<IpNet>) -> Self {
        Self { trusted, warned: AtomicBool::new(false) }
    }

    /// Whether this address is a trusted proxy's.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(&address))
    }

    /// The client's address, for a connection from `socket`.
    pub fn client(&self, socket: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trusts(socket) {
            if is_private(socket) && claims(headers) && !self.warned.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    peer = %socket,
                    "a forwarding header came from a private address that is not a trusted proxy, and is not believed: \
                     if a proxy is there, all its users count as one client; add it to PORTCULLIS_TRUSTED_PROXIES"
                );
            }
            return socket;
        }
        let through = |hops: Vec<Option<IpAddr>>| self.walk(socket, &hops);
        match (x_forwarded_for(headers).map(through), forwarded(headers).map(through)) {
            (Some(one), Some(other)) if one != other => {
                if !self.warned.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        peer = %socket,
                        "X-Forwarded-For and Forwarded disagree, and neither is believed: let the proxy remove the one \
                         that it does not write"
                    );
                }
                socket
            }
            (Some(client), _) | (None, Some(client)) => client,
            (None, None) => socket,
        }
    }

    /// From the right, the first hop that is not a trusted proxy; the last trusted one if there is none, or if what
    /// comes next is not an address.
    fn walk(&self, socket: IpAddr, hops: &[Option<IpAddr>]) -> IpAddr {
        let mut client = socket;
        for hop in hops.iter().rev() {
            let Some(hop) = hop else { break };
            client = *hop;
            if !self.trusts(client) {
                break;
            }
        }
        client
    }
}

fn claims(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED)
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The hops of all `X-Forwarded-For` lines, in order; `None` if there is no such line.
fn x_forwarded_for(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let mut lines = headers.get_all(X_FORWARDED_FOR).iter().peekable();
    lines.peek()?;
    Some(lines.flat_map(|line| line.to_str().unwrap_or("?").split(',').map(node).collect::<Vec<_>>()).collect())
}

/// The hops of all `Forwarded` lines, in order; `None` if there is no such line.
fn forwarded(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let mut lines = headers.get_all(FORWARDED).iter().peekable();
    lines.peek()?;
    let elements = |line: &str| -> Vec<Option<IpAddr>> {
        split(line, ',').iter().map(|element| split(element, ';').iter().find_map(|pair| for_of(pair))).collect()
    };
    Some(lines.flat_map(|line| elements(line.to_str().unwrap_or("?"))).collect())
}

/// The address in a pair `for=…`.
fn for_of(pair: &str) -> Option<IpAddr> {
    let (name, value) = pair.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("for") {
        return None;
    }
    let value = value.trim();
    node(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// Splits outside of quotation marks. An address needs no escapes, so a backslash means nothing here.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

/// An address as proxies write it: bare, in brackets, with or without a port.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn client(socket: &str, lines: &[(&'static str, &str)]) -> String {
        let proxies = Proxies::new(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(*name, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        proxies.client(socket.parse().unwrap(), &headers).to_string()
    }

    const XFF: &str = X_FORWARDED_FOR;

    #[test]
    fn headers_of_an_untrusted_peer_are_not_believed() {
        for name in [XFF, FORWARDED, "x-real-ip", "cf-connecting-ip"] {
            assert_eq!(client("192.0.2.1", &[(name, "1.2.3.4")]), "192.0.2.1");
            assert_eq!(client("192.168.0.1", &[(name, "for=1.2.3.4")]), "192.168.0.1");
        }
        // A trusted proxy is believed in the two headers that it is asked to write, and in no other.
        assert_eq!(client("10.0.0.1", &[("x-real-ip", "1.2.3.4"), ("cf-connecting-ip", "1.2.3.4")]), "10.0.0.1");
    }

    #[test]
    fn the_right_most_hop_that_is_not_a_trusted_proxy_is_the_client() {
        for (lines, found) in [
            (&[(XFF, "1.2.3.4")][..], "1.2.3.4"),
            (&[(XFF, "6.6.6.6, 1.2.3.4")], "1.2.3.4"),
            (&[(XFF, "6.6.6.6, 1.2.3.4, 10.9.9.9")], "1.2.3.4"),
            (&[(XFF, "6.6.6.6"), (XFF, "1.2.3.4"), (XFF, "10.9.9.9,fd00::1")], "1.2.3.4"),
            (&[(XFF, "10.2.2.2, 10.9.9.9")], "10.2.2.2"),
            (&[(XFF, "1.2.3.4:5678")], "1.2.3.4"),
            (&[(XFF, "[2001:db8::1]:5678")], "2001:db8::1"),
            (&[(XFF, "2001:db8::1")], "2001:db8::1"),
            (&[(XFF, "::ffff:1.2.3.4")], "1.2.3.4"),
            (&[(FORWARDED, "for=1.2.3.4;proto=https;by=10.0.0.1")], "1.2.3.4"),
            (&[(FORWARDED, "For=6.6.6.6, proto=https; FOR=\"[2001:db8::1]:47\", for=10.9.9.9")], "2001:db8::1"),
            (&[(FORWARDED, "for=\"6.6.6.6,for=5.5.5.5\", for=1.2.3.4")], "1.2.3.4"),
            (&[(XFF, "1.2.3.4"), (FORWARDED, "for=1.2.3.4")], "1.2.3.4"),
        ] {
            assert_eq!(client("10.0.0.1", lines), found, "{lines:?}");
        }
    }

    #[test]
    fn what_is_not_an_address_ends_the_walk() {
        for lines in [
            &[(XFF, "")][..],
            &[(XFF, "1.2.3.4, unknown")],
            &[(XFF, "1.2.3.4,")],
            &[(XFF, "ü")],
            &[(FORWARDED, "for=unknown")],
            &[(FORWARDED, "for=_hidden, by=1.2.3.4")],
            &[(FORWARDED, "for=\"1.2.3.4")],
            &[(FORWARDED, "\"")],
        ] {
            assert_eq!(client("10.0.0.1", lines), "10.0.0.1", "{lines:?}");
        }
        assert_eq!(client("10.0.0.1", &[(XFF, "1.2.3.4, unknown, 10.2.2.2")]), "10.2.2.2");
    }

    #[test]
    fn two_headers_that_disagree_are_both_not_believed() {
        assert_eq!(client("10.0.0.1", &[(XFF, "1.2.3.4"), (FORWARDED, "for=6.6.6.6")]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[(XFF, "6.6.6.6"), (FORWARDED, "for=1.2.3.4")]), "10.0.0.1");
    }
}

//! Where a request comes from.

use std::net::IpAddr;

/// The address of the client, behind any proxies that are trusted.
///
/// A request extension. The server's edge sets it after it has looked at the forwarding headers of trusted proxies
/// (see [`crate::config::AuthConfig::trusted_proxies`]); a host may set it too. Without it, the address of the
/// connection counts, from axum's `ConnectInfo<SocketAddr>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

//! What an edge in front of the routes may say about a request.
//!
//! Both are request extensions. A host that sits behind a proxy sets [`ClientAddr`] after it took the trusted hops
//! off; without it the socket's address is used, if the host serves with connect info. Headers are never read here:
//! whoever can send one could claim to be anybody.

use portcullis_core::ids::RequestId;
use std::net::IpAddr;

/// The client's address, as found by somebody who knows which proxies to believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

/// The name of the request, shared by the access log, the answer and the audit trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTag(pub RequestId);

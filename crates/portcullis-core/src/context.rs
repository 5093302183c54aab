//! What a flow knows of the request it serves.

use crate::clock::Timestamp;
use crate::ids::RequestId;
use std::net::IpAddr;

/// The facts of one request (or one command on the console): when, from where, with what.
///
/// The time is read once per request, so that one request sees one moment.
#[derive(Clone, Debug)]
pub struct Context {
    /// The moment of the request.
    pub now: Timestamp,
    /// Names the request in logs, audit rows and answers.
    pub request_id: RequestId,
    /// The client's address, after trusted proxies were taken off; `None` outside a request.
    pub peer: Option<IpAddr>,
    /// The `User-Agent` as sent, cut to 256 characters.
    pub agent: Option<String>,
}

impl Context {
    /// The block that limits count: the address for IPv4, the /64 for IPv6, where one customer has them all.
    pub fn peer_block(&self) -> Option<String> {
        self.peer.map(|peer| match peer {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => v4.to_string(),
                None => {
                    let s = v6.segments();
                    format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
                }
            },
        })
    }
}

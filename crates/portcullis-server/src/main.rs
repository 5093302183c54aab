//! The Portcullis server.
fn main() {}

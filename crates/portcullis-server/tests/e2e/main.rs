//! End-to-end tests: the real binary, over real sockets, beside the real zndraw-auth.

mod dropin;
mod seed;

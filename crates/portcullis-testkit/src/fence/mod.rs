//! Every route tried by every kind of caller.

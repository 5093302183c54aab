//! Every intended difference from the seed, with its reason.

//! Black-box suites: what a user's crate, program or cluster would see. See `tests/`.

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

//! Black-box suites: what a user's crate, program or cluster would see. See `tests/`.

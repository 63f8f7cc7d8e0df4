//! The arrows of `docs/architecture.md`: which crate may depend on which, and which module on which.
//!
//! A new arrow is a decision: it is entered here and in the document, or it is turned around.

mod crates;
mod modules;
mod words;

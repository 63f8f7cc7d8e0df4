//! Kinds that are derived from structs: their CRDs, file by file, and what a real API server makes of them.
#![allow(missing_docs)]

#[path = "derive/corpus/mod.rs"]
mod corpus;
#[path = "derive/golden.rs"]
mod golden;
#[path = "derive/real.rs"]
mod real;

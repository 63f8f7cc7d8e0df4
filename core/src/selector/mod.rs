//! Selectors of objects by labels and by fields: parsed, matched in memory, and written as text.
//!
//! The API server evaluates the selectors of a request; these are for objects that a program already has: caches,
//! controllers, mock API servers. Text is read and written as Go's libraries do.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

mod error;
mod field;
mod label;
mod parse;
#[cfg(test)]
mod tests;
mod validate;

pub use error::SelectorError;
pub use field::{FieldSelector, FieldTerm};
pub use label::{Operator, Requirement, Selector};

//! What must hold of the codecs for any input: random values of every message type, and damage of all sorts to their
//! bytes.
//!
//! A [`Property`] is a function of a random generator and, mostly, of a type. [`Plan`] says which of them to check, how
//! often and from which seed; the same plan always does the same. The tests of this crate check each of them once or a
//! few times for every type, from a fixed seed, in some seconds; `cargo xtask fuzz` goes on as long as it is told, from
//! a seed of its own.
//!
//! | module | what it has |
//! |---|---|
//! | [`random`] | strings, numbers, JSON |
//! | [`fill`] | random messages, by their tables |
//! | [`properties`] | what must hold |
//! | [`run`](mod@run) | what checks it, and tells how to repeat a failure |
#![deny(missing_docs)]

pub mod damage;
pub mod fill;
pub mod properties;
pub mod random;
pub mod run;

pub use properties::{PROPERTIES, Property};
pub use run::{Case, Failure, Plan};

/// A type, by its path in `kubewright`.
pub type Type = kubewright::registry::RegisteredType;

/// Every type.
pub fn types() -> &'static [Type] {
    kubewright::registry::REGISTRY.types()
}

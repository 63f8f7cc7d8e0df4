//! Objects on their way into the store: what is read, defaulted, checked and set by the server.

mod defaults;
mod fields;
mod generation;
mod kinds;
mod metadata;
mod names;
pub(crate) mod texts;

pub(crate) use defaults::{as_go_writes, as_stored, set_defaults};
pub(crate) use fields::fit;
pub(crate) use generation::{has_generation, is_new_generation};
pub(crate) use kinds::{begin, is_served, settled};
pub(crate) use metadata::{Scope, keep_of_present, name_problems, prepare_new, validate};
pub(crate) use names::generate;

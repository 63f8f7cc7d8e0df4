//! Admission that objects in the cluster ask for, and what webhooks and policies have in common.

#[cfg(feature = "cel")]
pub(crate) mod authz;
mod bound;
mod forms;
#[cfg_attr(not(feature = "cel"), path = "policies_without_cel.rs")]
pub(crate) mod policies;
mod request;
mod rules;
mod selectors;

pub(crate) use forms::Forms;
pub(crate) use request::{Operation, Request};
pub(crate) use rules::{Asked, matches};
pub(crate) use selectors::{selects_all, selects_any};

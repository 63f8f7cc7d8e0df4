//! Admission that objects in the cluster ask for, and what webhooks and policies have in common.

pub(crate) mod authz;
pub(crate) mod policies;
mod rules;
mod selectors;

pub(crate) use rules::{Asked, matches};
pub(crate) use selectors::{selects_all, selects_any};

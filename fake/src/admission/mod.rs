//! Admission that objects in the cluster ask for.

pub(crate) mod policies;

//! The patches that change an object by what to do to it.
//!
//! <https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/>

mod json;
mod merge;
mod strategic;

pub(crate) use json::{JsonPatchError, MAX_OPERATIONS, json_patch, json_patch_of_expression};
pub(crate) use merge::merge_patch;
pub(crate) use strategic::{StrategicError, as_go_shows, strategic_merge_patch};

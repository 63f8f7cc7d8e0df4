//! The patches that change an object by what to do to it.
//!
//! <https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/>

mod json;
mod strategic;

pub(crate) use json::{JsonPatchError, MAX_OPERATIONS, json_patch};
pub(crate) use json_patch::merge as merge_patch;
pub(crate) use strategic::strategic_merge_patch;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_merged_null_removes_and_the_rest_replaces() {
        let mut value = json!({"a": {"b": 1, "c": [1, 2]}, "d": 1});
        merge_patch(&mut value, &json!({"a": {"c": [3], "b": null, "new": {"x": null, "y": 1}}, "d": {"e": 2}}));
        assert_eq!(value, json!({"a": {"c": [3], "new": {"y": 1}}, "d": {"e": 2}}));
    }
}

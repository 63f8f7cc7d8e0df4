//! The JSON Patch of a mutation.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

/// Returns the patch of `sent`, the object as the API server sent it, with the changes from `before` to `after`, which
/// are encodings of the decoded object.
///
/// `sent` and `before` may differ where nothing was changed: an encoder omits nulls and writes required fields. Such
/// differences are not in the patch. Lists are compared without their common start and end, so that an inserted item is
/// one operation.
pub(super) fn between(sent: &Value, before: &Value, after: &Value) -> Patch {
    let mut differ = Differ { path: PointerBuf::new(), operations: Vec::new() };
    differ.value(sent, before, after);
    Patch(differ.operations)
}

struct Differ {
    path: PointerBuf,
    operations: Vec<PatchOperation>,
}

impl Differ {
    fn value(&mut self, sent: &Value, before: &Value, after: &Value) {
        match (sent, before, after) {
            _ if before == after => {}
            (Value::Object(sent), Value::Object(before), Value::Object(after)) => {
                for name in before.keys().filter(|name| !after.contains_key(*name) && sent.contains_key(*name)) {
                    self.at(name.as_str(), Self::remove);
                }
                for (name, value) in after {
                    self.at(name.as_str(), |differ| match (sent.get(name), before.get(name)) {
                        (_, Some(before)) if before == value => {}
                        (Some(sent), Some(before)) => differ.value(sent, before, value),
                        // One that `before` lacks may still have been sent, as a null: adding replaces it.
                        _ => differ.add(value),
                    });
                }
            }
            (Value::Array(sent), Value::Array(before), Value::Array(after)) if sent.len() == before.len() => {
                self.list(sent, before, after);
            }
            _ => self.replace(after),
        }
    }

    fn list(&mut self, sent: &[Value], before: &[Value], after: &[Value]) {
        let start = before.iter().zip(after).take_while(|(before, after)| before == after).count();
        let (old, new) = (&before[start..], &after[start..]);
        let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
        let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
        let both = old.len().min(new.len());
        for index in 0..both {
            let (sent, old, new) = (&sent[start + index], &old[index], &new[index]);
            self.at(start + index, |differ| match old.get("name") == new.get("name") {
                true => differ.value(sent, old, new),
                // Another container is no change of the one that was there.
                false => differ.replace(new),
            });
        }
        // From the end, so that the remaining indices stay valid.
        for index in (both..old.len()).rev() {
            self.at(start + index, Self::remove);
        }
        for (index, value) in new.iter().enumerate().skip(both) {
            self.at(start + index, |differ| differ.add(value));
        }
    }

    fn at<'t>(&mut self, token: impl Into<json_patch::jsonptr::Token<'t>>, step: impl FnOnce(&mut Self)) {
        self.path.push_back(token);
        step(self);
        self.path.pop_back();
    }

    fn add(&mut self, value: &Value) {
        self.operations.push(PatchOperation::Add(AddOperation { path: self.path.clone(), value: value.clone() }));
    }

    fn remove(&mut self) {
        self.operations.push(PatchOperation::Remove(RemoveOperation { path: self.path.clone() }));
    }

    fn replace(&mut self, value: &Value) {
        self.operations
            .push(PatchOperation::Replace(ReplaceOperation { path: self.path.clone(), value: value.clone() }));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The patch, and that it makes `wanted` of what was sent.
    fn checked(sent: &Value, before: &Value, after: &Value, wanted: &Value) -> Value {
        let patch = between(sent, before, after);
        let mut patched = sent.clone();
        json_patch::patch(&mut patched, &patch).expect("a patch that applies");
        assert_eq!(&patched, wanted, "{patch}");
        serde_json::to_value(patch).expect("JSON")
    }

    #[test]
    fn an_object_without_a_change_has_an_empty_patch_whatever_the_encoder_writes_otherwise() {
        let sent = json!({"metadata": {"creationTimestamp": null}, "spec": {"a": 1.0}});
        let encoded = json!({"metadata": {}, "spec": {"a": 1, "required": ""}, "status": {}});
        assert_eq!(checked(&sent, &encoded, &encoded, &sent), json!([]));
    }

    #[test]
    fn only_what_was_changed_is_in_the_patch() {
        let sent =
            json!({"metadata": {"name": "a", "creationTimestamp": null, "labels": null}, "spec": {"x": 1, "y": 2}});
        let before = json!({"metadata": {"name": "a"}, "spec": {"x": 1, "y": 2}, "status": {}});
        let after = json!({"metadata": {"name": "a", "labels": {"a/b~c": "d"}}, "spec": {"x": 3}, "status": {}});
        let wanted =
            json!({"metadata": {"name": "a", "creationTimestamp": null, "labels": {"a/b~c": "d"}}, "spec": {"x": 3}});
        let patch = checked(&sent, &before, &after, &wanted);
        assert_eq!(
            patch,
            json!([
                {"op": "add", "path": "/metadata/labels", "value": {"a/b~c": "d"}},
                {"op": "remove", "path": "/spec/y"},
                {"op": "replace", "path": "/spec/x", "value": 3},
            ])
        );
    }

    #[test]
    fn keys_are_escaped_in_paths() {
        let sent = json!({"annotations": {"a/b": "1", "c~d": "1"}});
        let after = json!({"annotations": {"a/b": "2"}});
        let patch = checked(&sent, &sent, &after, &after);
        assert_eq!(
            patch,
            json!([
                {"op": "remove", "path": "/annotations/c~0d"},
                {"op": "replace", "path": "/annotations/a~1b", "value": "2"},
            ])
        );
    }

    #[test]
    fn an_item_that_is_inserted_anywhere_is_one_operation() {
        let sent = json!([{"name": "a"}, {"name": "b"}]);
        for index in 0..3 {
            let mut after = sent.clone();
            after.as_array_mut().expect("a list").insert(index, json!({"name": "new"}));
            let patch = checked(&sent, &sent, &after, &after);
            assert_eq!(patch, json!([{"op": "add", "path": format!("/{index}"), "value": {"name": "new"}}]));
        }
    }

    #[test]
    fn lists_end_as_they_were_changed_and_keep_their_order() {
        let lists =
            [json!([]), json!([1]), json!([1, 2, 3, 4]), json!([4, 3, 2, 1]), json!([1, 5, 4]), json!([2, 2, 2])];
        for before in &lists {
            for after in &lists {
                checked(before, before, after, after);
            }
        }
    }

    #[test]
    fn items_that_were_sent_in_another_form_keep_it_where_they_were_not_changed() {
        let sent = json!([{"a": 1, "null": null}, {"a": 2, "null": null}, {"a": 3, "null": null}]);
        let before = json!([{"a": 1}, {"a": 2}, {"a": 3}]);
        let after = json!([{"a": 1}, {"a": 9}]);
        let wanted = json!([{"a": 1, "null": null}, {"a": 9, "null": null}]);
        let patch = checked(&sent, &before, &after, &wanted);
        assert_eq!(patch, json!([{"op": "replace", "path": "/1/a", "value": 9}, {"op": "remove", "path": "/2"}]));
    }

    #[test]
    fn an_item_of_another_name_is_replaced_as_a_whole() {
        let sent = json!([{"name": "a", "x": 1, "null": null}]);
        let (before, after) = (json!([{"name": "a", "x": 1}]), json!([{"name": "b", "y": 2}, {"name": "a", "x": 2}]));
        assert_eq!(
            checked(&sent, &before, &after, &after),
            json!([
                {"op": "replace", "path": "/0", "value": {"name": "b", "y": 2}},
                {"op": "add", "path": "/1", "value": {"name": "a", "x": 2}},
            ])
        );
    }

    #[test]
    fn a_value_of_another_type_is_replaced() {
        let (before, after) = (json!({"a": [1]}), json!({"a": {"b": 1}}));
        assert_eq!(
            checked(&before, &before, &after, &after),
            json!([{"op": "replace", "path": "/a", "value": {"b": 1}}])
        );
    }
}

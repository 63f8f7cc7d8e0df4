//! The end of a definition: its objects are deleted before it.
//!
//! A real server has a controller for that, which takes some time; here it is done with the write.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#delete-a-customresourcedefinition>

use serde_json::{Value, json};

use super::naming::{is_established, schema, set_condition};
use crate::catalog::StorageKey;
use crate::documents::Documents;
use crate::ownership::with_status_of_server;
use crate::store::Store;
use crate::stored::Stored;

/// The finalizer of a definition whose objects are not deleted yet.
const FINALIZER: &str = "customresourcecleanup.apiextensions.k8s.io";

/// A definition that is deleted: it stays until its objects are gone. `None` if it was deleted before.
pub(crate) fn begin(definition: &Value, now: &str) -> Option<Value> {
    if is_being_deleted(definition) {
        return None;
    }
    let mut marked = definition.clone();
    let metadata = &mut marked["metadata"];
    metadata["deletionTimestamp"] = json!(now);
    let mut finalizers = metadata["finalizers"].as_array().cloned().unwrap_or_default();
    if !finalizers.iter().any(|name| name == FINALIZER) {
        finalizers.push(json!(FINALIZER));
    }
    metadata["finalizers"] = Value::Array(finalizers);
    let message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    set_condition(&mut marked, now, ("Terminating", true), ("InstanceDeletionPending", message));
    Some(marked)
}

/// Whether new objects of a resource are refused, since its definition is being deleted.
pub(crate) fn has_begun(store: &Store, objects: &StorageKey) -> bool {
    store.get(&StorageKey::definitions(), &name_of(objects)).is_some_and(|definition| is_being_deleted(definition))
}

/// Deletes the objects of a definition, and marks those that have finalizers.
pub(crate) fn empty(store: &mut Store, definition: &Stored, documents: &Documents, now: &str) {
    let text = |pointer: &str| definition.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let objects = StorageKey::new(text("/spec/group"), text("/spec/names/plural"));
    let all: Vec<_> = store.all(&objects).map(|(key, object)| (key.clone(), object.clone())).collect();
    for (key, object) in all {
        let metadata = &object["metadata"];
        if metadata["finalizers"].as_array().is_none_or(Vec::is_empty) {
            store.delete(&objects, &key);
        } else if !is_being_deleted(&object) {
            let mut marked = Value::clone(&object);
            marked["metadata"]["deletionTimestamp"] = json!(now);
            marked["metadata"]["deletionGracePeriodSeconds"] = json!(0);
            if let Some(generation) = metadata["generation"].as_i64() {
                marked["metadata"]["generation"] = json!(generation + 1);
            }
            store.put(&objects, &key, marked);
        }
    }
    finish(store, &objects, documents, now);
}

/// Ends the deletion of the definition of a resource, if no object of it is left. Returns the definition's name if that has changed it.
pub(crate) fn finish(store: &mut Store, objects: &StorageKey, documents: &Documents, now: &str) -> Option<String> {
    let (definitions, name) = (StorageKey::definitions(), name_of(objects));
    let definition = store.get(&definitions, &name)?.clone();
    let finalizers = definition["metadata"]["finalizers"].as_array()?;
    let is_waiting = is_being_deleted(&definition) && finalizers.iter().any(|name| name == FINALIZER);
    if !is_waiting {
        return None;
    }
    let mut changed = Value::clone(&definition);
    let is_left = store.all(objects).next().is_some();
    let progress = match (is_left, is_established(&definition)) {
        (true, _) => (true, ("InstanceDeletionInProgress", "CustomResource deletion is in progress")),
        (false, true) => (false, ("InstanceDeletionCompleted", "removed all instances")),
        (false, false) => (false, ("NeverEstablished", "resource was never established")),
    };
    set_condition(&mut changed, now, ("Terminating", progress.0), progress.1);
    if !is_left {
        let others: Vec<&Value> = finalizers.iter().filter(|name| *name != FINALIZER).collect();
        if others.is_empty() {
            store.delete(&definitions, &name);
            return Some(name);
        }
        changed["metadata"]["finalizers"] = json!(others);
    }
    if changed != **definition {
        let changed = with_status_of_server(&definition, changed, schema(documents), now);
        store.put(&definitions, &name, changed);
    }
    Some(name)
}

/// The name of a resource's definition.
fn name_of(objects: &StorageKey) -> String {
    format!("{}.{}", objects.plural, objects.group)
}

fn is_being_deleted(object: &Value) -> bool {
    object["metadata"].get("deletionTimestamp").is_some()
}

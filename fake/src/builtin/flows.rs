//! Flow schemas and priority levels: those that every cluster has, and whether the level of a flow schema exists.
//!
//! They are kept, and have no effect: requests are answered when they come.
//!
//! <https://kubernetes.io/docs/concepts/cluster-administration/flow-control/>

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use crate::catalog::StorageKey;
use crate::objects;
use crate::quoted::quoted;
use crate::store::{Key, Store};
use crate::stored::Stored;

const GROUP: &str = "flowcontrol.apiserver.k8s.io";
const SCHEMAS: &str = "flowschemas";
const LEVELS: &str = "prioritylevelconfigurations";

/// What an API server makes of them when it starts, without uids, versions and times.
static DEFAULTS: LazyLock<Vec<Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../defaults/flows-v1.37.json")).unwrap_or_default());

/// Stores those that are not there yet, as a real server does that starts.
pub(crate) fn store_defaults(store: &mut Store, now: &str) {
    for object in DEFAULTS.iter() {
        let plural = if object["kind"] == "FlowSchema" { SCHEMAS } else { LEVELS };
        let storage = StorageKey::new(GROUP, plural);
        let key = object["metadata"]["name"].as_str().unwrap_or_default();
        if store.get(&storage, key).is_some() {
            continue;
        }
        let mut object = object.clone();
        objects::stamp(&mut object, now);
        for condition in object.pointer_mut("/status/conditions").and_then(Value::as_array_mut).into_iter().flatten() {
            condition["lastTransitionTime"] = json!(now);
        }
        store.put(&storage, key, object);
    }
}

/// The spec that a mandatory flow schema has and keeps.
pub(super) fn fixed_schema(name: &str) -> Option<&'static Value> {
    fixed("FlowSchema", name)
}

/// The spec of a mandatory priority level.
pub(super) fn fixed_level(name: &str) -> Option<&'static Value> {
    fixed("PriorityLevelConfiguration", name)
}

fn fixed(kind: &str, name: &str) -> Option<&'static Value> {
    let of_name = |object: &&Value| object["kind"] == kind && object["metadata"]["name"] == name;
    let is_mandatory = matches!(name, "exempt" | "catch-all");
    DEFAULTS.iter().find(of_name).filter(|_| is_mandatory).map(|object| &object["spec"])
}

/// Whether a write of objects may change whether levels exist.
pub(crate) fn are(storage: &StorageKey) -> bool {
    storage.group == GROUP
}

/// Says in the status of flow schemas whether their level exists, where that has changed: as the API server does soon after a write.
pub(crate) fn settle(store: &mut Store, now: &str) {
    let (schemas, levels) = (StorageKey::new(GROUP, SCHEMAS), StorageKey::new(GROUP, LEVELS));
    let all: Vec<(Key, Arc<Stored>)> = store.all(&schemas).map(|(key, schema)| (key.clone(), schema.clone())).collect();
    for (key, schema) in all {
        let level = schema["spec"]["priorityLevelConfiguration"]["name"].as_str().unwrap_or_default();
        let condition = dangling(level, store.get(&levels, level).is_some(), now);
        if let Some(settled) = with_condition(&schema, condition) {
            store.put(&schemas, &key, settled);
        }
    }
}

fn dangling(level: &str, exists: bool, now: &str) -> Value {
    let (status, reason, end) =
        if exists { ("False", "Found", "and it exists") } else { ("True", "NotFound", "but there is no such object") };
    let message =
        format!("This FlowSchema references the PriorityLevelConfiguration object named {} {end}", quoted(level));
    json!({ "type": "Dangling", "status": status, "reason": reason, "message": message, "lastTransitionTime": now })
}

/// A flow schema with a condition in place of the one of its type. `None` if that says the same.
fn with_condition(schema: &Value, condition: Value) -> Option<Value> {
    let is_it = |known: &Value| known["type"] == condition["type"];
    let known = schema["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let is_same = |known: &Value| ["status", "reason", "message"].iter().all(|name| known[name] == condition[name]);
    if known.iter().find(|known| is_it(known)).is_some_and(is_same) {
        return None;
    }
    let mut schema = schema.clone();
    let time = condition["lastTransitionTime"].clone();
    let mut conditions = known;
    match conditions.iter_mut().find(|known| is_it(known)) {
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
    schema["status"]["conditions"] = Value::Array(conditions);
    set_manager(&mut schema["metadata"], time);
    Some(schema)
}

/// Notes that the API server applied the condition.
fn set_manager(metadata: &mut Value, time: Value) {
    const MANAGER: &str = "api-priority-and-fairness-config-consumer-v1";
    let fields = json!({ "f:status": { "f:conditions": { "k:{\"type\":\"Dangling\"}": {
        ".": {}, "f:lastTransitionTime": {}, "f:message": {}, "f:reason": {}, "f:status": {}, "f:type": {},
    } } } });
    let entry = json!({
        "manager": MANAGER, "operation": "Apply", "apiVersion": format!("{GROUP}/v1"), "time": time,
        "fieldsType": "FieldsV1", "fieldsV1": fields, "subresource": "status",
    });
    let managers = &mut metadata["managedFields"];
    if !managers.is_array() {
        *managers = json!([]);
    }
    let Value::Array(entries) = managers else { return };
    entries.retain(|known| known["manager"] != MANAGER || known["operation"] != "Apply");
    entries.push(entry);
}

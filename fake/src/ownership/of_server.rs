//! What an API server writes by itself, as one of the managers of an object.

use serde_json::{Value, json};

use super::managers::{decode, encode};
use super::set::FieldSet;
use super::update::{OneVersion, Write};
use crate::schema::Schema;

/// The name by which the API server manages fields.
const MANAGER: &str = "kube-apiserver";

/// An object whose status the API server itself has changed, with the managers that follow from that. `before` is the object as it was.
pub(crate) fn with_status_of_server(before: &Value, after: Value, schema: Schema<'_>, now: &str) -> Value {
    written(before, after, ("status", json!({ "f:metadata": {}, "f:spec": {} })), schema, now)
}

/// The same of an object that the API server has written itself, but for its status.
pub(crate) fn with_spec_of_server(before: &Value, after: Value, schema: Schema<'_>, now: &str) -> Value {
    written(before, after, ("", json!({ "f:status": {} })), schema, now)
}

fn written(
    before: &Value,
    mut after: Value,
    (subresource, ignored): (&str, Value),
    schema: Schema<'_>,
    now: &str,
) -> Value {
    let api_version = after["apiVersion"].as_str().unwrap_or_default().to_owned();
    let managed = after["metadata"]["managedFields"].take();
    let mut managers = decode(&managed).unwrap_or_default();
    let mut before = before.clone();
    for object in [&mut before, &mut after] {
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.remove("managedFields");
        }
    }
    let write = Write {
        versions: &OneVersion { api_version: &api_version, schema },
        nothing: &Value::Null,
        api_version: &api_version,
        manager: MANAGER,
        subresource,
        ignored: &FieldSet::parse(&ignored),
        now,
    };
    write.update(Some(&before), &after, &mut managers);
    if let Some(managed) = encode(&managers) {
        after["metadata"]["managedFields"] = managed;
    }
    after
}

//! What the server sets and checks in `metadata`.

use serde_json::{Map, Value, json};

use super::names;
use crate::catalog::Resource;
use crate::status::Status;

/// Where an object is written to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub namespace: Option<&'a str>,
    /// The name in the path; none for a creation.
    pub name: Option<&'a str>,
}

/// Sets what only the server sets in the metadata of a new object.
pub(crate) fn prepare_new(object: &mut Value, now: &str) {
    let metadata = &mut object["metadata"];
    let Value::Object(fields) = metadata else { return };
    for name in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"] {
        fields.remove(name);
    }
    fields.insert("uid".to_owned(), json!(uuid::Uuid::new_v4().to_string()));
    fields.insert("creationTimestamp".to_owned(), json!(now));
}

/// Sets what a write can't change to what it is.
pub(crate) fn keep_of_present(object: &mut Value, present: &Value) {
    for name in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "selfLink",
    ] {
        match present["metadata"].get(name) {
            Some(value) => object["metadata"][name] = value.clone(),
            None => {
                if let Value::Object(fields) = &mut object["metadata"] {
                    fields.remove(name);
                }
            }
        }
    }
}

/// Puts name and namespace of the path into the metadata, or says how they differ.
pub(crate) fn validate(object: &mut Value, resource: &Resource, scope: Scope<'_>) -> Result<(), Status> {
    if !object["metadata"].is_object() {
        object["metadata"] = Value::Object(Map::new());
    }
    let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default().to_owned();
    let (namespace, name) = (text("namespace"), text("name"));
    match scope.namespace {
        Some(wanted) if namespace.is_empty() => object["metadata"]["namespace"] = json!(wanted),
        Some(wanted) if namespace != wanted => {
            return Err(Status::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
        None if !namespace.is_empty() && !resource.namespaced => {
            return Err(Status::bad_request("namespace may not be set on a cluster-scoped object"));
        }
        _ => {}
    }
    if let Some(wanted) = scope.name {
        if name.is_empty() {
            return Err(Status::bad_request(format!(
                "the name of the object ({wanted} based on URL) was undeterminable: name must be provided"
            )));
        }
        if name != wanted {
            return Err(Status::bad_request(format!(
                "the name of the object ({name}) does not match the name on the URL ({wanted})"
            )));
        }
        return Ok(());
    }
    Ok(())
}

/// What is wrong with a name, or with a `generateName`.
pub(crate) fn name_problems(name: &str, resource: &Resource, is_base: bool) -> Vec<String> {
    let (group, plural) = (&resource.group, &resource.plural);
    if is_base { names::problems_of_base(name, group, plural) } else { names::problems(name, group, plural) }
}

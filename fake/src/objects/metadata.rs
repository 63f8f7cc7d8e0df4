//! What the server sets and checks in `metadata`.

use serde_json::{Map, Value, json};
use uuid::Uuid;

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

/// Takes out of the metadata of a new object what only the server sets, but for the version.
pub(crate) fn wipe(object: &mut Value) {
    let Value::Object(fields) = &mut object["metadata"] else { return };
    for name in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "uid", "creationTimestamp"] {
        fields.remove(name);
    }
}

/// Sets in an object that a new cluster has what differs from cluster to cluster: its uid, and the time.
pub(crate) fn stamp(object: &mut Value, now: &str) {
    object["metadata"]["uid"] = json!(Uuid::new_v4().to_string());
    object["metadata"]["creationTimestamp"] = json!(now);
    for manager in object["metadata"]["managedFields"].as_array_mut().into_iter().flatten() {
        manager["time"] = json!(now);
    }
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
        Some(wanted) => set_namespace(object, wanted)?,
        None if !namespace.is_empty() && !resource.namespaced => {
            return Err(Status::bad_request("namespace may not be set on a cluster-scoped object"));
        }
        _ => {}
    }
    scope.name.map_or(Ok(()), |wanted| check_name(&name, wanted))
}

/// Puts the namespace of the path into the metadata, or says that they have another one.
pub(crate) fn set_namespace(object: &mut Value, wanted: &str) -> Result<(), Status> {
    check_namespace(object, wanted)?;
    object["metadata"]["namespace"] = json!(wanted);
    Ok(())
}

/// Says if the metadata have another namespace than the path.
pub(crate) fn check_namespace(object: &Value, wanted: &str) -> Result<(), Status> {
    let given = object["metadata"]["namespace"].as_str().unwrap_or_default();
    if given.is_empty() || given == wanted {
        return Ok(());
    }
    let message = "the namespace of the provided object does not match the namespace sent on the request";
    Err(Status::bad_request(message))
}

/// Says if an object has not the name of the path.
pub(crate) fn check_name(given: &str, wanted: &str) -> Result<(), Status> {
    if given == wanted {
        return Ok(());
    }
    Err(Status::bad_request(if given.is_empty() {
        format!("the name of the object ({wanted} based on URL) was undeterminable: name must be provided")
    } else {
        format!("the name of the object ({given}) does not match the name on the URL ({wanted})")
    }))
}

/// What is wrong with a name, or with a `generateName`.
pub(crate) fn name_problems(name: &str, resource: &Resource, is_base: bool) -> Vec<String> {
    let (group, plural) = (&resource.group, &resource.plural);
    if is_base { names::problems_of_base(name, group, plural) } else { names::problems(name, group, plural) }
}

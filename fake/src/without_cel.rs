//! A build without the feature `cel`: what needs CEL is refused when it is written, so that no rule is taken for one that holds.
//!
//! Everything that gets into a cluster comes by here: writes, and the objects of a file.

use serde_json::Value;

use crate::catalog::StorageKey;
use crate::snapshot::Snapshot;
use crate::status::Status;

/// The answer to what needs CEL.
pub(crate) fn not_done(what: &str) -> Status {
    Status::not_done(format_args!("CEL, without the feature \"cel\" of kubewright-fake or kubewright-cli: {what}"))
}

/// Refuses an object of a built-in kind that says something in CEL.
///
/// # Errors
/// 501 if it does.
pub(crate) fn refuse(object: &Value, storage: &StorageKey) -> Result<(), Status> {
    of_object(object, storage).map_or(Ok(()), |what| Err(not_done(what)))
}

/// Refuses a file with such an object in it, which a build with CEL has written.
///
/// # Errors
/// Why it is refused.
pub(crate) fn refuse_file(file: &Snapshot) -> Result<(), String> {
    for (storage, objects) in &file.resources {
        for (key, object) in objects {
            object
                .with(|object| refuse(object, storage))
                .map_err(|status| format!("cannot load {} {key:?}: {}", storage.plural, status.message))?;
        }
    }
    Ok(())
}

/// What of an object is in CEL.
fn of_object(object: &Value, storage: &StorageKey) -> Option<&'static str> {
    match (storage.group.as_str(), storage.plural.as_str()) {
        ("apiextensions.k8s.io", "customresourcedefinitions") => items(&object["spec"]["versions"])
            .iter()
            .any(|version| has_rules(&version["schema"]["openAPIV3Schema"]))
            .then_some("x-kubernetes-validations of a CustomResourceDefinition"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies") => Some("a ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "mutatingadmissionpolicies") => Some("a MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", _) => items(&object["webhooks"])
            .iter()
            .any(|hook| !items(&hook["matchConditions"]).is_empty())
            .then_some("matchConditions of a webhook"),
        ("resource.k8s.io", _) => has_selectors(&object["spec"]).then_some("selectors of devices"),
        _ => None,
    }
}

/// Whether a schema, or one in it, has rules.
fn has_rules(schema: &Value) -> bool {
    let one = ["additionalProperties", "items", "not"].iter().filter_map(|name| schema.get(name));
    let listed = ["allOf", "anyOf", "oneOf"].iter().flat_map(|name| items(&schema[name]));
    let named = schema["properties"].as_object().into_iter().flat_map(serde_json::Map::values);
    !items(&schema["x-kubernetes-validations"]).is_empty() || one.chain(listed).chain(named).any(has_rules)
}

/// Whether devices are selected by expressions somewhere in a value. Parameters of drivers are not read: they have any form.
fn has_selectors(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| match name.as_str() {
            "opaque" => false,
            "selectors" if items(value).iter().any(|selector| !selector["cel"].is_null()) => true,
            _ => has_selectors(value),
        }),
        Value::Array(values) => values.iter().any(has_selectors),
        _ => false,
    }
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

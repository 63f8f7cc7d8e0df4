//! Field selectors.

use std::borrow::Cow;

use kubewright_core::selector::FieldSelector;
use serde_json::Value;

use crate::builtin;
use crate::catalog::Resource;
use crate::quoted::quoted;
use crate::status::Status;

/// Reads a field selector, which may name the fields of its kind alone.
pub(crate) fn selector(text: &str, resource: &Resource) -> Result<FieldSelector, Status> {
    let selector: FieldSelector = text.parse().map_err(|error| Status::bad_request(format!("{error}")))?;
    selector.terms().iter().try_for_each(|term| check(term.field(), resource))?;
    Ok(selector)
}

/// The value of a field as selectors compare it: what is absent is its type's zero.
pub(crate) fn value<'v>(object: &'v Value, path: &str) -> Option<Cow<'v, str>> {
    if path == "source" && object["source"].is_object() {
        // Who told of an event: the component, else the controller.
        let component = object["source"]["component"].as_str().filter(|component| !component.is_empty());
        return component
            .or_else(|| object["reportingComponent"].as_str())
            .map(Cow::Borrowed)
            .or(Some(Cow::Borrowed("")));
    }
    Some(match path.split('.').try_fold(object, |value, name| value.get(name)).unwrap_or(&Value::Null) {
        Value::Null => Cow::Borrowed(match path {
            "spec.hostNetwork" | "spec.unschedulable" => "false",
            "status.replicas" | "status.successful" => "0",
            _ => "",
        }),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    })
}

fn check(path: &str, resource: &Resource) -> Result<(), Status> {
    let is_name = path == "metadata.name" || (path == "metadata.namespace" && resource.namespaced);
    let kind = builtin::of(resource);
    if is_name || kind.is_some_and(|kind| kind.selectable.contains(&path)) {
        return Ok(());
    }
    match resource.custom() {
        Some(custom) if custom.selectable.iter().any(|known| known.trim_start_matches('.') == path) => Ok(()),
        Some(_) => Err(Status::bad_request(format!("field label not supported: {path}"))),
        None if resource.kind == "ResourceSlice" => Err(Status::bad_request(format!(
            "field label not supported for {}, Kind={}: {path}",
            resource.api_version(),
            resource.kind
        ))),
        None if kind.is_some_and(|kind| !kind.selectable.is_empty()) => {
            Err(Status::bad_request(format!("field label not supported: {path}")))
        }
        None => Err(Status::bad_request(format!(
            "{} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
            quoted(path)
        ))),
    }
}

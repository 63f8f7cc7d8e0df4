//! Kinds whose objects are those of another kind, with other names of fields: events of the group `events.k8s.io` are those of the
//! core group.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>

use serde_json::{Map, Value, json};

use super::form;
use crate::catalog::{Resource, Source};
use crate::objects;

/// The fields of an event as it is stored, and as the view has them.
const EVENTS: &[(&str, &str)] = &[
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
    ("reportingComponent", "reportingController"),
];

/// Whether a resource is such a view.
pub(crate) fn is_view(resource: &Resource) -> bool {
    let is_built_in = matches!(resource.source, Source::BuiltIn { .. });
    is_built_in && resource.group == "events.k8s.io" && resource.plural == "events"
}

/// Whether two resources have the same objects in two forms.
pub(crate) fn are_same(one: &Resource, other: &Resource) -> bool {
    one.storage_key() == other.storage_key() && is_view(one) != is_view(other) && one.custom().is_none()
}

/// An object in the form of one of two resources that have the same objects.
pub(crate) fn converted(object: &Value, to: &Resource) -> Value {
    let Value::Object(fields) = object else { return object.clone() };
    if fields.get("apiVersion").is_some_and(|version| *version == to.api_version()) {
        return object.clone();
    }
    let renamed = |name: &str| {
        let found = EVENTS.iter().find_map(|(stored, shown)| match is_view(to) {
            true => (*stored == name).then_some(*shown),
            false => (*shown == name).then_some(*stored),
        });
        found.unwrap_or(name).to_owned()
    };
    let fields: Map<String, Value> = fields.iter().map(|(name, value)| (renamed(name), value.clone())).collect();
    let mut object = Value::Object(fields);
    object["apiVersion"] = json!(to.api_version());
    object["kind"] = json!(to.kind);
    // It was read before, and so has no values that can't be.
    let _ = form::in_form(&mut object, to);
    objects::as_go_writes(&mut object, to.schema());
    form::set_nulls(&mut object, to);
    object
}

/// The path by which a selector of a view finds a field of what is stored.
pub(crate) fn stored_path(path: &str) -> String {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let first = EVENTS.iter().find(|(_, shown)| *shown == first).map_or(first, |(stored, _)| stored);
    rest.map_or_else(|| first.to_owned(), |rest| format!("{first}.{rest}"))
}

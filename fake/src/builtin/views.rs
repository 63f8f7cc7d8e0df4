//! Kinds whose objects are those of another kind, with other fields: events of the group `events.k8s.io` are those of the core group,
//! and autoscalers of `autoscaling/v1` those of `autoscaling/v2`. Versions of some groups have the fields of those that are stored.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>

use serde_json::{Map, Value, json};

use super::{autoscalers, device_versions, form};
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

/// The versions, by group, whose objects have the fields of those that are stored, unless [`device_versions`] says otherwise.
const RENAMED: &[(&str, &[&str])] = &[
    ("admissionregistration.k8s.io", &["v1beta1", "v1alpha1"]),
    ("certificates.k8s.io", &["v1beta1", "v1alpha1"]),
    ("coordination.k8s.io", &["v1alpha2"]),
    ("networking.k8s.io", &["v1beta1"]),
    ("resource.k8s.io", &["v1beta2", "v1beta1", "v1alpha3"]),
    ("scheduling.k8s.io", &["v1alpha3"]),
    ("storage.k8s.io", &["v1beta1", "v1alpha1"]),
    ("storagemigration.k8s.io", &["v1beta1"]),
];

/// Whether a resource is such a version, and not the one that is stored.
fn is_renamed(resource: &Resource) -> bool {
    let is_it =
        |(group, versions): &(&str, &[&str])| *group == resource.group && versions.contains(&resource.version.as_str());
    matches!(resource.source, Source::BuiltIn { is_stored: false, .. }) && RENAMED.iter().any(is_it)
}

/// Whether the versions that are served of a kind have the same fields.
pub(crate) fn have_same_fields(resource: &Resource) -> bool {
    is_built_in(resource)
        && RENAMED.iter().any(|(group, _)| *group == resource.group)
        && !device_versions::have_other_fields(resource)
}

/// A field of an older version that is set, and that the version has nothing for in which objects are stored.
pub(crate) fn lost_field(object: &Value, resource: &Resource) -> Option<&'static str> {
    let is_one = is_renamed(resource) && resource.plural == "podcertificaterequests";
    ["pkixPublicKey", "proofOfPossession"].into_iter().find(|name| is_one && !object["spec"][*name].is_null())
}

/// Whether a resource is such a view.
pub(crate) fn is_view(resource: &Resource) -> bool {
    is_of_core(resource) || is_older(resource)
}

/// Whether a resource is a view of objects of the core group.
pub(crate) fn is_of_core(resource: &Resource) -> bool {
    is_built_in(resource) && resource.group == "events.k8s.io" && resource.plural == "events"
}

/// Whether a resource is an older version of a kind, whose objects are converted before they are completed and stored.
pub(crate) fn is_older(resource: &Resource) -> bool {
    device_versions::are(resource) || is_renamed(resource) || is_autoscaler(resource) && resource.version == "v1"
}

fn is_autoscaler(resource: &Resource) -> bool {
    is_built_in(resource) && resource.group == "autoscaling" && resource.plural == "horizontalpodautoscalers"
}

fn is_built_in(resource: &Resource) -> bool {
    matches!(resource.source, Source::BuiltIn { .. })
}

/// Whether two resources have the same objects in two forms.
pub(crate) fn are_same(one: &Resource, other: &Resource) -> bool {
    // Of most resources, the name alone says that they are not; this is asked of all of them at every write.
    one.plural == other.plural
        && is_view(one) != is_view(other)
        && one.custom().is_none()
        && one.storage_key() == other.storage_key()
}

/// An object in the version of a resource: custom ones change their `apiVersion` alone, and so do the others that have no views.
pub(crate) fn in_version(object: &Value, of: &Resource) -> Value {
    let has_others = device_versions::have_other_fields(of) || is_autoscaler(of);
    let mut object = match has_others || of.plural == "events" && is_built_in(of) {
        true => converted(object, of),
        false => object.clone(),
    };
    object["apiVersion"] = json!(of.api_version());
    object
}

/// Whether a kind has such an older version.
pub(crate) fn has_older(resource: &Resource) -> bool {
    is_autoscaler(resource) && !is_older(resource)
}

/// Removes what stands in the metadata of an older version for fields of a newer one: where the metadata are all that is read, they
/// are those of the object as it is stored.
pub(crate) fn drop_annotations(metadata: &mut Value) {
    autoscalers::drop_annotations(metadata);
}

/// An object in the form of one of two resources that have the same objects.
pub(crate) fn converted(object: &Value, to: &Resource) -> Value {
    let Value::Object(fields) = object else { return object.clone() };
    if fields.get("apiVersion").is_some_and(|version| *version == to.api_version()) {
        return object.clone();
    }
    let mut object = if have_same_fields(to) {
        object.clone()
    } else if device_versions::have_other_fields(to) {
        device_versions::converted(object.clone(), to)
    } else if is_autoscaler(to) {
        if is_older(to) { autoscalers::to_older(object) } else { autoscalers::to_newer(object) }
    } else {
        event(fields, to)
    };
    object["apiVersion"] = json!(to.api_version());
    object["kind"] = json!(to.kind);
    if to.plural == "podcertificaterequests"
        && let Value::Object(spec) = &mut object["spec"]
    {
        // The older version writes what the newer one does not have.
        spec.retain(|_, value| !value.is_null());
    }
    // It was read before, and so has no values that can't be.
    let _ = form::in_form(&mut object, to);
    objects::as_go_writes(&mut object, to.schema());
    form::set_nulls(&mut object, to);
    object
}

/// An event with the names of the fields of another group.
fn event(fields: &Map<String, Value>, to: &Resource) -> Value {
    let renamed = |name: &str| {
        let found = EVENTS.iter().find_map(|(stored, shown)| match is_view(to) {
            true => (*stored == name).then_some(*shown),
            false => (*shown == name).then_some(*stored),
        });
        found.unwrap_or(name).to_owned()
    };
    Value::Object(fields.iter().map(|(name, value)| (renamed(name), value.clone())).collect())
}

/// The path by which a selector of a view finds a field of what is stored.
pub(crate) fn stored_path(path: &str) -> String {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let first = EVENTS.iter().find(|(_, shown)| *shown == first).map_or(first, |(stored, _)| stored);
    rest.map_or_else(|| first.to_owned(), |rest| format!("{first}.{rest}"))
}

//! Claims and slices of devices in `resource.k8s.io/v1beta1`: a request has the fields itself that others have in `exactly`, and a device
//! has those in `basic` that others have itself.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/>

use serde_json::{Map, Value};

use crate::catalog::{Resource, Source};

const GROUP: &str = "resource.k8s.io";
const VERSION: &str = "v1beta1";

/// The fields of a request that are in `exactly`.
const EXACTLY: &[&str] = &[
    "deviceClassName",
    "selectors",
    "allocationMode",
    "count",
    "adminAccess",
    "tolerations",
    "capacity",
    "derivedAttributes",
];

/// Whether a kind has versions with other fields.
pub(super) fn have_other_fields(resource: &Resource) -> bool {
    let is_one = matches!(&*resource.plural, "resourceclaims" | "resourceclaimtemplates" | "resourceslices");
    resource.group == GROUP && is_one && matches!(resource.source, Source::BuiltIn { .. })
}

/// Whether a resource is such a kind in the version that has other fields than the one that is stored.
pub(super) fn are(resource: &Resource) -> bool {
    have_other_fields(resource) && resource.version == VERSION
}

/// An object of such a kind with the fields of a version.
pub(super) fn converted(mut object: Value, to: &Resource) -> Value {
    let is_older = object["apiVersion"] == format!("{GROUP}/{VERSION}");
    match (&*to.plural, is_older, to.version == VERSION) {
        (_, from, to) if from == to => {}
        ("resourceclaims", true, _) => each(&mut object, "/spec/devices/requests", to_exactly),
        ("resourceclaims", ..) => each(&mut object, "/spec/devices/requests", from_exactly),
        ("resourceclaimtemplates", true, _) => each(&mut object, "/spec/spec/devices/requests", to_exactly),
        ("resourceclaimtemplates", ..) => each(&mut object, "/spec/spec/devices/requests", from_exactly),
        ("resourceslices", true, _) => each(&mut object, "/spec/devices", from_basic),
        ("resourceslices", ..) => each(&mut object, "/spec/devices", to_basic),
        _ => {}
    }
    object
}

/// Writes the names of classes that requests of the older version don't have: Go does so in it.
pub(super) fn set_empty_names(object: &mut Value, resource: &Resource) {
    if !are(resource) {
        return;
    }
    let path = match &*resource.plural {
        "resourceclaims" => "/spec/devices/requests",
        "resourceclaimtemplates" => "/spec/spec/devices/requests",
        _ => return,
    };
    each(object, path, |request| {
        request.entry("deviceClassName").or_insert_with(|| Value::from(""));
    });
}

fn each(object: &mut Value, path: &str, change: fn(&mut Map<String, Value>)) {
    let items = object.pointer_mut(path).and_then(Value::as_array_mut).into_iter().flatten();
    items.filter_map(Value::as_object_mut).for_each(change);
}

fn to_exactly(request: &mut Map<String, Value>) {
    let mut exactly = Map::new();
    for name in EXACTLY {
        if let Some(value) = request.remove(*name).filter(|value| !value.is_null() && *value != "" && *value != 0) {
            exactly.insert((*name).to_owned(), value);
        }
    }
    if !exactly.is_empty() {
        request.insert("exactly".to_owned(), Value::Object(exactly));
    }
}

fn from_exactly(request: &mut Map<String, Value>) {
    if let Some(Value::Object(exactly)) = request.remove("exactly") {
        request.extend(exactly);
    }
}

fn from_basic(device: &mut Map<String, Value>) {
    if let Some(Value::Object(basic)) = device.remove("basic") {
        device.extend(basic);
    }
}

fn to_basic(device: &mut Map<String, Value>) {
    let name = device.remove("name");
    let basic = std::mem::take(device);
    device.extend(name.map(|name| ("name".to_owned(), name)));
    device.insert("basic".to_owned(), Value::Object(basic));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn requests_and_devices_are_the_same_after_the_way_there_and_back() {
        let request =
            fields(json!({ "name": "a", "deviceClassName": "c", "allocationMode": "ExactCount", "count": 1 }));
        let mut changed = request.clone();
        to_exactly(&mut changed);
        assert_eq!(changed["exactly"]["deviceClassName"], "c");
        from_exactly(&mut changed);
        assert_eq!(changed, request);

        let mut first = fields(json!({ "name": "a", "firstAvailable": [{ "name": "b" }] }));
        to_exactly(&mut first);
        assert!(first.get("exactly").is_none(), "nothing of it is set");

        let device = fields(json!({ "name": "a", "basic": { "allNodes": true } }));
        let mut changed = device.clone();
        from_basic(&mut changed);
        assert_eq!(changed["allNodes"], true);
        to_basic(&mut changed);
        assert_eq!(changed, device);
    }
}

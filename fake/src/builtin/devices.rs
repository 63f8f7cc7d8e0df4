//! What the API server sets in devices and claims, and what it leaves out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::catalog::{Resource, Source};

/// The group of devices.
const GROUP: &str = "resource.k8s.io";

fn is_of_group(resource: &Resource) -> bool {
    resource.group == GROUP && matches!(resource.source, Source::BuiltIn { .. })
}

/// Dates the taints that have no time: each is added when it is first written.
pub(crate) fn date_taints(object: &mut Value, resource: &Resource, now: impl Fn() -> String) {
    if !is_of_group(resource) {
        return;
    }
    let date = |taint: &mut Value| {
        if taint.is_object() && taint["timeAdded"].is_null() {
            taint["timeAdded"] = json!(now());
        }
    };
    match resource.plural.as_str() {
        "devicetaintrules" => object.pointer_mut("/spec/taint").into_iter().for_each(date),
        "resourceslices" => {
            for device in list_mut(object, "/spec/devices") {
                for path in ["/taints", "/basic/taints"] {
                    list_mut(device, path).iter_mut().for_each(date);
                }
            }
        }
        _ => {}
    }
}

/// Prepares a new object.
pub(super) fn prepare_new(object: &mut Value, resource: &Resource) {
    leave_out(object, resource);
}

/// Prepares an object in place of another.
pub(crate) fn prepare_update(object: &mut Value, old: &Value, resource: &Resource, now: impl Fn() -> String) {
    if !is_of_group(resource) {
        return;
    }
    let is_changed = object["spec"] != old["spec"];
    leave_out(object, resource);
    match resource.plural.as_str() {
        // Its generation is counted before fields are left out.
        "resourceslices" if is_changed && object["spec"] == old["spec"] => {
            let generation = old["metadata"]["generation"].as_i64().unwrap_or(0) + 1;
            object["metadata"]["generation"] = json!(generation);
        }
        "devicetaintrules" => {
            let (taint, before) = (&object["spec"]["taint"], &old["spec"]["taint"]);
            if taint["effect"] != before["effect"] && taint["timeAdded"] == before["timeAdded"] {
                object["spec"]["taint"]["timeAdded"] = json!(now());
            }
        }
        _ => {}
    }
}

/// Prepares the status of a claim: what drivers say of a device goes with its allocation.
pub(super) fn prepare_status(object: &mut Value, old: &Value, resource: &Resource) {
    if resource.plural != "resourceclaims" {
        return;
    }
    for result in list_mut(object, "/status/allocation/devices/results") {
        remove(result, &["skipNodeOperations"]);
    }
    let (before, now) = (allocated(&old["status"]["allocation"]), allocated(&object["status"]["allocation"]));
    let Value::Object(status) = &mut object["status"] else { return };
    if let Some(Value::Array(devices)) = status.get_mut("devices") {
        devices.retain(|device| {
            let id = id(device);
            now.contains(&id) || !before.contains(&id)
        });
        if devices.is_empty() {
            status.remove("devices");
        }
    }
}

/// The ids of allocated devices.
pub(super) fn allocated(allocation: &Value) -> Vec<Value> {
    let results = allocation["devices"]["results"].as_array();
    results.into_iter().flatten().map(id).collect()
}

/// What tells a device, or a share of it, from others: its driver, pool and name, and the share.
pub(super) fn id(device: &Value) -> Value {
    json!({
        "driver": device["driver"], "pool": device["pool"], "device": device["device"], "shareID": device["shareID"],
    })
}

/// Leaves out the fields of features that are off by default.
fn leave_out(object: &mut Value, resource: &Resource) {
    match resource.plural.as_str() {
        "resourceclaims" => leave_out_of_requests(object, "/spec/devices/requests"),
        "resourceclaimtemplates" => leave_out_of_requests(object, "/spec/spec/devices/requests"),
        "resourceslices" => {
            remove(&mut object["spec"], &["partitionTypeAttribute", "skipNodeOperations"]);
            for device in list_mut(object, "/spec/devices") {
                remove(device, &["nodeAllocatableResources"]);
                for consumed in list_mut(device, "/consumesCounters") {
                    remove(consumed, &["compatibilityGroups"]);
                }
                let attributes = device.get_mut("attributes").and_then(Value::as_object_mut);
                for attribute in attributes.into_iter().flat_map(|attributes| attributes.values_mut()) {
                    remove(attribute, &["bools", "ints", "strings", "versions"]);
                }
            }
        }
        _ => {}
    }
}

fn leave_out_of_requests(object: &mut Value, path: &str) {
    const FIELD: &[&str] = &["derivedAttributes"];
    for request in list_mut(object, path) {
        if let Some(exactly) = request.get_mut("exactly") {
            remove(exactly, FIELD);
        }
        list_mut(request, "/firstAvailable").iter_mut().for_each(|request| remove(request, FIELD));
    }
}

fn remove(value: &mut Value, names: &[&str]) {
    if let Value::Object(fields) = value {
        fields.retain(|name, _| !names.contains(&name.as_str()));
    }
}

fn list_mut<'v>(value: &'v mut Value, path: &str) -> &'v mut [Value] {
    value.pointer_mut(path).and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

/// The drivers of whose devices a status says something else than before.
pub(crate) fn changed_drivers(status: &Value, before: &Value) -> BTreeSet<String> {
    let devices = |status: &Value| status["devices"].as_array().cloned().unwrap_or_default();
    let (now, before) = (devices(status), devices(before));
    let is_other = |device: &&Value, others: &[Value]| !others.contains(device);
    let added = now.iter().filter(|device| is_other(device, &before));
    let gone = before.iter().filter(|device| !now.iter().any(|other| id(other) == id(device)));
    added.chain(gone).map(|device| device["driver"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The first of requests, or of their results, by which somebody gets to devices that are in use.
pub(crate) fn admin_access<'v>(object: &'v Value, path: &str, request: &str) -> Option<usize> {
    let list: &'v [Value] = object.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().position(|item| {
        let item = if request.is_empty() { item } else { &item[request] };
        item["adminAccess"] == true
    })
}

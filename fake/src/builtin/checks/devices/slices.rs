//! Checks of slices of resources: the devices of a pool.

use serde_json::{Value, json};

use super::found::{Found, repeated};
use super::{capacity, names, parts};
use crate::builtin::checks::declared;
use crate::builtin::checks::findings::{Findings, items, text};
use crate::builtin::checks::node_selectors;

const MAX_DEVICES: usize = 128;
/// Where devices have taints, or consume counters.
const MAX_ADVANCED_DEVICES: usize = 64;
const MAX_COUNTER_SETS: usize = 8;
const MAX_COUNTERS: usize = 32;
const MAX_CONSUMED_SETS: usize = 2;
const MAX_TAINTS: usize = 16;
const MAX_ATTRIBUTES_AND_CAPACITIES: usize = 32;
const MAX_ATTRIBUTE_VALUES: usize = 48;
const MAX_ATTRIBUTE: usize = 64;
const ATTRIBUTES: &[&str] = &["int", "bool", "string", "version", "ints", "bools", "strings", "versions"];

/// Checks a slice, a new one or one in place of another.
pub(super) fn check(slice: &Value, old: Option<&Value>, found: &mut Found<'_>) {
    let spec = &slice["spec"];
    names::driver(&spec["driver"], "spec.driver", found.code);
    pool(&spec["pool"], found.code);
    if let Some(old) = old.map(|old| &old["spec"]) {
        found.code.immutable("spec.pool.name", &spec["pool"]["name"], &old["pool"]["name"]);
        found.code.immutable("spec.driver", &spec["driver"], &old["driver"]);
        found.code.immutable("spec.nodeName", &spec["nodeName"], &old["nodeName"]);
    }
    place(spec, found.code);
    if !items(&spec["sharedCounters"]).is_empty() && !items(&spec["devices"]).is_empty() {
        found.code.invalid("spec", &json!(""), "only one of `sharedCounters` or `devices` is allowed");
    }
    devices(spec, old.map(|old| &old["spec"]), found);
    let by_name = |set: &Value| json!(text(&set["name"]));
    let path = "spec.sharedCounters";
    found.set((&spec["sharedCounters"], path), MAX_COUNTER_SETS, by_name, |set, path, found| {
        counters(set, "name", path, found);
    });
}

fn pool(pool: &Value, found: &mut Findings) {
    names::pool(&pool["name"], "spec.pool.name", found);
    let count = pool["resourceSliceCount"].as_i64().unwrap_or(0);
    if count <= 0 {
        found.invalid("spec.pool.resourceSliceCount", &json!(count), "must be greater than zero");
    }
    if pool["generation"].as_i64().is_some_and(|generation| generation < 0) {
        let why = "must be greater than or equal to zero";
        found.invalid("spec.pool.generation", &pool["generation"], why);
    }
}

/// Checks where the devices of a slice are: there is one way to say it.
fn place(spec: &Value, found: &mut Findings) {
    const WAYS: &str = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    let mut set = Vec::new();
    match spec["nodeName"].as_str() {
        None => {}
        Some("") => {
            found.invalid("spec.nodeName", &json!(""), "must be either unset or set to a non-empty string");
        }
        Some(_) => {
            set.push("`nodeName`");
            node_selectors::name(&spec["nodeName"], "spec.nodeName", found);
        }
    }
    if !spec["nodeSelector"].is_null() {
        set.push("`nodeSelector`");
        node_selectors::selector(&spec["nodeSelector"], "spec.nodeSelector", found);
        let terms = &spec["nodeSelector"]["nodeSelectorTerms"];
        if items(terms).len() != 1 {
            let why = "must have exactly one node selector term";
            found.invalid("spec.nodeSelector.nodeSelectorTerms", terms, why);
        }
    }
    for name in ["allNodes", "perDeviceNodeSelection"] {
        match spec[name].as_bool() {
            None => {}
            Some(true) => set.push(if name == "allNodes" { "`allNodes`" } else { "`perDeviceNodeSelection`" }),
            Some(false) => {
                found.invalid(format!("spec.{name}"), &json!(false), "must be either unset or set to true");
            }
        }
    }
    match set.len() {
        0 => found.required_because("spec", WAYS),
        1 => {}
        _ => {
            let why = format!("{WAYS}, but multiple fields are set");
            found.invalid("spec", &json!(format!("{{{}}}", set.join(", "))), &why);
        }
    }
}

fn devices(spec: &Value, old: Option<&Value>, found: &mut Found<'_>) {
    const PATH: &str = "spec.devices";
    let devices = items(&spec["devices"]);
    let has = |device: &Value, name: &str| !items(&device[name]).is_empty();
    let are_advanced = devices.iter().any(|device| has(device, "taints") || has(device, "consumesCounters"));
    let most = if are_advanced { MAX_ADVANCED_DEVICES } else { MAX_DEVICES };
    if devices.len() > most {
        found.code.too_many(PATH, devices.len(), most);
        return;
    }
    let known = old.map(|old| items(&old["devices"])).unwrap_or_default();
    let is_placed_by_device = spec["perDeviceNodeSelection"] == true;
    for (index, device) in devices.iter().enumerate() {
        let path = format!("{PATH}[{index}]");
        let before = known.iter().find(|known| known["name"] == device["name"]);
        check_device(device, before, &path, found);
        place_of_device(device, is_placed_by_device, &path, found.code);
        parts::binding_conditions(device, &path, found);
    }
    for index in repeated(devices, |device| device["name"].clone()) {
        found.code.duplicate(format!("{PATH}[{index}]"), &devices[index]["name"]);
    }
}

fn check_device(device: &Value, before: Option<&Value>, path: &str, found: &mut Found<'_>) {
    names::label(&device["name"], &format!("{path}.name"), found.code);
    let count = |name: &str| device[name].as_object().map_or(0, serde_json::Map::len);
    let (attributes, capacities) = (count("attributes"), count("capacity"));
    if attributes + capacities > MAX_ATTRIBUTES_AND_CAPACITIES {
        let why =
            format!("the total number of attributes and capacities must not exceed {MAX_ATTRIBUTES_AND_CAPACITIES}");
        found.code.invalid(path, &json!(attributes + capacities), &why);
    }
    if attributes > MAX_ATTRIBUTE_VALUES {
        let why = format!("the total number of attribute values must not exceed {MAX_ATTRIBUTE_VALUES}");
        found.code.invalid(path, &json!(attributes), &why);
    }
    for (name, attribute) in device["attributes"].as_object().into_iter().flatten() {
        names::qualified(name, &format!("{path}.attributes"), found.code);
        check_attribute(attribute, &format!("{path}.attributes[{}]", shortened(name)), found);
    }
    let is_changed = |name: &str| before.is_none_or(|before| before[name] != device[name]);
    if is_changed("capacity") {
        let is_shared = device["allowMultipleAllocations"] == true;
        for (name, amount) in device["capacity"].as_object().into_iter().flatten() {
            names::qualified(name, &format!("{path}.capacity"), found.code);
            let path = format!("{path}.capacity[{}]", shortened(name));
            capacity::check(amount, is_shared, &path, found.code);
        }
    }
    if is_changed("taints") {
        let (taints, path) = (items(&device["taints"]), format!("{path}.taints"));
        if taints.len() > MAX_TAINTS {
            found.code.too_many(path, taints.len(), MAX_TAINTS);
        } else {
            for (index, taint) in taints.iter().enumerate() {
                parts::taint(taint, &format!("{path}[{index}]"), found);
            }
        }
    }
    let by_set = |consumed: &Value| json!(text(&consumed["counterSet"]));
    let path = format!("{path}.consumesCounters");
    found.set((&device["consumesCounters"], &path), MAX_CONSUMED_SETS, by_set, |consumed, path, found| {
        counters(consumed, "counterSet", path, found);
    });
}

/// A key as paths have it: long ones without their middle.
fn shortened(key: &str) -> String {
    const MOST: usize = 63 + 1 + 32;
    const REST: usize = MOST - "...".len();
    if key.len() <= MOST {
        return key.to_owned();
    }
    let (begin, end) = (key.get(..REST.div_ceil(2)), key.get(key.len() - REST / 2..));
    format!("{}...{}", begin.unwrap_or_default(), end.unwrap_or_default())
}

fn check_attribute(attribute: &Value, path: &str, found: &mut Found<'_>) {
    let too_long = |name: &str, found: &mut Findings| {
        if text(&attribute[name]).len() > MAX_ATTRIBUTE {
            found.too_long(format!("{path}.{name}"), MAX_ATTRIBUTE);
        }
    };
    too_long("string", found.code);
    if let Some(version) = attribute["version"].as_str() {
        if !names::is_version(version) {
            let why = "must be a string compatible with semver.org spec 2.0.0";
            found.code.invalid(format!("{path}.version"), &attribute["version"], why);
        }
        too_long("version", found.code);
    }
    if found.is_declared() {
        declared::union(attribute, ATTRIBUTES, path, found.both());
    } else {
        let why = "exactly one value must be specified";
        match ATTRIBUTES.iter().filter(|name| !attribute[**name].is_null()).count() {
            0 => found.code.invalid(path, &json!(""), why),
            1 => {}
            _ => found.code.invalid(path, attribute, why),
        }
    }
}

/// Checks a set of counters, or what a device consumes of one.
fn counters(counters: &Value, name: &str, path: &str, found: &mut Found<'_>) {
    let (field, counters_path) = (format!("{path}.{name}"), format!("{path}.counters"));
    if text(&counters[name]).is_empty() {
        found.both().required(field);
    } else {
        names::label(&counters[name], &field, found.both());
    }
    let Some(amounts) = counters["counters"].as_object().filter(|amounts| !amounts.is_empty()) else {
        found.both().required(counters_path);
        return;
    };
    if amounts.len() > MAX_COUNTERS {
        found.code.too_many(&counters_path, amounts.len(), MAX_COUNTERS);
        // The types declare what the names are, and not how many.
        if !found.is_declared() {
            return;
        }
    }
    for name in amounts.keys() {
        names::label(&json!(name), &counters_path, found.both());
    }
}

/// Checks where a device is, if that is not said of the slice.
fn place_of_device(device: &Value, is_placed: bool, path: &str, found: &mut Findings) {
    const WAYS: &str = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    let given = |name: &str| !device[name].is_null();
    if !is_placed {
        if given("nodeName") || given("nodeSelector") || given("allNodes") {
            let why = "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
            found.invalid(path, &Value::Null, why);
        }
        return;
    }
    let mut set = Vec::new();
    match device["nodeName"].as_str() {
        None => {}
        Some("") => found.invalid(format!("{path}.nodeName"), &json!(""), "must not be empty"),
        Some(_) => {
            set.push("`nodeName`");
            node_selectors::name(&device["nodeName"], &format!("{path}.nodeName"), found);
        }
    }
    if given("nodeSelector") {
        set.push("`nodeSelector`");
        node_selectors::selector(&device["nodeSelector"], &format!("{path}.nodeSelector"), found);
    }
    match device["allNodes"].as_bool() {
        None => {}
        Some(true) => set.push("`allNodes`"),
        Some(false) => {
            found.invalid(format!("{path}.allNodes"), &json!(false), "must be either unset or set to true");
        }
    }
    match set.len() {
        0 => found.required_because(path, WAYS),
        1 => {}
        _ => found.invalid(path, &json!(format!("{{{}}}", set.join(", "))), WAYS),
    }
}

//! Checks of what CSI drivers say of themselves, of nodes, and of storage.
//!
//! <https://kubernetes.io/docs/concepts/storage/volumes/#csi>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::quantities::quantity;
use super::selectors;
use crate::catalog::{Resource, Source};
use crate::objects::texts;

/// The most bytes of the name of a driver.
const MAX_NAME: usize = 63;

/// The most bytes that a driver calls a node by.
const MAX_NODE: usize = 256;

/// The fewest seconds between two updates of what a node can have.
const MIN_PERIOD: i64 = 10;

/// Since this minor, what a node can have may change.
const MUTABLE_COUNTS: u32 = 35;

/// <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-driver-v1/>
pub(super) fn driver(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    let policies = ["File", "None", "ReadWriteOnceWithFSType"];
    found.one_of("spec.fsGroupPolicy", &spec["fsGroupPolicy"], &policies);
    token_requests(items(&spec["tokenRequests"]), found);
    let modes = &spec["volumeLifecycleModes"];
    for mode in items(modes) {
        found.one_of("spec.volumeLifecycleModes", mode, &["Persistent", "Ephemeral"]);
    }
    let period = &spec["nodeAllocatableUpdatePeriodSeconds"];
    if period.as_i64().is_some_and(|seconds| seconds < MIN_PERIOD) {
        let why = "must be greater than or equal to 10 seconds";
        found.invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, why);
    }
    let in_secrets = &spec["serviceAccountTokenInSecrets"];
    if !in_secrets.is_null() && items(&spec["tokenRequests"]).is_empty() {
        let why = "serviceAccountTokenInSecrets is set but no tokenRequests are specified";
        found.invalid("spec.serviceAccountTokenInSecrets", in_secrets, why);
    }
    let Some(old) = old else { return };
    // The field has another name here than in the object.
    found.immutable("spec.attachedRequired", &spec["attachRequired"], &old["spec"]["attachRequired"]);
    found.immutable("spec.volumeLifecycleModes", modes, &old["spec"]["volumeLifecycleModes"]);
}

fn token_requests(requests: &[Value], found: &mut Findings) {
    /// The fewest and the most seconds that a token is valid.
    const SECONDS: (i64, i64) = (600, 1 << 32);
    let mut audiences = BTreeSet::new();
    for (index, request) in requests.iter().enumerate() {
        let path = format!("spec.tokenRequests[{index}]");
        let audience = text(&request["audience"]);
        if !audiences.insert(audience) {
            found.duplicate(format!("{path}.audience"), &json!(audience));
            continue;
        }
        let (field, seconds) = (format!("{path}.expirationSeconds"), &request["expirationSeconds"]);
        match seconds.as_i64() {
            Some(number) if number < SECONDS.0 => {
                found.invalid(field, seconds, "may not specify a duration less than 10 minutes");
            }
            Some(number) if number > SECONDS.1 => {
                found.invalid(field, seconds, "may not specify a duration larger than 2^32 seconds");
            }
            _ => {}
        }
    }
}

/// <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-node-v1/>
pub(super) fn node(object: &Value, old: Option<&Value>, resource: &Resource, found: &mut Findings) {
    let drivers = items(&object["spec"]["drivers"]);
    let mut names = BTreeSet::new();
    for (index, driver) in drivers.iter().enumerate() {
        let path = format!("spec.drivers[{index}]");
        name_of_driver(&driver["name"], &format!("{path}.name"), found);
        let node = text(&driver["nodeID"]);
        if node.is_empty() {
            found.required(format!("{path}.nodeID"));
        }
        if node.len() > MAX_NODE {
            found.invalid(format!("{path}.nodeID"), &json!(node), &format!("must be {MAX_NODE} characters or less"));
        }
        found.not_negative(format!("{path}.allocatable.count"), &driver["allocatable"]["count"]);
        if !names.insert(text(&driver["name"])) {
            found.duplicate(format!("{path}.name"), &json!(text(&driver["name"])));
        }
        topology_keys(items(&driver["topologyKeys"]), &path, found);
    }
    let counts_may_change = match &resource.source {
        Source::BuiltIn { documents, .. } => documents.minor >= MUTABLE_COUNTS,
        Source::Custom(_) => true,
    };
    let known = old.map(|old| items(&old["spec"]["drivers"])).unwrap_or_default();
    for old in known {
        for new in drivers.iter().filter(|new| new["name"] == old["name"]) {
            let (new, old) = (printed(new, counts_may_change), printed(old, counts_may_change));
            if new != old {
                found.invalid_text("spec.drivers", &new, "field is immutable");
            }
        }
    }
}

fn topology_keys(keys: &[Value], path: &str, found: &mut Findings) {
    let mut known = BTreeSet::new();
    for key in keys.iter().map(text) {
        if key.is_empty() {
            found.required(path);
        }
        if !known.insert(key) {
            found.duplicate(path, &json!(key));
        }
        found.problems(path, key, texts::qualified_name(key));
    }
}

/// A driver of a node as Go prints its struct, with or without what the node can have.
fn printed(driver: &Value, is_without_counts: bool) -> String {
    let allocatable = match &driver["allocatable"] {
        Value::Object(allocatable) if !is_without_counts => {
            format!("{{\"Count\":{}}}", allocatable.get("count").unwrap_or(&Value::Null))
        }
        _ => "null".to_owned(),
    };
    let (name, node, keys) = (json!(text(&driver["name"])), json!(text(&driver["nodeID"])), &driver["topologyKeys"]);
    format!("{{\"Name\":{name},\"NodeID\":{node},\"TopologyKeys\":{keys},\"Allocatable\":{allocatable}}}")
}

/// <https://kubernetes.io/docs/concepts/storage/storage-capacity/>
pub(super) fn capacity(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let topology = &object["nodeTopology"];
    if !topology.is_null() {
        selectors::check(topology, "nodeTopology", found);
        for (index, term) in items(&topology["matchExpressions"]).iter().enumerate() {
            for (at, value) in items(&term["values"]).iter().enumerate() {
                let field = format!("nodeTopology.matchExpressions[{index}].values[{at}]");
                found.problems(&field, text(value), texts::label_value(text(value)));
            }
        }
    }
    let class = text(&object["storageClassName"]);
    found.problems("storageClassName", class, texts::subdomain(class));
    let size = &object["capacity"];
    if quantity(size).signum().is_ok_and(|sign| sign < 0) {
        found.invalid("capacity", size, "must be greater than or equal to 0");
    }
    let Some(old) = old else { return };
    found.immutable("nodeTopology", topology, &old["nodeTopology"]);
    found.immutable("storageClassName", &json!(class), &json!(text(&old["storageClassName"])));
}

/// The name of a driver, where it is not that of an object.
pub(super) fn name_of_driver(name: &Value, field: &str, found: &mut Findings) {
    let name = text(name);
    if name.is_empty() {
        return found.required(field);
    }
    if name.len() > MAX_NAME {
        found.too_long(field, MAX_NAME);
    }
    found.problems(field, name, texts::subdomain(&name.to_lowercase()));
}

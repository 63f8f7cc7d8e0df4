//! Checks of persistent volumes.
//!
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/>

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::node_selectors;
use super::quantities::quantity;
use crate::objects::texts;

/// What a volume may be backed by.
const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

/// The modes in which it is used.
pub(super) const MODES: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// Checks a volume, a new one or one in place of another.
pub(super) fn check(object: &Value, old: Option<&Value>, found: &mut Findings) {
    spec(&object["spec"], found);
    let Some(old) = old else { return };
    let source = |object: &Value| -> Vec<(String, Value)> {
        let fields = object["spec"].as_object().into_iter().flatten();
        let sources = fields.filter(|(name, _)| SOURCES.contains(&name.as_str()));
        sources.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    if source(object) != source(old) {
        found.forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
    }
    found.immutable("volumeMode", &object["spec"]["volumeMode"], &old["spec"]["volumeMode"]);
    let class = |object: &Value| object["spec"].get("volumeAttributesClassName").is_some();
    if class(old) && !class(object) {
        found.forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden");
    }
}

fn spec(spec: &Value, found: &mut Findings) {
    let modes = items(&spec["accessModes"]);
    if modes.is_empty() {
        found.required("spec.accessModes");
    }
    for mode in modes {
        found.one_of("spec.accessModes", mode, MODES);
    }
    let (alone, others): (Vec<&Value>, Vec<&Value>) = modes.iter().partition(|mode| **mode == "ReadWriteOncePod");
    if !alone.is_empty() && others.iter().any(|mode| MODES.contains(&text(mode))) {
        found.forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes");
    }
    capacity(spec, found);
    found.one_of(
        "spec.persistentVolumeReclaimPolicy",
        &spec["persistentVolumeReclaimPolicy"],
        &["Delete", "Recycle", "Retain"],
    );
    if let Some(affinity) = spec.get("nodeAffinity") {
        node_affinity(affinity, found);
    }
    sources(spec, "spec", found);
    let root = text(&spec["hostPath"]["path"]).split('/').all(|part| matches!(part, "" | "."));
    if spec.get("hostPath").is_some() && root && spec["persistentVolumeReclaimPolicy"] == "Recycle" {
        let why = "may not be 'recycle' for a hostPath mount of '/'";
        found.forbidden("spec.persistentVolumeReclaimPolicy", why);
    }
    let class = text(&spec["storageClassName"]);
    if !class.is_empty() {
        found.problems("spec.storageClassName", class, texts::subdomain_name(class));
    }
    found.one_of("spec.volumeMode", &spec["volumeMode"], &["Block", "Filesystem"]);
    if let Some(class) = spec["volumeAttributesClassName"].as_str() {
        if class.is_empty() {
            found.required_because("spec.volumeAttributesClassName", "an empty string is disallowed");
        } else {
            found.problems("spec.volumeAttributesClassName", class, texts::subdomain_name(class));
        }
        if spec.get("csi").is_none() {
            found.required_because("spec.csi", "has to be specified when using volumeAttributesClassName");
        }
    }
}

fn capacity(spec: &Value, found: &mut Findings) {
    let amounts = spec["capacity"].as_object();
    let count = amounts.map_or(0, serde_json::Map::len);
    if count == 0 {
        found.required("spec.capacity");
    }
    if spec["capacity"].get("storage").is_none() || count > 1 {
        found.not_supported("spec.capacity", &spec["capacity"], &["storage"]);
    }
    for (name, value) in amounts.into_iter().flatten() {
        let field = format!("spec.capacity[{name}]");
        let amount = quantity(value);
        let sign = amount.signum().unwrap_or(0);
        if sign < 0 {
            let whole = amount.to_i64().map_or(Value::Null, |whole| json!(whole));
            found.invalid(&field, &whole, "must be a valid resource quantity");
        }
        if sign <= 0 {
            found.invalid(&field, value, "must be greater than zero");
        }
    }
}

/// Checks what a volume is backed by.
pub(super) fn sources(spec: &Value, field: &str, found: &mut Findings) {
    let present: Vec<&str> = SOURCES.iter().copied().filter(|name| spec.get(name).is_some()).collect();
    let Some(first) = present.first() else {
        found.required_because(field, "must specify a volume type");
        return;
    };
    let source = &spec[*first];
    let path = format!("{field}.{first}");
    let mut required = |names: &[&str]| {
        for name in names.iter().filter(|name| text(&source[**name]).is_empty()) {
            found.required(format!("{path}.{name}"));
        }
    };
    match *first {
        "hostPath" | "local" => required(&["path"]),
        "nfs" => required(&["server", "path"]),
        "csi" => required(&["driver", "volumeHandle"]),
        _ => {}
    }
    let place = text(&source["path"]);
    if *first == "nfs" && !place.starts_with('/') {
        found.invalid(format!("{path}.path"), &json!(place), "must be an absolute path");
    }
    if matches!(*first, "hostPath" | "local") && place.split('/').any(|part| part == "..") {
        found.invalid(format!("{path}.path"), &json!(place), "must not contain '..'");
    }
    if *first == "local" && spec.get("nodeAffinity").is_none() {
        found.required_because(format!("{field}.nodeAffinity"), "Local volume requires node affinity");
    }
    for other in present.iter().skip(1) {
        let name = if *other == "cephfs" { "cephFS" } else { other };
        found.forbidden(format!("{field}.{name}"), "may not specify more than 1 volume type");
    }
}

fn node_affinity(affinity: &Value, found: &mut Findings) {
    let Some(required) = affinity.get("required") else {
        found.required_because("spec.nodeAffinity.required", "must specify required node constraints");
        return;
    };
    let path = "spec.nodeAffinity.required.nodeSelectorTerms";
    let terms = items(&required["nodeSelectorTerms"]);
    if terms.is_empty() {
        found.required_because(path, "must have at least one node selector term");
    }
    for (index, term) in terms.iter().enumerate() {
        for (at, expression) in items(&term["matchExpressions"]).iter().enumerate() {
            node_selectors::of_labels(expression, &format!("{path}[{index}].matchExpressions[{at}]"), found);
        }
    }
}

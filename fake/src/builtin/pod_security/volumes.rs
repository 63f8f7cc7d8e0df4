//! What pods mount.

use std::collections::BTreeSet;

use serde_json::Value;

use super::checks::{Violation, count, quoted};
use super::template::{Template, items, name};

/// Sources that reach nothing but what their namespace has.
const ALLOWED: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Sources of which a server tells the name.
const RESTRICTED: [&str; 21] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "portworxVolume",
    "photonPersistentDisk",
    "scaleIO",
    "storageos",
];

/// Paths of the node.
pub(super) fn of_host(pod: Template<'_>, _: u32) -> Option<Violation> {
    let names: Vec<&str> =
        items(&pod.spec["volumes"]).filter(|volume| volume.get("hostPath").is_some()).map(name).collect();
    (!names.is_empty()).then(|| Violation { reason: "hostPath volumes", detail: shown(&names) })
}

/// Sources that are not allowed.
pub(super) fn restricted(pod: Template<'_>, _: u32) -> Option<Violation> {
    let has = |volume: &Value, source: &&&str| volume.get(**source).is_some();
    let volumes = items(&pod.spec["volumes"]);
    let wrong: Vec<&Value> = volumes.filter(|volume| !ALLOWED.iter().any(|source| has(volume, &source))).collect();
    let names: Vec<&str> = wrong.iter().map(|volume| name(volume)).collect();
    let source = |volume: &&Value| RESTRICTED.iter().find(|source| has(volume, source)).copied().unwrap_or("unknown");
    let sources: BTreeSet<&str> = wrong.iter().map(source).collect();
    let detail = || {
        let types = count(sources.len(), "restricted volume type", "restricted volume types");
        format!("{} {} {types} {}", shown(&names), count(names.len(), "uses", "use"), quoted(&sources))
    };
    (!names.is_empty()).then(|| Violation { reason: "restricted volume types", detail: detail() })
}

fn shown(names: &[&str]) -> String {
    format!("{} {}", count(names.len(), "volume", "volumes"), quoted(names))
}

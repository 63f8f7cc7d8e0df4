//! What a claim of a volume is filled from: two fields that say the same.
//!
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#data-source-references>

use serde_json::{Map, Value};

/// Makes the older field and the newer one of a claim say the same, where one of them is there.
pub(super) fn prepare(claim: &mut Value, old: Option<&Value>) {
    let Value::Object(spec) = &mut claim["spec"] else { return };
    // The older field knows two sorts of sources; what else is sent in it is not kept, unless it was there before.
    let known = old.and_then(|old| old["spec"].get("dataSource"));
    let is_lone = spec.get("dataSourceRef").is_none();
    if is_lone && known.is_none() && spec.get("dataSource").is_some_and(|source| !is_of_first_days(source)) {
        spec.remove("dataSource");
    }
    // Sources in other namespaces are a feature that is off by default.
    if let Some(source) = spec.get("dataSourceRef").cloned().filter(is_in_namespace) {
        if old.and_then(|old| old["spec"].get("dataSourceRef")) != Some(&source) {
            spec.remove("dataSourceRef");
        }
        return;
    }
    copy(spec, "dataSource", "dataSourceRef");
    copy(spec, "dataSourceRef", "dataSource");
}

fn copy(spec: &mut Map<String, Value>, from: &str, to: &str) {
    if let (Some(source), None) = (spec.get(from).cloned(), spec.get(to)) {
        spec.insert(to.to_owned(), source);
    }
}

fn is_of_first_days(source: &Value) -> bool {
    let text = |name: &str| source[name].as_str().unwrap_or_default();
    match (text("apiGroup"), text("kind")) {
        ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot") => true,
        // What is missing is reported.
        (_, kind) => kind.is_empty(),
    }
}

fn is_in_namespace(source: &Value) -> bool {
    source["namespace"].as_str().is_some_and(|namespace| !namespace.is_empty())
}

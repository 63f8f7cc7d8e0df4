//! Versions of custom resources that are deprecated.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-deprecation>

use serde_json::Value;

use crate::priority::priority;

/// What clients of a version are warned of, by the `spec` of its definition. `None` if it is not deprecated.
pub(super) fn of(version: &Value, spec: &Value) -> Option<String> {
    if version["deprecated"] != true {
        return None;
    }
    if let Some(text) = version["deprecationWarning"].as_str() {
        return Some(text.to_owned());
    }
    let name = |version: &Value| version["name"].as_str().unwrap_or_default().to_owned();
    let (group, kind) = (name_of(&spec["group"]), name_of(&spec["names"]["kind"]));
    let own = name(version);
    let mut others: Vec<String> = spec["versions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|other| other["served"] == true && other["deprecated"] != true)
        .map(name)
        .filter(|other| priority(other) < priority(&own))
        .collect();
    others.sort_by_key(|other| priority(other));
    let instead = others.first().map(|other| format!("; use {group}/{other} {kind}")).unwrap_or_default();
    Some(format!("{group}/{own} {kind} is deprecated{instead}"))
}

fn name_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

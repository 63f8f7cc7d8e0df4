//! What a runtime class gives to pods.
//!
//! <https://kubernetes.io/docs/concepts/containers/runtime-class/>

use serde_json::{Value, json};

use crate::catalog::StorageKey;
use crate::quoted::quoted;
use crate::status::{About, Status};
use crate::store::Store;

/// Sets the overhead, the node selector and the tolerations of a new pod's class, as the admission plugin `RuntimeClass`.
pub(super) fn admit(pod: &mut Value, store: &Store) -> Result<(), Status> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let forbidden = |why: String| Status::forbidden(About { group: "", kind: "pods", name: &name }, &why, Value::Null);
    let Some(class) = pod["spec"]["runtimeClassName"].as_str() else { return check_overhead(pod, None, forbidden) };
    let classes = StorageKey::new("node.k8s.io", "runtimeclasses");
    let Some(class) = store.get(&classes, class).cloned() else {
        return Err(forbidden(format!("pod rejected: RuntimeClass {} not found", quoted(class))));
    };
    let overhead = class.get("overhead").map(|overhead| &overhead["podFixed"]);
    if let Some(overhead) = overhead {
        let own = &pod["spec"]["overhead"];
        if own.as_object().is_none_or(serde_json::Map::is_empty) {
            pod["spec"]["overhead"] = overhead.clone();
        }
    }
    schedule(pod, &class["scheduling"], forbidden)?;
    check_overhead(pod, overhead, forbidden)
}

fn check_overhead(pod: &Value, wanted: Option<&Value>, forbidden: impl Fn(String) -> Status) -> Result<(), Status> {
    match (pod["spec"].get("overhead"), wanted) {
        (Some(own), Some(wanted)) if own != wanted => {
            Err(forbidden("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead".to_owned()))
        }
        (Some(_), None) => {
            let why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
            Err(forbidden(why.to_owned()))
        }
        _ => Ok(()),
    }
}

fn schedule(pod: &mut Value, scheduling: &Value, forbidden: impl Fn(String) -> Status) -> Result<(), Status> {
    for (key, value) in scheduling["nodeSelector"].as_object().into_iter().flatten() {
        let (own, wanted) = (pod["spec"]["nodeSelector"][key].as_str(), value.as_str().unwrap_or_default());
        if let Some(own) = own.filter(|own| *own != wanted) {
            return Err(forbidden(format!(
                "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {wanted}; pod.spec.nodeSelector[{key}] = {own}"
            )));
        }
        pod["spec"]["nodeSelector"][key] = value.clone();
    }
    let more = scheduling["tolerations"].as_array().cloned().unwrap_or_default();
    if scheduling.is_object() {
        let own = pod["spec"]["tolerations"].as_array().cloned().unwrap_or_default();
        let merged = merged(own.into_iter().chain(more).collect());
        if !merged.is_empty() {
            pod["spec"]["tolerations"] = json!(merged);
        }
    }
    Ok(())
}

/// Tolerations without those that others cover.
fn merged(all: Vec<Value>) -> Vec<Value> {
    let mut merged: Vec<Value> = Vec::new();
    for (index, one) in all.iter().enumerate() {
        let is_known = merged.iter().any(|known| covers(known, one));
        if !is_known && !all[index + 1..].iter().any(|later| later != one && covers(later, one)) {
            merged.push(one.clone());
        }
    }
    merged
}

/// Whether a toleration tolerates all that another does.
fn covers(one: &Value, other: &Value) -> bool {
    let text = |toleration: &Value, name: &str| toleration[name].as_str().unwrap_or_default().to_owned();
    let (key, operator, effect) = (text(one, "key"), text(one, "operator"), text(one, "effect"));
    if one == other {
        return true;
    }
    let has_key = text(other, "key") == key || (key.is_empty() && operator == "Exists");
    let has_effect = text(other, "effect") == effect || effect.is_empty();
    let seconds = one["tolerationSeconds"].as_i64().filter(|_| effect == "NoExecute");
    let lasts = seconds.is_none_or(|seconds| other["tolerationSeconds"].as_i64().is_some_and(|other| other <= seconds));
    let has_value = match operator.as_str() {
        "" | "Equal" => text(other, "operator") == "Equal" && text(other, "value") == text(one, "value"),
        operator => operator == "Exists",
    };
    has_key && has_effect && lasts && has_value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toleration_that_another_covers_is_left_out() {
        let all = json!({ "operator": "Exists" });
        let one = json!({ "key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule" });
        let other = json!({ "key": "a", "operator": "Equal", "value": "c", "effect": "NoSchedule" });
        assert_eq!(merged(vec![one.clone(), other.clone(), one.clone()]), [one.clone(), other]);
        assert_eq!(merged(vec![one, all.clone()]), [all]);
    }
}

//! The scheduler: gives pods a node.
//!
//! It regards node selectors, required node affinity and taints, those of nodes that are cordoned or not ready among them; of what is
//! left, it takes the node with the fewest pods. Resources, affinity of pods and topology are not regarded.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/>

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::context::{Context, Identity};
use super::kinds::{NODES, PODS};
use super::values::{condition, has_labels, is_deleted, items, name, namespace, set_condition, text, uid};
use crate::stored::Stored;

const NAME: &str = "default-scheduler";

pub(super) fn sync(context: &mut Context<'_>) {
    let pods = context.list(PODS);
    let waiting: Vec<&Arc<Stored>> = pods.iter().filter(|pod| waits(pod)).collect();
    if waiting.is_empty() {
        return;
    }
    context.identity = Identity::Scheduler;
    let nodes = context.list(NODES);
    let mut loads: HashMap<String, usize> = HashMap::new();
    for pod in pods.iter().filter(|pod| !super::pods::has_ended(pod)) {
        *loads.entry(text(pod, "/spec/nodeName").to_owned()).or_default() += 1;
    }
    for pod in waiting {
        let fitting = nodes.iter().filter(|node| fits(pod, node));
        match fitting.min_by_key(|node| loads.get(name(node)).copied().unwrap_or(0)) {
            Some(node) => {
                if bind(context, pod, name(node)) {
                    *loads.entry(name(node).to_owned()).or_default() += 1;
                }
            }
            None => refuse(context, pod, nodes.len()),
        }
    }
}

/// Whether a pod waits for a node.
fn waits(pod: &Value) -> bool {
    let scheduler = text(pod, "/spec/schedulerName");
    text(pod, "/spec/nodeName").is_empty()
        && !is_deleted(pod)
        && (scheduler.is_empty() || scheduler == NAME)
        && items(pod, "/spec/schedulingGates").is_empty()
}

fn bind(context: &mut Context<'_>, pod: &Value, node: &str) -> bool {
    let binding = json!({
        "apiVersion": "v1", "kind": "Binding",
        "metadata": { "name": name(pod), "namespace": namespace(pod), "uid": uid(pod) },
        "target": { "kind": "Node", "name": node },
    });
    let path = format!("/api/v1/namespaces/{}/pods/{}/binding", namespace(pod), name(pod));
    context.send(http::Method::POST, &path, &binding).is_ok()
}

/// Says of a pod that no node is fit for it.
fn refuse(context: &mut Context<'_>, pod: &Value, nodes: usize) {
    let message = match nodes {
        0 => "no nodes available to schedule pods".to_owned(),
        _ => format!("0/{nodes} nodes are available"),
    };
    let known = condition(pod, "PodScheduled");
    if known.is_some_and(|known| known["reason"] == "Unschedulable" && known["message"] == message) {
        return;
    }
    let mut status = pod["status"].clone();
    let condition = json!({
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message, "lastProbeTime": null,
    });
    set_condition(&mut status, condition, &context.now());
    // A conflict is resolved in the next turn.
    let _ = context.update_status(PODS, pod, status);
}

/// Whether a pod may run on a node.
pub(super) fn fits(pod: &Value, node: &Value) -> bool {
    let affinity = &pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    let terms = items(affinity, "/nodeSelectorTerms");
    !is_deleted(node)
        && is_tolerated(pod, node)
        && has_labels(node, &pod["spec"]["nodeSelector"])
        && (affinity.is_null() || terms.iter().any(|term| selects(term, node)))
}

/// Whether a term selects a node. One that says nothing selects none.
fn selects(term: &Value, node: &Value) -> bool {
    let (labels, fields) = (items(term, "/matchExpressions"), items(term, "/matchFields"));
    let label = |key: &str| node["metadata"]["labels"][key].as_str();
    let field = |key: &str| (key == "metadata.name").then(|| name(node));
    !(labels.is_empty() && fields.is_empty())
        && labels.iter().all(|wanted| matches(wanted, label(text(wanted, "/key"))))
        && fields.iter().all(|wanted| matches(wanted, field(text(wanted, "/key"))))
}

fn matches(wanted: &Value, value: Option<&str>) -> bool {
    let values = items(wanted, "/values");
    let is_one = value.is_some_and(|value| values.iter().any(|known| known == value));
    let compared = || {
        let number = |text: Option<&str>| text?.parse::<i64>().ok();
        Some((number(value)?, number(values.first()?.as_str())?))
    };
    match text(wanted, "/operator") {
        "In" => is_one,
        "NotIn" => !is_one,
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => compared().is_some_and(|(value, limit)| value > limit),
        "Lt" => compared().is_some_and(|(value, limit)| value < limit),
        _ => false,
    }
}

/// Whether a pod tolerates the taints of a node that keep pods away.
pub(super) fn is_tolerated(pod: &Value, node: &Value) -> bool {
    let keeps_away = |taint: &&Value| matches!(text(taint, "/effect"), "NoSchedule" | "NoExecute");
    let tolerations = items(pod, "/spec/tolerations");
    let is_cordoned = node["spec"]["unschedulable"] == true;
    let cordon = json!({ "key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule" });
    let taints = items(node, "/spec/taints").iter().chain(is_cordoned.then_some(&cordon));
    taints.filter(keeps_away).all(|taint| tolerations.iter().any(|toleration| tolerates(toleration, taint)))
}

fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let (key, effect) = (text(toleration, "/key"), text(toleration, "/effect"));
    let is_effect = effect.is_empty() || taint["effect"] == effect;
    let is_key = key.is_empty() || taint["key"] == key;
    let is_value = match text(toleration, "/operator") {
        "Exists" => true,
        _ => !key.is_empty() && text(toleration, "/value") == text(taint, "/value"),
    };
    is_effect && is_key && is_value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, spec: Value) -> Value {
        json!({
            "metadata": { "name": name, "labels": { "zone": "a", "cores": "8" } }, "spec": spec,
            "status": { "conditions": [{ "type": "Ready", "status": "True" }] },
        })
    }

    #[test]
    fn a_pod_fits_a_node_that_its_selectors_select() {
        let node = node("one", json!({}));
        let with = |spec: Value| fits(&json!({ "spec": spec }), &node);
        let affine = |term: Value| {
            let required = json!({ "nodeSelectorTerms": [term] });
            with(
                json!({ "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": required } } }),
            )
        };
        assert!(with(json!({})) && with(json!({ "nodeSelector": { "zone": "a" } })));
        assert!(!with(json!({ "nodeSelector": { "zone": "b" } })));
        assert!(affine(json!({ "matchExpressions": [{ "key": "cores", "operator": "Gt", "values": ["4"] }] })));
        assert!(!affine(json!({ "matchExpressions": [{ "key": "cores", "operator": "Lt", "values": ["4"] }] })));
        assert!(affine(json!({ "matchFields": [{ "key": "metadata.name", "operator": "In", "values": ["one"] }] })));
        assert!(!affine(json!({})), "a term that says nothing selects nothing");
    }

    #[test]
    fn taints_keep_pods_away_that_do_not_tolerate_them() {
        let tainted = node("one", json!({ "taints": [{ "key": "gpu", "value": "yes", "effect": "NoSchedule" }] }));
        let with = |toleration: Value| fits(&json!({ "spec": { "tolerations": [toleration] } }), &tainted);
        assert!(!fits(&json!({}), &tainted));
        assert!(with(json!({ "operator": "Exists" })) && with(json!({ "key": "gpu", "value": "yes" })));
        assert!(!with(json!({ "key": "gpu", "value": "no" })));
        assert!(!with(json!({ "key": "gpu", "operator": "Exists", "effect": "NoExecute" })));
        assert!(!fits(&json!({}), &node("one", json!({ "unschedulable": true }))), "a cordoned node");
    }
}

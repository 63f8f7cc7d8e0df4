//! The lifecycle of nodes: the taint of a node that is not ready.
//!
//! <https://kubernetes.io/docs/reference/node/node-status/#condition>

use serde_json::{Value, json};

use super::context::Context;
use super::kinds::NODES;
use super::values::{condition, is_deleted, items};

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// Gives nodes that are not ready the taint that keeps pods away, and takes it from others. Pods that run there are not evicted.
pub(super) fn sync(context: &mut Context<'_>) {
    for node in context.list(NODES) {
        let status = condition(&node, "Ready").map(|ready| ready["status"].as_str().unwrap_or_default());
        let wanted = match status {
            Some("True") => None,
            Some("Unknown") => Some(UNREACHABLE),
            _ => Some(NOT_READY),
        };
        let taints = items(&node, "/spec/taints");
        let is_own = |taint: &Value| {
            [NOT_READY, UNREACHABLE].iter().any(|key| taint["key"] == *key) && taint["effect"] == "NoSchedule"
        };
        let mut changed: Vec<Value> = taints
            .iter()
            .filter(|taint| !is_own(taint) || wanted.is_some_and(|key| taint["key"] == key))
            .cloned()
            .collect();
        if let Some(key) = wanted.filter(|_| !changed.iter().any(is_own)) {
            changed.push(json!({ "key": key, "effect": "NoSchedule", "timeAdded": context.now() }));
        }
        if !is_deleted(&node) && changed != taints {
            let patch = json!({
                "metadata": { "resourceVersion": node["metadata"]["resourceVersion"] }, "spec": { "taints": changed },
            });
            // A conflict is resolved in the next turn.
            let _ = context.patch(NODES, &node, &patch);
        }
    }
}

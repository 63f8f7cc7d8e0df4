//! Nodes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Printer, aged, list, or_none, text};
use crate::api::table::column::Column;

const ADDRESSES: &str = "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).";

const COLUMNS: &[Column] = &[
    Column::text("Status", "The status of the node"),
    Column::text("Roles", "The roles of the node"),
    Column::AGE,
    Column::text("Version", "Kubelet Version reported by the node."),
    Column::text("Internal-IP", ADDRESSES).wide(),
    Column::text("External-IP", ADDRESSES).wide(),
    Column::text("OS-Image", "OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).")
        .wide(),
    Column::text("Kernel-Version", "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).")
        .wide(),
    Column::text(
        "Container-Runtime",
        "ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).",
    )
    .wide(),
];

pub(super) const NODE: Printer = Printer { columns: COLUMNS, cells: |object, now| cells(object, now, true) };

/// As before 1.36: without the architecture.
pub(super) const OLDER_NODE: Printer = Printer { columns: COLUMNS, cells: |object, now| cells(object, now, false) };

fn cells(node: &Value, now: Timestamp, has_architecture: bool) -> Vec<Value> {
    let info = &node["status"]["nodeInfo"];
    let known = |field: &str| match info[field].as_str() {
        None | Some("") => "<unknown>".to_owned(),
        Some(text) => text.to_owned(),
    };
    let mut kernel = known("kernelVersion");
    if let Some(architecture) = info["architecture"].as_str().filter(|name| has_architecture && !name.is_empty()) {
        kernel.push_str(&format!(" ({architecture})"));
    }
    vec![
        json!(status(node)),
        or_none(&roles(node).join(",")),
        aged(node, now),
        text(&info["kubeletVersion"]),
        address(node, "InternalIP"),
        address(node, "ExternalIP"),
        json!(known("osImage")),
        json!(kernel),
        json!(known("containerRuntimeVersion")),
    ]
}

/// Whether the node is ready, and whether pods are scheduled to it. Of several conditions `Ready`, the last counts.
fn status(node: &Value) -> String {
    let ready = list(&node["status"]["conditions"]).iter().rev().find(|condition| condition["type"] == "Ready");
    let mut status = match ready {
        None => "Unknown".to_owned(),
        Some(ready) if ready["status"] == "True" => "Ready".to_owned(),
        Some(_) => "NotReady".to_owned(),
    };
    if node["spec"]["unschedulable"] == true {
        status.push_str(",SchedulingDisabled");
    }
    status
}

/// The roles that the labels of a node name, in order.
fn roles(node: &Value) -> Vec<&str> {
    let labels = node["metadata"]["labels"].as_object().into_iter().flatten();
    let roles: BTreeSet<&str> = labels
        .filter_map(|(name, value)| match name.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role),
            None if name == "kubernetes.io/role" => value.as_str(),
            None => None,
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.into_iter().collect()
}

/// The first address of a type.
fn address(node: &Value, kind: &str) -> Value {
    let found = list(&node["status"]["addresses"]).iter().find(|address| address["type"] == kind);
    found.map_or_else(|| json!("<none>"), |address| text(&address["address"]))
}

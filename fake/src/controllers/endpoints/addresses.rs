//! Endpoints, the older form of EndpointSlices.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{is_headless, is_selecting, pods_of, ports_of};
use crate::controllers::context::Context;
use crate::controllers::kinds::{ENDPOINTS, SERVICES};
use crate::controllers::pods::is_ready;
use crate::controllers::values::{is_deleted, name, namespace, text, uid};

const MANAGER: &str = "endpoints.kubernetes.io/managed-by";
const NAME: &str = "endpoint-controller";
const HEADLESS: &str = "service.kubernetes.io/headless";

pub(in crate::controllers) fn sync(context: &mut Context<'_>) {
    for service in context.list(SERVICES).into_iter().filter(|service| is_selecting(service) && !is_deleted(service)) {
        let wanted = wanted(context, &service);
        match context.get(ENDPOINTS, namespace(&service), name(&service)) {
            None => {
                // The namespace may be gone by now.
                let _ = context.create(ENDPOINTS, &wanted);
            }
            Some(present) => update(context, &present, &wanted),
        }
    }
    for endpoints in context.list(ENDPOINTS) {
        let is_own = endpoints["metadata"]["labels"][MANAGER] == NAME && !is_deleted(&endpoints);
        if is_own && context.get(SERVICES, namespace(&endpoints), name(&endpoints)).is_none() {
            // Whoever has deleted it already has done the same.
            let _ = context.delete(ENDPOINTS, &endpoints, json!({}));
        }
    }
}

fn update(context: &mut Context<'_>, present: &Value, wanted: &Value) {
    let mut changed = present.clone();
    changed["metadata"]["labels"] = wanted["metadata"]["labels"].clone();
    changed["subsets"] = wanted["subsets"].clone();
    let has_same = present.get("subsets").filter(|known| !known.is_null()).unwrap_or(&json!([])) == &wanted["subsets"];
    if !has_same || present["metadata"]["labels"] != wanted["metadata"]["labels"] {
        // A conflict is resolved in the next turn.
        let _ = context.update(ENDPOINTS, &changed);
    }
}

fn wanted(context: &Context<'_>, service: &Value) -> Value {
    // By ports: those of ready pods, and those of others.
    let mut by_ports: BTreeMap<String, (Vec<Value>, [Vec<Value>; 2])> = BTreeMap::new();
    for pod in pods_of(context, service).iter().filter(|pod| !is_deleted(pod)) {
        let ports = ports_of(service, pod);
        let is_ready = is_ready(pod) || service["spec"]["publishNotReadyAddresses"] == true;
        let (_, addresses) = by_ports.entry(json!(ports).to_string()).or_insert_with(|| (ports, Default::default()));
        addresses[usize::from(!is_ready)].push(json!({
            "ip": text(pod, "/status/podIP"), "nodeName": pod["spec"]["nodeName"],
            "targetRef": { "kind": "Pod", "namespace": namespace(pod), "name": name(pod), "uid": uid(pod) },
        }));
    }
    let subset = |(ports, [ready, others]): (Vec<Value>, [Vec<Value>; 2])| {
        let mut subset = json!({});
        let ports: Vec<Value> = ports.into_iter().map(named).collect();
        for (field, list) in [("addresses", ready), ("notReadyAddresses", others), ("ports", ports)] {
            if !list.is_empty() {
                subset[field] = json!(list);
            }
        }
        subset
    };
    let subsets: Vec<Value> = by_ports.into_values().map(subset).collect();
    let mut labels = service["metadata"]["labels"].clone();
    if !labels.is_object() {
        labels = json!({});
    }
    labels[MANAGER] = json!(NAME);
    if is_headless(service) {
        labels[HEADLESS] = json!("");
    }
    json!({
        "metadata": { "name": name(service), "namespace": namespace(service), "labels": labels },
        "subsets": subsets,
    })
}

/// A port without an empty name.
fn named(mut port: Value) -> Value {
    if let Some(fields) = port.as_object_mut().filter(|fields| fields["name"] == "") {
        fields.remove("name");
    }
    port
}

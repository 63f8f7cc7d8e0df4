//! EndpointSlices.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{is_headless, is_selecting, pods_of, ports_of};
use crate::controllers::context::Context;
use crate::controllers::kinds::{ENDPOINT_SLICES, SERVICES};
use crate::controllers::pods::is_ready;
use crate::controllers::values::{is_deleted, managed_by, name, namespace, text, uid};

const SERVICE: &str = "kubernetes.io/service-name";
const MANAGER: &str = "endpointslice.kubernetes.io/managed-by";
const NAME: &str = "endpointslice-controller.k8s.io";
const HEADLESS: &str = "service.kubernetes.io/headless";

/// The most endpoints in a slice.
const MOST: usize = 100;

pub(in crate::controllers) fn sync(context: &mut Context<'_>) {
    let mut slices = context.list(ENDPOINT_SLICES);
    slices.retain(|slice| slice["metadata"]["labels"][MANAGER] == NAME && !is_deleted(slice));
    for service in context.list(SERVICES).into_iter().filter(|service| is_selecting(service) && !is_deleted(service)) {
        let is_own = |slice: &Value| {
            namespace(slice) == namespace(&service) && slice["metadata"]["labels"][SERVICE] == name(&service)
        };
        let mut present: Vec<_> = slices.iter().filter(|slice| is_own(slice)).cloned().collect();
        let mut missing = Vec::new();
        for wanted in slices_of(context, &service) {
            match present.iter().position(|slice| without_nulls(&slice["ports"]) == wanted["ports"]) {
                Some(place) => update(context, &present.remove(place), &wanted),
                None => missing.push(wanted),
            }
        }
        for wanted in missing {
            // One that is left over gets other ports, rather than being deleted and made again.
            match present.pop() {
                Some(slice) => update(context, &slice, &wanted),
                None => {
                    // The namespace may be gone by now.
                    let _ = context.create(ENDPOINT_SLICES, &wanted);
                }
            }
        }
        for slice in present {
            // Whoever has deleted it already has done the same.
            let _ = context.delete(ENDPOINT_SLICES, &slice, json!({}));
        }
    }
    for slice in slices {
        let service =
            context.get(SERVICES, namespace(&slice), text(&slice, "/metadata/labels/kubernetes.io~1service-name"));
        if !service.is_some_and(|service| is_selecting(&service)) {
            let _ = context.delete(ENDPOINT_SLICES, &slice, json!({}));
        }
    }
}

fn update(context: &mut Context<'_>, present: &Value, wanted: &Value) {
    let mut changed = present.clone();
    changed["endpoints"] = wanted["endpoints"].clone();
    changed["ports"] = wanted["ports"].clone();
    changed["metadata"]["labels"] = wanted["metadata"]["labels"].clone();
    let is_same = without_nulls(&present["endpoints"]) == wanted["endpoints"]
        && without_nulls(&present["ports"]) == wanted["ports"]
        && present["metadata"]["labels"] == changed["metadata"]["labels"];
    if !is_same {
        // A conflict is resolved in the next turn.
        let _ = context.update(ENDPOINT_SLICES, &changed);
    }
}

/// A list, empty if there is none.
fn without_nulls(list: &Value) -> Value {
    if list.is_null() { json!([]) } else { list.clone() }
}

/// The slices that a service should have: those of its pods by the ports that they have, or one without any.
fn slices_of(context: &Context<'_>, service: &Value) -> Vec<Value> {
    let mut by_ports: BTreeMap<String, (Vec<Value>, Vec<Value>)> = BTreeMap::new();
    for pod in pods_of(context, service) {
        let ports = ports_of(service, &pod);
        let key = json!(ports).to_string();
        by_ports.entry(key).or_insert_with(|| (ports, Vec::new())).1.push(endpoint(service, &pod));
    }
    if by_ports.is_empty() {
        by_ports.insert(String::new(), (Vec::new(), Vec::new()));
    }
    let mut labels = service["metadata"]["labels"].clone();
    if !labels.is_object() {
        labels = json!({});
    }
    labels[SERVICE] = json!(name(service));
    labels[MANAGER] = json!(NAME);
    if is_headless(service) {
        labels[HEADLESS] = json!("");
    }
    let family = service["spec"]["ipFamilies"].get(0).cloned().unwrap_or_else(|| json!("IPv4"));
    let slice = |ports: &[Value], endpoints: &[Value]| {
        json!({
            "metadata": {
                "generateName": format!("{}-", name(service)), "namespace": namespace(service), "labels": labels,
                "ownerReferences": [managed_by(service, SERVICES)],
            },
            "addressType": family, "ports": ports, "endpoints": endpoints,
        })
    };
    let mut slices = Vec::new();
    for (ports, endpoints) in by_ports.into_values() {
        if endpoints.is_empty() {
            slices.push(slice(&ports, &[]));
        }
        slices.extend(endpoints.chunks(MOST).map(|part| slice(&ports, part)));
    }
    slices
}

fn endpoint(service: &Value, pod: &Value) -> Value {
    let (is_ready, is_ending) = (is_ready(pod), is_deleted(pod));
    let is_published = service["spec"]["publishNotReadyAddresses"] == true;
    let mut endpoint = json!({
        "addresses": [text(pod, "/status/podIP")],
        "conditions": {
            "ready": is_published || (is_ready && !is_ending), "serving": is_ready, "terminating": is_ending,
        },
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": { "kind": "Pod", "namespace": namespace(pod), "name": name(pod), "uid": uid(pod) },
    });
    if let Some(hostname) = pod["spec"].get("hostname").filter(|_| text(pod, "/spec/subdomain") == name(service)) {
        endpoint["hostname"] = hostname.clone();
    }
    endpoint
}

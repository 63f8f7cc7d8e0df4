//! Which pods are behind a service: its EndpointSlices, and its Endpoints.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>

mod addresses;
mod slices;

use serde_json::Value;

use super::context::Context;
use super::values::text;
use crate::stored::Stored;

pub(super) use addresses::sync as sync_endpoints;
pub(super) use slices::sync as sync_slices;

/// Whether a service has pods behind it that these controllers find.
fn is_selecting(service: &Value) -> bool {
    let has_selector = service["spec"]["selector"].as_object().is_some_and(|selector| !selector.is_empty());
    has_selector && text(service, "/spec/type") != "ExternalName"
}

/// Whether a service has no address of its own.
fn is_headless(service: &Value) -> bool {
    text(service, "/spec/clusterIP") == "None"
}

/// The ports of a service as a pod has them: names, protocols and numbers. Those that the pod doesn't have by name are left out.
fn ports_of(service: &Value, pod: &Value) -> Vec<Value> {
    let ports = super::values::items(service, "/spec/ports").iter();
    ports.filter_map(|port| resolved(port, pod)).collect()
}

fn resolved(port: &Value, pod: &Value) -> Option<Value> {
    let wanted = &port["targetPort"];
    let number = match wanted.as_str() {
        None => wanted.as_i64().filter(|number| *number > 0).or_else(|| port["port"].as_i64())?,
        Some(name) => {
            let containers = ["/spec/containers", "/spec/initContainers"];
            let containers = containers.into_iter().flat_map(|list| super::values::items(pod, list));
            let mut ports = containers.flat_map(|container| super::values::items(container, "/ports"));
            let is_it = |known: &&Value| known["name"] == name && text(known, "/protocol") == text(port, "/protocol");
            ports.find(is_it)?["containerPort"].as_i64()?
        }
    };
    let mut resolved = serde_json::json!({ "name": text(port, "/name"), "port": number, "protocol": port["protocol"] });
    if let Some(application) = port.get("appProtocol") {
        resolved["appProtocol"] = application.clone();
    }
    Some(resolved)
}

/// The pods that a service selects and that have an address.
fn pods_of(context: &Context<'_>, service: &Value) -> Vec<std::sync::Arc<Stored>> {
    let mut pods = context.list_in(super::kinds::PODS, super::values::namespace(service));
    pods.retain(|pod| {
        super::values::has_labels(pod, &service["spec"]["selector"])
            && !text(pod, "/status/podIP").is_empty()
            && !super::pods::has_ended(pod)
    });
    pods
}

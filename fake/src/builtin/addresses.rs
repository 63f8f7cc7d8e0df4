//! The objects of addresses: an `IPAddress` for each that a service has, and the `ServiceCIDR` that they are from.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/>

use std::net::IpAddr;

use serde_json::{Value, json};
use uuid::Uuid;

use super::checks::contains;
use crate::catalog::{Resource, Source, StorageKey};
use crate::store::Store;

const GROUP: &str = "networking.k8s.io";
const API_VERSION: &str = "networking.k8s.io/v1";
/// The range of addresses of a cluster, that of the test bed's servers.
pub(super) const RANGE: &str = "10.0.0.0/16";
const DEFAULT_RANGE: &str = "kubernetes";

/// The storage of `IPAddress`.
pub(crate) fn storage() -> StorageKey {
    StorageKey::new(GROUP, "ipaddresses")
}

fn ranges() -> StorageKey {
    StorageKey::new(GROUP, "servicecidrs")
}

fn services() -> StorageKey {
    StorageKey::new("", "services")
}

/// Whether a write of objects changes which addresses there are.
pub(crate) fn are(storage: &StorageKey) -> bool {
    *storage == services() || *storage == ranges()
}

/// Whether a write of an object is one of its status too: before Kubernetes 1.36, of ranges.
pub(crate) fn has_open_status(resource: &Resource) -> bool {
    let is_range = resource.group == GROUP && resource.plural == "servicecidrs";
    is_range && matches!(&resource.source, Source::BuiltIn { documents, .. } if documents.minor < 36)
}

/// Does what the API server does after a write of an object of one of these kinds, which was another one before.
pub(crate) fn settle(store: &mut Store, of: &StorageKey, key: &str, before: Option<&Value>, now: &str) {
    match of.plural.as_str() {
        "services" => {
            let after = addresses(store.get(of, key).map(|service| -> &Value { service }));
            for address in addresses(before).iter().filter(|address| !after.contains(address)) {
                release(store, address, now);
            }
            allocate(store, key, &after, now);
        }
        _ => add_default_range(store, now),
    }
}

/// Adds what a new cluster has: the default range, and the addresses of the services that are there.
pub(crate) fn store_defaults(store: &mut Store, now: &str) {
    add_default_range(store, now);
    let all: Vec<(String, Vec<String>)> =
        store.all(&services()).map(|(key, service)| (key.clone(), addresses(Some(service)))).collect();
    for (key, of_service) in all {
        allocate(store, &key, &of_service, now);
    }
}

/// Whether an address is in a range of the cluster that services may have addresses of.
pub(super) fn is_in_range(store: &Store, address: IpAddr) -> bool {
    let is_ready = |range: &Value| {
        let mut conditions = range["status"]["conditions"].as_array().into_iter().flatten();
        let ready = conditions.find(|condition| condition["type"] == "Ready");
        ready.is_none_or(|ready| ready["status"] == "True") && range["metadata"].get("deletionTimestamp").is_none()
    };
    let is_in = |range: &Value| {
        let mut cidrs = range["spec"]["cidrs"].as_array().into_iter().flatten().filter_map(Value::as_str);
        cidrs.any(|cidr| contains(cidr, address))
    };
    // The default one is there before its object is.
    contains(RANGE, address) || store.all(&ranges()).any(|(_, range)| is_in(range) && is_ready(range))
}

/// The addresses that a service was given.
fn addresses(service: Option<&Value>) -> Vec<String> {
    let list = service.and_then(|service| service["spec"]["clusterIPs"].as_array());
    let texts = list.into_iter().flatten().filter_map(Value::as_str).filter(|text| *text != "None");
    texts.map(str::to_owned).collect()
}

/// Makes the objects of a service's addresses, as far as they are not there.
fn allocate(store: &mut Store, service: &str, addresses: &[String], now: &str) {
    let Some((namespace, name)) = service.split_once('/') else { return };
    for address in addresses {
        if store.get(&storage(), address).is_some() {
            continue;
        }
        let family = if address.contains(':') { "IPv6" } else { "IPv4" };
        let fields = json!({
            "f:metadata": { "f:labels": {
                ".": {}, "f:ipaddress.kubernetes.io/ip-family": {}, "f:ipaddress.kubernetes.io/managed-by": {},
            } },
            "f:spec": { "f:parentRef": { ".": {}, "f:name": {}, "f:namespace": {}, "f:resource": {} } },
        });
        let metadata = json!({
            "name": address,
            "labels": {
                "ipaddress.kubernetes.io/ip-family": family,
                "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
            },
            "uid": Uuid::new_v4().to_string(), "creationTimestamp": now,
            "managedFields": [manager("kube-apiserver", "Update", fields, now)],
        });
        let parent = json!({ "resource": "services", "namespace": namespace, "name": name });
        let object = json!({
            "apiVersion": API_VERSION, "kind": "IPAddress", "metadata": metadata, "spec": { "parentRef": parent },
        });
        store.put(&storage(), address, object);
    }
}

/// Deletes the object of an address, or marks it as deleted if it has finalizers.
fn release(store: &mut Store, address: &str, now: &str) {
    let Some(found) = store.get(&storage(), address).cloned() else { return };
    let is_kept = found["metadata"]["finalizers"].as_array().is_some_and(|names| !names.is_empty());
    if !is_kept {
        store.delete(&storage(), address);
    } else if found["metadata"].get("deletionTimestamp").is_none() {
        let mut marked = Value::clone(&found);
        marked["metadata"]["deletionTimestamp"] = json!(now);
        marked["metadata"]["deletionGracePeriodSeconds"] = json!(0);
        store.put(&storage(), address, marked);
    }
}

/// Makes the range that a cluster begins with, and says that it is ready.
fn add_default_range(store: &mut Store, now: &str) {
    const MANAGER: &str = "kubernetes-service-cidr-controller";
    let found = store.get(&ranges(), DEFAULT_RANGE).map(|range| Value::clone(range));
    let mut range = found.unwrap_or_else(|| {
        let fields = json!({ "f:spec": { "f:cidrs": {} } });
        json!({
            "apiVersion": API_VERSION, "kind": "ServiceCIDR",
            "metadata": {
                "name": DEFAULT_RANGE, "uid": Uuid::new_v4().to_string(), "creationTimestamp": now,
                "managedFields": [manager("kube-apiserver", "Update", fields, now)],
            },
            "spec": { "cidrs": [RANGE] },
        })
    });
    let conditions = range["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let ready = conditions.iter().find(|condition| condition["type"] == "Ready");
    let is_other = range["spec"]["cidrs"] != json!([RANGE]) || range["metadata"].get("deletionTimestamp").is_some();
    if is_other || ready.is_some_and(|ready| ready["status"] != "Unknown") {
        return;
    }
    let mut conditions: Vec<Value> = conditions.into_iter().filter(|condition| condition["type"] != "Ready").collect();
    conditions.push(json!({
        "type": "Ready", "status": "True", "lastTransitionTime": now, "reason": "",
        "message": "Kubernetes default Service CIDR is ready",
    }));
    range["status"]["conditions"] = Value::Array(conditions);
    let fields = json!({ "f:status": { "f:conditions": { "k:{\"type\":\"Ready\"}": {
        ".": {}, "f:lastTransitionTime": {}, "f:message": {}, "f:status": {}, "f:type": {},
    } } } });
    let mut entry = manager(MANAGER, "Apply", fields, now);
    entry["subresource"] = json!("status");
    if let Value::Array(entries) = &mut range["metadata"]["managedFields"] {
        entries.retain(|known| known["manager"] != MANAGER || known["operation"] != "Apply");
        entries.insert(0, entry);
    }
    store.put(&ranges(), DEFAULT_RANGE, range);
}

fn manager(name: &str, operation: &str, fields: Value, now: &str) -> Value {
    json!({
        "manager": name, "operation": operation, "apiVersion": API_VERSION, "time": now,
        "fieldsType": "FieldsV1", "fieldsV1": fields,
    })
}

//! API services: an `APIService` for each version of a group that the server has, and those that clients register.
//!
//! A real server has controllers for them, which take some time; here they are settled with the write. Requests to the servers that are
//! registered are not passed on: such a group is unavailable, as one whose server does not answer.
//!
//! <https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::catalog::{Resource, Source, StorageKey};
use crate::documents::Documents;
use crate::objects;
use crate::ownership::{with_spec_of_server, with_status_of_server};
use crate::quoted::quoted;
use crate::schema::Schema;
use crate::store::{Key, Store};

const GROUP: &str = "apiregistration.k8s.io";
const API_VERSION: &str = "apiregistration.k8s.io/v1";
/// The label of those that the server makes: `onstart` for its own groups, `true` for those of definitions, which it keeps as they are.
const AUTOMANAGED: &str = "kube-aggregator.kubernetes.io/automanaged";
const AVAILABLE: &str = "Available";

/// A version of a group.
type GroupVersion = (String, String);

/// A group with its priority, and its versions with theirs.
type OfGroup = (&'static str, u32, &'static [(&'static str, u32)]);

/// The groups in the order of their priorities, each with the priorities of its versions.
///
/// A version that is not there has no API service.
const PRIORITIES: &[OfGroup] = &[
    ("", 18000, &[("v1", 1)]),
    ("apps", 17800, &[("v1", 15)]),
    ("events.k8s.io", 17750, &[("v1", 15)]),
    ("authentication.k8s.io", 17700, &[("v1", 15), ("v1beta1", 9), ("v1alpha1", 1)]),
    ("authorization.k8s.io", 17600, &[("v1", 15)]),
    ("autoscaling", 17500, &[("v2", 30), ("v1", 15)]),
    ("batch", 17400, &[("v1", 15)]),
    ("certificates.k8s.io", 17300, &[("v1", 15), ("v1beta1", 9), ("v1alpha1", 1)]),
    ("networking.k8s.io", 17200, &[("v1", 15), ("v1beta1", 9)]),
    ("policy", 17100, &[("v1", 15)]),
    ("rbac.authorization.k8s.io", 17000, &[("v1", 15)]),
    ("storage.k8s.io", 16800, &[("v1", 15), ("v1beta1", 9), ("v1alpha1", 1)]),
    ("apiextensions.k8s.io", 16700, &[("v1", 15)]),
    ("admissionregistration.k8s.io", 16700, &[("v1", 15), ("v1beta1", 12), ("v1alpha1", 9)]),
    ("scheduling.k8s.io", 16600, &[("v1", 15), ("v1beta1", 9), ("v1alpha3", 3), ("v1alpha2", 2), ("v1alpha1", 1)]),
    ("coordination.k8s.io", 16500, &[("v1", 15), ("v1beta1", 13), ("v1alpha2", 12)]),
    ("node.k8s.io", 16300, &[("v1", 15)]),
    ("discovery.k8s.io", 16200, &[("v1", 15)]),
    ("resource.k8s.io", 16200, &[("v1", 21), ("v1beta2", 15), ("v1beta1", 9), ("v1alpha3", 1)]),
    ("flowcontrol.apiserver.k8s.io", 16100, &[("v1", 21)]),
    ("internal.apiserver.k8s.io", 16000, &[("v1alpha1", 9)]),
    ("storagemigration.k8s.io", 15800, &[("v1", 15), ("v1beta1", 9), ("v1alpha1", 9)]),
    ("lifecycle.k8s.io", 15700, &[("v1alpha1", 1)]),
];

fn storage() -> StorageKey {
    StorageKey::new(GROUP, "apiservices")
}

/// Whether a write of objects, which are not definitions, may change which API services there are, or whether they are available.
pub(crate) fn are(storage: &StorageKey) -> bool {
    matches!(
        (&*storage.group, &*storage.plural),
        (GROUP, _) | ("", "services") | ("discovery.k8s.io", "endpointslices")
    )
}

fn name_of(group: &str, version: &str) -> String {
    format!("{version}.{group}")
}

/// The priorities of a version of a group of the server's own: of the group, and of the version in it.
fn priorities(group: &str, version: &str) -> Option<(u32, u32)> {
    let (_, of_group, versions) = PRIORITIES.iter().find(|(known, ..)| *known == group)?;
    let (_, of_version) = versions.iter().find(|(known, _)| *known == version)?;
    Some((*of_group, *of_version))
}

fn spec((group, version): (&str, &str), (of_group, of_version): (u32, u32)) -> Value {
    let mut spec = json!({ "version": version, "groupPriorityMinimum": of_group, "versionPriority": of_version });
    if !group.is_empty() {
        spec["group"] = json!(group);
    }
    spec
}

/// An API service that the server makes for a version of a group that it has.
fn own(spec: Value, label: &str, now: &str) -> Value {
    let name = name_of(spec["group"].as_str().unwrap_or_default(), spec["version"].as_str().unwrap_or_default());
    let of_spec: serde_json::Map<_, _> = spec
        .as_object()
        .into_iter()
        .flat_map(|spec| spec.keys())
        .map(|name| (format!("f:{name}"), json!({})))
        .collect();
    let fields = json!({
        "f:metadata": { "f:labels": { ".": {}, format!("f:{AUTOMANAGED}"): {} } }, "f:spec": of_spec,
    });
    let mut object = json!({
        "apiVersion": API_VERSION, "kind": "APIService",
        "metadata": {
            "name": name, "labels": { AUTOMANAGED: label },
            "managedFields": [{
                "manager": "kube-apiserver", "operation": "Update", "apiVersion": API_VERSION,
                "fieldsType": "FieldsV1", "fieldsV1": fields,
            }],
        },
        "spec": spec, "status": { "conditions": [local(now)] },
    });
    objects::stamp(&mut object, now);
    object
}

/// The condition of an API service of the server itself.
fn local(now: &str) -> Value {
    condition(("True", "Local", "Local APIServices are always available"), now)
}

fn condition((status, reason, message): (&str, &str, &str), now: &str) -> Value {
    json!({ "type": AVAILABLE, "status": status, "lastTransitionTime": now, "reason": reason, "message": message })
}

/// Sets the first status of a new API service.
pub(super) fn prepare_new(service: &mut Value, now: &str) {
    service["status"] = match service["spec"]["service"].is_null() {
        true => json!({ "conditions": [local(now)] }),
        false => json!({}),
    };
}

/// Adds those of the server's own groups, and of the definitions that there are.
pub(crate) fn store_defaults<'r>(
    store: &mut Store,
    resources: impl Iterator<Item = &'r Resource>,
    documents: &Documents,
    now: &str,
) {
    let own_versions: BTreeSet<(&str, &str)> = resources
        .filter(|resource| matches!(resource.source, Source::BuiltIn { .. }))
        .map(|resource| (&*resource.group, &*resource.version))
        .collect();
    for (group, version) in own_versions {
        let name = name_of(group, version);
        if let (Some(priorities), None) = (priorities(group, version), store.get(&storage(), &name)) {
            store.put(&storage(), &name, own(spec((group, version), priorities), "onstart", now));
        }
    }
    settle(store, &StorageKey::definitions(), documents, now);
}

/// Does what the controllers of API services do after a write of an object of a storage that they are about.
pub(crate) fn settle(store: &mut Store, of: &StorageKey, documents: &Documents, now: &str) {
    let is_of_definitions = *of == StorageKey::definitions() || of.group == GROUP;
    if is_of_definitions {
        keep_those_of_definitions(store, documents, now);
    }
    // Of services and their endpoints, those depend alone that clients have registered.
    let is_asked = |name: &Key| of.group == GROUP || !is_own(name);
    let all: Vec<Key> = store.all(&storage()).map(|(name, _)| name.clone()).filter(is_asked).collect();
    for name in all {
        check_availability(store, &name, documents, now);
    }
}

/// Whether an API service of this name is of a group of the server's own.
fn is_own(name: &str) -> bool {
    name.split_once('.').is_some_and(|(version, group)| priorities(group, version).is_some())
}

/// Makes, restores and deletes the API services of definitions, so that there is one for each version that is served.
fn keep_those_of_definitions(store: &mut Store, documents: &Documents, now: &str) {
    let wanted: BTreeSet<GroupVersion> =
        store.all(&StorageKey::definitions()).flat_map(|(_, definition)| definition.with(served)).collect();
    for (group, version) in &wanted {
        let (name, spec) = (name_of(group, version), spec((group, version), (1000, 100)));
        let Some(found) = store.get(&storage(), &name).cloned() else {
            store.put(&storage(), &name, own(spec, "true", now));
            continue;
        };
        if is_kept(&found) && found["spec"] != spec {
            let mut restored = Value::clone(&found);
            restored["spec"] = spec;
            let restored = with_spec_of_server(&found, restored, schema(documents), now);
            store.put(&storage(), &name, restored);
        }
    }
    let is_left = |service: &Value| {
        let text = |name: &str| service["spec"][name].as_str().unwrap_or_default().to_owned();
        is_kept(service) && !wanted.contains(&(text("group"), text("version")))
    };
    // Those of the server's own groups are none of them, and need not be read.
    let storage = storage();
    let others = store.all(&storage).filter(|(name, _)| !is_own(name));
    let left: Vec<Key> = others.filter(|(_, service)| service.with(is_left)).map(|(name, _)| name.clone()).collect();
    for name in left {
        store.delete(&storage, &name);
    }
}

/// Whether the server keeps an API service as it is: one of a definition.
fn is_kept(service: &Value) -> bool {
    service["metadata"]["labels"][AUTOMANAGED] == "true"
}

/// The versions of a definition that are served.
fn served(definition: &Value) -> Vec<GroupVersion> {
    let spec = &definition["spec"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let versions = spec["versions"].as_array().into_iter().flatten();
    let served = versions.filter(|version| version["served"] == true);
    served.map(|version| (text(&spec["group"]), text(&version["name"]))).collect()
}

/// Says in the status of an API service whether it is available, where that has changed.
fn check_availability(store: &mut Store, name: &str, documents: &Documents, now: &str) {
    let Some(found) = store.get(&storage(), name).cloned() else { return };
    let (status, reason, message) = availability(&found["spec"], store);
    let known = found["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let present = known.iter().position(|known| known["type"] == AVAILABLE);
    let mut new = condition((status, reason, &message), now);
    if let Some(present) = present.map(|at| &known[at]) {
        if present["status"] == new["status"] {
            new["lastTransitionTime"] = present["lastTransitionTime"].clone();
        }
        if *present == new {
            return;
        }
    }
    let mut conditions = known;
    match present {
        Some(at) => conditions[at] = new,
        None => conditions.push(new),
    }
    let mut changed = Value::clone(&found);
    changed["status"]["conditions"] = Value::Array(conditions);
    let changed = with_status_of_server(&found, changed, schema(documents), now);
    store.put(&storage(), name, changed);
}

/// Whether an API service is available: the status of the condition, its reason and message.
fn availability(spec: &Value, store: &Store) -> (&'static str, &'static str, String) {
    let target = &spec["service"];
    if target.is_null() {
        return ("True", "Local", "Local APIServices are always available".to_owned());
    }
    let text = |name: &str| target[name].as_str().unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let about = format!("service/{name} in {}", quoted(namespace));
    let Some(service) = store.get(&StorageKey::new("", "services"), &format!("{namespace}/{name}")) else {
        return ("False", "ServiceNotFound", format!("{about} is not present"));
    };
    if service["spec"]["type"] == "ClusterIP" {
        let mut ports = service["spec"]["ports"].as_array().into_iter().flatten();
        let Some(port) = ports.find(|port| port["port"] == target["port"]) else {
            return ("False", "ServicePortError", format!("{about} is not listening on port {}", target["port"]));
        };
        let port = port["name"].as_str().unwrap_or_default();
        let slices = StorageKey::new("discovery.k8s.io", "endpointslices");
        let is_of_service = |slice: &Value| {
            let metadata = &slice["metadata"];
            metadata["namespace"] == namespace && metadata["labels"]["kubernetes.io/service-name"] == name
        };
        let slices: Vec<Value> = store
            .all(&slices)
            .filter(|(_, slice)| slice.with(is_of_service))
            .map(|(_, slice)| slice.with(Value::clone))
            .collect();
        if slices.is_empty() {
            return ("False", "EndpointsNotFound", format!("cannot find endpointslices for {about}"));
        }
        if !slices.iter().any(|slice| has_endpoint(slice, port)) {
            let message = format!("endpointslices for {about} have no addresses with port name {}", quoted(port));
            return ("False", "MissingEndpoints", message);
        }
    }
    let message = "the fake API server passes no requests on to other API servers";
    ("False", "FailedDiscoveryCheck", message.to_owned())
}

/// Whether a slice has an endpoint that is ready, on a port of a name.
fn has_endpoint(slice: &Value, port: &str) -> bool {
    let list = |name: &str| slice[name].as_array().into_iter().flatten();
    list("ports").any(|known| known["name"].as_str().unwrap_or_default() == port)
        && list("endpoints").any(|endpoint| endpoint["conditions"]["ready"] != false)
}

/// The versions of groups that clients have registered, and that no resource of the server's own is of: with whether other servers have them.
pub(crate) fn registered(store: &Store) -> Vec<(String, String, bool)> {
    let names: Vec<&Key> = store.all(&storage()).map(|(name, _)| name).filter(|name| !is_own(name)).collect();
    names.into_iter().filter_map(|name| read(store, name)).collect()
}

/// Whether a version of a group is one of another server.
pub(crate) fn is_remote(store: &Store, group: &str, version: &str) -> bool {
    // Nearly all requests are for the server's own groups.
    priorities(group, version).is_none()
        && read(store, &name_of(group, version)).is_some_and(|(.., is_remote)| is_remote)
}

fn read(store: &Store, name: &str) -> Option<(String, String, bool)> {
    store.get(&storage(), name)?.with(|service| {
        let spec = &service["spec"];
        let text = |name: &str| spec[name].as_str().map(str::to_owned);
        Some((text("group")?, text("version")?, !spec["service"].is_null()))
    })
}

fn schema(documents: &Documents) -> Schema<'_> {
    documents.schema(GROUP, "v1", "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_server_is_unavailable_for_the_first_reason() {
        let mut store = Store::new(10);
        let spec =
            json!({ "group": "e.io", "version": "v1", "service": { "namespace": "a", "name": "s", "port": 443 } });
        let reason = |store: &Store| availability(&spec, store).1;
        assert_eq!(reason(&store), "ServiceNotFound");
        let service = |port: u16| json!({ "spec": { "type": "ClusterIP", "ports": [{ "name": "x", "port": port }] } });
        store.put(&StorageKey::new("", "services"), "a/s", service(80));
        assert_eq!(reason(&store), "ServicePortError");
        store.put(&StorageKey::new("", "services"), "a/s", service(443));
        assert_eq!(reason(&store), "EndpointsNotFound");
        let slices = StorageKey::new("discovery.k8s.io", "endpointslices");
        let slice = |port: &str| {
            json!({
                "metadata": { "namespace": "a", "labels": { "kubernetes.io/service-name": "s" } },
                "ports": [{ "name": port }], "endpoints": [{ "addresses": ["10.1.0.1"] }],
            })
        };
        store.put(&slices, "a/s-1", slice("y"));
        assert_eq!(reason(&store), "MissingEndpoints");
        store.put(&slices, "a/s-1", slice("x"));
        assert_eq!(reason(&store), "FailedDiscoveryCheck");
    }
}

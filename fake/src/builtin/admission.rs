//! What admission controllers that are on by default do to objects before they are checked.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/>

use kubewright_core::types::Quantity;
use serde_json::{Value, json};

use super::priorities::{self, Priority};
use super::{limit_ranges, pod_groups, runtime_classes};
use crate::catalog::{Resource, StorageKey};
use crate::status::{About, Status};
use crate::store::Store;
use crate::stored::Stored;

/// How long a pod stays on a node that is not ready, or not reachable, unless it says so itself.
const TOLERATED: u32 = 300;

/// Admits a new object, or one in place of another.
pub(crate) fn admit(object: &mut Value, old: Option<&Value>, resource: &Resource, store: &Store) -> Result<(), Status> {
    match (resource.group.as_str(), resource.plural.as_str(), old) {
        ("", "pods", None) => {
            limit_ranges::set_defaults(object, store);
            tolerate(object);
            set_priority(object, store)?;
            runtime_classes::admit(object, store)
        }
        ("", "pods", Some(old)) => {
            tolerate(object);
            keep_priority(object, old);
            Ok(())
        }
        ("", "persistentvolumeclaims", None) => {
            set_storage_class(object, store);
            protect(object, "kubernetes.io/pvc-protection");
            Ok(())
        }
        ("", "persistentvolumeclaims", Some(old)) => allow_growth(object, old, store),
        ("", "persistentvolumes", None) => {
            protect(object, "kubernetes.io/pv-protection");
            Ok(())
        }
        ("storage.k8s.io", "volumeattributesclasses", None) => {
            protect(object, "kubernetes.io/vac-protection");
            Ok(())
        }
        ("", "nodes", None) => {
            taint(object);
            Ok(())
        }
        ("scheduling.k8s.io", "podgroups", None) => {
            pod_groups::set_priority(object, resource, store)?;
            protect(object, pod_groups::FINALIZER);
            Ok(())
        }
        ("scheduling.k8s.io", "compositepodgroups", None) => pod_groups::set_priority(object, resource, store),
        ("networking.k8s.io", "ingresses", None) => {
            set_ingress_class(object, store);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// `DefaultStorageClass`.
fn set_storage_class(claim: &mut Value, store: &Store) {
    if claim["spec"].get("storageClassName").is_some() {
        return;
    }
    let classes = StorageKey::new("storage.k8s.io", "storageclasses");
    let is_default = |class: &&std::sync::Arc<Stored>| {
        class["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true"
    };
    let defaults = store.all(&classes).map(|(_, class)| class).filter(is_default);
    // The newest one counts.
    let newest =
        defaults.max_by_key(|class| class["metadata"]["creationTimestamp"].as_str().unwrap_or_default().to_owned());
    if let Some(class) = newest {
        claim["spec"]["storageClassName"] = class["metadata"]["name"].clone();
    }
}

/// `PersistentVolumeClaimResize`: a volume grows if its class says so.
fn allow_growth(claim: &Value, old: &Value, store: &Store) -> Result<(), Status> {
    let amount = |claim: &Value| {
        Quantity::parse(claim["spec"]["resources"]["requests"]["storage"].as_str().unwrap_or_default()).ok()
    };
    let grows =
        amount(claim).zip(amount(old)).is_some_and(|(new, old)| new.checked_cmp(&old).is_ok_and(|order| order.is_gt()));
    let class = claim["spec"]["storageClassName"].as_str().unwrap_or_default();
    let may_grow = || {
        let class = store.get(&StorageKey::new("storage.k8s.io", "storageclasses"), class);
        class.is_some_and(|class| class["allowVolumeExpansion"] == true)
    };
    if !grows || old["status"]["phase"] != "Bound" || may_grow() {
        return Ok(());
    }
    let name = claim["metadata"]["name"].as_str().unwrap_or_default();
    let why = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    Err(Status::forbidden(About { group: "", kind: "persistentvolumeclaims", name }, why, Value::Null))
}

/// `DefaultIngressClass`.
fn set_ingress_class(ingress: &mut Value, store: &Store) {
    let has_own = ingress["spec"].get("ingressClassName").is_some();
    if has_own || ingress["metadata"]["annotations"].get("kubernetes.io/ingress.class").is_some() {
        return;
    }
    let classes = StorageKey::new("networking.k8s.io", "ingressclasses");
    let is_default = |class: &&std::sync::Arc<Stored>| {
        class["metadata"]["annotations"]["ingressclass.kubernetes.io/is-default-class"] == "true"
    };
    let defaults = store.all(&classes).map(|(_, class)| class).filter(is_default);
    // The newest one counts, and of several of a second the first by name.
    let newest = defaults.min_by_key(|class| {
        let time = class["metadata"]["creationTimestamp"].as_str().unwrap_or_default().to_owned();
        (std::cmp::Reverse(time), class["metadata"]["name"].as_str().unwrap_or_default().to_owned())
    });
    if let Some(class) = newest {
        ingress["spec"]["ingressClassName"] = class["metadata"]["name"].clone();
    }
}

/// `TaintNodesByCondition`: a node isn't ready until a controller says so.
fn taint(node: &mut Value) {
    let taint = json!({ "key": "node.kubernetes.io/not-ready", "effect": "NoSchedule" });
    match &mut node["spec"]["taints"] {
        Value::Array(taints) => {
            if !taints.iter().any(|known| known["key"] == taint["key"] && known["effect"] == taint["effect"]) {
                taints.push(taint);
            }
        }
        other => *other = json!([taint]),
    }
}

/// `StorageObjectInUseProtection`.
fn protect(object: &mut Value, finalizer: &str) {
    let name = json!(finalizer);
    match &mut object["metadata"]["finalizers"] {
        Value::Array(finalizers) if finalizers.contains(&name) => {}
        Value::Array(finalizers) => finalizers.push(name),
        other => *other = json!([name]),
    }
}

/// `DefaultTolerationSeconds`.
fn tolerate(pod: &mut Value) {
    let mut missing = Vec::new();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let covers = |toleration: &Value| {
            let is = |field: &str, value: &str| {
                let found = toleration[field].as_str().unwrap_or_default();
                found.is_empty() || found == value
            };
            is("key", key) && is("effect", "NoExecute")
        };
        let present = pod["spec"]["tolerations"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !present.iter().any(covers) {
            missing.push(
                json!({ "key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": TOLERATED }),
            );
        }
    }
    if missing.is_empty() {
        return;
    }
    match &mut pod["spec"]["tolerations"] {
        Value::Array(present) => present.extend(missing),
        other => *other = Value::from(missing),
    }
}

/// `Priority` at the creation of a pod.
fn set_priority(pod: &mut Value, store: &Store) -> Result<(), Status> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let about = About { group: "", kind: "pods", name: &name };
    let class = pod["spec"]["priorityClassName"].as_str().unwrap_or_default().to_owned();
    let priority = if class.is_empty() {
        priorities::default(store)
    } else {
        let missing =
            || Status::forbidden(about, &format!("no PriorityClass with name {class} was found"), Value::Null);
        priorities::named(store, &class).ok_or_else(missing)?
    };
    let Priority { name: class, value, preemption } = priority;
    if !class.is_empty() {
        pod["spec"]["priorityClassName"] = json!(class);
    }
    if let Some(given) = pod["spec"]["priority"].as_i64().filter(|given| *given != value) {
        let why = format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name"
        );
        return Err(Status::forbidden(about, &why, Value::Null));
    }
    pod["spec"]["priority"] = json!(value);
    match pod["spec"]["preemptionPolicy"].as_str() {
        None => pod["spec"]["preemptionPolicy"] = json!(preemption),
        Some(given) if given != preemption => {
            let why = format!(
                "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission controller computed {preemption} from the given PriorityClass name"
            );
            return Err(Status::forbidden(about, &why, Value::Null));
        }
        Some(_) => {}
    }
    Ok(())
}

/// `Priority` at a write of a pod: what was computed stays.
fn keep_priority(pod: &mut Value, old: &Value) {
    for field in ["priority", "preemptionPolicy"] {
        if let (Value::Null, Some(value)) = (&pod["spec"][field], old["spec"].get(field)) {
            pod["spec"][field] = value.clone();
        }
    }
    if let Value::Object(spec) = &mut pod["spec"] {
        spec.retain(|_, value| !value.is_null());
    }
}

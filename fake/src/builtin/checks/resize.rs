//! The subresource `resize` of pods: other amounts of CPU and memory for containers that run.
//!
//! <https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/>

use kubewright_core::types::Quantity;
use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::builtin::pod_level;
use crate::builtin::prepare::quality_of_service;
use crate::builtin::resource_lists::{ResourceList, of_pod, read};
use crate::catalog::StorageKey;
use crate::quoted::quoted;
use crate::status::{About, Status};
use crate::store::Store;

/// Since this minor, init containers are resized too, and nodes are asked whether they have as much.
const WITH_INIT_CONTAINERS: u32 = 36;
/// Since this minor, the amounts of a pod as a whole are resized.
const WITH_PODS: u32 = 36;
/// Since this minor, they stay where a resize leaves them out, and are completed.
const WITH_PODS_KEPT: u32 = 37;
/// Since this minor, resizing them is a feature which is off.
const WITH_PODS_AS_FEATURE: u32 = 35;

/// What of a container a resize may name.
const CHANGED: [&str; 2] = ["resources", "resizePolicy"];

/// The path of the pod itself, as an API server writes it here.
const WHOLE: &str = "[]";

const LISTS: [&str; 2] = ["containers", "initContainers"];

/// The pod that a resize asks for: the present one, with the resources that the containers in `asked` have. Containers that are others
/// are left, for the checks to refuse.
pub(crate) fn resized(asked: &Value, live: &Value, minor: u32) -> Value {
    let has_others = LISTS.iter().any(|list| items(&asked["spec"][list]).len() != items(&live["spec"][list]).len());
    if has_others {
        return asked.clone();
    }
    let mut pod = live.clone();
    for list in LISTS {
        let asked = items(&asked["spec"][list]);
        let is_other = |(asked, known): (&Value, &Value)| asked["name"] != known["name"];
        if asked.iter().zip(items(&live["spec"][list])).any(is_other) {
            pod["spec"][list] = json!(asked);
            continue;
        }
        let containers = pod["spec"].get_mut(list).and_then(Value::as_array_mut);
        for (container, asked) in containers.into_iter().flatten().zip(asked) {
            let Value::Object(container) = container else { continue };
            for field in CHANGED {
                match asked.get(field) {
                    Some(value) => container.insert(field.to_owned(), value.clone()),
                    None => container.remove(field),
                };
            }
        }
    }
    if minor >= WITH_PODS {
        resize_whole(&mut pod, asked, minor);
    }
    pod
}

/// Sets what a pod has as a whole, which a client that doesn't know of it leaves out.
fn resize_whole(pod: &mut Value, asked: &Value, minor: u32) {
    match asked["spec"].get("resources").filter(|resources| !resources.is_null()) {
        Some(resources) => pod["spec"]["resources"] = resources.clone(),
        None if minor >= WITH_PODS_KEPT => {}
        None => {
            pod["spec"].as_object_mut().map(|spec| spec.remove("resources"));
        }
    }
    if minor >= WITH_PODS_KEPT {
        pod_level::complete(pod, minor);
    }
}

/// Checks what a resize changes.
pub(super) fn resize(pod: &Value, old: &Value, minor: u32, found: &mut Findings) {
    if old["metadata"]["annotations"].get("kubernetes.io/config.mirror").is_some() {
        *found = Findings::default();
        return found.forbidden(WHOLE, "static pods cannot be resized");
    }
    if old["spec"]["os"]["name"] == "windows" {
        *found = Findings::default();
        return found.forbidden(WHOLE, "windows pods cannot be resized");
    }
    if old["status"]["qosClass"] != quality_of_service(&pod["spec"]) {
        found.invalid("spec", &pod["status"]["qosClass"], "Pod QOS Class may not change as a result of resizing");
    }
    let running =
        items(&old["status"]["containerStatuses"]).iter().find(|known| known["state"].get("running").is_some());
    if running.is_some_and(|running| running.get("resources").is_none()) {
        found.forbidden("spec", "Pod running on node without support for resize");
    }
    if minor < WITH_PODS && pod_level::has_any(old) {
        if minor < WITH_PODS_AS_FEATURE {
            *found = Findings::default();
            return found.forbidden(WHOLE, "pods with pod-level resources cannot be resized");
        }
        let why = "resize of pods with pod-level resources is forbidden when InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled";
        return found.forbidden(WHOLE, why);
    }
    if pod_level::has_any(old) || pod_level::has_any(pod) {
        whole(&pod["spec"]["resources"], &old["spec"]["resources"], found);
    }
    let mut has_others = false;
    for list in LISTS {
        let (new, known) = (items(&pod["spec"][list]), items(&old["spec"][list]));
        if new.len() != known.len() {
            found.forbidden(format!("spec.{list}"), &format!("{list} may not be added or removed on resize"));
            has_others = true;
            continue;
        }
        for (index, (new, known)) in new.iter().zip(known).enumerate() {
            if new["name"] != known["name"] {
                let why = format!("{list} may not be renamed or reordered on resize");
                found.forbidden(format!("spec.{list}[{index}].name"), &why);
                has_others = true;
            }
        }
    }
    if has_others {
        return;
    }
    for list in ["initContainers", "containers"] {
        for (index, (new, known)) in pairs(pod, old, list).enumerate() {
            if list == "initContainers" && minor < WITH_INIT_CONTAINERS && !is_sidecar(known) {
                continue;
            }
            for (part, one) in [("requests", "resource requests"), ("limits", "resource limits")] {
                if is_removed(&new["resources"][part], &known["resources"][part]) {
                    let path = format!("spec.{list}[{index}].resources.{part}");
                    found.forbidden(path, &format!("{one} cannot be removed"));
                }
            }
        }
    }
    for (new, known) in pairs(pod, old, "containers") {
        if fixed(new) != fixed(known) {
            found.forbidden("spec", "only cpu and memory resources are mutable");
        }
    }
    for (index, (new, known)) in pairs(pod, old, "initContainers").enumerate() {
        let path = format!("spec.initContainers[{index}]");
        if is_sidecar(known) || minor >= WITH_INIT_CONTAINERS {
            if fixed(new) != fixed(known) {
                let which = if minor >= WITH_INIT_CONTAINERS { "init or sidecar" } else { "sidecar" };
                found.forbidden(&path, &format!("only cpu and memory resources for {which} containers are mutable"));
            }
            let is_restarted = |policy: &Value| policy["restartPolicy"] == "RestartContainer";
            if new != known && !is_sidecar(known) && items(&new["resizePolicy"]).iter().any(is_restarted) {
                let why = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized";
                found.forbidden(&path, why);
            }
        } else if new != known {
            found.forbidden("spec", "resources for non-sidecar init containers are immutable");
        }
    }
    let is_whole = |pod: &Value| pod["spec"]["resources"].is_object();
    if found.count() == 0 && is_whole(pod) != is_whole(old) && !pod_level::has_any(pod) {
        found.forbidden("spec", "only cpu and memory resources are mutable");
    }
}

/// Checks what changes of a pod as a whole.
fn whole(new: &Value, old: &Value, found: &mut Findings) {
    if !old.is_null() && new.is_null() {
        return found.forbidden("spec.resources", "pod-level resources cannot be removed");
    }
    for part in ["requests", "limits"] {
        if is_removed(&new[part], &old[part]) {
            found.forbidden(format!("spec.resources.{part}"), &format!("pod-level resource {part} cannot be removed"));
        }
    }
    let others = |resources: &Value, part: &str| {
        let mut amounts = read(&resources[part]);
        amounts.retain(|name, _| !matches!(&**name, "cpu" | "memory"));
        amounts
    };
    if ["requests", "limits"].iter().any(|part| others(new, part) != others(old, part)) {
        found.forbidden("spec", "only cpu and memory resources are mutable at pod-level");
    }
}

/// `PodResizeValidator`: a node that is known has as much as a pod on it asks for.
pub(crate) fn fits_node(pod: &Value, old: &Value, minor: u32, store: &Store) -> Result<(), Status> {
    let node = text(&pod["spec"]["nodeName"]);
    if minor < WITH_INIT_CONTAINERS || node.is_empty() || pod["spec"] == old["spec"] {
        return Ok(());
    }
    let refused = |why: &str, cause: Option<&str>| {
        let name = text(&pod["metadata"]["name"]);
        let causes = cause.map_or(Value::Null, |reason| json!([{ "reason": reason }]));
        Err(Status::forbidden(About { group: "", kind: "pods", name }, why, causes))
    };
    let Some(found) = store.get(&StorageKey::new("", "nodes"), node) else {
        return refused(&format!("node {} not found", quoted(node)), None);
    };
    let system = found["metadata"]["labels"]["kubernetes.io/os"].as_str().unwrap_or("linux");
    if system != "linux" {
        let why = format!("pod resize is only supported on linux nodes, node {} is {}", quoted(node), quoted(system));
        return refused(&why, Some("UnsupportedPlatform"));
    }
    let (asked, has) = (of_pod(pod, "requests"), read(&found["status"]["allocatable"]));
    let mut missing = Vec::new();
    for (name, shown) in [("cpu", Quantity::to_milli_i64 as fn(&Quantity) -> _), ("memory", Quantity::to_i64)] {
        let shown = |list: &ResourceList| list.get(name).map_or(Ok(0), shown);
        let (Ok(asked), Ok(has)) = (shown(&asked), shown(&has)) else {
            return Err(Status::not_done(format_args!(
                "a resize with an amount of {name} that is no integer of 64 bits"
            )));
        };
        if asked > has {
            missing.push(format!("{name}, requested: {asked}, allocatable: {has}"));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    refused(&format!("node didn't have enough allocatable resources: {}", missing.join("; ")), Some("NodeCapacity"))
}

fn pairs<'v>(pod: &'v Value, old: &'v Value, list: &str) -> impl Iterator<Item = (&'v Value, &'v Value)> {
    items(&pod["spec"][list]).iter().zip(items(&old["spec"][list]))
}

fn is_sidecar(container: &Value) -> bool {
    container["restartPolicy"] == "Always"
}

fn is_removed(new: &Value, old: &Value) -> bool {
    old.as_object().into_iter().flatten().any(|(name, _)| new.get(name).is_none())
}

/// A container without what a resize may change.
fn fixed(container: &Value) -> Value {
    let mut container = container.clone();
    for part in ["requests", "limits"] {
        let amounts = container["resources"][part].take();
        let others =
            amounts.as_object().into_iter().flatten().filter(|(name, _)| !matches!(&***name, "cpu" | "memory"));
        container["resources"][part] = others.map(|(name, amount)| (name.clone(), amount.clone())).collect();
    }
    container
}

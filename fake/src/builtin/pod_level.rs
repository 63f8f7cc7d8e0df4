//! What a pod has as a whole, where it says so: it is completed by what its containers have.
//!
//! <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#pod-level-resource-specification>

use serde_json::Value;

use super::resource_lists::{ResourceList, is_of_whole_pods, of_containers, raise, read};

/// Since this minor, limits are completed too, and requests of pods without limits.
const WITH_LIMITS: u32 = 37;

const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Completes the requests and limits of a pod that has any of itself.
pub(crate) fn complete(pod: &mut Value, minor: u32) {
    if !has_any(pod) {
        return;
    }
    let of_whole = |mut list: ResourceList| {
        list.retain(|name, _| is_of_whole_pods(name));
        list
    };
    let (asked, most) = (of_whole(of_containers(pod, "requests")), of_whole(of_containers(pod, "limits")));
    let resources = &pod["spec"]["resources"];
    let (mut requests, mut limits) = (read(&resources["requests"]), read(&resources["limits"]));
    for (name, amount) in most.iter().filter(|(name, _)| is_huge(name) && !requests.contains_key(*name)) {
        limits.entry(name.clone()).or_insert_with(|| amount.clone());
    }
    if minor >= WITH_LIMITS || !limits.is_empty() {
        let of_containers = asked.into_iter().filter(|(name, _)| !is_huge(name));
        for (name, amount) in of_containers.chain(of_whole(limits.clone())) {
            requests.entry(name).or_insert(amount);
        }
    }
    if minor >= WITH_LIMITS {
        for (name, request) in of_whole(requests.clone()) {
            if let Some(amount) = most.get(&name).filter(|_| !limits.contains_key(&name) && have_limits(pod, &name)) {
                let mut most = ResourceList::from([(name.clone(), amount.clone())]);
                raise(&mut most, ResourceList::from([(name, request)]));
                limits.extend(most);
            }
        }
    }
    for (field, list) in [("requests", requests), ("limits", limits)] {
        for (name, amount) in list {
            let list = &mut pod["spec"]["resources"][field];
            if list.get(&name).is_none() {
                list[name] = Value::from(amount.as_str());
            }
        }
    }
}

/// Whether a pod says of itself how much it has of anything.
pub(super) fn has_any(pod: &Value) -> bool {
    let parts = ["requests", "limits"].map(|part| pod["spec"]["resources"][part].as_object());
    parts.into_iter().flatten().any(|amounts| !amounts.is_empty())
}

/// Whether there is as much of a resource as it is asked for: what is given can't be more.
pub(super) fn is_huge(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Whether each container has a limit of a resource.
fn have_limits(pod: &Value, name: &str) -> bool {
    let containers = LISTS.iter().filter_map(|list| pod["spec"][list].as_array()).flatten();
    containers.into_iter().all(|container| container["resources"]["limits"].get(name).is_some())
}

//! Amounts of resources by name, and those of whole pods.

use std::collections::BTreeMap;

use kubewright_core::types::Quantity;
use serde_json::Value;

/// Amounts by the name of their resource.
pub(super) type ResourceList = BTreeMap<String, Quantity>;

/// Reads a list; what is no quantity is left out.
pub(super) fn read(list: &Value) -> ResourceList {
    let amount = |value: &Value| Quantity::parse(value.as_str()?).ok()?.canonical().ok();
    let entries = list.as_object().into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), amount(value)?))).collect()
}

/// Adds one list to another. A sum that is too large to calculate with stays what it was.
pub(super) fn add(list: &mut ResourceList, more: &ResourceList) {
    for (name, amount) in more {
        match list.get_mut(name) {
            Some(present) => {
                if let Ok(sum) = present.checked_add(amount) {
                    *present = sum;
                }
            }
            None => {
                list.insert(name.clone(), amount.clone());
            }
        }
    }
}

/// What the containers of a pod have together of `requests` or `limits`: of those that run one after the other, the most.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>
pub(super) fn of_containers(pod: &Value, field: &str) -> ResourceList {
    let mut all = ResourceList::new();
    let containers = |list: &str| pod["spec"][list].as_array().map(Vec::as_slice).unwrap_or_default();
    for container in containers("containers") {
        add(&mut all, &read(&container["resources"][field]));
    }
    let (mut sidecars, mut most) = (ResourceList::new(), ResourceList::new());
    for container in containers("initContainers") {
        let mut own = read(&container["resources"][field]);
        if container["restartPolicy"] == "Always" {
            add(&mut all, &own);
            add(&mut sidecars, &own);
            own = sidecars.clone();
        } else {
            add(&mut own, &sidecars);
        }
        raise(&mut most, own);
    }
    raise(&mut all, most);
    all
}

/// What a pod has of `requests` or `limits` as a whole, with the overhead of its class.
pub(super) fn of_pod(pod: &Value, field: &str) -> ResourceList {
    let mut list = of_containers(pod, field);
    replace_by_pod_level(&mut list, pod, field, is_of_whole_pods);
    let mut overhead = read(&pod["spec"]["overhead"]);
    if field == "limits" {
        overhead.retain(|name, _| list.get(name).is_some_and(|amount| !amount.is_zero()));
    }
    add(&mut list, &overhead);
    list
}

/// Whether a pod may say of itself as a whole how much it has of a resource.
pub(super) fn is_of_whole_pods(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || name.starts_with("hugepages-")
}

/// Raises amounts to those of another list.
fn raise(list: &mut ResourceList, to: ResourceList) {
    for (name, amount) in to {
        if list.get(&name).is_none_or(|present| amount > *present) {
            list.insert(name, amount);
        }
    }
}

/// Puts what a pod says of itself as a whole in place of what its containers have together.
pub(super) fn replace_by_pod_level(list: &mut ResourceList, pod: &Value, field: &str, is_supported: fn(&str) -> bool) {
    list.extend(read(&pod["spec"]["resources"][field]).into_iter().filter(|(name, _)| is_supported(name)));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn containers_that_run_one_after_the_other_need_the_most_of_them() {
        let container = |cpu: &str| json!({ "resources": { "requests": { "cpu": cpu } } });
        let mut sidecar = container("100m");
        sidecar["restartPolicy"] = json!("Always");
        let pod = json!({ "spec": {
            "containers": [container("1"), container("500m")],
            "initContainers": [container("2"), sidecar, container("1700m")],
        } });
        let requests = of_containers(&pod, "requests");
        assert_eq!(requests["cpu"].as_str(), "2");
        let pod = json!({ "spec": { "containers": [container("1")], "initContainers": [pod["spec"]["initContainers"][1], container("950m")] } });
        assert_eq!(of_containers(&pod, "requests")["cpu"].as_str(), "1100m");
    }
}

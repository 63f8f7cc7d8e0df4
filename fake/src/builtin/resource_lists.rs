//! Amounts of resources by name, and those of whole pods.

use std::cmp::Ordering;
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

/// Amounts below this are added up here, and written as a server writes them.
const MAX_COUNTED: &str = "1e21";

/// What is said of lists that have an amount which is not counted with here, of anybody who has to: its name and the amount.
pub(super) fn uncounted<'l>(
    lists: impl IntoIterator<Item = &'l Value>,
    is_counted: fn(&Quantity) -> bool,
) -> Option<String> {
    let entries = lists.into_iter().filter_map(Value::as_object).flatten();
    let mut texts = entries.filter_map(|(name, value)| Some((name, value.as_str()?)));
    texts
        .find(|(_, text)| !is_counted(&Quantity::new(*text)))
        .map(|(name, text)| format!("an amount of {text} of {name}"))
}

/// Whether sums with an amount are those of a server.
pub(super) fn is_counted(amount: &Quantity) -> bool {
    let most = Quantity::new(MAX_COUNTED);
    let is_below = |amount: &Quantity| amount.checked_cmp(&most).is_ok_and(Ordering::is_lt);
    is_below(amount) && amount.checked_neg().is_ok_and(|negative| is_below(&negative))
}

/// The lists in which a pod and its containers have amounts.
pub(super) fn lists_of_pod(pod: &Value) -> impl Iterator<Item = &Value> {
    let list = |path: &'static str| pod.pointer(path).and_then(Value::as_array).into_iter().flatten();
    let containers = list("/spec/containers").chain(list("/spec/initContainers"));
    let statuses = list("/status/containerStatuses").chain(list("/status/initContainerStatuses"));
    let of_containers = containers.flat_map(|container| parts(&container["resources"]));
    let of_statuses =
        statuses.flat_map(|status| parts(&status["resources"]).into_iter().chain([&status["allocatedResources"]]));
    of_containers.chain(of_statuses).chain(parts(&pod["spec"]["resources"])).chain([&pod["spec"]["overhead"]])
}

fn parts(resources: &Value) -> [&Value; 2] {
    [&resources["requests"], &resources["limits"]]
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

/// What the containers of a pod have together of `requests` or `limits`.
pub(super) fn of_containers(pod: &Value, field: &str) -> ResourceList {
    sum_of_containers(pod, |container, _| read(&container["resources"][field]))
}

/// What the containers of a pod have together: of those that run one after the other, the most. What one has is asked with whether it is
/// an init container.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>
pub(super) fn sum_of_containers(pod: &Value, amounts: impl Fn(&Value, bool) -> ResourceList) -> ResourceList {
    let mut all = ResourceList::new();
    let containers = |list: &str| pod["spec"][list].as_array().map(Vec::as_slice).unwrap_or_default();
    for container in containers("containers") {
        add(&mut all, &amounts(container, false));
    }
    let (mut sidecars, mut most) = (ResourceList::new(), ResourceList::new());
    for container in containers("initContainers") {
        let mut own = amounts(container, true);
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

/// What a pod has of `requests` or `limits` as a whole by what it asks for, with the overhead of its class.
pub(super) fn of_pod(pod: &Value, field: &str) -> ResourceList {
    of_pod_with(of_containers(pod, field), pod, field)
}

/// The same by what its containers have together.
pub(super) fn of_pod_with(mut list: ResourceList, pod: &Value, field: &str) -> ResourceList {
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
pub(super) fn raise(list: &mut ResourceList, to: ResourceList) {
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

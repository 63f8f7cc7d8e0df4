//! Checks of what a pod has as a whole: its containers have no more.
//!
//! <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#pod-level-resource-specification>

use serde_json::{Value, json};

use super::findings::{Findings, items};
use super::quantities::{self, quantity};
use crate::builtin::pod_level::is_huge;
use crate::builtin::resource_lists::{is_of_whole_pods, of_containers, read};

pub(super) fn check(spec: &Value, path: &str, found: &mut Findings) {
    let resources = &spec["resources"];
    if spec["os"]["name"] == "windows" {
        return found.forbidden(path, "may not be set for a windows pod");
    }
    if resources.get("claims").is_some_and(|claims| !claims.is_null()) {
        found.forbidden(format!("{path}.claims"), "claims may not be set for Resources at pod-level");
    }
    let amounts = |part: &str| resources[part].as_object().into_iter().flatten();
    for (name, limit) in amounts("limits") {
        amount(name, limit, &format!("{path}.limits[{name}]"), found);
    }
    for (name, request) in amounts("requests") {
        amount(name, request, &format!("{path}.requests[{name}]"), found);
        let limit = resources["limits"].get(name);
        let asked = quantity(request);
        match limit {
            Some(limit) if is_huge(name) && asked != quantity(limit) => {
                let why = format!("must be equal to {name} limit of {}", quantity(limit));
                found.invalid(format!("{path}.requests"), request, &why);
            }
            Some(limit) if asked > quantity(limit) => {
                let why = format!("must be less than or equal to {name} limit of {}", quantity(limit));
                found.invalid(format!("{path}.requests"), request, &why);
            }
            None if is_huge(name) => {
                let why = "Limit must be set for non overcommitable resources";
                found.required_because(format!("{path}.limits"), why);
            }
            _ => {}
        }
    }
    let has =
        |is_it: fn(&str) -> bool| ["limits", "requests"].into_iter().flat_map(amounts).any(|(name, _)| is_it(name));
    if has(is_huge) && !has(|name| matches!(name, "cpu" | "memory")) {
        found.forbidden(path, "HugePages require cpu or memory");
    }
    consistency(spec, path, found);
}

fn amount(name: &str, value: &Value, path: &str, found: &mut Findings) {
    if quantities::name(name, path, found) && !is_of_whole_pods(name) {
        found.not_supported(path, &json!(name), &["cpu", "hugepages-", "memory"]);
    }
    quantities::amount(name, value, path, found);
}

/// What containers have together, and each of them.
fn consistency(spec: &Value, path: &str, found: &mut Findings) {
    let pod = json!({ "spec": { "containers": spec["containers"], "initContainers": spec["initContainers"] } });
    let (requests, limits) = (read(&spec["resources"]["requests"]), read(&spec["resources"]["limits"]));
    for (field, own, is_limited) in
        [("requests", &requests, (|_: &str| true) as fn(&str) -> bool), ("limits", &limits, is_huge)]
    {
        for (name, sum) in of_containers(&pod, field).iter().filter(|(name, _)| is_limited(name)) {
            if let Some(own) = own.get(name).filter(|own| sum > own) {
                let why = format!("must be greater than or equal to aggregate container {field} of {sum}");
                found.invalid(format!("{path}.{field}[{name}]"), &json!(own.as_str()), &why);
            }
        }
    }
    for (index, container) in items(&spec["containers"]).iter().enumerate() {
        for (name, limit) in read(&container["resources"]["limits"]) {
            if let Some(most) = limits.get(&name).filter(|most| limit > **most) {
                let field = format!("{path}.containers[{index}][{name}].limits");
                found.invalid(
                    field,
                    &json!(limit.as_str()),
                    &format!("must be less than or equal to pod limits of {most}"),
                );
            }
        }
    }
}

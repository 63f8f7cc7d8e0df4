//! What the API server warns of in objects that it accepts.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::Resource;
use crate::objects::texts;

/// The warnings of a new object, or of one whose spec changed.
pub(crate) fn warnings(object: &Value, old: Option<&Value>, resource: &Resource) -> Vec<String> {
    let mut warnings = Vec::new();
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") if old.is_none() => {
            let problems = texts::label(object["metadata"]["name"].as_str().unwrap_or_default());
            if !problems.is_empty() {
                warnings.push(format!(
                    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [{}]",
                    problems.join(" ")
                ));
            }
            of_pod(&object["spec"], "spec", &mut warnings);
        }
        ("", "services") => of_service(&object["spec"], &mut warnings),
        ("apps", "deployments" | "replicasets" | "statefulsets" | "daemonsets") | ("batch", "jobs") => {
            let template = &object["spec"]["template"];
            if old.is_none_or(|old| old["spec"]["template"] != *template) {
                of_pod(&template["spec"], "spec.template.spec", &mut warnings);
            }
        }
        ("batch", "cronjobs") => {
            let template = &object["spec"]["jobTemplate"]["spec"]["template"];
            if old.is_none_or(|old| old["spec"]["jobTemplate"]["spec"]["template"] != *template) {
                of_pod(&template["spec"], "spec.jobTemplate.spec.template.spec", &mut warnings);
            }
        }
        _ => {}
    }
    warnings
}

fn of_service(spec: &Value, warnings: &mut Vec<String>) {
    let is_headless = spec["clusterIP"] == "None";
    let is_external = spec["type"] == "ExternalName";
    let has_addresses = spec["externalIPs"].as_array().is_some_and(|addresses| !addresses.is_empty());
    let has = |name: &str| !spec[name].as_str().unwrap_or_default().is_empty();
    let ignored = [
        (is_headless && has("loadBalancerIP"), "spec.loadBalancerIP is ignored for headless services"),
        (is_headless && has_addresses, "spec.externalIPs is ignored for headless services"),
        (is_headless && spec["sessionAffinity"] != "None", "spec.SessionAffinity is ignored for headless services"),
        (
            has_addresses && !is_headless && !is_external,
            "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
        ),
        (is_external && has_addresses, "spec.externalIPs is ignored when spec.type is \"ExternalName\""),
        (!is_external && has("externalName"), "spec.externalName is ignored when spec.type is not \"ExternalName\""),
    ];
    warnings.extend(ignored.into_iter().filter(|(is_so, _)| *is_so).map(|(_, warning)| warning.to_owned()));
}

/// Duplicates in lists that server-side apply merges by key.
fn of_pod(spec: &Value, path: &str, warnings: &mut Vec<String>) {
    for list in ["initContainers", "containers"] {
        for (index, container) in spec[list].as_array().into_iter().flatten().enumerate() {
            let path = format!("{path}.{list}[{index}]");
            let mut names = BTreeMap::new();
            for (index, variable) in container["env"].as_array().into_iter().flatten().enumerate() {
                let name = variable["name"].as_str().unwrap_or_default();
                if names.insert(name, index).is_some() {
                    warnings.push(format!(
                        "{path}.env[{index}]: hides previous definition of {name:?}, which may be dropped when using apply"
                    ));
                }
            }
        }
    }
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for (index, container) in spec["containers"].as_array().into_iter().flatten().enumerate() {
        for (port_index, port) in container["ports"].as_array().into_iter().flatten().enumerate() {
            let place = format!("{path}.containers[{index}].ports[{port_index}]");
            let same =
                format!("{}/{}/{}/{}", port["containerPort"], port["protocol"], port["hostPort"], port["hostIP"]);
            match known.get(&same) {
                Some(first) => warnings.push(format!("{place}: duplicate port definition with {first}")),
                None => {
                    known.insert(same, place);
                }
            }
        }
    }
}

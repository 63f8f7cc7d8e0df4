//! What the API server warns of in objects that it accepts.

use std::collections::BTreeMap;

use kubewright_core::types::Quantity;
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
        ("admissionregistration.k8s.io", _) => of_webhooks(&object["webhooks"], &mut warnings),
        ("", "nodes") => of_node(&object["spec"], &mut warnings),
        ("", "persistentvolumes") => of_volume(object, &mut warnings),
        ("", "resourcequotas") if old.is_none() => of_quota(&object["spec"]["hard"], &mut warnings),
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

/// Resources that no webhook is asked about, since nothing of them is stored.
const EXCLUDED: &[(&str, &str)] = &[
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
];

/// Rules that name such a resource. Those for all groups or resources are no mistake.
fn of_webhooks(webhooks: &Value, warnings: &mut Vec<String>) {
    let list = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    for (index, webhook) in webhooks.as_array().into_iter().flatten().enumerate() {
        for (place, rule) in webhook["rules"].as_array().into_iter().flatten().enumerate() {
            let (groups, resources) = (list(&rule["apiGroups"]), list(&rule["resources"]));
            if groups.iter().chain(&resources).any(|name| name == "*") {
                continue;
            }
            let mut known = Vec::new();
            for group in &groups {
                for resource in &resources {
                    let is_excluded = EXCLUDED.contains(&(group.as_str(), resource.as_str()));
                    if is_excluded && !known.contains(&(group, resource)) {
                        known.push((group, resource));
                        warnings.push(format!(
                            "webhooks[{index}].rules[{place}]: {resource}.{group} is excluded from admission webhooks; this rule will have no effect"
                        ));
                    }
                }
            }
        }
    }
}

fn of_node(spec: &Value, warnings: &mut Vec<String>) {
    if spec.get("configSource").is_some() {
        warnings.push("spec.configSource: the feature is removed".to_owned());
    }
    if !spec["externalID"].as_str().unwrap_or_default().is_empty() {
        warnings.push("spec.externalID: this field is deprecated, and is unused by Kubernetes".to_owned());
    }
}

/// Sources of volumes that are served no more, and since when.
const REMOVED_SOURCES: &[(&str, &str)] = &[
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

fn of_volume(volume: &Value, warnings: &mut Vec<String>) {
    for (key, why) in [
        (
            "volume.beta.kubernetes.io/storage-class",
            "deprecated since v1.8; use \"storageClassName\" attribute instead",
        ),
        ("volume.beta.kubernetes.io/mount-options", "deprecated since v1.31; use \"mountOptions\" attribute instead"),
    ] {
        if volume["metadata"]["annotations"].get(key).is_some() {
            warnings.push(format!("metadata.annotations[{key}]: {why}"));
        }
    }
    if volume["spec"]["persistentVolumeReclaimPolicy"] == "Recycle" {
        let why = "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";
        warnings.push(format!("spec.persistentVolumeReclaimPolicy: {why}"));
    }
    for (source, why) in REMOVED_SOURCES.iter().filter(|(source, _)| volume["spec"].get(source).is_some()) {
        let name = if *source == "storageos" { "storageOS" } else { source };
        warnings.push(format!("spec.{name}: {why}"));
    }
}

/// Requests that may be more than what is their limit.
fn of_quota(hard: &Value, warnings: &mut Vec<String>) {
    for name in ["cpu", "memory", "storage", "ephemeral-storage"] {
        let mut requests = format!("requests.{name}");
        if hard.get(&requests).is_none() && matches!(name, "cpu" | "memory") {
            requests = name.to_owned();
        }
        let limits = format!("limits.{name}");
        let amount = |name: &str| Quantity::parse(hard.get(name)?.as_str()?).ok();
        let (Some(request), Some(limit)) = (amount(&requests), amount(&limits)) else { continue };
        if request > limit {
            warnings.push(format!("ResourceQuota {requests} ({request}) should be less than {limits} ({limit})"));
        }
    }
}

/// What is said of a resource that will be removed, with every answer.
pub(crate) fn deprecation(resource: (&str, &str, &str), minor: u32) -> Option<&'static str> {
    match resource {
        ("", "v1", "endpoints") => Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"),
        ("coordination.k8s.io", "v1beta1", "leasecandidates") if minor >= 36 => {
            Some("coordination.k8s.io/v1beta1 LeaseCandidate is deprecated in v1.36+, unavailable in v1.39+")
        }
        _ => None,
    }
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

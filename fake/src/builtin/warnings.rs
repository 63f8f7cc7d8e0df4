//! What the API server warns of in objects that it accepts.

use std::collections::BTreeMap;

use kubewright_core::types::Quantity;
use serde_json::Value;

use crate::catalog::Resource;
use crate::objects::texts;
use crate::quoted::quoted;

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
        ("resource.k8s.io", "resourceslices") => of_dra_driver(&object["spec"]["driver"], &mut warnings),
        ("", "resourcequotas") if old.is_none() => of_quota(&object["spec"]["hard"], &mut warnings),
        ("networking.k8s.io", "ingresses") if old.is_none() => {
            let annotations = &object["metadata"]["annotations"];
            if annotations.get("kubernetes.io/ingress.class").is_some() {
                let why = "is deprecated, please use 'spec.ingressClassName' instead";
                warnings.push(format!("annotation \"kubernetes.io/ingress.class\" {why}"));
            }
        }
        ("", "services") => of_service(&object["spec"], &mut warnings),
        ("", "replicationcontrollers") => of_controller(object, old, &mut warnings),
        ("", "podtemplates") if old.is_none_or(|old| old["template"] != object["template"]) => {
            of_pod(&object["template"]["spec"], "template.spec", &mut warnings);
        }
        ("storage.k8s.io", "csidrivers") => of_driver(object, old, resource, &mut warnings),
        ("storage.k8s.io", "csistoragecapacities") => of_topology(&object["nodeTopology"], &mut warnings),
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

/// Of a new controller, its name and its template; of one whose spec has changed, the template of before: a real server takes the one
/// for the other.
fn of_controller(object: &Value, old: Option<&Value>, warnings: &mut Vec<String>) {
    let template = match old {
        None => {
            let problems = texts::label(object["metadata"]["name"].as_str().unwrap_or_default());
            if !problems.is_empty() {
                warnings.push(format!(
                    "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [{}]",
                    problems.join(" ")
                ));
            }
            &object["spec"]["template"]
        }
        Some(old) if old["spec"] != object["spec"] => &old["spec"]["template"],
        Some(_) => return,
    };
    of_pod(&template["spec"], "spec.template.spec", warnings);
}

/// Tokens that a driver gets where they may be logged.
fn of_driver(object: &Value, old: Option<&Value>, resource: &Resource, warnings: &mut Vec<String>) {
    const FIELD: &str = "serviceAccountTokenInSecrets";
    let requests = |object: &Value| object["spec"]["tokenRequests"].as_array().cloned().unwrap_or_default();
    let (spec, new) = (&object["spec"], requests(object));
    let is_known = resource.schema().field("spec").has_property(FIELD);
    if is_known && !new.is_empty() && spec[FIELD].is_null() && old.is_none_or(|old| requests(old) != new) {
        warnings.push(format!(
            "spec.{FIELD} is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes"
        ));
    }
}

/// Labels of nodes that are deprecated, and why.
const DEPRECATED_LABELS: &[(&str, &str)] = &[
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/instance-type", "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    ("failure-domain.beta.kubernetes.io/zone", "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
    ("scheduler.alpha.kubernetes.io/preferAvoidPods", "deprecated since v1.22; use Taints and Tolerations instead"),
];

/// Deprecated labels in a selector of nodes.
fn of_topology(selector: &Value, warnings: &mut Vec<String>) {
    let why = |key: &str| DEPRECATED_LABELS.iter().find(|(known, _)| *known == key).map(|(_, why)| *why);
    for (index, term) in selector["matchExpressions"].as_array().into_iter().flatten().enumerate() {
        let key = term["key"].as_str().unwrap_or_default();
        if let Some(why) = why(key) {
            warnings.push(format!("nodeTopology.matchExpressions[{index}].key: {key} is {why}"));
        }
    }
    for key in selector["matchLabels"].as_object().into_iter().flat_map(|labels| labels.keys()) {
        if let Some(why) = why(key) {
            warnings.push(format!("nodeTopology.matchLabels.{key}: {why}"));
        }
    }
}

/// Names of drivers are compared letter by letter.
fn of_dra_driver(driver: &Value, warnings: &mut Vec<String>) {
    let name = driver.as_str().unwrap_or_default();
    if name.to_lowercase() != name {
        warnings.push(format!(
            "spec.driver: driver names should be lowercase; {} contains uppercase characters",
            quoted(name)
        ));
    }
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
pub(crate) fn deprecation((group, version, plural): (&str, &str, &str), minor: u32) -> Option<String> {
    match (group, plural) {
        ("", "componentstatuses") => return Some("v1 ComponentStatus is deprecated in v1.19+".to_owned()),
        ("", "endpoints") => {
            return Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".to_owned());
        }
        _ => {}
    }
    let is_it = |entry: &&Deprecated| entry.group == group && entry.version == version && entry.kinds(plural).is_some();
    let found = DEPRECATED.iter().find(is_it).filter(|entry| minor >= entry.since)?;
    let kind = found.kinds(plural)?;
    let instead = if found.has_v1 { format!("; use {group}/v1 {kind}") } else { String::new() };
    let (since, until) = (found.since, found.since + 3);
    Some(format!("{group}/{version} {kind} is deprecated in v1.{since}+, unavailable in v1.{until}+{instead}"))
}

/// Kinds of a version of a group that are deprecated.
struct Deprecated {
    group: &'static str,
    version: &'static str,
    /// The minor that it is deprecated in. Three minors later it is gone.
    since: u32,
    /// The kinds, by their plurals.
    kinds: &'static [(&'static str, &'static str)],
    /// Whether the warning says what to use: the same in `v1`.
    has_v1: bool,
}

impl Deprecated {
    fn kinds(&self, plural: &str) -> Option<&'static str> {
        self.kinds.iter().find(|(known, _)| *known == plural).map(|(_, kind)| *kind)
    }
}

const fn deprecated(
    group: &'static str,
    version: &'static str,
    since: u32,
    kinds: &'static [(&'static str, &'static str)],
) -> Deprecated {
    Deprecated { group, version, since, kinds, has_v1: false }
}

impl Deprecated {
    const fn for_v1(self) -> Self {
        Self { has_v1: true, ..self }
    }
}

const CANDIDATE: &[(&str, &str)] = &[("leasecandidates", "LeaseCandidate")];
const BUNDLE: &[(&str, &str)] = &[("clustertrustbundles", "ClusterTrustBundle")];
const CLASS: &[(&str, &str)] = &[("volumeattributesclasses", "VolumeAttributesClass")];
const MIGRATION: &[(&str, &str)] = &[("storageversionmigrations", "StorageVersionMigration")];
const DEVICES: &[(&str, &str)] = &[
    ("deviceclasses", "DeviceClass"),
    ("resourceclaims", "ResourceClaim"),
    ("resourceclaimtemplates", "ResourceClaimTemplate"),
    ("resourceslices", "ResourceSlice"),
];

const MUTATING: &[(&str, &str)] = &[
    ("mutatingadmissionpolicies", "MutatingAdmissionPolicy"),
    ("mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding"),
];

const DEPRECATED: &[Deprecated] = &[
    deprecated("admissionregistration.k8s.io", "v1alpha1", 35, MUTATING),
    deprecated("admissionregistration.k8s.io", "v1beta1", 37, MUTATING).for_v1(),
    deprecated("certificates.k8s.io", "v1alpha1", 34, BUNDLE),
    deprecated("certificates.k8s.io", "v1beta1", 37, BUNDLE).for_v1(),
    deprecated("certificates.k8s.io", "v1beta1", 37, &[("podcertificaterequests", "PodCertificateRequest")]).for_v1(),
    deprecated("coordination.k8s.io", "v1alpha2", 35, CANDIDATE),
    deprecated("coordination.k8s.io", "v1beta1", 36, CANDIDATE),
    deprecated("networking.k8s.io", "v1beta1", 34, &[("ipaddresses", "IPAddress"), ("servicecidrs", "ServiceCIDR")]),
    deprecated("resource.k8s.io", "v1alpha3", 36, &[("devicetaintrules", "DeviceTaintRule")]),
    deprecated("resource.k8s.io", "v1beta1", 35, DEVICES),
    deprecated("resource.k8s.io", "v1beta2", 36, DEVICES),
    deprecated("storage.k8s.io", "v1alpha1", 32, CLASS).for_v1(),
    deprecated("storage.k8s.io", "v1beta1", 34, CLASS).for_v1(),
    deprecated("storagemigration.k8s.io", "v1alpha1", 33, MIGRATION),
    deprecated("storagemigration.k8s.io", "v1beta1", 37, MIGRATION).for_v1(),
];

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
    if spec["trafficDistribution"] == "PreferClose" {
        let warning = "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"";
        warnings.push(warning.to_owned());
    }
}

/// Duplicates in lists that server-side apply merges by key.
fn of_pod(spec: &Value, path: &str, warnings: &mut Vec<String>) {
    for list in ["initContainers", "containers"] {
        for (index, container) in spec[list].as_array().into_iter().flatten().enumerate() {
            let path = format_args!("{path}.{list}[{index}]");
            let mut names = BTreeMap::new();
            for (index, variable) in container["env"].as_array().into_iter().flatten().enumerate() {
                let name = variable["name"].as_str().unwrap_or_default();
                if names.insert(name, index).is_some() {
                    warnings.push(format!(
                        "{path}.env[{index}]: hides previous definition of {}, which may be dropped when using apply",
                        quoted(name)
                    ));
                }
            }
        }
    }
    for (index, constraint) in spec["topologySpreadConstraints"].as_array().into_iter().flatten().enumerate() {
        if constraint["labelSelector"].is_null() {
            let place = format!("{path}.topologySpreadConstraints[{index}].labelSelector");
            warnings.push(format!("{place}: a null labelSelector results in matching no pod"));
        }
    }
    for (index, secret) in spec["imagePullSecrets"].as_array().into_iter().flatten().enumerate() {
        if secret["name"].as_str().unwrap_or_default().is_empty() {
            warnings.push(format!("{path}.imagePullSecrets[{index}].name: invalid empty name \"\""));
        }
    }
    let mut known = Vec::new();
    for (index, container) in spec["containers"].as_array().into_iter().flatten().enumerate() {
        for (port_index, port) in container["ports"].as_array().into_iter().flatten().enumerate() {
            let port = ["containerPort", "protocol", "hostPort", "hostIP"].map(|field| &port[field]);
            let Some((_, (first, first_port))) = known.iter().find(|(known, _)| *known == port) else {
                known.push((port, (index, port_index)));
                continue;
            };
            let list = format_args!("{path}.containers");
            warnings.push(format!(
                "{list}[{index}].ports[{port_index}]: duplicate port definition with {list}[{first}].ports[{first_port}]"
            ));
        }
    }
}

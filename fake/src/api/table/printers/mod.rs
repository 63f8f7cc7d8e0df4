//! The columns of built-in kinds: those that Go code makes for `kubectl get`.

mod access;
mod addresses;
mod autoscalers;
mod devices;
mod drivers;
pub(super) mod events;
mod evictions;
mod flows;
mod marks;
mod networking;
mod nodes;
mod pods;
mod policies;
pub(super) mod scales;
mod servers;
mod services;
mod storage;
mod templates;
mod workloads;

pub(super) use marks::Marks;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::age;
use super::column::Column;
use crate::catalog::Resource;

/// How the objects of a kind are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printer {
    /// The columns behind the name.
    pub columns: &'static [Column],
    /// The cells behind the name.
    pub cells: fn(&Value, Timestamp) -> Vec<Value>,
}

/// Kinds that are shown by name and age.
const AGED: Printer = Printer { columns: &[Column::AGE], cells: |object, now| vec![aged(object, now)] };

/// Kinds whose tables Go code doesn't make are shown by name and creation.
const PLAIN: Printer = Printer { columns: &[Column::CREATED_AT], cells: |object, _| vec![created(object)] };

const CONFIG_MAP: Printer = Printer {
    columns: &[
        Column::text(
            "Data",
            "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        let count = |field: &str| object[field].as_object().map_or(0, serde_json::Map::len);
        vec![json!(count("data") + count("binaryData")), aged(object, now)]
    },
};

/// Service accounts before 1.35: with the number of their secrets.
const OLDER_ACCOUNT: Printer = Printer {
    columns: &[
        Column::text(
            "Secrets",
            "Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use. Pods are only limited to this list if this service account has a \"kubernetes.io/enforce-mountable-secrets\" annotation set to \"true\". The \"kubernetes.io/enforce-mountable-secrets\" annotation is deprecated since v1.32. Prefer separate namespaces to isolate access to mounted secrets. This field should not be used to find auto-generated service account token secrets for use outside of pods. Instead, tokens can be requested directly using the TokenRequest API, or service account token secrets can be manually created. More info: https://kubernetes.io/docs/concepts/configuration/secret",
        ),
        Column::AGE,
    ],
    cells: |object, now| vec![json!(list(&object["secrets"]).len()), aged(object, now)],
};

const RUNTIME_CLASS: Printer = Printer {
    // The server looks for the column's description where there is none.
    columns: &[Column::text("Handler", ""), Column::AGE],
    cells: |object, now| vec![text(&object["handler"]), aged(object, now)],
};

const NAMESPACE: Printer = Printer {
    columns: &[Column::text("Status", "The status of the namespace"), Column::AGE],
    cells: |object, now| vec![text(&object["status"]["phase"]), aged(object, now)],
};

const LEASE: Printer = Printer {
    columns: &[
        Column::text(
            "Holder",
            "holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.",
        ),
        Column::AGE,
    ],
    cells: |object, now| vec![text(&object["spec"]["holderIdentity"]), aged(object, now)],
};

const LEASE_CANDIDATE: Printer = Printer {
    columns: &[
        Column::text(
            "LeaseName",
            "leaseName is the name of the lease for which this candidate is contending. This field is immutable.",
        ),
        Column::text("BinaryVersion", ""),
        Column::text("EmulationVersion", ""),
        Column::AGE,
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        let of = ["leaseName", "binaryVersion", "emulationVersion"].map(|name| text(&spec[name]));
        of.into_iter().chain([aged(object, now)]).collect()
    },
};

const OLDER_CANDIDATE_COLUMNS: &[Column] = &[
    Column::text(
        "LeaseName",
        "LeaseName is the name of the lease for which this candidate is contending. This field is immutable.",
    ),
    Column::text("BinaryVersion", ""),
    Column::text("EmulationVersion", ""),
    Column::AGE,
];

/// Since 1.37; before, definitions are shown as kinds that nothing is known of.
const DEFINITION: Printer = Printer {
    columns: &[
        Column::text("Scope", "Cluster/Namespaced"),
        Column::text("Versions", "Served versions"),
        Column::CREATED_AT,
        Column::text("Group", "API group").wide(),
        Column::text("Kind", "CustomResource kind").wide(),
        Column::text("ShortNames", "Short names").wide(),
        Column { kind: "boolean", ..Column::text("Established", "Established status") }.wide(),
    ],
    cells: |object, _| {
        let spec = &object["spec"];
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let versions: Vec<String> = list(&spec["versions"])
            .iter()
            .filter(|version| version["served"] == true)
            .map(|version| {
                let name = version["name"].as_str().unwrap_or_default();
                if version["storage"] == true { format!("{name}(storage)") } else { name.to_owned() }
            })
            .collect();
        let names = list(&spec["names"]["shortNames"]);
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        let is_established = list(&object["status"]["conditions"])
            .iter()
            .any(|condition| condition["type"] == "Established" && condition["status"] == "True");
        vec![
            text(&spec["scope"]),
            json!(versions.join(",")),
            created(object),
            text(&spec["group"]),
            text(&spec["names"]["kind"]),
            json!(names.join(",")),
            json!(is_established),
        ]
    },
};

/// How the objects of a resource are shown by a minor's API server. `None` if that is not known here.
pub(super) fn of(resource: &Resource, minor: u32) -> Option<Printer> {
    Some(match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "componentstatuses") => servers::COMPONENT_STATUS,
        ("", "configmaps") => CONFIG_MAP,
        ("", "endpoints") => networking::ENDPOINTS,
        ("", "limitranges") => PLAIN,
        ("", "namespaces") => NAMESPACE,
        ("", "podtemplates") => templates::POD_TEMPLATE,
        ("", "replicationcontrollers") => templates::REPLICATION_CONTROLLER,
        ("", "nodes") if minor >= 36 => nodes::NODE,
        ("", "nodes") => nodes::OLDER_NODE,
        ("", "persistentvolumeclaims") => storage::CLAIM,
        ("", "persistentvolumes") => storage::PERSISTENT_VOLUME,
        ("", "pods") if minor >= 35 => pods::POD,
        ("", "pods") => pods::OLDER_POD,
        ("", "resourcequotas") => policies::QUOTA,
        ("", "secrets") => services::SECRET,
        ("", "serviceaccounts") if minor >= 35 => AGED,
        ("", "serviceaccounts") => OLDER_ACCOUNT,
        ("", "services") => services::SERVICE,
        ("apiregistration.k8s.io", "apiservices") => servers::API_SERVICE,
        ("apps", "controllerrevisions") => templates::REVISION,
        ("admissionregistration.k8s.io", "mutatingadmissionpolicies") => policies::MUTATING_POLICY,
        ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings") => policies::POLICY_BINDING,
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations") => policies::WEBHOOKS,
        ("admissionregistration.k8s.io", "validatingadmissionpolicies") => policies::VALIDATING_POLICY,
        ("admissionregistration.k8s.io", "validatingadmissionpolicybindings") => policies::POLICY_BINDING,
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations") => policies::WEBHOOKS,
        ("apiextensions.k8s.io", "customresourcedefinitions") if minor >= 37 => DEFINITION,
        ("apiextensions.k8s.io", "customresourcedefinitions") => PLAIN,
        ("apps", "daemonsets") => workloads::DAEMON_SET,
        ("apps", "deployments") => workloads::DEPLOYMENT,
        ("apps", "replicasets") => workloads::REPLICA_SET,
        ("apps", "statefulsets") => workloads::STATEFUL_SET,
        ("autoscaling", "horizontalpodautoscalers") => autoscalers::AUTOSCALER,
        ("batch", "cronjobs") => workloads::CRON_JOB,
        ("batch", "jobs") => workloads::JOB,
        ("resource.k8s.io", "deviceclasses" | "resourceclaimtemplates") => AGED,
        ("resource.k8s.io", "devicetaintrules") => devices::TAINT_RULE,
        ("resource.k8s.io", "resourceclaims") => devices::CLAIM,
        ("resource.k8s.io", "resourcepoolstatusrequests") => devices::POOL_REQUEST,
        ("resource.k8s.io", "resourceslices") => devices::SLICE,
        ("scheduling.k8s.io", "compositepodgroups") => devices::COMPOSITE_POD_GROUP,
        ("scheduling.k8s.io", "podgroups") => devices::POD_GROUP,
        ("scheduling.k8s.io", "workloads") => AGED,
        ("scheduling.k8s.io", "priorityclasses") => services::PRIORITY_CLASS,
        ("coordination.k8s.io", "leasecandidates") if minor >= 37 => LEASE_CANDIDATE,
        ("coordination.k8s.io", "leasecandidates") => Printer { columns: OLDER_CANDIDATE_COLUMNS, ..LEASE_CANDIDATE },
        ("coordination.k8s.io", "leases") => LEASE,
        ("internal.apiserver.k8s.io", "storageversions") => drivers::VERSION,
        ("storage.k8s.io", "csidrivers") => drivers::DRIVER,
        ("storage.k8s.io", "csinodes") => drivers::NODE,
        ("storage.k8s.io", "csistoragecapacities") => PLAIN,
        ("storage.k8s.io", "volumeattachments") => drivers::ATTACHMENT,
        ("storage.k8s.io", "volumeattributesclasses") => drivers::ATTRIBUTES,
        ("storagemigration.k8s.io", _) if resource.version == "v1alpha1" => drivers::FIRST_MIGRATION,
        ("storagemigration.k8s.io", "storageversionmigrations") => drivers::MIGRATION,
        ("certificates.k8s.io", "certificatesigningrequests") => access::CERTIFICATE_REQUEST,
        ("certificates.k8s.io", "clustertrustbundles") => access::TRUST_BUNDLE,
        ("certificates.k8s.io", "podcertificaterequests") => access::POD_CERTIFICATE_REQUEST,
        ("lifecycle.k8s.io", "evictionrequests") => evictions::REQUEST,
        ("lifecycle.k8s.io", "evictions") => evictions::EVICTION,
        ("discovery.k8s.io", "endpointslices") => networking::ENDPOINT_SLICE,
        ("networking.k8s.io", "ingressclasses") => networking::INGRESS_CLASS,
        ("networking.k8s.io", "ingresses") => networking::INGRESS,
        ("networking.k8s.io", "networkpolicies") => networking::NETWORK_POLICY,
        ("node.k8s.io", "runtimeclasses") => RUNTIME_CLASS,
        ("policy", "poddisruptionbudgets") => policies::BUDGET,
        ("rbac.authorization.k8s.io", "clusterrolebindings") => access::CLUSTER_ROLE_BINDING,
        ("rbac.authorization.k8s.io", "clusterroles" | "roles") => PLAIN,
        ("rbac.authorization.k8s.io", "rolebindings") => access::ROLE_BINDING,
        ("storage.k8s.io", "storageclasses") => storage::STORAGE_CLASS,
        ("networking.k8s.io", "ipaddresses") => addresses::address(minor),
        ("networking.k8s.io", "servicecidrs") => addresses::range(minor),
        ("flowcontrol.apiserver.k8s.io", "flowschemas") => flows::SCHEMA,
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations") => flows::LEVEL,
        _ => return None,
    })
}

/// The format of the column with the name.
pub(super) fn format_of_name(resource: &Resource) -> &'static str {
    let is_migration = resource.custom().is_none() && resource.plural == "storageversionmigrations";
    if is_migration { "" } else { "name" }
}

/// Sorts the objects of a list where their table has another order.
pub(super) fn sort(items: &mut [Value], resource: &Resource) {
    if resource.group == "flowcontrol.apiserver.k8s.io" && resource.plural == "flowschemas" {
        flows::sort(items);
    }
}

/// The conditions of an object's row. `None` if it has none.
pub(super) fn conditions(object: &Value, resource: &Resource) -> Option<Value> {
    let is_pod = resource.group.is_empty() && resource.plural == "pods";
    if is_pod { pods::conditions(object) } else { None }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A number; 0 if it is absent.
fn number(value: &Value) -> Value {
    json!(value.as_i64().unwrap_or(0))
}

/// A text, or that there is none.
fn or_none(text: &str) -> Value {
    json!(if text.is_empty() { "<none>" } else { text })
}

/// A text, or that it is not set. An empty one is set.
fn or_unset(value: &Value) -> Value {
    json!(value.as_str().unwrap_or("<unset>"))
}

/// An amount; zero if it is absent.
fn quantity(value: &Value) -> &str {
    value.as_str().unwrap_or("0")
}

/// The names and the images of a pod's containers.
fn containers(pod: &Value) -> (Value, Value) {
    let joined = |field: &str| -> Value {
        let all: Vec<&str> =
            list(&pod["containers"]).iter().filter_map(|container| container[field].as_str()).collect();
        json!(all.join(","))
    };
    (joined("name"), joined("image"))
}

/// Labels in order, as `app=web,tier=front`.
fn labels(labels: &Value) -> Value {
    or_none(&pairs(labels).join(","))
}

fn pairs(labels: &Value) -> Vec<String> {
    let labels = labels.as_object().into_iter().flatten();
    labels.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect()
}

/// A label selector in its text form, by the names of labels.
fn selector(selector: &Value) -> Value {
    let mut terms: Vec<(String, String)> = pairs(&selector["matchLabels"])
        .into_iter()
        .map(|pair| (pair.split('=').next().unwrap_or_default().to_owned(), pair))
        .collect();
    for term in list(&selector["matchExpressions"]) {
        let key = term["key"].as_str().unwrap_or_default();
        let mut values: Vec<&str> = list(&term["values"]).iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let shown = match term["operator"].as_str().unwrap_or_default() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        terms.push((key.to_owned(), shown));
    }
    terms.sort_by(|(one, _), (other, _)| one.cmp(other));
    let terms: Vec<String> = terms.into_iter().map(|(_, shown)| shown).collect();
    or_none(&terms.join(","))
}

/// The text of a field; empty if it is absent.
fn text(value: &Value) -> Value {
    json!(value.as_str().unwrap_or_default())
}

/// The time of the creation.
fn created(object: &Value) -> Value {
    json!(object["metadata"]["creationTimestamp"].as_str().unwrap_or("<unknown>"))
}

/// The age.
fn aged(object: &Value, now: Timestamp) -> Value {
    json!(age::since(&object["metadata"]["creationTimestamp"], now))
}

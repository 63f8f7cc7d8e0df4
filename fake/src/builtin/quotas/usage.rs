//! What an object uses, and which of it a quota limits.

use kubewright_core::types::Quantity;
use serde_json::Value;

use super::running;
use crate::builtin::resource_lists::{ResourceList, is_of_whole_pods, of_pod_with, read};

/// How objects of a resource are counted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Counted {
    Pods,
    Services,
    Claims,
    /// As objects alone: `count/widgets.example.com`, and by another name.
    Objects {
        name: String,
        alias: Option<&'static str>,
    },
}

/// Resources that no quota is about.
const IGNORED: [(&str, &str); 10] = [
    ("", "bindings"),
    ("", "componentstatuses"),
    ("", "events"),
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
    ("events.k8s.io", "events"),
];

/// The end of the names of what a class of storage is limited to.
const OF_STORAGE_CLASS: &str = ".storageclass.storage.k8s.io/";

impl Counted {
    /// How a resource is counted, if it is.
    pub fn of(group: &str, plural: &str) -> Option<Self> {
        if IGNORED.contains(&(group, plural)) {
            return None;
        }
        let alias = match (group, plural) {
            ("", "pods") => return Some(Self::Pods),
            ("", "services") => return Some(Self::Services),
            ("", "persistentvolumeclaims") => return Some(Self::Claims),
            ("", "configmaps") => Some("configmaps"),
            ("", "replicationcontrollers") => Some("replicationcontrollers"),
            ("", "resourcequotas") => Some("resourcequotas"),
            ("", "secrets") => Some("secrets"),
            _ => None,
        };
        let name = if group.is_empty() { format!("count/{plural}") } else { format!("count/{plural}.{group}") };
        Some(Self::Objects { name, alias })
    }

    /// Whether a quota of that name is about what is counted.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Pods => is_of_pods(name),
            Self::Services => {
                matches!(name, "count/services" | "services" | "services.nodeports" | "services.loadbalancers")
            }
            Self::Claims => {
                let of_class = ["persistentvolumeclaims", "requests.storage"].into_iter();
                let mut ends = of_class.map(|what| format!("{OF_STORAGE_CLASS}{what}"));
                let is_of_all =
                    matches!(name, "count/persistentvolumeclaims" | "persistentvolumeclaims" | "requests.storage");
                is_of_all || ends.any(|end| name.ends_with(&end))
            }
            Self::Objects { name: own, alias } => name == own || Some(name) == *alias,
        }
    }

    /// What an object uses. A pod that has ended uses nothing but its place.
    pub fn usage(&self, object: &Value, minor: u32, has_ended: impl FnOnce(&Value) -> bool) -> ResourceList {
        let one = |name: &str| (name.to_owned(), number(1));
        match self {
            Self::Pods => {
                let mut usage = ResourceList::from([one("count/pods")]);
                if !has_ended(object) {
                    let of = |field| of_pod_with(running::of_containers(object, field, minor), object, field);
                    usage.extend(of_amounts(&of("requests"), &of("limits")));
                }
                usage
            }
            Self::Services => {
                let (nodes, balancers) = ports_and_balancers(&object["spec"]);
                ResourceList::from([
                    one("count/services"),
                    one("services"),
                    ("services.nodeports".to_owned(), number(nodes)),
                    ("services.loadbalancers".to_owned(), number(balancers)),
                ])
            }
            Self::Claims => of_claim(object),
            Self::Objects { name, alias } => {
                let alias = alias.map(one);
                [one(name)].into_iter().chain(alias).collect()
            }
        }
    }
}

fn number(amount: usize) -> Quantity {
    Quantity::new(amount.to_string())
}

fn is_of_pods(name: &str) -> bool {
    const KNOWN: [&str; 11] = [
        "count/pods",
        "pods",
        "cpu",
        "memory",
        "ephemeral-storage",
        "requests.cpu",
        "requests.memory",
        "requests.ephemeral-storage",
        "limits.cpu",
        "limits.memory",
        "limits.ephemeral-storage",
    ];
    let is_of_huge_pages = name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
    let is_of_devices = name.starts_with("requests.deviceclass.resource.kubernetes.io/");
    let is_extended = name.starts_with("requests.") && (!is_native(name) || is_of_devices);
    KNOWN.contains(&name) || is_of_huge_pages || is_extended
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// The names that a pod's containers have to have amounts of, if a quota limits them.
pub(super) const REQUIRED: [&str; 6] =
    ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

/// Requests and limits by the names that quotas have for them.
pub(super) fn of_amounts(requests: &ResourceList, limits: &ResourceList) -> ResourceList {
    let mut usage = ResourceList::from([("pods".to_owned(), number(1))]);
    for (name, amount) in requests {
        let is_standard = matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage");
        let is_named_itself = is_standard || name.starts_with("hugepages-");
        let is_device = name.starts_with("deviceclass.resource.kubernetes.io/");
        let is_extended = !is_native(name) && !name.starts_with("requests.");
        if is_named_itself {
            usage.insert(name.clone(), amount.clone());
        }
        if is_named_itself || is_device || is_extended {
            usage.insert(format!("requests.{name}"), amount.clone());
        }
    }
    for name in ["cpu", "memory", "ephemeral-storage"] {
        if let Some(amount) = limits.get(name) {
            usage.insert(format!("limits.{name}"), amount.clone());
        }
    }
    usage
}

/// Whether a pod says of itself as a whole how much it has of any resource.
pub(super) fn has_amounts_of_its_own(pod: &Value) -> bool {
    let lists = ["requests", "limits"].into_iter().filter_map(|field| pod["spec"]["resources"][field].as_object());
    lists.flat_map(|list| list.keys()).any(|name| is_of_whole_pods(name))
}

/// How many ports of nodes and load balancers a service has.
fn ports_and_balancers(spec: &Value) -> (usize, usize) {
    let ports = spec["ports"].as_array().map(Vec::as_slice).unwrap_or_default();
    match spec["type"].as_str() {
        Some("NodePort") => (ports.len(), 0),
        Some("LoadBalancer") if spec["allocateLoadBalancerNodePorts"] == false => {
            (ports.iter().filter(|port| port["nodePort"].as_i64().is_some_and(|port| port != 0)).count(), 1)
        }
        Some("LoadBalancer") => (ports.len(), 1),
        _ => (0, 0),
    }
}

fn of_claim(claim: &Value) -> ResourceList {
    let of_annotation = &claim["metadata"]["annotations"]["volume.beta.kubernetes.io/storage-class"];
    let class = of_annotation.as_str().or(claim["spec"]["storageClassName"].as_str()).unwrap_or_default();
    let mut usage = ResourceList::new();
    let mut put = |name: &str, amount: &Quantity| {
        usage.insert(name.to_owned(), amount.clone());
        if !class.is_empty() && !name.starts_with("count/") {
            usage.insert(format!("{class}{OF_STORAGE_CLASS}{name}"), amount.clone());
        }
    };
    put("count/persistentvolumeclaims", &number(1));
    put("persistentvolumeclaims", &number(1));
    let storage = |list: &Value| read(list).remove("storage");
    if let Some(requested) = storage(&claim["spec"]["resources"]["requests"]) {
        let allocated = storage(&claim["status"]["allocatedResources"]).filter(|allocated| *allocated > requested);
        put("requests.storage", &rounded(allocated.unwrap_or(requested)));
    }
    usage
}

/// A fraction of a byte is a byte.
fn rounded(amount: Quantity) -> Quantity {
    match amount.to_i64() {
        Ok(whole) if Quantity::new(whole.to_string()) != amount => Quantity::new(whole.to_string()),
        _ => amount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_about_the_resources_that_its_names_say() {
        let counted = |group: &str, plural: &str| Counted::of(group, plural).expect("it is counted");
        let pods = counted("", "pods");
        assert!(
            ["pods", "count/pods", "limits.cpu", "requests.hugepages-2Mi", "requests.example.com/gpu"]
                .iter()
                .all(|name| pods.has(name))
        );
        assert!(!["requests.storage", "requests.kubernetes.io/x", "example.com/gpu"].iter().any(|name| pods.has(name)));
        let claims = counted("", "persistentvolumeclaims");
        assert!(claims.has("gold.storageclass.storage.k8s.io/requests.storage"));
        assert!(counted("apps", "deployments").has("count/deployments.apps"));
        assert!(counted("", "secrets").has("secrets") && counted("", "secrets").has("count/secrets"));
        assert_eq!(Counted::of("", "events"), None);
    }
}

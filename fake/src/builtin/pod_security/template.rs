//! The pods that are reviewed: themselves, and templates of them.

use serde_json::Value;

use crate::catalog::Resource;

/// What is reviewed of a pod.
#[derive(Clone, Copy)]
pub(super) struct Template<'t> {
    pub annotations: &'t Value,
    pub spec: &'t Value,
}

impl<'t> Template<'t> {
    /// The pod that an object is, or makes.
    pub fn of(object: &'t Value, resource: &Resource) -> Option<Self> {
        let template = match (resource.group.as_str(), resource.plural.as_str()) {
            ("", "pods") => object,
            ("", "podtemplates") => &object["template"],
            ("", "replicationcontrollers")
            | ("apps", "daemonsets" | "deployments" | "replicasets" | "statefulsets")
            | ("batch", "jobs") => &object["spec"]["template"],
            ("batch", "cronjobs") => &object["spec"]["jobTemplate"]["spec"]["template"],
            _ => return None,
        };
        template.is_object().then(|| Self::of_pod(template))
    }

    pub fn of_pod(pod: &'t Value) -> Self {
        Self { annotations: &pod["metadata"]["annotations"], spec: &pod["spec"] }
    }

    /// All containers, of every sort.
    pub fn containers(self) -> impl Iterator<Item = &'t Value> {
        ["initContainers", "containers", "ephemeralContainers"]
            .into_iter()
            .flat_map(move |list| items(&self.spec[list]))
    }

    /// The names of the containers that something is wrong with.
    pub fn named(self, is_wrong: impl FnMut(&&'t Value) -> bool) -> Vec<&'t str> {
        self.containers().filter(is_wrong).map(name).collect()
    }

    /// Whether root in the pod is another user on the node.
    pub fn has_users_of_its_own(self) -> bool {
        self.spec["hostUsers"] == false
    }

    pub fn is_of_windows(self) -> bool {
        self.spec["os"]["name"] == "windows"
    }
}

pub(super) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

pub(super) fn name(object: &Value) -> &str {
    object["name"].as_str().unwrap_or_default()
}

/// Whether the change of a pod has it reviewed again: new containers, or other images.
pub(super) fn is_changed(pod: &Value, old: &Value) -> bool {
    let of = |pod: &Value, list: &str| {
        items(&pod["spec"][list]).map(|container| container["image"].clone()).collect::<Vec<_>>()
    };
    if ["containers", "initContainers"].into_iter().any(|list| of(pod, list) != of(old, list)) {
        return true;
    }
    let known = |container: &Value| items(&old["spec"]["ephemeralContainers"]).find(|old| name(old) == name(container));
    let mut ephemeral = items(&pod["spec"]["ephemeralContainers"]);
    ephemeral.any(|container| known(container).is_none_or(|old| old["image"] != container["image"]))
}

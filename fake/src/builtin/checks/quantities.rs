//! Checks of amounts of resources.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

use kubewright_core::types::Quantity;
use serde_json::{Value, json};

use super::findings::{Findings, text};
use crate::objects::texts;

/// Resources that are counted.
const COUNTED: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// Resources that quotas limit beside those that are counted.
const MEASURED_BY_QUOTAS: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
];

/// A quantity; zero for what is none.
pub(super) fn quantity(value: &Value) -> Quantity {
    Quantity::parse(text(value)).unwrap_or_default()
}

/// An amount of a resource: not negative, and an integer of what is counted.
pub(super) fn amount(name: &str, value: &Value, field: &str, found: &mut Findings) {
    let quantity = quantity(value);
    if quantity.signum().is_ok_and(|sign| sign < 0) {
        found.invalid(field, value, "must be greater than or equal to 0");
    }
    let is_counted = COUNTED.contains(&name) || is_extended(name);
    if is_counted && quantity.to_milli_i64().is_ok_and(|thousandths| thousandths % 1000 != 0) {
        found.invalid(field, value, "must be an integer");
    }
}

/// The name of a resource: a standard one or one with a prefix.
pub(super) fn name(name: &str, field: &str, found: &mut Findings) -> bool {
    let problems = texts::qualified_name(name);
    if !problems.is_empty() {
        found.problems(field, name, problems);
        return false;
    }
    let is_standard = COUNTED.contains(&name) || MEASURED_BY_QUOTAS.contains(&name) || name == "storage";
    if name.contains('/') || is_standard || is_of_huge_pages(name) {
        return true;
    }
    found.invalid(field, &json!(name), "must be a standard resource type or fully qualified");
    false
}

/// The name of a resource of containers.
pub(super) fn name_of_containers(resource: &str, field: &str, found: &mut Findings) {
    name(resource, field, found);
    let is_standard = matches!(resource, "cpu" | "memory" | "ephemeral-storage") || resource.starts_with("hugepages-");
    if !resource.contains('/') && !is_standard {
        found.invalid(field, &json!(resource), "must be a standard resource for containers");
    } else if resource.contains('/') && !is_native(resource) && !is_extended(resource) {
        found.invalid(field, &json!(resource), "doesn't follow extended resource name standard");
    }
}

/// The name of a resource that quotas limit.
pub(super) fn name_of_quotas(resource: &str, field: &str, found: &mut Findings) {
    name(resource, field, found);
    if !resource.contains('/') && !is_standard_of_quotas(resource) {
        found.invalid(field, &json!(resource), "must be a standard resource for quota");
    }
}

/// Whether quotas know a resource.
pub(super) fn is_standard_of_quotas(name: &str) -> bool {
    COUNTED.contains(&name) || MEASURED_BY_QUOTAS.contains(&name) || is_of_huge_pages(name)
}

fn is_of_huge_pages(name: &str) -> bool {
    name.starts_with("hugepages-") || name.starts_with("requests.hugepages-")
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_extended(name: &str) -> bool {
    !is_native(name) && !name.starts_with("requests.") && texts::qualified_name(&format!("requests.{name}")).is_empty()
}

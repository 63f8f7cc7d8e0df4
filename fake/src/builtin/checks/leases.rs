//! Checks of leases.

use serde_json::Value;

use super::findings::{Findings, text};

/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/>
pub(super) fn check(object: &Value, found: &mut Findings) {
    let spec = &object["spec"];
    let duration = &spec["leaseDurationSeconds"];
    if duration.as_i64().is_some_and(|seconds| seconds <= 0) {
        found.invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
    }
    found.not_negative("spec.leaseTransitions", &spec["leaseTransitions"]);
    if !text(&spec["preferredHolder"]).is_empty() && text(&spec["strategy"]).is_empty() {
        found.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined");
    }
}

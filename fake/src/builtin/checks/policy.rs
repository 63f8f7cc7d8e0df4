//! Checks of PodDisruptionBudgets.
//!
//! <https://kubernetes.io/docs/tasks/run-application/configure-pdb/>

use serde_json::Value;

use super::findings::Findings;
use super::{selectors, workloads};

/// Checks a budget.
pub(super) fn budget(object: &Value, found: &mut Findings) {
    let spec = &object["spec"];
    let (least, most) = (&spec["minAvailable"], &spec["maxUnavailable"]);
    if !least.is_null() && !most.is_null() {
        // As Go prints its struct.
        let printed = format!(
            "{{\"MinAvailable\":{least},\"Selector\":{},\"MaxUnavailable\":{most},\"UnhealthyPodEvictionPolicy\":{}}}",
            spec["selector"], spec["unhealthyPodEvictionPolicy"]
        );
        found.invalid_text("spec", &printed, "minAvailable and maxUnavailable cannot be both set");
    }
    workloads::amount(least, "spec.minAvailable", true, found);
    workloads::amount(most, "spec.maxUnavailable", true, found);
    if !spec["selector"].is_null() {
        selectors::check(&spec["selector"], "spec.selector", found);
    }
    let policies = ["AlwaysAllow", "IfHealthyBudget"];
    found.one_of("spec.unhealthyPodEvictionPolicy", &spec["unhealthyPodEvictionPolicy"], &policies);
}

/// Checks the counts of a budget's status.
pub(super) fn status(object: &Value, found: &mut Findings) {
    for name in ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] {
        found.not_negative(format!("status.{name}"), &object["status"][name]);
    }
}

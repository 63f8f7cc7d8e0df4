//! Checks of groups of pods that are scheduled together, and of the workloads that they are of.
//!
//! <https://kubernetes.io/docs/concepts/workloads/workload-api/>

mod early;
mod parts;
mod workloads;

use serde_json::{Value, json};

use super::findings::{Findings, items};
use super::{conditions, declared};
use crate::builtin::is_early;
use crate::catalog::Resource;
use crate::objects::texts;
use parts::Sort;

/// Checks an object, a new one or one in place of another.
pub(super) fn check(object: &Value, old: Option<&Value>, resource: &Resource, found: &mut Findings) {
    let plural = resource.plural.as_str();
    if is_early(resource) {
        return early::check(object, old, &resource.version, plural, found);
    }
    match plural {
        "workloads" => workloads::check(object, old, found),
        "podgroups" => group(object, old, Sort::Pods, found),
        "compositepodgroups" => group(object, old, Sort::Groups, found),
        _ => {}
    }
}

fn group(object: &Value, old: Option<&Value>, sort: Sort, found: &mut Findings) {
    let (spec, old) = (&object["spec"], old.map(|old| &old["spec"]));
    let before = |name: &str| old.map(|old| &old[name]);
    let (parent, workload) = (&spec["parentCompositePodGroupName"], &spec["workloadRef"]);
    if sort == Sort::Pods && !parent.is_null() && workload.is_null() {
        found.required_because("spec.workloadRef", "must be set when parentCompositePodGroupName is set");
    }
    let path = "spec.parentCompositePodGroupName";
    if !declared::is_changed(parent, before("parentCompositePodGroupName"), path, found) && parent.is_string() {
        let name = parent.as_str().unwrap_or_default();
        found.problems(path, name, texts::subdomain(name));
    }
    let path = "spec.workloadRef";
    if !declared::is_changed(workload, before("workloadRef"), path, found) {
        if workload.is_object() {
            declared::required(&workload["workloadName"], texts::subdomain, &format!("{path}.workloadName"), found);
            declared::required(&workload["templateName"], texts::label, &format!("{path}.templateName"), found);
        } else if sort == Sort::Groups {
            found.required(path);
        }
    }
    let path = "spec.schedulingPolicy";
    let is_fixed = sort == Sort::Groups;
    let policy = before("schedulingPolicy");
    if !is_fixed || !declared::is_changed(&spec["schedulingPolicy"], policy, path, found) {
        parts::policy((&spec["schedulingPolicy"], policy), sort, path, found);
    }
    parts::common((spec, old), sort, false, "spec", found);
}

/// Checks a write of the status.
pub(super) fn status(object: &Value, plural: &str, found: &mut Findings) {
    const CLAIMS: &str = "status.resourceClaimStatuses";
    let status = &object["status"];
    conditions::check(&status["conditions"], "status.conditions", found);
    if plural != "podgroups" {
        return;
    }
    let claims = items(&object["spec"]["resourceClaims"]);
    for (index, claim) in items(&status["resourceClaimStatuses"]).iter().enumerate() {
        if !claims.iter().any(|known| known["name"] == claim["name"]) {
            let name = json!(claim["name"].as_str().unwrap_or_default());
            let why = "must match the name of an entry in `spec.resourceClaims`";
            found.invalid(format!("{CLAIMS}[{index}].name"), &name, why);
        }
    }
    let list = declared::named(&status["resourceClaimStatuses"], parts::MAX_CLAIMS, CLAIMS, found);
    for (index, claim) in list.iter().enumerate() {
        if let Some(name) = claim["resourceClaimName"].as_str() {
            found.problems(format_args!("{CLAIMS}[{index}].resourceClaimName"), name, texts::subdomain(name));
        }
    }
}

//! Checks of workloads and groups in the versions before `v1alpha3`, in which they have other fields.

use serde_json::{Value, json};

use super::parts::{self, Sort};
use crate::builtin::checks::declared;
use crate::builtin::checks::findings::{Findings, items, text};
use crate::objects::texts;

const MAX_GROUPS: usize = 8;

/// Checks an object, a new one or one in place of another.
pub(super) fn check(object: &Value, old: Option<&Value>, version: &str, plural: &str, found: &mut Findings) {
    let (spec, old) = (&object["spec"], old.map(|old| &old["spec"]));
    match (version, plural) {
        ("v1alpha1", _) => workload(spec, old, ("podGroups", "policy"), found),
        (_, "workloads") => workload(spec, old, ("podGroupTemplates", "schedulingPolicy"), found),
        _ => group(spec, old, found),
    }
}

/// A workload has a list of groups, or of their templates, each with a policy.
fn workload(spec: &Value, old: Option<&Value>, (groups, policy): (&str, &str), found: &mut Findings) {
    let controller = &spec["controllerRef"];
    let known = old.map(|old| &old["controllerRef"]).filter(|known| !known.is_null());
    if let Some(known) = known {
        found.immutable("controllerRef", controller, known);
    }
    if controller.is_object() {
        let group = text(&controller["apiGroup"]);
        if !group.is_empty() {
            found.problems("spec.controllerRef.apiGroup", group, texts::subdomain(group));
        }
        for name in ["kind", "name"] {
            declared::required(&controller[name], texts::path_segment, &format!("spec.controllerRef.{name}"), found);
        }
    }
    let (list, path) = (items(&spec[groups]), format!("spec.{groups}"));
    if list.is_empty() {
        return found.required_because(path, "must have at least one item");
    }
    if list.len() > MAX_GROUPS {
        return found.too_many(path, list.len(), MAX_GROUPS);
    }
    for (index, group) in list.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let name = text(&group["name"]);
        found.problems(format_args!("{path}.name"), name, texts::label(name));
        if list[..index].iter().any(|other| other["name"] == group["name"]) {
            found.duplicate(format!("{path}.name"), &json!(name));
        }
        check_policy(&group[policy], &format!("{path}.{policy}"), found);
    }
    if let Some(old) = old {
        found.immutable(groups, &spec[groups], &old[groups]);
    }
}

fn group(spec: &Value, old: Option<&Value>, found: &mut Findings) {
    let path = "spec.podGroupTemplateRef";
    let reference = &spec["podGroupTemplateRef"];
    let is_new = !declared::is_changed(reference, old.map(|old| &old["podGroupTemplateRef"]), path, found);
    if is_new && reference.is_object() {
        let workload = &reference["workload"];
        declared::union(reference, &["workload"], path, found);
        if workload.is_object() {
            for (name, format) in [
                ("workloadName", texts::subdomain as fn(&str) -> texts::Problems),
                ("podGroupTemplateName", texts::label),
            ] {
                declared::required(&workload[name], format, &format!("{path}.workload.{name}"), found);
            }
        }
    }
    let policy = (&spec["schedulingPolicy"], old.map(|old| &old["schedulingPolicy"]));
    parts::policy(policy, Sort::Pods, "spec.schedulingPolicy", found);
}

fn check_policy(policy: &Value, path: &str, found: &mut Findings) {
    let (has_basic, has_gang) = (!policy["basic"].is_null(), !policy["gang"].is_null());
    match (has_basic, has_gang) {
        (false, false) => found.required_because(path, "exactly one of `basic`, `gang` is required"),
        (true, true) => {
            let why = "exactly one of `basic`, `gang` is required, but multiple fields are set";
            found.invalid(path, &json!("{`basic`, `gang`}"), why);
        }
        (false, true) if policy["gang"]["minCount"].as_i64().unwrap_or(0) < 1 => {
            let count = json!(policy["gang"]["minCount"].as_i64().unwrap_or(0));
            found.invalid(format!("{path}.gang.minCount"), &count, "must be greater than zero");
        }
        _ => {}
    }
}

//! Checks of classes of devices.

use serde_json::Value;

use super::found::Found;
use super::parts;
use crate::builtin::checks::findings::text;
use crate::objects::texts;

const QUOTA: &str = "requests.";

/// Checks a class.
pub(super) fn check(class: &Value, found: &mut Found<'_>) {
    let spec = &class["spec"];
    parts::selectors(&spec["selectors"], "spec.selectors", found);
    for (index, configuration) in
        found.limited(&spec["config"], "spec.config", parts::MAX_CONFIGURATIONS).iter().enumerate()
    {
        parts::configuration(configuration, &format!("spec.config[{index}]"), found);
    }
    if !spec["extendedResourceName"].is_null() {
        extended_name(&spec["extendedResourceName"], "spec.extendedResourceName", found);
    }
}

/// The name of a resource that pods ask for.
///
/// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources>
fn extended_name(value: &Value, field: &str, found: &mut Found<'_>) {
    let name = text(value);
    let mut problems = Vec::new();
    if !name.contains('/') {
        problems.push("a name must be a domain-prefixed path, such as 'example.com/my-prop'".to_owned());
    } else if name.contains("kubernetes.io/") {
        problems.push("must not have \"kubernetes.io/\" domain".to_owned());
    }
    if name.starts_with(QUOTA) {
        problems.push(format!("must not have {QUOTA:?} prefix"));
    }
    problems.extend(texts::qualified_name(&format!("{QUOTA}{name}")));
    if found.is_declared() {
        found.both().problems(field, name, problems);
    } else if !problems.is_empty() {
        found.code.invalid(field, value, "must be a valid extended resource name");
    }
}

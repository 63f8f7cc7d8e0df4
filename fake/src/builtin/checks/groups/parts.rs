//! Checks of what groups have, and the templates of groups as well.

use serde_json::Value;

use crate::builtin::checks::declared;
use crate::builtin::checks::findings::Findings;
use crate::objects::texts;

pub(super) const MAX_CLAIMS: usize = 4;
const MAX_TOPOLOGIES: usize = 1;
const MAX_PRIORITY: i64 = 1_000_000_000;

/// What a group is made of.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Sort {
    Pods,
    Groups,
}

/// A value, and what it was before.
pub(super) type Change<'v> = (&'v Value, Option<&'v Value>);

/// Checks how a group is scheduled.
pub(super) fn policy((policy, old): Change<'_>, sort: Sort, path: &str, found: &mut Findings) {
    declared::changed_union((policy, old), &["basic", "gang"], path, found);
    declared::is_changed(&policy["basic"], old.map(|old| &old["basic"]), &format!("{path}.basic"), found);
    let (gang, path) = (&policy["gang"], format!("{path}.gang"));
    match (gang.is_null(), old.map(|old| old["gang"].is_null())) {
        (false, Some(true)) => found.invalid(&path, &Value::Null, "field cannot be set once created"),
        (true, Some(false)) => found.invalid(&path, &Value::Null, "field cannot be cleared once set"),
        (true, _) => {}
        (false, _) => {
            let count = if sort == Sort::Pods { "minCount" } else { "minGroupCount" };
            let field = format!("{path}.{count}");
            match gang[count].as_i64().unwrap_or(0) {
                0 => found.required(field),
                1.. => {}
                _ => found.invalid(field, &gang[count], "must be greater than or equal to 1"),
            }
        }
    }
}

/// Checks the fields behind the policy. Templates need no mode of disruption.
pub(super) fn common((object, old): Change<'_>, sort: Sort, is_template: bool, path: &str, found: &mut Findings) {
    let is_changed = |name: &str, found: &mut Findings| {
        declared::is_changed(&object[name], old.map(|old| &old[name]), &format!("{path}.{name}"), found)
    };
    if !is_changed("schedulingConstraints", found) {
        let path = format!("{path}.schedulingConstraints.topology");
        let topology = &object["schedulingConstraints"]["topology"];
        for (index, constraint) in declared::limited(topology, MAX_TOPOLOGIES, &path, found).iter().enumerate() {
            let key = format!("{path}[{index}].key");
            declared::required(&constraint["key"], texts::qualified_name, &key, found);
        }
    }
    if sort == Sort::Pods && !is_changed("resourceClaims", found) {
        claims(&object["resourceClaims"], &format!("{path}.resourceClaims"), found);
    }
    if !is_changed("disruptionMode", found) {
        let (mode, path) = (&object["disruptionMode"], format!("{path}.disruptionMode"));
        match mode {
            Value::Null if is_template => {}
            Value::Null => found.required(path),
            mode => declared::union(mode, &["single", "all"], &path, found),
        }
    }
    if !is_changed("priorityClassName", found) {
        let field = format!("{path}.priorityClassName");
        declared::optional(&object["priorityClassName"], texts::subdomain, &field, found);
    }
    if !is_changed("priority", found) && object["priority"].as_i64().is_some_and(|value| value > MAX_PRIORITY) {
        let why = format!("must be less than or equal to {MAX_PRIORITY}");
        found.invalid(format!("{path}.priority"), &object["priority"], &why);
    }
    if !is_changed("preemptionPolicy", found) {
        let policies = &["Never", "PreemptLowerPriority"];
        found.one_of(format!("{path}.preemptionPolicy"), &object["preemptionPolicy"], policies);
    }
}

/// Checks the claims of devices that the pods of a group share.
fn claims(claims: &Value, path: &str, found: &mut Findings) {
    const MEMBERS: [&str; 2] = ["resourceClaimName", "resourceClaimTemplateName"];
    for (index, claim) in declared::named(claims, MAX_CLAIMS, path, found).iter().enumerate() {
        let path = format!("{path}[{index}]");
        declared::union(claim, &MEMBERS, &path, found);
        declared::required(&claim["name"], texts::label, &format!("{path}.name"), found);
        for name in MEMBERS {
            if let Some(text) = claim[name].as_str() {
                found.problems(format_args!("{path}.{name}"), text, texts::subdomain(text));
            }
        }
    }
}

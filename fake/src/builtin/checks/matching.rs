//! Checks of what admission policies and webhooks match: selectors, conditions, and rules of operations and resources.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::selectors;
use crate::objects::texts;

const OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

/// Checks `MatchResources`.
pub(super) fn match_resources(resources: &Value, path: &str, found: &mut Findings) {
    found.one_of(format!("{path}.matchPolicy"), &resources["matchPolicy"], &["Equivalent", "Exact"]);
    for name in ["namespaceSelector", "objectSelector"] {
        selectors::check(&resources[name], &format!("{path}.{name}"), found);
    }
    for list in ["resourceRules", "excludeResourceRules"] {
        for (index, rule) in items(&resources[list]).iter().enumerate() {
            named_rule(rule, &format!("{path}.{list}[{index}]"), found);
        }
    }
}

fn named_rule(rule: &Value, path: &str, found: &mut Findings) {
    let mut known = BTreeSet::new();
    for (index, name) in items(&rule["resourceNames"]).iter().enumerate() {
        let field = format!("{path}.resourceNames[{index}]");
        found.problems(&field, text(name), texts::path_segment(text(name)));
        if !known.insert(text(name)) {
            found.duplicate(field, name);
        }
    }
    self::rule(rule, path, found);
}

/// Checks what the rules of policies and of webhooks have.
pub(super) fn rule(rule: &Value, path: &str, found: &mut Findings) {
    required(rule, "operations", path, "if '*' is present, must not specify other operations", found);
    for (index, operation) in items(&rule["operations"]).iter().enumerate() {
        found.one_of(format!("{path}.operations[{index}]"), operation, OPERATIONS);
    }
    required(rule, "apiGroups", path, "if '*' is present, must not specify other API groups", found);
    required(rule, "apiVersions", path, "if '*' is present, must not specify other API versions", found);
    for (index, version) in items(&rule["apiVersions"]).iter().enumerate() {
        if text(version).is_empty() {
            found.required(format!("{path}.apiVersions[{index}]"));
        }
    }
    resources(&rule["resources"], &format!("{path}.resources"), found);
    found.one_of(format!("{path}.scope"), &rule["scope"], &["*", "Cluster", "Namespaced"]);
}

/// A list that has items, of which a star is the only one.
fn required(rule: &Value, name: &str, path: &str, why: &str, found: &mut Findings) {
    let list = items(&rule[name]);
    if list.is_empty() {
        found.required(format!("{path}.{name}"));
    }
    if list.len() > 1 && list.contains(&json!("*")) {
        found.invalid(format!("{path}.{name}"), &rule[name], why);
    }
}

fn resources(resources: &Value, path: &str, found: &mut Findings) {
    let list = items(resources);
    if list.is_empty() {
        found.required(path);
    }
    let (mut all_of, mut of_all) = (BTreeSet::new(), BTreeSet::new());
    let mut has_plain = false;
    for (index, item) in list.iter().enumerate() {
        let field = format!("{path}[{index}]");
        let written = text(item);
        if written.is_empty() {
            found.required(field);
            continue;
        }
        let Some((resource, subresource)) = written.split_once('/') else {
            has_plain = written != "*";
            continue;
        };
        if all_of.contains(resource) {
            found.invalid(&field, item, &format!("if '{resource}/*' is present, must not specify {written}"));
        }
        if of_all.contains(subresource) {
            found.invalid(&field, item, &format!("if '*/{subresource}' is present, must not specify {written}"));
        }
        if subresource == "*" {
            all_of.insert(resource);
        }
        if resource == "*" {
            of_all.insert(subresource);
        }
    }
    if list.len() > 1 && list.contains(&json!("*/*")) {
        found.invalid(path, resources, "if '*/*' is present, must not specify other resources");
    }
    if list.contains(&json!("*")) && has_plain {
        let why = "if '*' is present, must not specify other resources without subresources";
        found.invalid(path, resources, why);
    }
}

/// Checks match conditions: their names, and by `check` their expressions.
pub(super) fn conditions(
    conditions: &[Value],
    path: &str,
    found: &mut Findings,
    check: impl Fn(&str, &str, &mut Findings),
) {
    let mut names = BTreeSet::new();
    for (index, condition) in conditions.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let (expression, name) = (text(&condition["expression"]).trim(), text(&condition["name"]));
        if expression.is_empty() {
            found.required(format!("{path}.expression"));
        } else {
            check(expression, &format!("{path}.expression"), found);
        }
        if name.is_empty() {
            found.required(format!("{path}.name"));
            continue;
        }
        found.problems(format_args!("{path}.name"), name, texts::qualified_name(name));
        if !names.insert(name) {
            found.duplicate(format!("{path}.name"), &condition["name"]);
        }
    }
}

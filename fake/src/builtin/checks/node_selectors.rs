//! Checks of selectors of nodes.

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::objects::texts;

/// The name of a node.
pub(super) fn name(value: &Value, field: &str, found: &mut Findings) {
    found.problems(field, text(value), texts::subdomain_name(text(value)));
}

/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/node-selector-requirement/>
pub(super) fn selector(selector: &Value, field: &str, found: &mut Findings) {
    let terms = items(&selector["nodeSelectorTerms"]);
    let path = format!("{field}.nodeSelectorTerms");
    if terms.is_empty() {
        found.required_because(path, "must have at least one node selector term");
        return;
    }
    for (index, one) in terms.iter().enumerate() {
        term(one, &format!("{path}[{index}]"), found);
    }
}

/// Requirements that a node has to meet, all of them.
pub(super) fn term(term: &Value, path: &str, found: &mut Findings) {
    for (at, requirement) in items(&term["matchExpressions"]).iter().enumerate() {
        of_labels(requirement, &format!("{path}.matchExpressions[{at}]"), found);
    }
    for (at, requirement) in items(&term["matchFields"]).iter().enumerate() {
        of_fields(requirement, &format!("{path}.matchFields[{at}]"), found);
    }
}

/// A requirement of labels.
pub(super) fn of_labels(requirement: &Value, path: &str, found: &mut Findings) {
    let values = items(&requirement["values"]);
    match text(&requirement["operator"]) {
        "In" | "NotIn" if values.is_empty() => {
            let why = "must be specified when `operator` is 'In' or 'NotIn'";
            found.required_because(format!("{path}.values"), why);
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            found.forbidden(format!("{path}.values"), why);
        }
        "Gt" | "Lt" if values.len() != 1 => {
            let why = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            found.required_because(format!("{path}.values"), why);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        other => found.invalid(format!("{path}.operator"), &json!(other), "not a valid selector operator"),
    }
    let key = text(&requirement["key"]);
    found.problems(format_args!("{path}.key"), key, texts::qualified_name(key));
    for (index, value) in values.iter().enumerate() {
        found.problems(format_args!("{path}.values[{index}]"), text(value), texts::label_value(text(value)));
    }
}

fn of_fields(requirement: &Value, path: &str, found: &mut Findings) {
    let values = items(&requirement["values"]);
    match text(&requirement["operator"]) {
        "In" | "NotIn" if values.len() != 1 => {
            let why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            found.required_because(format!("{path}.values"), why);
        }
        "In" | "NotIn" => {}
        other => found.invalid(format!("{path}.operator"), &json!(other), "not a valid selector operator"),
    }
    if text(&requirement["key"]) == "metadata.name" {
        for (index, value) in values.iter().enumerate() {
            name(value, &format!("{path}.values[{index}]"), found);
        }
    } else {
        let key = json!(text(&requirement["key"]));
        found.invalid(format!("{path}.key"), &key, "not a valid field selector key");
    }
}

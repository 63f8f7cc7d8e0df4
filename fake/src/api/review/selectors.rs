//! The selectors of a question: whether somebody may read the objects that they select. RBAC does not look at them.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-field-and-label-selectors>

use kubewright_core::selector::{FieldSelector, Selector};
use serde_json::{Value, json};

use crate::objects::texts;
use crate::status::Cause;

/// Where the attributes of a resource are.
const ATTRIBUTES: &str = "spec.resourceAttributes";

/// Checks the selectors of what is asked for.
pub(super) fn check(resource: &Value, causes: &mut Vec<Cause>) {
    for name in ["fieldSelector", "labelSelector"] {
        let (selector, field) = (&resource[name], format!("{ATTRIBUTES}.{name}"));
        if selector.is_null() {
            continue;
        }
        let raw = raw(selector);
        let requirements = items(&selector["requirements"]);
        if raw.is_empty() && requirements.is_empty() {
            let detail = format!("when {field} is specified, requirements or rawSelector is required");
            causes.push(Cause::required(format!("{field}.requirements"), &detail));
        } else if !raw.is_empty() && !requirements.is_empty() {
            let detail = "may not specified at the same time as requirements";
            causes.push(Cause::invalid(format!("{field}.rawSelector"), &json!(raw), detail));
        }
        for (index, requirement) in requirements.iter().enumerate() {
            let path = format!("{field}.requirements[{index}]");
            if name == "fieldSelector" {
                check_field(requirement, &path, causes);
            } else {
                check_label(requirement, &path, causes);
            }
        }
    }
}

/// What is said of selectors that can't be read.
pub(super) fn ignored(resource: &Value) -> String {
    let said = ["fieldSelector", "labelSelector"].into_iter().filter_map(|name| {
        let selector = &resource[name];
        let requirements = items(&selector["requirements"]);
        let read = |requirement: &&Value| {
            if name == "fieldSelector" { is_readable_field(requirement) } else { is_readable_label(requirement) }
        };
        let (readable, all) = match raw(selector) {
            "" => (requirements.iter().filter(read).count(), requirements.len()),
            raw if name == "fieldSelector" => (usize::from(raw.parse::<FieldSelector>().is_ok()), 1),
            raw => (usize::from(raw.parse::<Selector>().is_ok()), 1),
        };
        let partially = if readable > 0 { "partially " } else { "" };
        (readable < all).then(|| format!("{ATTRIBUTES}.{name} {partially}ignored due to parse error"))
    });
    said.collect::<Vec<_>>().join("; ")
}

fn check_field(requirement: &Value, path: &str, causes: &mut Vec<Cause>) {
    if text(&requirement["key"]).is_empty() {
        causes.push(Cause::required(format!("{path}.key"), "must be specified"));
    }
    check_values(requirement, path, causes);
}

fn check_label(requirement: &Value, path: &str, causes: &mut Vec<Cause>) {
    check_values(requirement, path, causes);
    let key = text(&requirement["key"]);
    let problems = texts::qualified_name(key);
    causes.extend(problems.iter().map(|problem| Cause::invalid(format!("{path}.key"), &json!(key), problem)));
    for (index, value) in items(&requirement["values"]).iter().enumerate() {
        let problems = texts::label_value(text(value));
        causes.extend(problems.iter().map(|problem| Cause::invalid(format!("{path}.values[{index}]"), value, problem)));
    }
}

/// An operator that is not known is let through: a newer client may know more of them.
fn check_values(requirement: &Value, path: &str, causes: &mut Vec<Cause>) {
    let field = format!("{path}.values");
    let has_values = !items(&requirement["values"]).is_empty();
    match text(&requirement["operator"]) {
        "In" | "NotIn" if !has_values => {
            causes.push(Cause::required(field, "must be specified when `operator` is 'In' or 'NotIn'"));
        }
        "Exists" | "DoesNotExist" if has_values => {
            let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            causes.push(Cause::forbidden(field, detail));
        }
        _ => {}
    }
}

/// Field selectors compare with one value.
fn is_readable_field(requirement: &Value) -> bool {
    let is_comparison = matches!(text(&requirement["operator"]), "In" | "NotIn");
    is_comparison && items(&requirement["values"]).len() == 1
}

fn is_readable_label(requirement: &Value) -> bool {
    matches!(text(&requirement["operator"]), "In" | "NotIn" | "Exists" | "DoesNotExist")
}

fn raw(selector: &Value) -> &str {
    text(&selector["rawSelector"])
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

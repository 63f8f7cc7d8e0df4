//! Checks of the rules in the schemas of definitions: whether they can be parsed, and what they name. The API server also knows
//! the types in them, and estimates what they cost.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules>

use serde_json::Value;

use super::expressions;
use super::findings::{Findings, items, text};

/// Checks the rules of a schema, and of those in it.
pub(super) fn check(schema: &Value, path: &str, found: &mut Findings) {
    for (index, rule) in items(&schema["x-kubernetes-validations"]).iter().enumerate() {
        let path = format!("{path}.x-kubernetes-validations[{index}]");
        check_texts(rule, &path, found);
        for name in ["rule", "messageExpression"] {
            let expression = text(&rule[name]);
            if expression.trim().is_empty() {
                continue;
            }
            let is_rule = name == "rule";
            let prefix = if is_rule { "" } else { "messageExpression " };
            let wanted = if is_rule { "bool" } else { "string" };
            match expressions::of_schema(expression, |name| matches!(name, "self" | "oldSelf")) {
                Err(errors) => {
                    found.invalid(format!("{path}.{name}"), rule, &format!("{prefix}compilation failed: {errors}"));
                }
                Ok(Some(made)) if made != wanted => {
                    let why = match is_rule {
                        true => "cel expression must evaluate to a bool",
                        false => "messageExpression must evaluate to a string",
                    };
                    found.invalid(format!("{path}.{name}"), rule, why);
                }
                Ok(_) => {}
            }
        }
    }
    for name in ["items", "additionalProperties"] {
        if schema[name].is_object() {
            check(&schema[name], &format!("{path}.{name}"), found);
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        check(property, &format!("{path}.properties[{name}]"), found);
    }
}

/// Checks what a rule has as text.
fn check_texts(rule: &Value, path: &str, found: &mut Findings) {
    let (written, message) = (text(&rule["rule"]), text(&rule["message"]));
    let of_message = text(&rule["messageExpression"]);
    let has_lines = |text: &str| text.contains(['\n', '\r']);
    if written.trim().is_empty() {
        found.required_because(format!("{path}.rule"), "rule is not specified");
    } else if !message.is_empty() && message.trim().is_empty() {
        found.invalid(format!("{path}.message"), &rule["message"], "must be non-empty if specified");
    } else if has_lines(message.trim()) {
        found.invalid(format!("{path}.message"), &rule["message"], "must not contain line breaks");
    } else if has_lines(written.trim()) && message.trim().is_empty() {
        let why = "message must be specified if rule contains line breaks";
        found.required_because(format!("{path}.message"), why);
    }
    if !of_message.is_empty() && of_message.trim().is_empty() {
        let why = "messageExpression must be non-empty if specified";
        found.required_because(format!("{path}.messageExpression"), why);
    }
    let reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
    found.one_of(format!("{path}.reason"), &rule["reason"], &reasons);
}

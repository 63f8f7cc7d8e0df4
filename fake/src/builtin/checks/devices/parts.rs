//! Checks of what several kinds have: selectors in CEL, opaque configurations, taints, tolerations, conditions of binding.

use serde_json::{Value, json};

use super::found::{Found, repeated};
use super::names;
use crate::builtin::checks::expressions;
use crate::builtin::checks::findings::{Findings, items, text};
use crate::objects::texts;

pub(super) const MAX_SELECTORS: usize = 32;
pub(super) const MAX_CONFIGURATIONS: usize = 32;
const MAX_EXPRESSION: usize = 10 * 1024;
const MAX_PARAMETERS: usize = 10 * 1024;
const MAX_BINDING_CONDITIONS: usize = 4;
const EFFECTS: &[&str] = &["NoExecute", "NoSchedule", "None"];

/// Checks the selectors of devices.
pub(super) fn selectors(selectors: &Value, path: &str, found: &mut Found<'_>) {
    for (index, selector) in found.limited(selectors, path, MAX_SELECTORS).iter().enumerate() {
        let path = format!("{path}[{index}].cel");
        if selector["cel"].is_null() {
            found.code.required(path);
        } else {
            expression(text(&selector["cel"]["expression"]), &format!("{path}.expression"), found.code);
        }
    }
}

fn expression(expression: &str, field: &str, found: &mut Findings) {
    if expression.len() > MAX_EXPRESSION {
        found.too_long(field, MAX_EXPRESSION);
    } else if let Err(errors) = expressions::syntax(expression) {
        found.invalid(field, &json!(expression), &format!("compilation failed: {errors}"));
    }
}

/// Checks the configuration of a driver.
pub(super) fn configuration(configuration: &Value, path: &str, found: &mut Found<'_>) {
    let (path, opaque) = (format!("{path}.opaque"), &configuration["opaque"]);
    if opaque.is_null() {
        found.code.required(path);
        return;
    }
    names::declared_driver(&opaque["driver"], &format!("{path}.driver"), found);
    data(&opaque["parameters"], &format!("{path}.parameters"), MAX_PARAMETERS, found.code);
}

/// An object of a driver's own kind.
pub(super) fn data(data: &Value, field: &str, limit: usize, found: &mut Findings) {
    if data.is_null() {
        found.required(field);
    } else if data.to_string().len() > limit {
        found.too_long(field, limit);
    } else if !data.is_object() {
        found.invalid(field, &json!("<value omitted>"), "must be a valid JSON object");
    }
}

/// Checks a taint of a device.
pub(super) fn taint(taint: &Value, path: &str, found: &mut Found<'_>) {
    names::label_key(&taint["key"], &format!("{path}.key"), found.code);
    let value = text(&taint["value"]);
    found.code.problems(format_args!("{path}.value"), value, texts::label_value(value));
    let effect = format!("{path}.effect");
    if text(&taint["effect"]).is_empty() {
        found.both().required(effect);
    } else {
        found.both().one_of(effect, &taint["effect"], EFFECTS);
    }
}

/// Checks the tolerations of taints of devices.
pub(super) fn tolerations(tolerations: &Value, path: &str, found: &mut Found<'_>) {
    for (index, toleration) in items(tolerations).iter().enumerate() {
        let path = format!("{path}[{index}]");
        if !text(&toleration["key"]).is_empty() {
            names::label_key(&toleration["key"], &format!("{path}.key"), found.both());
        }
        let (operator, value) = (format!("{path}.operator"), text(&toleration["value"]));
        match text(&toleration["operator"]) {
            "Exists" if value.is_empty() => {}
            "Exists" => {
                found.code.invalid(format!("{path}.value"), &json!(value), "must be empty for operator `Exists`");
            }
            "Equal" => found.code.problems(format_args!("{path}.value"), value, texts::label_value(value)),
            "" => found.both().required(operator),
            _ => found.both().not_supported(operator, &toleration["operator"], &["Equal", "Exists"]),
        }
        if !text(&toleration["effect"]).is_empty() {
            found.both().one_of(format!("{path}.effect"), &toleration["effect"], EFFECTS);
        }
    }
}

/// Checks the conditions by which a device is bound, or not.
pub(super) fn binding_conditions(object: &Value, path: &str, found: &mut Found<'_>) {
    const BOUND: &str = "bindingConditions";
    const FAILED: &str = "bindingFailureConditions";
    for name in [BOUND, FAILED] {
        let path = format!("{path}.{name}");
        for (index, condition) in found.limited(&object[name], &path, MAX_BINDING_CONDITIONS).iter().enumerate() {
            names::label_key(condition, &format!("{path}[{index}]"), found.code);
        }
    }
    let (bound, failed) = (items(&object[BOUND]), items(&object[FAILED]));
    for index in repeated(bound, Value::clone) {
        found.code.duplicate(format!("{path}.{BOUND}[{index}]"), &bound[index]);
    }
    let repeated = repeated(failed, Value::clone);
    for (index, condition) in failed.iter().enumerate() {
        let field = format!("{path}.{FAILED}[{index}]");
        if repeated.contains(&index) {
            found.code.duplicate(&field, condition);
        }
        if bound.contains(condition) {
            let why = "bindingFailureConditions must not overlap with bindingConditions";
            found.code.invalid(field, condition, why);
        }
    }
    for (name, other) in [(BOUND, FAILED), (FAILED, BOUND)] {
        if items(&object[name]).is_empty() && !items(&object[other]).is_empty() {
            let why = format!("{name} are required to use {other}");
            found.code.invalid(format!("{path}.{name}"), &object[name], &why);
        }
    }
}

//! Checks of where a pod may run.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::findings::{Findings, items, text};
use crate::objects::texts;

pub(super) const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// What a pod waits for before it is scheduled.
///
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/>
pub(super) fn gates(gates: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    let mut names = BTreeSet::new();
    for (index, gate) in items(gates).iter().enumerate() {
        let (path, name) = (format_args!("{field}[{index}]"), text(&gate["name"]));
        found.problems(path, name, texts::qualified_name(name));
        if !names.insert(name) {
            found.duplicate(path, &gate["name"]);
        }
    }
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
pub(super) fn tolerations(tolerations: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    for (index, toleration) in items(tolerations).iter().enumerate() {
        let path = format_args!("{field}[{index}]");
        let (key, operator) = (text(&toleration["key"]), text(&toleration["operator"]));
        if !key.is_empty() {
            found.problems(format_args!("{path}.key"), key, texts::qualified_name(key));
        } else if operator != "Exists" {
            let why = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            found.invalid(format_args!("{path}.operator"), &toleration["operator"], why);
        }
        if toleration.get("tolerationSeconds").is_some() && text(&toleration["effect"]) != "NoExecute" {
            let why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            found.invalid(format_args!("{path}.effect"), &toleration["effect"], why);
        }
        match operator {
            "" | "Equal" => {
                let value = text(&toleration["value"]);
                found.problems(format_args!("{path}.operator"), value, texts::label_value(value));
            }
            "Exists" if !text(&toleration["value"]).is_empty() => {
                let why = "value must be empty when `operator` is 'Exists'";
                found.invalid(format_args!("{path}.operator"), &toleration["value"], why);
            }
            "Exists" => {}
            // The feature that has them is off: they are named, and not supported.
            "Lt" | "Gt" => {
                let named = ["Equal", "Exists", "Lt", "Gt"];
                found.not_supported(format_args!("{path}.operator"), &toleration["operator"], &named);
            }
            _ => found.not_supported(format_args!("{path}.operator"), &toleration["operator"], &["Equal", "Exists"]),
        }
        if !text(&toleration["effect"]).is_empty() {
            found.one_of(format_args!("{path}.effect"), &toleration["effect"], EFFECTS);
        }
    }
}

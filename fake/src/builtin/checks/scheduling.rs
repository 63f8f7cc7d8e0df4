//! Checks of where a pod may run.

use std::fmt;

use serde_json::Value;

use super::findings::{Findings, items, text};
use crate::objects::texts;

pub(super) const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

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
            _ => found.not_supported(format_args!("{path}.operator"), &toleration["operator"], &["Equal", "Exists"]),
        }
        if !text(&toleration["effect"]).is_empty() {
            found.one_of(format_args!("{path}.effect"), &toleration["effect"], EFFECTS);
        }
    }
}

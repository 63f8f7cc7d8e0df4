//! Defaults of groups of pods and their templates, in all versions.

use serde_json::{Value, json};

use super::rules::{Fields, default};

/// Sets the defaults of an object of a schema.
pub(super) fn apply(schema: &str, fields: &mut Fields) {
    match schema.rsplit('.').next().unwrap_or_default() {
        // Before, groups have no such field.
        "PodGroupSpec" | "CompositePodGroupSpec" if !schema.contains(".v1alpha2.") => {
            default(fields, "preemptionPolicy", json!("PreemptLowerPriority"));
        }
        // Go writes that there are none.
        "PodGroupTemplate" => {
            fields.entry("schedulingConstraints").or_insert(Value::Null);
        }
        _ => {}
    }
}

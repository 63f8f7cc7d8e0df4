//! Defaults of claims of devices, in all versions that have a request's devices in `exactly` and `firstAvailable`.

use serde_json::{Value, json};

use super::rules::{Fields, default, text};

/// Sets the defaults of an object of a schema.
pub(super) fn apply(schema: &str, fields: &mut Fields) {
    match schema.rsplit('.').next().unwrap_or_default() {
        "ExactDeviceRequest" | "DeviceSubRequest" => count(fields),
        // In `v1beta1`: one that names no class asks for the first of others.
        "DeviceRequest" if schema.contains(".v1beta1.") && !text(fields, "deviceClassName").is_empty() => count(fields),
        // Go writes that there are none.
        "AllocatedDeviceStatus" => {
            fields.entry("conditions").or_insert(Value::Null);
        }
        _ => {}
    }
}

/// How many devices are wanted: one, unless it is said.
fn count(fields: &mut Fields) {
    default(fields, "allocationMode", json!("ExactCount"));
    let is_none = fields.get("count").and_then(Value::as_i64).unwrap_or(0) == 0;
    if text(fields, "allocationMode") == "ExactCount" && is_none {
        fields.insert("count".to_owned(), json!(1));
    }
}

//! The values that the pinned documents list for the fields of objects.

use std::path::Path;

use super::grow::Enums;

/// What the pinned documents list as the values of fields, by the fields' names.
pub fn listed() -> Enums {
    let mut enums = Enums::new();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec").join(newest()).join("openapi");
    for entry in std::fs::read_dir(spec).expect("the pinned documents") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("text");
        collect(&serde_json::from_str(&text).expect("JSON"), &mut enums);
    }
    enums
}

fn collect(value: &serde_json::Value, enums: &mut Enums) {
    let properties = value.get("properties").and_then(serde_json::Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        for values in [&schema["enum"], &schema["items"]["enum"]].into_iter().filter_map(serde_json::Value::as_array) {
            let known = enums.entry(name.clone()).or_default();
            for value in values.iter().filter_map(serde_json::Value::as_str) {
                if !known.iter().any(|known| known == value) {
                    known.push(value.to_owned());
                }
            }
        }
    }
    match value {
        serde_json::Value::Object(fields) => fields.values().for_each(|value| collect(value, enums)),
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, enums)),
        _ => {}
    }
}

/// The folder of the newest minor.
fn newest() -> String {
    format!("v{}", kubewright_testbed::minors()[0].name)
}

//! What the API server sets in CustomResourceDefinitions, and in APIServices.

use serde_json::{Value, json};

/// Sets the defaults of a definition.
pub(super) fn set_defaults(definition: &mut Value) {
    let spec = &mut definition["spec"];
    if !spec.is_object() {
        return;
    }
    let kind = spec["names"]["kind"].as_str().unwrap_or_default().to_owned();
    let names = &mut spec["names"];
    let is_missing = |name: &Value| name.as_str().unwrap_or_default().is_empty();
    if is_missing(&names["singular"]) && !kind.is_empty() {
        names["singular"] = json!(kind.to_lowercase());
    }
    if is_missing(&names["listKind"]) && !kind.is_empty() {
        names["listKind"] = json!(format!("{kind}List"));
    }
    if let Value::Object(names) = names {
        names.retain(|_, name| !name.is_null());
    }
    if spec["conversion"].is_null() {
        spec["conversion"] = json!({ "strategy": "None" });
    }
    set_port(spec.pointer_mut("/conversion/webhook/clientConfig/service"));
}

/// Sets the port of a reference to a service.
pub(super) fn set_port(service: Option<&mut Value>) {
    if let Some(Value::Object(service)) = service {
        let port = service.entry("port").or_insert(Value::Null);
        if port.is_null() {
            *port = json!(443);
        }
    }
}

/// Enters the version that objects are stored in among those that some may be stored in.
pub(crate) fn set_stored_version(definition: &mut Value) {
    let versions = definition["spec"]["versions"].as_array().into_iter().flatten();
    let Some(name) = versions.into_iter().find(|version| version["storage"] == true).map(|it| it["name"].clone())
    else {
        return;
    };
    match &mut definition["status"]["storedVersions"] {
        Value::Array(stored) if stored.contains(&name) => {}
        Value::Array(stored) => stored.push(name),
        other => *other = json!([name]),
    }
}

//! Checks of kinds that hold data alone: ConfigMap, Secret, PriorityClass.

use serde_json::{Value, json};

use super::findings::{Findings, text};
use crate::objects::texts;

/// The most bytes that a ConfigMap or a Secret holds.
const MAX_SIZE: usize = 1024 * 1024;

/// <https://kubernetes.io/docs/concepts/configuration/configmap/>
pub(super) fn config_map(object: &Value, old: Option<&Value>, found: &mut Findings) {
    immutable(object, old, &["data", "binaryData"], found);
    let mut size = 0;
    for (key, value) in object["data"].as_object().into_iter().flatten() {
        let field = format!("data[{key}]");
        found.problems(&field, key, texts::config_key(key));
        if object["binaryData"].get(key).is_some() {
            found.invalid(field, &json!(key), "duplicate of key present in binaryData");
        }
        size += text(value).len();
    }
    for (key, value) in object["binaryData"].as_object().into_iter().flatten() {
        found.problems(format_args!("binaryData[{key}]"), key, texts::config_key(key));
        size += bytes(value);
    }
    too_long("[]", size, found);
}

/// <https://kubernetes.io/docs/concepts/configuration/secret/>
pub(super) fn secret(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let mut size = 0;
    for (key, value) in object["data"].as_object().into_iter().flatten() {
        found.problems(format_args!("data[{key}]"), key, texts::config_key(key));
        size += bytes(value);
    }
    too_long("data", size, found);
    let has = |key: &str| object["data"].get(key).is_some();
    let required: &[&str] = match text(&object["type"]) {
        "kubernetes.io/service-account-token" => {
            let annotation = "kubernetes.io/service-account.name";
            if text(&object["metadata"]["annotations"][annotation]).is_empty() {
                found.required(format!("metadata.annotations[{annotation}]"));
            }
            &[]
        }
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => &["username", "password"],
        _ => &[],
    };
    for key in required {
        match object["data"].get(*key) {
            None => found.required(format!("data[{key}]")),
            Some(value) if key.starts_with(".docker") => is_json(key, value, found),
            Some(_) => {}
        }
    }
    if let Some(old) = old {
        found.immutable("type", &object["type"], &old["type"]);
    }
    immutable(object, old, &["data"], found);
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass>
pub(super) fn priority_class(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let name = text(&object["metadata"]["name"]);
    let is_of_system = matches!(name, "system-node-critical" | "system-cluster-critical");
    if name.starts_with("system-") && !is_of_system {
        let why = "priority class names with 'system-' prefix are reserved for system use only. error: is not a known system priority class";
        found.forbidden("metadata.name", &why.replace("error: is", &format!("error: {name} is")));
    }
    if !is_of_system && object["value"].as_i64().is_some_and(|value| value > 1_000_000_000) {
        found.forbidden("value", "maximum allowed value of a user defined priority is 1000000000");
    }
    found.one_of("preemptionPolicy", &object["preemptionPolicy"], &["PreemptLowerPriority", "Never"]);
    if let Some(old) = old {
        if object["value"] != old["value"] {
            found.forbidden("value", "may not be changed in an update.");
        }
        found.immutable("preemptionPolicy", &object["preemptionPolicy"], &old["preemptionPolicy"]);
    }
}

fn immutable(object: &Value, old: Option<&Value>, fields: &[&str], found: &mut Findings) {
    let Some(old) = old.filter(|old| old["immutable"] == true) else { return };
    let why = "field is immutable when `immutable` is set";
    if object["immutable"] != true {
        found.forbidden("immutable", why);
    }
    for field in fields.iter().filter(|field| object[**field] != old[**field]) {
        found.forbidden(*field, why);
    }
}

/// The bytes that base64 stands for.
fn bytes(value: &Value) -> usize {
    let text = text(value).trim_end_matches('=');
    text.len() * 3 / 4
}

fn too_long(field: &str, size: usize, found: &mut Findings) {
    if size > MAX_SIZE {
        found.too_long(field, MAX_SIZE);
    }
}

/// Whether a value is JSON. What it is instead is not told, for it is a secret.
fn is_json(key: &str, value: &Value, found: &mut Findings) {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let bytes = STANDARD.decode(text(value)).unwrap_or_default();
    if let Err(error) = serde_json::from_slice::<Value>(&bytes) {
        let why = match bytes.get(error.column().saturating_sub(1)) {
            Some(byte) if byte.is_ascii_graphic() => {
                format!("invalid character '{}' looking for beginning of value", char::from(*byte))
            }
            _ => "unexpected end of JSON input".to_owned(),
        };
        found.invalid(format!("data[{key}]"), &json!("<secret contents redacted>"), &why);
    }
}

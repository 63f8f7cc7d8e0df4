//! The rules of single built-in kinds.

use serde_json::{Value, json};

use crate::catalog::Resource;
use crate::status::Cause;

/// The most bytes that the values of a config map have together.
const MAX_DATA: usize = 1 << 20;

/// Checks a built-in object by the rules of its kind, a new one or one in place of another.
pub(crate) fn check_built_in(object: &Value, old: Option<&Value>, resource: &Resource) -> Vec<Cause> {
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "configmaps") => config_map(object, old),
        ("coordination.k8s.io", "leases") => lease(object),
        _ => Vec::new(),
    }
}

/// <https://kubernetes.io/docs/concepts/configuration/configmap/>
fn config_map(object: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut causes = Vec::new();
    if let Some(old) = old.filter(|old| old["immutable"] == true) {
        let changed = |name: &&str| match *name {
            "immutable" => object["immutable"] != true,
            name => object[name] != old[name],
        };
        for field in ["immutable", "data", "binaryData"].iter().filter(|name| changed(name)) {
            causes.push(Cause::forbidden(*field, "field is immutable when `immutable` is set"));
        }
    }
    let mut size = 0;
    let entries = |name: &str| object[name].as_object().into_iter().flatten();
    for (field, (key, value)) in
        ["data", "binaryData"].into_iter().flat_map(|field| entries(field).map(move |entry| (field, entry)))
    {
        if let Some(why) = config_key(key) {
            causes.push(Cause::invalid(format!("{field}[{key}]"), &json!(key), why));
        }
        let text = value.as_str().unwrap_or_default();
        if field == "data" {
            if object["binaryData"].get(key).is_some() {
                causes.push(Cause::invalid(
                    format!("data[{key}]"),
                    &json!(key),
                    "duplicate of key present in binaryData",
                ));
            }
            size += text.len();
        } else {
            size += text.trim_end_matches('=').len() * 3 / 4;
        }
    }
    if size > MAX_DATA {
        causes.push(Cause {
            reason: "FieldValueTooLong",
            message: format!("Too long: may not be more than {MAX_DATA} bytes"),
            field: "[]".to_owned(),
        });
    }
    causes
}

/// What is wrong with a key of a config map.
fn config_key(key: &str) -> Option<&'static str> {
    const RULE: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    match key {
        "." => Some("must not be '.'"),
        ".." => Some("must not be '..'"),
        _ if key.len() > 253 => Some("must be no more than 253 characters"),
        _ if key.is_empty() || !key.chars().all(is_letter) => Some(RULE),
        _ if key.starts_with("..") => Some("must not start with '..'"),
        _ => None,
    }
}

/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/>
fn lease(object: &Value) -> Vec<Cause> {
    let spec = &object["spec"];
    let mut causes = Vec::new();
    let mut check = |name: &str, is_valid: fn(i64) -> bool, why: &str| {
        if spec[name].as_i64().is_some_and(|number| !is_valid(number)) {
            causes.push(Cause::invalid(format!("spec.{name}"), &spec[name], why));
        }
    };
    check("leaseDurationSeconds", |number| number > 0, "must be greater than 0");
    check("leaseTransitions", |number| number >= 0, "must be greater than or equal to 0");
    let is_set = |name: &str| spec[name].as_str().is_some_and(|text| !text.is_empty());
    if is_set("preferredHolder") && !is_set("strategy") {
        causes.push(Cause::forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined"));
    }
    causes
}

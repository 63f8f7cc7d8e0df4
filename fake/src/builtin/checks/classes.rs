//! Checks of classes of ingresses and of runtimes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::containers;
use super::findings::{Findings, items, text};
use super::{metadata, scheduling};
use crate::objects::texts;
use crate::quoted::quoted;

/// The most bytes of the name of a controller.
const MAX_CONTROLLER: usize = 250;
const PATH: &str = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+";

/// <https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class>
pub(super) fn ingress(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    if let Some(old) = old {
        found.immutable("spec.controller", &json!(text(&spec["controller"])), &json!(text(&old["spec"]["controller"])));
    }
    let controller = text(&spec["controller"]);
    if controller.len() > MAX_CONTROLLER {
        found.too_long("spec.controller", MAX_CONTROLLER);
    }
    match controller.split_once('/') {
        _ if controller.is_empty() => found.required("spec.controller"),
        Some((host, path)) if !host.is_empty() && !path.is_empty() => {
            found.problems("spec.controller", host, texts::subdomain(host));
            let is_of_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
            if !path.bytes().all(is_of_path) {
                let why = format!("Invalid path (regex used for validation is '{PATH}')");
                found.invalid("spec.controller", &json!(path), &why);
            }
        }
        _ => {
            let why = "must be a domain-prefixed path (such as \"acme.io/foo\")";
            found.invalid("spec.controller", &json!(controller), why);
        }
    }
    if let Some(parameters) = spec.get("parameters") {
        check_parameters(parameters, found);
    }
}

fn check_parameters(parameters: &Value, found: &mut Findings) {
    let path = "spec.parameters";
    if let Some(group) = parameters["apiGroup"].as_str() {
        found.problems(format_args!("{path}.apiGroup"), group, texts::subdomain(group));
    }
    let mut required = Vec::new();
    for field in ["kind", "name"] {
        let name = text(&parameters[field]);
        if name.is_empty() {
            required.push(format!("{path}.{field}"));
        } else {
            found.problems(format_args!("{path}.{field}"), name, texts::path_segment(name));
        }
    }
    let (scope, namespace) = (text(&parameters["scope"]), parameters["namespace"].as_str());
    match (scope, namespace) {
        ("Namespace", None) => {
            found.required_because(format!("{path}.namespace"), "`parameters.scope` is set to 'Namespace'");
        }
        ("Namespace", Some(namespace)) => {
            found.problems(format_args!("{path}.namespace"), namespace, texts::label(namespace));
        }
        ("Cluster", Some(_)) => {
            found.forbidden(format!("{path}.namespace"), "`parameters.scope` is set to 'Cluster'");
        }
        ("Cluster", None) => {}
        _ => found.not_supported(format!("{path}.scope"), &json!(scope), &["Cluster", "Namespace"]),
    }
    required.into_iter().for_each(|field| found.required(field));
}

/// <https://kubernetes.io/docs/concepts/containers/runtime-class/>
pub(super) fn runtime(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let overhead = &object["overhead"];
    if !overhead.is_null() {
        containers::resources(&json!({ "limits": overhead["podFixed"] }), format_args!("overhead"), found);
    }
    let scheduling = &object["scheduling"];
    if !scheduling.is_null() {
        metadata::labels(&scheduling["nodeSelector"], format_args!("scheduling.nodeSelector"), found);
        scheduling::tolerations(&scheduling["tolerations"], format_args!("scheduling.tolerations"), found);
        let mut known = BTreeSet::new();
        for (index, toleration) in items(&scheduling["tolerations"]).iter().enumerate() {
            let key: Vec<&str> = ["key", "operator", "value", "effect"].map(|name| text(&toleration[name])).to_vec();
            if !known.insert(key) {
                let [key, operator, value, effect] =
                    ["key", "operator", "value", "effect"].map(|name| text(&toleration[name]));
                let shown = format!(
                    "{{\"Key\":{},\"Operator\":{},\"Value\":{},\"Effect\":{},\"TolerationSeconds\":{}}}",
                    quoted(key),
                    quoted(operator),
                    quoted(value),
                    quoted(effect),
                    toleration["tolerationSeconds"]
                );
                found.duplicate_text(format!("scheduling.tolerations[{index}]"), &shown);
            }
        }
    }
    let handler = text(&object["handler"]);
    if handler.is_empty() {
        found.required("handler");
    } else {
        found.problems("handler", handler, texts::label(handler));
    }
    if old.is_some_and(|old| object["handler"] != old["handler"]) {
        // The value isn't told.
        found.invalid("handler", &Value::Null, "field is immutable");
    }
}

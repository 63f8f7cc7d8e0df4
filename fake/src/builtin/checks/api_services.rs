//! Checks of API services.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/api-service-v1/>

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::objects::texts;
use crate::quoted::quoted;

/// Checks an API service, a new one or one in place of another.
pub(super) fn check(service: &Value, found: &mut Findings) {
    let spec = &service["spec"];
    let (group, version) = (text(&spec["group"]), text(&spec["version"]));
    let wanted = format!("{version}.{group}");
    for field in ["generateName", "name"] {
        let name = text(&service["metadata"][field]);
        if !name.is_empty() && texts::path_segment(name).is_empty() && name != wanted {
            let why = format!("must be `spec.version+\".\"+spec.group`: {}", quoted(&wanted));
            found.invalid(format!("metadata.{field}"), &json!(name), &why);
        }
    }
    if group.is_empty() && version != "v1" {
        found.required_because("spec.group", "only v1 may have an empty group and it better be legacy kube");
    }
    if !group.is_empty() {
        found.problems("spec.group", group, texts::subdomain(group));
    }
    found.problems("spec.version", version, texts::label_with_letter(version));
    for (field, limit, said) in [("groupPriorityMinimum", 20000, "20000"), ("versionPriority", 1000, "1000")] {
        let number = spec[field].as_i64().unwrap_or(0);
        if !(1..=limit).contains(&number) {
            found.invalid(format!("spec.{field}"), &json!(number), &format!("must be positive and less than {said}"));
        }
    }
    let is_insecure = spec["insecureSkipTLSVerify"] == true;
    let certificates = certificates(&spec["caBundle"]);
    let target = &spec["service"];
    if target.is_null() {
        if certificates > 0 {
            let why = "local APIServices may not have a caBundle";
            found.invalid("spec.caBundle", &json!(format!("{certificates} bytes")), why);
        }
        if is_insecure {
            let why = "local APIServices may not have insecureSkipTLSVerify";
            found.invalid("spec.insecureSkipTLSVerify", &json!(true), why);
        }
        return;
    }
    for name in ["namespace", "name"] {
        if text(&target[name]).is_empty() {
            found.required(format!("spec.service.{name}"));
        }
    }
    let port = target["port"].as_i64().unwrap_or(0);
    if !(1..=65535).contains(&port) {
        let why = "port is not valid: must be between 1 and 65535, inclusive";
        found.invalid("spec.service.port", &json!(port), why);
    }
    if is_insecure && certificates > 0 {
        found.invalid("spec.insecureSkipTLSVerify", &json!(true), "may not be true if caBundle is present");
    }
}

/// How many bytes there are of what certificates are in.
fn certificates(bundle: &Value) -> usize {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text(bundle)).map_or(0, |bytes| bytes.len())
}

/// Checks the status of an API service.
pub(super) fn status(service: &Value, found: &mut Findings) {
    for (index, condition) in items(&service["status"]["conditions"]).iter().enumerate() {
        let status = text(&condition["status"]);
        if !matches!(status, "True" | "False" | "Unknown") {
            let field = format!("status.conditions[{index}].status");
            found.not_supported(field, &json!(status), &["True", "False", "Unknown"]);
        }
    }
}

//! Checks of attachments of volumes, and of classes of their attributes.

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::{csi, persistent_volumes};
use crate::objects::texts;
use crate::status::Cause;

/// The most letters of the name of a driver.
const MAX_DRIVER: usize = 63;

/// The most bytes of what a driver tells of a volume.
const MAX_METADATA: usize = 256 << 10;

/// The most bytes of an error.
const MAX_ERROR: usize = 1024;

/// The most parameters of a class, and their most bytes.
const MAX_PARAMETERS: (usize, usize) = (512, 256 << 10);

const SUBDOMAIN: &str = "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'Example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/>
pub(super) fn attachment(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let (spec, status) = (&object["spec"], &object["status"]);
    let is_changed = old.is_some_and(|old| *spec != old["spec"]);
    if is_changed {
        csi::name_of_driver(&spec["attacher"], "spec.attacher", found);
    }
    source(&spec["source"], found);
    let node = text(&spec["nodeName"]);
    found.problems("spec.nodeName", node, texts::subdomain_name(node));
    if bytes_of(&status["attachmentMetadata"]) > MAX_METADATA {
        found.too_long("status.attachmentMetadata", MAX_METADATA);
    }
    for name in ["attachError", "detachError"] {
        let error = &status[name];
        if text(&error["message"]).len() > MAX_ERROR {
            found.too_long(format!("status.{name}.message"), MAX_ERROR);
        }
        if error["errorCode"].as_i64().is_some_and(|code| code < 0) {
            let why = "must be between 0 and 2147483647, inclusive";
            found.invalid(format!("status.{name}.errorCode"), &error["errorCode"], why);
        }
    }
    if let Some(volume) = spec["source"]["persistentVolumeName"].as_str() {
        found.problems("spec.source.persistentVolumeName", volume, texts::subdomain_name(volume));
    }
    if is_changed {
        // The value isn't told.
        found.invalid("spec", &Value::Null, "field is immutable");
    }
    if old.is_none() {
        attacher(text(&spec["attacher"]), found);
    }
}

fn attacher(name: &str, found: &mut Findings) {
    if name.is_empty() {
        return found.required("spec.attacher");
    }
    let problems = texts::subdomain(&name.to_lowercase()).into_iter();
    let of_any_case = problems.map(|problem| match problem.contains("RFC 1123") {
        true => SUBDOMAIN.to_owned(),
        false => problem,
    });
    found.problems("spec.attacher", name, of_any_case.collect());
    if name.chars().count() > MAX_DRIVER {
        let message = format!("Too long: may not be more than {MAX_DRIVER} characters");
        found.push(Cause { reason: "FieldValueTooLong", message, field: "spec.attacher".to_owned() });
    }
}

fn source(source: &Value, found: &mut Findings) {
    let why = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    match (source["persistentVolumeName"].as_str(), source.get("inlineVolumeSpec")) {
        (None, None) => found.required_because("spec.source", why),
        (Some(_), Some(_)) => found.forbidden("spec.source", why),
        (Some(""), None) => {
            let why = "must specify non empty persistentVolumeName";
            found.required_because("spec.source.persistentVolumeName", why);
        }
        (Some(_), None) => {}
        (None, Some(spec)) => inline(spec, found),
    }
}

/// A volume of a pod that has none of its own: it is one of a CSI driver.
fn inline(spec: &Value, found: &mut Findings) {
    const PATH: &str = "spec.source.inlineVolumeSpec";
    const WHY: &str = "may not be specified in the context of inline volumes";
    let has = |name: &str| !spec[name].is_null();
    for name in ["claimRef", "capacity"] {
        if has(name) {
            found.forbidden(format!("{PATH}.{name}"), WHY);
        }
    }
    if !has("csi") {
        found.required_because(format!("{PATH}.csi"), "has to be specified in the context of inline volumes");
    }
    let modes = items(&spec["accessModes"]);
    if modes.is_empty() {
        found.required(format!("{PATH}.accessModes"));
    }
    for mode in modes {
        found.one_of(format!("{PATH}.accessModes"), mode, persistent_volumes::MODES);
    }
    let policy = text(&spec["persistentVolumeReclaimPolicy"]);
    if !matches!(policy, "" | "Retain") {
        let why = "may only be Retain in the context of inline volumes";
        found.forbidden(format!("{PATH}.persistentVolumeReclaimPolicy"), why);
    }
    if has("nodeAffinity") {
        found.forbidden(format!("{PATH}.nodeAffinity"), WHY);
    }
    persistent_volumes::sources(spec, PATH, found);
    if !text(&spec["storageClassName"]).is_empty() {
        found.forbidden(format!("{PATH}.storageClassName"), WHY);
    }
    if spec["volumeMode"].as_str().is_some_and(|mode| mode != "Filesystem") {
        let why = "may not specify volumeMode other than Filesystem in the context of inline volumes";
        found.forbidden(format!("{PATH}.volumeMode"), why);
    }
}

/// <https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/>
pub(super) fn class(object: &Value, old: Option<&Value>, found: &mut Findings) {
    if let Some(old) = old {
        for name in ["driverName", "parameters"] {
            if object[name] != old[name] {
                found.forbidden(name, &format!("updates to {name} are forbidden."));
            }
        }
    }
    let driver = text(&object["driverName"]);
    if driver.is_empty() {
        found.required("driverName");
    } else {
        // As it is compared, so it is shown.
        let driver = driver.to_lowercase();
        found.problems("driverName", &driver, texts::qualified_name(&driver));
    }
    let parameters = object["parameters"].as_object();
    let (most, most_bytes) = MAX_PARAMETERS;
    if parameters.is_some_and(|parameters| parameters.len() > most) {
        return found.too_long("parameters", most);
    }
    if parameters.is_some_and(|parameters| parameters.contains_key("")) {
        found.invalid("parameters", &json!(""), "field can not be empty.");
    }
    if bytes_of(&object["parameters"]) > most_bytes {
        found.too_long("parameters", most_bytes);
    }
    if parameters.is_none_or(|parameters| parameters.is_empty()) {
        found.required_because("parameters", "must contain at least one key/value pair");
    }
}

/// The bytes of the keys and values of a map.
fn bytes_of(map: &Value) -> usize {
    map.as_object().into_iter().flatten().map(|(key, value)| key.len() + text(value).len()).sum()
}

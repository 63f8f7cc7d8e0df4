//! Checks of claims and classes of storage.

use kubewright_core::types::Quantity;
use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::selectors;
use crate::objects::texts;

/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims>
pub(super) fn claim(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    let modes = items(&spec["accessModes"]);
    if modes.is_empty() {
        found.required_because("spec.accessModes", "at least 1 access mode is required");
    }
    if !spec["selector"].is_null() {
        selectors::check(&spec["selector"], "spec.selector", found);
    }
    for mode in modes {
        let supported = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
        found.one_of("spec.accessModes", mode, &supported);
    }
    if modes.len() > 1 && modes.iter().any(|mode| mode == "ReadWriteOncePod") {
        found.forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes");
    }
    found.one_of("spec.volumeMode", &spec["volumeMode"], &["Block", "Filesystem"]);
    for name in ["dataSource", "dataSourceRef"] {
        if let Some(source) = spec.get(name) {
            source_of(source, &format!("spec.{name}"), found);
        }
    }
    let attributes = text(&spec["volumeAttributesClassName"]);
    if !attributes.is_empty() {
        found.problems("spec.volumeAttributesClassName", attributes, texts::subdomain_name(attributes));
    }
    let size = &spec["resources"]["requests"]["storage"];
    match Quantity::parse(text(size)) {
        _ if size.is_null() => found.required("spec.resources[storage]"),
        Ok(amount) if amount.signum().is_ok_and(|sign| sign <= 0) => {
            found.invalid("spec.resources[storage]", size, "must be greater than zero");
        }
        _ => {}
    }
    let class = text(&spec["storageClassName"]);
    if !class.is_empty() {
        found.problems("spec.storageClassName", class, texts::subdomain_name(class));
    }
    let Some(old) = old else { return };
    let fixed = |object: &Value| {
        let mut spec = object["spec"].clone();
        if let Value::Object(fields) = &mut spec {
            if old["status"]["phase"] == "Bound" {
                fields.remove("resources");
                fields.remove("volumeAttributesClassName");
            }
            // A default class may be set later on.
            if old["spec"].get("storageClassName").is_none() {
                fields.remove("storageClassName");
            }
            // Binding sets the volume.
            if old["spec"].get("volumeName").is_none() {
                fields.remove("volumeName");
            }
        }
        spec
    };
    if fixed(object) != fixed(old) {
        let why =
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        found.forbidden("spec", why);
    }
    let amount = |value: &Value| Quantity::parse(text(value)).ok();
    let known = &old["spec"]["resources"]["requests"]["storage"];
    let capacity = &old["status"]["capacity"]["storage"];
    if let (Some(new), Some(known), Some(capacity)) = (amount(size), amount(known), amount(capacity))
        && old["status"]["phase"] == "Bound"
        && new.checked_cmp(&known).is_ok_and(|order| order.is_lt())
        && new.checked_cmp(&capacity).is_ok_and(|order| order.is_le())
    {
        found.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
    }
    found.immutable("volumeMode", &spec["volumeMode"], &old["spec"]["volumeMode"]);
}

/// What a volume is filled with.
///
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#data-source-references>
fn source_of(source: &Value, field: &str, found: &mut Findings) {
    for name in ["name", "kind"] {
        if text(&source[name]).is_empty() {
            found.required(format!("{field}.{name}"));
        }
    }
    if text(&source["apiGroup"]).is_empty() && source["kind"] != "PersistentVolumeClaim" {
        let why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
        found.invalid(field, &source["kind"], why);
    }
}

/// <https://kubernetes.io/docs/concepts/storage/storage-classes/>
pub(super) fn class(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let provisioner = text(&object["provisioner"]);
    if provisioner.is_empty() {
        found.required("provisioner");
    } else {
        found.problems("provisioner", provisioner, texts::qualified_name(&provisioner.to_lowercase()));
    }
    found.one_of("reclaimPolicy", &object["reclaimPolicy"], &["Delete", "Retain"]);
    found.one_of("volumeBindingMode", &object["volumeBindingMode"], &["Immediate", "WaitForFirstConsumer"]);
    let Some(old) = old else { return };
    for field in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
        if object[field] != old[field] {
            // The value isn't told.
            found.invalid(field, &json!(null), "field is immutable");
        }
    }
}

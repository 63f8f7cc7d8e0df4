//! Checks of devices, and of what claims them: the kinds of `resource.k8s.io`.
//!
//! Expressions are parsed; their types, and what they cost, are not known here.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/>

mod capacity;
mod claims;
mod classes;
mod found;
mod names;
mod parts;
mod pools;
mod rules;
mod slices;
mod status;

use serde_json::Value;

use super::findings::Findings;
use crate::catalog::{Resource, Source};
use found::Found;

/// Checks an object, a new one or one in place of another.
pub(super) fn check(object: &Value, old: Option<&Value>, resource: &Resource, findings: &mut Findings) {
    let found = &mut Found::new(findings, minor(resource));
    match resource.plural.as_str() {
        "deviceclasses" => classes::check(object, found),
        "resourceclaims" => claims::check(object, old, found),
        "resourceclaimtemplates" => claims::template(object, old, found),
        "resourceslices" => slices::check(object, old, found),
        "devicetaintrules" => rules::check(object, found),
        "resourcepoolstatusrequests" => pools::check(object, old, found),
        _ => {}
    }
    found.finish();
}

/// Checks a write of the status.
pub(super) fn check_status(object: &Value, old: &Value, resource: &Resource, findings: &mut Findings) {
    let found = &mut Found::new(findings, minor(resource));
    match resource.plural.as_str() {
        "resourceclaims" => status::claim(object, old, found),
        "devicetaintrules" => rules::status(object, found),
        "resourcepoolstatusrequests" => pools::status(object, old, found),
        _ => {}
    }
    found.finish();
}

fn minor(resource: &Resource) -> u32 {
    match &resource.source {
        Source::BuiltIn { documents, .. } => documents.minor,
        Source::Custom(_) => 0,
    }
}

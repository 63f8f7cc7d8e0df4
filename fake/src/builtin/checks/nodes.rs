//! Checks of nodes.
//!
//! <https://kubernetes.io/docs/concepts/architecture/nodes/>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::quantities;
use super::scheduling::EFFECTS;
use crate::objects::texts;
use crate::quoted::quoted;

/// Checks a node, a new one or one in place of another.
pub(super) fn check(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    taints(&spec["taints"], found);
    resources(object, found);
    if let Some(old) = old {
        update(object, old, found);
    }
}

/// Checks a write of the status.
pub(super) fn status(object: &Value, old: &Value, found: &mut Findings) {
    update(object, old, found);
    taints(&object["spec"]["taints"], found);
}

fn update(object: &Value, old: &Value, found: &mut Findings) {
    resources(object, found);
    let mut addresses = BTreeSet::new();
    for (index, address) in items(&object["status"]["addresses"]).iter().enumerate() {
        if !addresses.insert(address.to_string()) {
            // As Go prints a struct without names in JSON.
            let shown = format!("{{\"Type\":{},\"Address\":{}}}", address["type"], address["address"]);
            found.duplicate_text(format!("status.addresses[{index}]"), &shown);
        }
    }
    let (ranges, known) = (items(&object["spec"]["podCIDRs"]), items(&old["spec"]["podCIDRs"]));
    let why = "node updates may not change podCIDR except from \"\" to valid";
    if !known.is_empty() && ranges.len() != known.len() {
        found.forbidden("spec.podCIDRs", why);
    } else {
        for _ in known.iter().zip(ranges).filter(|(known, range)| known != range) {
            found.forbidden("spec.podCIDRs", why);
        }
    }
    let (provider, known) = (text(&object["spec"]["providerID"]), text(&old["spec"]["providerID"]));
    if !known.is_empty() && provider != known {
        let why =
            if provider.is_empty() { "field cannot be cleared once set" } else { "field cannot be modified once set" };
        found.invalid("spec.providerID", &Value::Null, why);
    }
    if object["spec"]["externalID"] != old["spec"]["externalID"] {
        found.forbidden("spec.externalID", "may not be updated");
    }
}

fn resources(object: &Value, found: &mut Findings) {
    for part in ["capacity", "allocatable"] {
        for (name, value) in object["status"][part].as_object().into_iter().flatten() {
            quantities::amount(name, value, &format!("status.{part}.{name}"), found);
        }
    }
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
fn taints(taints: &Value, found: &mut Findings) {
    let mut known = BTreeSet::new();
    for (index, taint) in items(taints).iter().enumerate() {
        let path = format!("metadata.taints[{index}]");
        let (key, value, effect) = (text(&taint["key"]), text(&taint["value"]), text(&taint["effect"]));
        found.problems(format_args!("{path}.key"), key, texts::qualified_name(key));
        let problems = texts::label_value(value);
        if !problems.is_empty() {
            found.invalid(format!("{path}.value"), &json!(value), &problems.join(";"));
        }
        if effect.is_empty() {
            found.required(format!("{path}.effect"));
        } else if !EFFECTS.contains(&effect) {
            found.not_supported(format!("{path}.effect"), &taint["effect"], EFFECTS);
        }
        if !known.insert((effect, key)) {
            let shown = format!(
                "{{\"Key\":{},\"Value\":{},\"Effect\":{},\"TimeAdded\":{}}}",
                quoted(key),
                quoted(value),
                quoted(effect),
                taint["timeAdded"]
            );
            found.duplicate_text(path, &format!("{shown}: taints must be unique by key and effect pair"));
        }
    }
}

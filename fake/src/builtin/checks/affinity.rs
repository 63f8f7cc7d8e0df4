//! Checks of what draws a pod to nodes and to other pods.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>

use std::fmt;

use serde_json::Value;

use super::findings::{Findings, items, text};
use super::{node_selectors, selectors};
use crate::objects::texts;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub(super) fn check(affinity: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    let nodes = &affinity["nodeAffinity"];
    if let Some(required) = nodes.get(REQUIRED) {
        node_selectors::selector(required, &format!("{field}.nodeAffinity.{REQUIRED}"), found);
    }
    for (index, term) in items(&nodes[PREFERRED]).iter().enumerate() {
        let path = format_args!("{field}.nodeAffinity.{PREFERRED}[{index}]");
        weight(term, path, found);
        node_selectors::term(&term["preference"], &format!("{path}.preference"), found);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        for (index, one) in items(&affinity[kind][REQUIRED]).iter().enumerate() {
            term(one, format_args!("{field}.{kind}.{REQUIRED}[{index}]"), found);
        }
        for (index, one) in items(&affinity[kind][PREFERRED]).iter().enumerate() {
            let path = format_args!("{field}.{kind}.{PREFERRED}[{index}]");
            weight(one, path, found);
            term(&one["podAffinityTerm"], format_args!("{path}.podAffinityTerm"), found);
        }
    }
}

fn weight(term: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    if !term["weight"].as_i64().is_some_and(|weight| (1..=100).contains(&weight)) {
        found.invalid(format_args!("{path}.weight"), &term["weight"], "must be in the range 1-100");
    }
}

/// Which pods, and what the nodes they are on have in common.
fn term(term: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    for name in ["labelSelector", "namespaceSelector"] {
        if let Some(selector) = term.get(name) {
            selectors::check(selector, &format!("{path}.{name}"), found);
        }
    }
    for namespace in items(&term["namespaces"]) {
        let name = text(namespace);
        found.problems(format_args!("{path}.namespace"), name, texts::label(name));
    }
    for name in ["matchLabelKeys", "mismatchLabelKeys"] {
        label_keys(term, name, path, found);
    }
    for (index, key) in items(&term["matchLabelKeys"]).iter().enumerate() {
        if items(&term["mismatchLabelKeys"]).contains(key) {
            let why = "exists in both matchLabelKeys and mismatchLabelKeys";
            found.invalid(format_args!("{path}.matchLabelKeys[{index}]"), key, why);
        }
    }
    let key = text(&term["topologyKey"]);
    if key.is_empty() {
        found.required_because(format_args!("{path}.topologyKey"), "can not be empty");
    }
    found.problems(format_args!("{path}.topologyKey"), key, texts::qualified_name(key));
}

/// Keys of labels of which a pod's own values join a selector.
pub(super) fn label_keys(term: &Value, name: &str, path: fmt::Arguments<'_>, found: &mut Findings) {
    let keys = items(&term[name]);
    if !keys.is_empty() && term.get("labelSelector").is_none() {
        found.forbidden(format_args!("{path}.{name}"), "must not be specified when labelSelector is not set");
    }
    for (index, key) in keys.iter().enumerate() {
        found.problems(format_args!("{path}.{name}[{index}]"), text(key), texts::qualified_name(text(key)));
    }
}

//! Checks of how pods are spread over nodes.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/>

use std::fmt;

use serde_json::{Value, json};

use super::affinity::label_keys;
use super::findings::{Findings, items, text};
use super::selectors;

pub(super) fn check(constraints: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    let constraints = items(constraints);
    for (index, constraint) in constraints.iter().enumerate() {
        let path = format_args!("{field}[{index}]");
        let is_positive = |number: &Value| number.as_i64().is_some_and(|number| number > 0);
        if !is_positive(&constraint["maxSkew"]) {
            found.invalid(format_args!("{path}.maxSkew"), &constraint["maxSkew"], "must be greater than zero");
        }
        let (key, when) = (text(&constraint["topologyKey"]), text(&constraint["whenUnsatisfiable"]));
        if key.is_empty() {
            found.required_because(format_args!("{path}.topologyKey"), "can not be empty");
        }
        if !matches!(when, "DoNotSchedule" | "ScheduleAnyway") {
            let place = format_args!("{path}.whenUnsatisfiable");
            found.not_supported(place, &json!(when), &["DoNotSchedule", "ScheduleAnyway"]);
        }
        let is_same = |other: &Value| {
            ["topologyKey", "whenUnsatisfiable"].iter().all(|name| text(&other[*name]) == text(&constraint[*name]))
        };
        if constraints[index + 1..].iter().any(is_same) {
            let place = format_args!("{path}.{{topologyKey, whenUnsatisfiable}}");
            found.duplicate(place, &json!(format!("{{{key}, {when}}}")));
        }
        if let Some(least) = constraint.get("minDomains") {
            if !is_positive(least) {
                found.invalid(format_args!("{path}.minDomains"), least, "must be greater than zero");
            }
            if when != "DoNotSchedule" {
                let why = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}");
                found.invalid(format_args!("{path}.minDomains"), least, &why);
            }
        }
        for name in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            found.one_of(format_args!("{path}.{name}"), &constraint[name], &["Honor", "Ignore"]);
        }
        label_keys(constraint, "matchLabelKeys", path, found);
        if let Some(selector) = constraint.get("labelSelector") {
            selectors::check(selector, &format!("{path}.labelSelector"), found);
        }
    }
}

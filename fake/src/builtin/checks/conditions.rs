//! Checks of conditions that are those of all kinds, `metav1.Condition`.
//!
//! <https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.37/#condition-v1-meta>

use serde_json::Value;

use super::findings::{Findings, items, text};
use crate::objects::texts;

const MAX_REASON: usize = 1024;
const MAX_MESSAGE: usize = 32 * 1024;
const REASON: &str = "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";

/// Checks conditions: each type is there once.
pub(super) fn check(conditions: &Value, path: &str, found: &mut Findings) {
    let conditions = items(conditions);
    for (index, condition) in conditions.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let kind = text(&condition["type"]);
        if conditions[..index].iter().any(|other| text(&other["type"]) == kind) {
            found.duplicate(&path, &condition["type"]);
        }
        if kind.is_empty() {
            found.required_because(format!("{path}.type"), "is required");
        } else {
            found.problems(format_args!("{path}.type"), kind, texts::qualified_name(kind));
        }
        let status = format!("{path}.status");
        match text(&condition["status"]) {
            "" => found.required(status),
            _ => found.one_of(status, &condition["status"], &["False", "True", "Unknown"]),
        }
        if condition["observedGeneration"].as_i64().is_some_and(|generation| generation < 0) {
            let why = "must be greater than or equal to zero";
            found.invalid(format!("{path}.observedGeneration"), &condition["observedGeneration"], why);
        }
        if condition["lastTransitionTime"].is_null() {
            found.required(format!("{path}.lastTransitionTime"));
        }
        check_reason(&condition["reason"], &format!("{path}.reason"), found);
        if text(&condition["message"]).len() > MAX_MESSAGE {
            found.too_long(format!("{path}.message"), MAX_MESSAGE);
        }
    }
}

fn check_reason(value: &Value, field: &str, found: &mut Findings) {
    let reason = text(value);
    if reason.is_empty() {
        found.required(field);
        return;
    }
    let is_last = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_inner = |byte: u8| is_last(byte) || matches!(byte, b',' | b':');
    let (first, last) = (reason.bytes().next(), reason.bytes().last());
    let is_valid = first.is_some_and(|first| first.is_ascii_alphabetic())
        && last.is_some_and(is_last)
        && reason.bytes().all(is_inner);
    if !is_valid {
        found.invalid(field, value, REASON);
    }
    if reason.len() > MAX_REASON {
        found.too_long(field, MAX_REASON);
    }
}

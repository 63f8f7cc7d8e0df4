//! Checks of label selectors.

use kubewright_core::CompactString;
use kubewright_core::selector::Selector;
use kubewright_core::types::Map as Labels;
use serde_json::Value;

use super::findings::{Findings, items, text};
use super::metadata;
use crate::objects::texts;

/// Checks a selector that is there. Returns whether it can select.
pub(super) fn check(selector: &Value, field: &str, found: &mut Findings) -> bool {
    let mut is_usable = true;
    metadata::labels(&selector["matchLabels"], format_args!("{field}.matchLabels"), found);
    for (index, term) in items(&selector["matchExpressions"]).iter().enumerate() {
        let path = format!("{field}.matchExpressions[{index}]");
        let has_values = !items(&term["values"]).is_empty();
        match text(&term["operator"]) {
            "In" | "NotIn" if !has_values => {
                found
                    .required_because(format!("{path}.values"), "must be specified when `operator` is 'In' or 'NotIn'");
                is_usable = false;
            }
            "Exists" | "DoesNotExist" if has_values => {
                found.forbidden(
                    format!("{path}.values"),
                    "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
                );
                is_usable = false;
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => {
                found.invalid(format!("{path}.operator"), &term["operator"], "not a valid selector operator");
                is_usable = false;
            }
        }
        let key = text(&term["key"]);
        found.problems(format_args!("{path}.key"), key, texts::qualified_name(key));
    }
    is_usable
}

/// Whether a selector says nothing.
pub(super) fn is_empty(selector: &Value) -> bool {
    selector["matchLabels"].as_object().is_none_or(|labels| labels.is_empty())
        && items(&selector["matchExpressions"]).is_empty()
}

/// Whether a selector that is there selects labels. One that says nothing selects all.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    let labels: Labels<CompactString> = labels
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (CompactString::from(key.as_str()), CompactString::from(text(value))))
        .collect();
    let mut terms: Vec<String> = selector["matchLabels"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", text(value)))
        .collect();
    for term in items(&selector["matchExpressions"]) {
        let (key, values) = (text(&term["key"]), items(&term["values"]).iter().map(text).collect::<Vec<_>>().join(","));
        terms.push(match text(&term["operator"]) {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        });
    }
    terms.join(",").parse::<Selector>().is_ok_and(|selector| selector.matches(&labels))
}

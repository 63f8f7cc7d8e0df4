//! The selectors of webhooks and policies.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-objectselector>

use serde_json::Value;

use crate::builtin;

/// Whether a selector selects everything.
pub(crate) fn selects_all(selector: &Value) -> bool {
    selector["matchLabels"].as_object().is_none_or(serde_json::Map::is_empty)
        && selector["matchExpressions"].as_array().is_none_or(Vec::is_empty)
}

/// Whether a selector selects an object of a request or the one before it.
pub(crate) fn selects_any(selector: &Value, object: Option<&Value>, old: Option<&Value>) -> bool {
    let mut objects = [object, old].into_iter().flatten();
    selects_all(selector) || objects.any(|object| builtin::selects(selector, &object["metadata"]["labels"]))
}

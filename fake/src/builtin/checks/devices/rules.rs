//! Checks of the rules by which devices are tainted.

use serde_json::Value;

use super::found::Found;
use super::{names, parts};
use crate::builtin::checks::conditions;
use crate::builtin::checks::findings::items;

const MAX_CONDITIONS: usize = 8;

/// Checks a rule.
pub(super) fn check(rule: &Value, found: &mut Found<'_>) {
    const PATH: &str = "spec.deviceSelector";
    let (spec, selector) = (&rule["spec"], &rule["spec"]["deviceSelector"]);
    for (name, check) in
        [("driver", names::driver as fn(&Value, &str, &mut _)), ("pool", names::pool), ("device", names::label)]
    {
        if !selector[name].is_null() {
            check(&selector[name], &format!("{PATH}.{name}"), found.code);
        }
    }
    parts::taint(&spec["taint"], "spec.taint", found);
}

/// Checks the status of a rule.
pub(super) fn status(rule: &Value, found: &mut Found<'_>) {
    const PATH: &str = "status.conditions";
    let list = &rule["status"]["conditions"];
    conditions::check(list, PATH, found.code);
    if items(list).len() > MAX_CONDITIONS {
        found.code.too_many(PATH, items(list).len(), MAX_CONDITIONS);
    }
}

//! Checks of requests of the status of pools. All of them but those of conditions are declared, in every minor.

use serde_json::{Value, json};

use super::found::Found;
use super::names;
use crate::builtin::checks::conditions;
use crate::builtin::checks::findings::{Findings, items, text};

const MAX_POOLS: usize = 1000;
const MAX_CONDITIONS: usize = 10;
const MAX_ERROR: usize = 256;
const MAX_SUMMARY: usize = 32;

/// Checks a request. It stays as it is.
pub(super) fn check(request: &Value, old: Option<&Value>, found: &mut Found<'_>) {
    let spec = &request["spec"];
    match old {
        Some(old) if old["spec"] == *spec => {}
        Some(_) => found.code.invalid("spec", &Value::Null, "field is immutable"),
        None => {
            names::caseless(&spec["driver"], "spec.driver", found.code);
            if !spec["poolName"].is_null() {
                names::segments(&spec["poolName"], "spec.poolName", found.code);
            }
            at_least(&spec["limit"], 1, "spec.limit", found.code);
            if spec["limit"].as_i64().is_some_and(|limit| limit > 1000) {
                found.code.invalid("spec.limit", &spec["limit"], "must be less than or equal to 1000");
            }
            if !spec["defaultPartitionTypeAttribute"].is_null() {
                let field = "spec.defaultPartitionTypeAttribute";
                names::declared_fully_qualified(&spec["defaultPartitionTypeAttribute"], field, found.code);
            }
        }
    }
}

/// Checks the status, which stays once it is there.
pub(super) fn status(request: &Value, old: &Value, found: &mut Found<'_>) {
    let (status, before, found) = (&request["status"], &old["status"], &mut *found.code);
    if before.is_object() {
        found.immutable("status", status, before);
        return;
    }
    if status.is_null() {
        return;
    }
    conditions::check(&status["conditions"], "status.conditions", found);
    required_count(&status["poolCount"], "status.poolCount", found);
    let pools = items(&status["pools"]);
    if pools.len() > MAX_POOLS {
        found.too_many("status.pools", pools.len(), MAX_POOLS);
    } else {
        for (index, pool) in pools.iter().enumerate() {
            check_pool(pool, &format!("status.pools[{index}]"), found);
        }
    }
    let conditions = items(&status["conditions"]).len();
    if conditions > MAX_CONDITIONS {
        found.too_many("status.conditions", conditions, MAX_CONDITIONS);
    }
}

fn check_pool(pool: &Value, path: &str, found: &mut Findings) {
    names::caseless(&pool["driver"], &format!("{path}.driver"), found);
    if text(&pool["poolName"]).is_empty() {
        found.required(format!("{path}.poolName"));
    } else {
        names::segments(&pool["poolName"], &format!("{path}.poolName"), found);
    }
    match pool["generation"].as_i64().unwrap_or(0) {
        // Go's zero is none.
        0 => found.required(format!("{path}.generation")),
        _ => at_least(&pool["generation"], 0, &format!("{path}.generation"), found),
    }
    at_least(&pool["resourceSliceCount"], 1, &format!("{path}.resourceSliceCount"), found);
    for name in ["totalDevices", "allocatedDevices", "availableDevices", "unavailableDevices"] {
        at_least(&pool[name], 0, &format!("{path}.{name}"), found);
    }
    if let Some(node) = pool["nodeName"].as_str() {
        found.problems(format_args!("{path}.nodeName"), node, crate::objects::texts::subdomain(node));
    }
    if text(&pool["validationError"]).len() > MAX_ERROR {
        found.too_long(format!("{path}.validationError"), MAX_ERROR);
    }
    let (summary, partitions) = (items(&pool["partitionSummary"]), format!("{path}.partitionSummary"));
    if summary.len() > MAX_SUMMARY {
        found.too_many(partitions, summary.len(), MAX_SUMMARY);
    } else {
        for (index, part) in summary.iter().enumerate() {
            let path = format!("{partitions}[{index}]");
            for name in ["attribute", "type"] {
                if text(&part[name]).is_empty() {
                    found.required(format!("{path}.{name}"));
                }
            }
            for name in ["total", "allocatable"] {
                required_count(&part[name], &format!("{path}.{name}"), found);
            }
        }
    }
    let shared = &pool["shareableSummary"];
    if shared.is_object() {
        let path = format!("{path}.shareableSummary");
        for name in ["fullyAvailableDevices", "partiallyAvailableDevices"] {
            required_count(&shared[name], &format!("{path}.{name}"), found);
        }
        let capacities = items(&shared["capacity"]).len();
        if capacities > MAX_SUMMARY {
            found.too_many(format!("{path}.capacity"), capacities, MAX_SUMMARY);
        }
    }
}

fn required_count(value: &Value, field: &str, found: &mut Findings) {
    if value.is_null() {
        found.required(field);
    }
    at_least(value, 0, field, found);
}

fn at_least(value: &Value, least: i64, field: &str, found: &mut Findings) {
    if let Some(number) = value.as_i64().filter(|number| *number < least) {
        found.invalid(field, &json!(number), &format!("must be greater than or equal to {least}"));
    }
}

//! Budgets of disruptions, as evictions spend them.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/>

use serde_json::{Value, json};

use super::checks::selects;
use crate::catalog::StorageKey;
use crate::status::Status;
use crate::store::Store;

/// What an eviction does to the pod's budget: its key, and the budget after it.
type Spent = Option<(String, Value)>;

/// Where budgets are stored.
pub(crate) fn storage() -> StorageKey {
    StorageKey::new("policy", "poddisruptionbudgets")
}

/// Spends from the budget of a pod that is to be evicted, if there is one.
///
/// # Errors
///
/// 429 if the budget allows none, 500 if the pod has several.
pub(crate) fn spend(pod: &Value, store: &Store, now: &str) -> Result<Spent, Status> {
    let has_ended = matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed" | "Pending"));
    if has_ended || pod["metadata"].get("deletionTimestamp").is_some() {
        return Ok(None);
    }
    let is_of_pod = |budget: &Value| {
        let selector = &budget["spec"]["selector"];
        budget["metadata"]["namespace"] == pod["metadata"]["namespace"]
            && !selector.is_null()
            && selects(selector, &pod["metadata"]["labels"])
    };
    let storage = storage();
    let mut budgets = store.all(&storage).filter(|(_, budget)| is_of_pod(budget));
    let Some((key, budget)) = budgets.next() else { return Ok(None) };
    if budgets.next().is_some() {
        return Err(Status::unexplained(
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
        ));
    }
    let status = &budget["status"];
    let count = |name: &str| status[name].as_i64().unwrap_or(0);
    if !is_ready(pod) {
        let is_always_allowed = budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow";
        let is_healthy = count("currentHealthy") >= count("desiredHealthy") && count("desiredHealthy") > 0;
        if is_always_allowed || is_healthy {
            return Ok(None);
        }
    }
    let name = budget["metadata"]["name"].as_str().unwrap_or_default();
    if status["observedGeneration"].as_i64().unwrap_or(0) < budget["metadata"]["generation"].as_i64().unwrap_or(0) {
        let why = format!("The disruption budget {name} is still being processed by the server.");
        return Err(Status { retry_after: Some(10), ..refused(&why, Some(10)) });
    }
    if count("disruptionsAllowed") <= 0 {
        let (wanted, present) = (count("desiredHealthy"), count("currentHealthy"));
        let why = format!("The disruption budget {name} needs {wanted} healthy pods and has {present} currently");
        return Err(refused(&why, None));
    }
    let mut spent = Value::clone(budget);
    spent["status"]["disruptionsAllowed"] = json!(count("disruptionsAllowed") - 1);
    spent["status"]["disruptedPods"][pod["metadata"]["name"].as_str().unwrap_or_default()] = json!(now);
    Ok(Some((key.clone(), spent)))
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    conditions.into_iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

fn refused(why: &str, seconds: Option<u32>) -> Status {
    let mut details = json!({ "causes": [{ "reason": "DisruptionBudget", "message": why }] });
    if let Some(seconds) = seconds {
        details["retryAfterSeconds"] = json!(seconds);
    }
    let message = "Cannot evict pod as it would violate the pod's disruption budget.";
    let status = Status::new(http::StatusCode::TOO_MANY_REQUESTS, Some("TooManyRequests"), message);
    Status { details, ..status }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an eviction of a running pod gets from a budget of this status.
    fn spent_of(status: Value) -> Result<Spent, Status> {
        let mut store = Store::new(10);
        store.put(
            &storage(),
            "shop/web",
            json!({
                "metadata": { "name": "web", "namespace": "shop", "generation": 2 },
                "spec": { "selector": { "matchLabels": { "app": "web" } } }, "status": status,
            }),
        );
        let pod = json!({
            "metadata": { "name": "a", "namespace": "shop", "labels": { "app": "web" } },
            "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] },
        });
        spend(&pod, &store, "2024-01-01T00:00:00Z")
    }

    #[test]
    fn a_budget_that_no_controller_has_observed_yet_is_asked_again_in_ten_seconds() {
        let refused = spent_of(json!({ "observedGeneration": 1, "disruptionsAllowed": 1 })).expect_err("429");
        assert_eq!((refused.code.as_u16(), refused.retry_after), (429, Some(10)));
        assert_eq!(refused.details["retryAfterSeconds"], 10);
        let refused = spent_of(json!({ "observedGeneration": 2, "disruptionsAllowed": 0 })).expect_err("429");
        assert_eq!((refused.code.as_u16(), refused.retry_after), (429, None), "a used one may stay so for long");
    }

    #[test]
    fn an_eviction_leaves_one_disruption_less() {
        let spent = spent_of(json!({ "observedGeneration": 2, "disruptionsAllowed": 1 })).expect("allowed");
        let (key, budget) = spent.expect("a budget");
        assert_eq!((key.as_str(), &budget["status"]["disruptionsAllowed"]), ("shop/web", &json!(0)));
        assert!(budget["status"]["disruptedPods"].get("a").is_some());
    }
}

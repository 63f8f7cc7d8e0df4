//! Budgets of disruptions, as evictions spend them.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/>

use serde_json::{Value, json};

use super::checks::selects;
use crate::catalog::StorageKey;
use crate::documents::Documents;
use crate::ownership::with_status_of_server;
use crate::status::{About, Status};
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
/// 429 if the budget allows none, 403 if what it allows is no number of evictions, 500 if the pod has several.
pub(crate) fn spend(pod: &Value, store: &Store, documents: &Documents, now: &str) -> Result<Spent, Status> {
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
    let allowed = count("disruptionsAllowed");
    if allowed < 0 {
        let why = "pdb disruptions allowed is negative";
        return Err(forbidden(name, why, why, documents.minor));
    }
    if status["disruptedPods"].as_object().is_some_and(|pods| pods.len() > MAX_DISRUPTED) {
        let why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller";
        return Err(forbidden(
            name,
            why,
            "too many pending evictions not confirmed by PDB controller",
            documents.minor,
        ));
    }
    if allowed == 0 {
        return Err(refused(&exhausted(name, status, documents.minor), None));
    }
    let mut spent = Value::clone(budget);
    spent["status"]["disruptionsAllowed"] = json!(allowed - 1);
    spent["status"]["disruptedPods"][pod["metadata"]["name"].as_str().unwrap_or_default()] = json!(now);
    if allowed == 1 {
        set_exhausted(&mut spent["status"], now);
    }
    let schema = documents.schema("policy", "v1", "io.k8s.api.policy.v1.PodDisruptionBudget");
    Ok(Some((key.clone(), with_status_of_server(budget, spent, schema, now))))
}

/// Why a budget that allows no evictions doesn't.
fn exhausted(name: &str, status: &Value, minor: u32) -> String {
    /// Since this minor, pods are counted only where that tells why.
    const WITH_REASONS: u32 = 35;
    let count = |name: &str| status[name].as_i64().unwrap_or(0);
    let mut conditions = status["conditions"].as_array().into_iter().flatten();
    let condition = conditions.find(|condition| condition["type"] == ALLOWED && condition["status"] == "False");
    let text = |field: &str| condition.and_then(|condition| condition[field].as_str()).unwrap_or_default();
    let (reason, message) = (text("reason"), text("message"));
    let (wanted, present) = (count("desiredHealthy"), count("currentHealthy"));
    let is_told = minor >= WITH_REASONS;
    let not_allowed = format!("The disruption budget {name} does not allow evicting pods currently");
    match (reason, message) {
        ("SyncFailed", message) if is_told && !message.is_empty() => {
            format!("{not_allowed} because it failed sync: {message}")
        }
        _ if present <= wanted || !is_told => {
            format!("The disruption budget {name} needs {wanted} healthy pods and has {present} currently")
        }
        (_, "") => not_allowed,
        (reason, message) => format!("{not_allowed} ({reason}): {message}"),
    }
}

/// The condition of a budget that tells whether it allows evictions.
const ALLOWED: &str = "DisruptionAllowed";
/// The most evictions that a budget waits for.
const MAX_DISRUPTED: usize = 2000;

/// Says that a budget allows no more evictions.
fn set_exhausted(status: &mut Value, now: &str) {
    let mut conditions = status["conditions"].as_array().cloned().unwrap_or_default();
    let known = conditions.iter().position(|condition| condition["type"] == ALLOWED);
    let is_so = known.is_some_and(|at| conditions[at]["status"] == "False");
    let time = match known {
        Some(at) if is_so => conditions[at]["lastTransitionTime"].clone(),
        _ => json!(now),
    };
    let mut condition = json!({
        "type": ALLOWED, "status": "False", "reason": "InsufficientPods", "message": "", "lastTransitionTime": time,
    });
    if let Some(generation) = status["observedGeneration"].as_i64().filter(|generation| *generation != 0) {
        condition["observedGeneration"] = json!(generation);
    }
    match known {
        Some(at) => conditions[at] = condition,
        None => conditions.push(condition),
    }
    status["conditions"] = Value::Array(conditions);
}

/// 403 of a budget that no controller can have left so.
fn forbidden(name: &str, why: &str, cause: &str, minor: u32) -> Status {
    /// Since this minor there is a cause.
    const WITH_CAUSE: u32 = 37;
    let about = About { group: "policy", kind: "poddisruptionbudget", name };
    let message = format!("The disruption budget {name} does not allow evicting pods currently: {cause}");
    let causes = json!([{ "reason": "DisruptionBudget", "message": message }]);
    Status::forbidden(about, why, if minor >= WITH_CAUSE { causes } else { Value::Null })
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
        let documents = Documents::of(Documents::minors().last().expect("a minor")).expect("documents");
        spend(&pod, &store, &documents, "2024-01-01T00:00:00Z")
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
    fn a_refused_eviction_is_told_why() {
        let told = |status: Value| {
            let refused = spent_of(status).expect_err("refused");
            (refused.code.as_u16(), refused.details["causes"][0]["message"].as_str().unwrap_or_default().to_owned())
        };
        let of = |rest: Value| {
            let mut status =
                json!({ "observedGeneration": 2, "disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 1 });
            status.as_object_mut().expect("fields").extend(rest.as_object().expect("fields").clone());
            told(status)
        };
        let text = |rest: &str| (429, format!("The disruption budget web {rest}"));
        assert_eq!(of(json!({})), text("does not allow evicting pods currently"));
        assert_eq!(of(json!({ "desiredHealthy": 3 })), text("needs 3 healthy pods and has 2 currently"));
        let failed = json!({ "type": ALLOWED, "status": "False", "reason": "SyncFailed", "message": "m" });
        assert_eq!(
            of(json!({ "conditions": [failed] })),
            text("does not allow evicting pods currently because it failed sync: m")
        );
        let other = json!({ "type": ALLOWED, "status": "False", "reason": "R", "message": "m" });
        assert_eq!(of(json!({ "conditions": [other] })), text("does not allow evicting pods currently (R): m"));
        assert_eq!(of(json!({ "disruptionsAllowed": -1 })).0, 403);
    }

    #[test]
    fn an_eviction_leaves_one_disruption_less() {
        let spent = spent_of(json!({ "observedGeneration": 2, "disruptionsAllowed": 1 })).expect("allowed");
        let (key, budget) = spent.expect("a budget");
        assert_eq!((key.as_str(), &budget["status"]["disruptionsAllowed"]), ("shop/web", &json!(0)));
        assert!(budget["status"]["disruptedPods"].get("a").is_some());
        assert_eq!(budget["status"]["conditions"][0]["reason"], "InsufficientPods");
    }
}

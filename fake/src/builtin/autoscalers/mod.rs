//! Autoscalers of `autoscaling/v1`: the objects of `autoscaling/v2`, of which annotations keep what the older version has no fields
//! for.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v1/>

mod encode;
mod read;

use serde_json::{Map, Value, json};

/// The annotations that stand for fields: metrics, their present values, the behavior and conditions.
const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";
const CURRENT_METRICS: &str = "autoscaling.alpha.kubernetes.io/current-metrics";
const BEHAVIOR: &str = "autoscaling.alpha.kubernetes.io/behavior";
const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";
/// Those, and of older versions more.
const ANNOTATIONS: [&str; 6] = [
    METRICS,
    CURRENT_METRICS,
    BEHAVIOR,
    CONDITIONS,
    "autoscaling.alpha.kubernetes.io/scale-down-tolerance",
    "autoscaling.alpha.kubernetes.io/scale-up-tolerance",
];

/// The percentage that is aimed at if nothing else is asked for.
const UTILIZATION: i64 = 80;

/// Removes the annotations that stand for fields.
pub(super) fn drop_annotations(metadata: &mut Value) {
    let Some(Value::Object(annotations)) = metadata.get_mut("annotations") else { return };
    annotations.retain(|name, _| !ANNOTATIONS.contains(&name.as_str()));
    if annotations.is_empty()
        && let Value::Object(metadata) = metadata
    {
        metadata.remove("annotations");
    }
}

/// An object of `autoscaling/v2` as one of `autoscaling/v1`, but for what is not there without a value.
pub(super) fn to_older(object: &Value) -> Value {
    let mut older = json!({ "metadata": object["metadata"], "spec": {}, "status": {} });
    drop_annotations(&mut older["metadata"]);
    let (spec, status) = (&object["spec"], &object["status"]);
    copy(spec, &mut older["spec"], &["scaleTargetRef", "minReplicas", "maxReplicas"]);
    copy(status, &mut older["status"], &["observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas"]);
    let metrics = items(&spec["metrics"]);
    if let Some(percent) = metrics.iter().find_map(|metric| utilization(metric, "target")) {
        older["spec"]["targetCPUUtilizationPercentage"] = percent.clone();
    }
    let current = items(&status["currentMetrics"]);
    if let Some(percent) = current.iter().rev().find_map(|metric| utilization(metric, "current")) {
        older["status"]["currentCPUUtilizationPercentage"] = percent.clone();
    }
    let others: Vec<&Value> = metrics.iter().filter(|metric| utilization(metric, "target").is_none()).collect();
    let mut annotate = |name: &str, text: String| older["metadata"]["annotations"][name] = json!(text);
    if !others.is_empty() {
        annotate(METRICS, encode::list(others.into_iter().map(encode::metric)));
    }
    if !current.is_empty() {
        annotate(CURRENT_METRICS, encode::list(current.iter().map(encode::current_metric)));
    }
    if spec["behavior"].is_object() {
        annotate(BEHAVIOR, encode::behavior(&spec["behavior"]));
    }
    let conditions = items(&status["conditions"]);
    if !conditions.is_empty() {
        annotate(CONDITIONS, encode::list(conditions.iter().map(encode::condition)));
    }
    older
}

/// An object of `autoscaling/v1` as one of `autoscaling/v2`, with the default metric. An annotation that can't be read says nothing.
pub(super) fn to_newer(object: &Value) -> Value {
    let mut newer = json!({ "metadata": object["metadata"], "spec": {}, "status": {} });
    drop_annotations(&mut newer["metadata"]);
    let annotation =
        |name: &str| -> Option<Value> { serde_json::from_str(object["metadata"]["annotations"][name].as_str()?).ok() };
    let (spec, status) = (&object["spec"], &object["status"]);
    copy(spec, &mut newer["spec"], &["scaleTargetRef", "minReplicas", "maxReplicas"]);
    copy(status, &mut newer["status"], &["observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas"]);
    let mut metrics = annotation(METRICS).and_then(|list| read::list(&list, read::metric)).unwrap_or_default();
    let percent = &spec["targetCPUUtilizationPercentage"];
    if !percent.is_null() {
        metrics.push(of_cpu("target", json!({ "type": "Utilization", "averageUtilization": percent })));
    }
    if metrics.is_empty() {
        metrics.push(of_cpu("target", json!({ "type": "Utilization", "averageUtilization": UTILIZATION })));
    }
    newer["spec"]["metrics"] = Value::Array(metrics);
    if let Some(behavior) = annotation(BEHAVIOR).and_then(|behavior| read::behavior(&behavior)) {
        newer["spec"]["behavior"] = behavior;
    }
    let percent = &status["currentCPUUtilizationPercentage"];
    let current = annotation(CURRENT_METRICS).and_then(|list| read::list(&list, read::current_metric));
    match current {
        Some(current) => newer["status"]["currentMetrics"] = Value::Array(current),
        None if !percent.is_null() => {
            let current = of_cpu("current", json!({ "averageUtilization": percent }));
            newer["status"]["currentMetrics"] = json!([current]);
        }
        None => {}
    }
    if let Some(conditions) = annotation(CONDITIONS).and_then(|list| read::list(&list, read::condition)) {
        newer["status"]["conditions"] = Value::Array(conditions);
    }
    newer
}

/// A metric of the CPU, as a share of what is requested.
fn of_cpu(field: &str, value: Value) -> Value {
    let resource = Map::from_iter([("name".to_owned(), json!("cpu")), (field.to_owned(), value)]);
    json!({ "type": "Resource", "resource": resource })
}

/// The share of the CPU that a metric is about. `None` for others.
fn utilization<'m>(metric: &'m Value, field: &str) -> Option<&'m Value> {
    let resource = &metric["resource"];
    let is_of_cpu = metric["type"] == "Resource" && resource["name"] == "cpu";
    resource[field].get("averageUtilization").filter(|percent| is_of_cpu && !percent.is_null())
}

fn copy(from: &Value, to: &mut Value, names: &[&str]) {
    for name in names {
        if let Some(value) = from.get(name) {
            to[*name] = value.clone();
        }
    }
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_older_version_has_no_fields_for_is_kept_in_annotations() {
        let memory = json!({ "type": "Resource", "resource": { "name": "memory", "target": { "type": "AverageValue", "averageValue": "1Gi" } } });
        let cpu = json!({ "type": "Resource", "resource": { "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 50 } } });
        let rules = json!({ "selectPolicy": "Max", "policies": [{ "type": "Pods", "value": 4, "periodSeconds": 15 }] });
        let newer = json!({
            "metadata": { "name": "a" },
            "spec": { "maxReplicas": 3, "metrics": [memory, cpu], "behavior": { "scaleUp": rules } },
            "status": { "desiredReplicas": 0 },
        });
        let older = to_older(&newer);
        assert_eq!(older["spec"], json!({ "maxReplicas": 3, "targetCPUUtilizationPercentage": 50 }));
        assert_eq!(
            older["metadata"]["annotations"][METRICS],
            r#"[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]"#
        );
        assert_eq!(
            older["metadata"]["annotations"][BEHAVIOR],
            r#"{"ScaleUp":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":null}"#
        );
        assert_eq!(to_newer(&older), newer);
    }

    #[test]
    fn an_annotation_that_cannot_be_read_says_nothing() {
        let object =
            json!({ "metadata": { "annotations": { METRICS: "bogus", BEHAVIOR: "[]" } }, "spec": {}, "status": {} });
        let newer = to_newer(&object);
        assert_eq!(newer["metadata"], json!({}));
        assert_eq!(newer["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"], UTILIZATION);
        assert!(newer["spec"].get("behavior").is_none());
    }
}

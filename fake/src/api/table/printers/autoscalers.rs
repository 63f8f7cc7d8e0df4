//! HorizontalPodAutoscalers, in the form of `autoscaling/v2`.

use serde_json::{Value, json};

use super::{Printer, aged, list, number, quantity};
use crate::api::table::column::Column;

/// How many metrics are shown; of the others, the number.
const SHOWN: usize = 2;

pub(super) const AUTOSCALER: Printer = Printer {
    columns: &[
        Column::text(
            "Reference",
            "scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.",
        ),
        Column::text(
            "Targets",
            "metrics contains the specifications for which to use to calculate the desired replica count (the maximum replica count across all metrics will be used).  The desired replica count is calculated multiplying the ratio between the target value and the current value by the current number of pods.  Ergo, metrics used must decrease as the pod count is increased, and vice-versa.  See the individual metric source types for more information about how each type of metric must respond. If not set, the default metric will be set to 80% average CPU utilization.",
        ),
        Column::text(
            "MinPods",
            "minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.  It defaults to 1 pod.  minReplicas is allowed to be 0 if the alpha feature gate HPAScaleToZero is enabled and at least one Object or External metric is configured.  Scaling is active as long as at least one metric value is available.",
        ),
        Column::text(
            "MaxPods",
            "maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up. It cannot be less that minReplicas.",
        ),
        Column::text(
            "Replicas",
            "currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler.",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        let (spec, status) = (&object["spec"], &object["status"]);
        let target = |field: &str| spec["scaleTargetRef"][field].as_str().unwrap_or_default();
        let least = spec["minReplicas"].as_i64().map_or_else(|| "<unset>".to_owned(), |count| count.to_string());
        vec![
            json!(format!("{}/{}", target("kind"), target("name"))),
            json!(metrics(list(&spec["metrics"]), list(&status["currentMetrics"]))),
            json!(least),
            number(&spec["maxReplicas"]),
            number(&status["currentReplicas"]),
            aged(object, now),
        ]
    },
};

/// Metrics with what they are and what they should be.
fn metrics(wanted: &[Value], present: &[Value]) -> String {
    if wanted.is_empty() {
        return "<none>".to_owned();
    }
    let shown: Vec<String> = wanted
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(index, metric)| shown(metric, present.get(index).unwrap_or(&Value::Null)))
        .collect();
    let shown = shown.join(", ");
    match wanted.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} + {more} more..."),
    }
}

fn shown(metric: &Value, present: &Value) -> String {
    let (field, is_of_resource) = match metric["type"].as_str().unwrap_or_default() {
        "External" => ("external", false),
        "Pods" => ("pods", false),
        "Object" => ("object", false),
        "Resource" => ("resource", true),
        "ContainerResource" => ("containerResource", true),
        _ => return "<unknown type>".to_owned(),
    };
    let (source, current) = (&metric[field], &present[field]);
    let target = &source["target"];
    let unknown = || "<unknown>".to_owned();
    // What is measured, if there is a status of this source.
    let measured = |name: &str| match current {
        Value::Null => unknown(),
        current => quantity(&current["current"][name]).to_owned(),
    };
    if is_of_resource {
        let name = source["name"].as_str().unwrap_or_default();
        if target["averageValue"].is_string() {
            return format!("{name}: {}/{}", measured("averageValue"), quantity(&target["averageValue"]));
        }
        let percent = |value: &Value| value.as_i64().map(|percent| format!("{percent}%"));
        let current = percent(&current["current"]["averageUtilization"]).unwrap_or_else(unknown);
        let wanted = percent(&target["averageUtilization"]).unwrap_or_else(|| "<auto>".to_owned());
        return format!("{name}: {current}/{wanted}");
    }
    if field == "pods" {
        return format!("{}/{}", measured("averageValue"), quantity(&target["averageValue"]));
    }
    if target["averageValue"].is_string() {
        let average = &current["current"]["averageValue"];
        let current = average.as_str().map_or_else(unknown, str::to_owned);
        return format!("{current}/{} (avg)", quantity(&target["averageValue"]));
    }
    format!("{}/{}", measured("value"), quantity(&target["value"]))
}

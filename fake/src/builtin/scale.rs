//! `Scale` of the kinds that have replicas.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/scale-v1/>

use kubewright_core::selector::Selector;
use serde_json::{Value, json};

/// The scale of an object.
pub(crate) fn scale_of(object: &Value) -> Value {
    let metadata = &object["metadata"];
    let mut scale = json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {}, "spec": {},
        "status": { "replicas": object["status"]["replicas"].as_i64().unwrap_or(0) },
    });
    for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = metadata.get(name) {
            scale["metadata"][name] = value.clone();
        }
    }
    let replicas = replicas_of(object);
    if replicas != 0 {
        scale["spec"]["replicas"] = json!(replicas);
    }
    let selector = selector(&object["spec"]["selector"]);
    if !selector.is_empty() {
        scale["status"]["selector"] = json!(selector);
    }
    scale
}

/// How many replicas an object, or a scale, asks for.
pub(crate) fn replicas_of(object: &Value) -> i64 {
    object["spec"]["replicas"].as_i64().unwrap_or(0)
}

/// The object with another number of replicas.
pub(crate) fn set_replicas(object: &Value, replicas: i64) -> Value {
    let mut object = object.clone();
    object["spec"]["replicas"] = json!(replicas);
    object
}

/// A label selector as text.
fn selector(selector: &Value) -> String {
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let mut terms: Vec<(String, String)> =
        labels.map(|(key, value)| (key.clone(), format!("{key}={}", value.as_str().unwrap_or_default()))).collect();
    for term in selector["matchExpressions"].as_array().into_iter().flatten() {
        let key = term["key"].as_str().unwrap_or_default();
        let mut values: Vec<&str> = term["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let text = match term["operator"].as_str().unwrap_or_default() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        };
        terms.push((key.to_owned(), text));
    }
    terms.sort();
    let text = terms.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(",");
    // What is no selector was refused when the object was written.
    if text.parse::<Selector>().is_ok() { text } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_written_in_the_order_of_its_keys() {
        let of = |value: Value| selector(&value);
        assert_eq!(of(json!({ "matchLabels": { "b": "1", "a": "2" } })), "a=2,b=1");
        let terms =
            json!([{ "key": "x", "operator": "In", "values": ["q", "p"] }, { "key": "c", "operator": "Exists" }]);
        assert_eq!(of(json!({ "matchExpressions": terms, "matchLabels": { "d": "e" } })), "c,d=e,x in (p,q)");
        assert_eq!(of(Value::Null), "");
    }
}

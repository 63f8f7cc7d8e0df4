//! `Scale` of the kinds that have replicas.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/scale-v1/>

use kubewright_core::selector::Selector;
use serde_json::{Value, json};

use crate::crd::ScalePaths;

/// The scale of an object of a built-in kind.
pub(crate) fn scale_of(object: &Value) -> Value {
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let (replicas, present) = (number(&object["spec"]["replicas"]), number(&object["status"]["replicas"]));
    let selected = &object["spec"]["selector"];
    // That of a replication controller is of labels alone.
    let of_labels = object["kind"] == "ReplicationController";
    let text = if of_labels { selector(&json!({ "matchLabels": selected })) } else { selector(selected) };
    scale(object, replicas, present, &text)
}

/// The scale of a custom resource, and whether it says how many replicas are asked for.
///
/// # Errors
///
/// A value is of another type: what the API server says of it.
pub(crate) fn custom_scale_of(object: &Value, paths: &ScalePaths) -> Result<(Value, bool), String> {
    let replicas = number_at(object, &paths.spec)?;
    let present = number_at(object, &paths.status)?.unwrap_or(0);
    let selector = match &paths.selector {
        Some(path) => text_at(object, path)?.unwrap_or_default(),
        None => String::new(),
    };
    Ok((scale(object, replicas.unwrap_or(0), present, &selector), replicas.is_some()))
}

fn scale(object: &Value, replicas: i64, present: i64, selector: &str) -> Value {
    let metadata = &object["metadata"];
    let mut scale = json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {}, "spec": {}, "status": { "replicas": present },
    });
    for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = metadata.get(name) {
            scale["metadata"][name] = value.clone();
        }
    }
    if replicas != 0 {
        scale["spec"]["replicas"] = json!(replicas);
    }
    if !selector.is_empty() {
        scale["status"]["selector"] = json!(selector);
    }
    scale
}

/// The integer at a path, if there is one.
pub(crate) fn number_at(object: &Value, path: &[String]) -> Result<Option<i64>, String> {
    match at(object, path)? {
        None => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| mistyped(path, value, "int64")),
    }
}

/// The text at a path, if there is one.
pub(crate) fn text_at(object: &Value, path: &[String]) -> Result<Option<String>, String> {
    match at(object, path)? {
        None => Ok(None),
        Some(value) => value.as_str().map(|text| Some(text.to_owned())).ok_or_else(|| mistyped(path, value, "string")),
    }
}

fn at<'v>(object: &'v Value, path: &[String]) -> Result<Option<&'v Value>, String> {
    let mut value = object;
    for (index, name) in path.iter().enumerate() {
        if !value.is_object() {
            return Err(mistyped(path, value, "map[string]interface{}"));
        }
        match value.get(name) {
            // Null stands for no map, but is no number.
            Some(Value::Null) if index + 1 < path.len() => return Ok(None),
            Some(inner) => value = inner,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// As Go's accessors say it.
fn mistyped(path: &[String], value: &Value, wanted: &str) -> String {
    let (shown, kind) = match value {
        Value::Null => ("<nil>".to_owned(), "<nil>"),
        Value::Bool(flag) => (flag.to_string(), "bool"),
        Value::Number(number) if number.is_f64() => (number.to_string(), "float64"),
        Value::Number(number) => (number.to_string(), "int64"),
        Value::String(text) => (text.clone(), "string"),
        Value::Array(_) => (crate::patch::as_go_shows(value), "[]interface {}"),
        Value::Object(_) => (crate::patch::as_go_shows(value), "map[string]interface {}"),
    };
    format!(".{} accessor error: {shown} is of the type {kind}, expected {wanted}", path.join("."))
}

/// The object with another number of replicas, at the path that leads to them.
///
/// # Errors
///
/// There is something else on the way: what the API server says of it.
pub(crate) fn set_replicas(object: &Value, path: &[String], replicas: i64) -> Result<Value, String> {
    let mut object = object.clone();
    let mut place = &mut object;
    for (index, name) in path.iter().enumerate() {
        if !place.is_object() {
            let before = path[..index].join(".");
            return Err(format!("value cannot be set because .{before} is not a map[string]interface{{}}"));
        }
        place = &mut place[name];
        if place.is_null() && index + 1 < path.len() {
            *place = json!({});
        }
    }
    *place = json!(replicas);
    Ok(object)
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

//! What annotations say. A client may have written them: what is not of its type makes the whole annotation unreadable.

use kubewright_core::types::Quantity;
use serde_json::{Map, Value, json};

/// The items of a list, unless one can't be read.
pub(super) fn list(list: &Value, read: fn(&Value) -> Option<Value>) -> Option<Vec<Value>> {
    list.as_array()?.iter().map(read).collect()
}

/// What is aimed at for a metric.
pub(super) fn metric(metric: &Value) -> Option<Value> {
    sources(metric, |kind, source| match kind {
        "object" => {
            let (value, average) = (amount(source, "targetValue")?, optional_amount(source, "averageValue")?);
            let target = match average {
                None => json!({ "type": "Value", "value": value }),
                Some(average) if value == "0" => json!({ "type": "AverageValue", "averageValue": average }),
                Some(average) => json!({ "type": "AverageValue", "value": value, "averageValue": average }),
            };
            Some(
                json!({ "describedObject": reference(source)?, "metric": identifier(source, "selector")?, "target": target }),
            )
        }
        "pods" => {
            let target = json!({ "type": "AverageValue", "averageValue": amount(source, "targetAverageValue")? });
            Some(json!({ "metric": identifier(source, "selector")?, "target": target }))
        }
        "external" => {
            let (value, average) =
                (optional_amount(source, "targetValue")?, optional_amount(source, "targetAverageValue")?);
            let target = target(if value.is_none() { "AverageValue" } else { "Value" }, value, average, None);
            Some(json!({ "metric": identifier(source, "metricSelector")?, "target": target }))
        }
        _ => {
            let percent = optional_number(source, "targetAverageUtilization")?;
            let sort = if percent.is_none() { "AverageValue" } else { "Utilization" };
            let target = target(sort, None, optional_amount(source, "targetAverageValue")?, percent);
            named(kind, source, "target", target)
        }
    })
}

/// The present value of a metric.
pub(super) fn current_metric(metric: &Value) -> Option<Value> {
    sources(metric, |kind, source| match kind {
        "object" => {
            let current =
                current(Some(amount(source, "currentValue")?), optional_amount(source, "averageValue")?, None);
            Some(
                json!({ "describedObject": reference(source)?, "metric": identifier(source, "selector")?, "current": current }),
            )
        }
        "pods" => {
            let current = current(None, Some(amount(source, "currentAverageValue")?), None);
            Some(json!({ "metric": identifier(source, "selector")?, "current": current }))
        }
        "external" => {
            let average = optional_amount(source, "currentAverageValue")?;
            let current = current(Some(amount(source, "currentValue")?), average, None);
            Some(json!({ "metric": identifier(source, "metricSelector")?, "current": current }))
        }
        _ => {
            let percent = optional_number(source, "currentAverageUtilization")?;
            let current = current(None, Some(amount(source, "currentAverageValue")?), percent);
            named(kind, source, "current", current)
        }
    })
}

fn sources(metric: &Value, read: impl Fn(&str, &Value) -> Option<Value>) -> Option<Value> {
    let mut found = Map::from_iter([("type".to_owned(), json!(text(metric, "type")?))]);
    for kind in ["object", "pods", "resource", "containerResource", "external"] {
        if let Some(source) = metric.get(kind).filter(|source| !source.is_null()) {
            found.insert(kind.to_owned(), read(kind, source.as_object().map(|_| source)?)?);
        }
    }
    Some(Value::Object(found))
}

/// The behavior. Go reads its names in any case. `None` if it says nothing.
pub(super) fn behavior(behavior: &Value) -> Option<Value> {
    behavior.as_object()?;
    let mut found = Map::new();
    for (name, written) in [("scaleUp", "ScaleUp"), ("scaleDown", "ScaleDown")] {
        let rules = any_case(behavior, written);
        if !rules.is_null() {
            found.insert(name.to_owned(), scaling(rules)?);
        }
    }
    (!found.is_empty()).then_some(Value::Object(found))
}

fn scaling(rules: &Value) -> Option<Value> {
    rules.as_object()?;
    let mut found = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            found.insert(name.to_owned(), value);
        }
    };
    let lower = |name: &str| any_case(rules, name).clone();
    let rules = json!({
        "window": lower("StabilizationWindowSeconds"), "select": lower("SelectPolicy"), "tolerance": lower("Tolerance"),
        "policies": lower("Policies"),
    });
    put("stabilizationWindowSeconds", optional_number(&rules, "window")?);
    if !rules["select"].is_null() {
        put("selectPolicy", Some(Value::from(text(&rules, "select")?)));
    }
    put("tolerance", optional_amount(&rules, "tolerance")?.map(Value::from));
    let policy = |policy: &Value| {
        policy.as_object()?;
        let policy = json!({
            "type": any_case(policy, "Type"), "value": any_case(policy, "Value"), "periodSeconds": any_case(policy, "PeriodSeconds"),
        });
        let number = |name: &str| Some(optional_number(&policy, name)?.unwrap_or_else(|| json!(0)));
        Some(
            json!({ "type": text(&policy, "type")?, "value": number("value")?, "periodSeconds": number("periodSeconds")? }),
        )
    };
    if !rules["policies"].is_null() {
        let policies: Option<Vec<Value>> = rules["policies"].as_array()?.iter().map(policy).collect();
        put("policies", Some(Value::Array(policies?)));
    }
    Some(Value::Object(found))
}

/// A condition.
pub(super) fn condition(condition: &Value) -> Option<Value> {
    condition.as_object()?;
    let mut found = json!({ "type": text(condition, "type")?, "status": text(condition, "status")? });
    for name in ["reason", "message"] {
        let said = text(condition, name)?;
        if !said.is_empty() {
            found[name] = json!(said);
        }
    }
    match &condition["lastTransitionTime"] {
        Value::Null => {}
        time => {
            let time: jiff::Timestamp = time.as_str()?.parse().ok()?;
            found["lastTransitionTime"] = json!(time.to_string());
        }
    }
    if let Some(generation) = optional_number(condition, "observedGeneration")? {
        found["observedGeneration"] = generation;
    }
    Some(found)
}

fn any_case<'v>(object: &'v Value, name: &str) -> &'v Value {
    let found = object.as_object().and_then(|fields| {
        fields
            .get(name)
            .or_else(|| fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    });
    found.unwrap_or(&Value::Null)
}

/// A source that has the name of a resource, and perhaps of a container.
fn named(kind: &str, source: &Value, field: &str, value: Value) -> Option<Value> {
    let mut found = json!({ "name": text(source, "name")?, field: value });
    if kind == "containerResource" {
        found["container"] = json!(text(source, "container")?);
    }
    Some(found)
}

fn reference(source: &Value) -> Option<Value> {
    let target = &source["target"];
    let mut found = json!({ "kind": text(target, "kind")?, "name": text(target, "name")? });
    let version = text(target, "apiVersion")?;
    if !version.is_empty() {
        found["apiVersion"] = json!(version);
    }
    Some(found)
}

fn identifier(source: &Value, selector: &str) -> Option<Value> {
    let mut found = json!({ "name": text(source, "metricName")? });
    match &source[selector] {
        Value::Null => {}
        selector => found["selector"] = selector.as_object().map(|_| selector.clone())?,
    }
    Some(found)
}

fn target(sort: &str, value: Option<String>, average: Option<String>, percent: Option<Value>) -> Value {
    let mut target = current(value, average, percent);
    target["type"] = json!(sort);
    target
}

fn current(value: Option<String>, average: Option<String>, percent: Option<Value>) -> Value {
    let fields = [
        ("value", value.map(Value::from)),
        ("averageValue", average.map(Value::from)),
        ("averageUtilization", percent),
    ];
    Value::Object(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

/// A text; empty if it is absent. `None` if it is of another type.
fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    match &object[name] {
        Value::Null => Some(""),
        value => value.as_str(),
    }
}

#[expect(clippy::option_option, reason = "absent, or of another type")]
fn optional_number(object: &Value, name: &str) -> Option<Option<Value>> {
    match &object[name] {
        Value::Null => Some(None),
        value if value.is_i64() => Some(Some(value.clone())),
        _ => None,
    }
}

/// An amount; 0 if it is absent.
fn amount(object: &Value, name: &str) -> Option<String> {
    Some(optional_amount(object, name)?.unwrap_or_else(|| "0".to_owned()))
}

#[expect(clippy::option_option, reason = "absent, or of another type")]
fn optional_amount(object: &Value, name: &str) -> Option<Option<String>> {
    let text = match &object[name] {
        Value::Null => return Some(None),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let canonical = Quantity::parse(&text).and_then(|quantity| quantity.canonical()).ok()?;
    Some(Some(canonical.as_str().to_owned()))
}

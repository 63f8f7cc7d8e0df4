//! The texts of annotations, with the fields in the order in which Go's types have them.

use serde_json::Value;

use super::items;

/// A field: its name and the text of its value. `None` if it is left out.
type Field = (&'static str, Option<String>);

/// A list.
pub(super) fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// What is aimed at for a metric.
pub(super) fn metric(metric: &Value) -> String {
    sources(metric, |kind, source| {
        let target = &source["target"];
        match kind {
            "object" => vec![
                ("target", Some(reference(&source["describedObject"]))),
                ("metricName", Some(text(&source["metric"]["name"]))),
                ("targetValue", Some(amount(&target["value"]))),
                ("selector", selector(&source["metric"]["selector"])),
                ("averageValue", optional(&target["averageValue"])),
            ],
            "pods" => vec![
                ("metricName", Some(text(&source["metric"]["name"]))),
                ("targetAverageValue", Some(amount(&target["averageValue"]))),
                ("selector", selector(&source["metric"]["selector"])),
            ],
            "external" => vec![
                ("metricName", Some(text(&source["metric"]["name"]))),
                ("metricSelector", selector(&source["metric"]["selector"])),
                ("targetValue", optional(&target["value"])),
                ("targetAverageValue", optional(&target["averageValue"])),
            ],
            _ => vec![
                ("name", Some(text(&source["name"]))),
                ("targetAverageUtilization", optional(&target["averageUtilization"])),
                ("targetAverageValue", optional(&target["averageValue"])),
                ("container", (kind == "containerResource").then(|| text(&source["container"]))),
            ],
        }
    })
}

/// The present value of a metric.
pub(super) fn current_metric(metric: &Value) -> String {
    sources(metric, |kind, source| {
        let current = &source["current"];
        match kind {
            "object" => vec![
                ("target", Some(reference(&source["describedObject"]))),
                ("metricName", Some(text(&source["metric"]["name"]))),
                ("currentValue", Some(amount(&current["value"]))),
                ("selector", selector(&source["metric"]["selector"])),
                ("averageValue", optional(&current["averageValue"])),
            ],
            "pods" => vec![
                ("metricName", Some(text(&source["metric"]["name"]))),
                ("currentAverageValue", Some(amount(&current["averageValue"]))),
                ("selector", selector(&source["metric"]["selector"])),
            ],
            "external" => vec![
                ("metricName", Some(text(&source["metric"]["name"]))),
                ("metricSelector", selector(&source["metric"]["selector"])),
                ("currentValue", Some(amount(&current["value"]))),
                ("currentAverageValue", optional(&current["averageValue"])),
            ],
            _ => vec![
                ("name", Some(text(&source["name"]))),
                ("currentAverageUtilization", optional(&current["averageUtilization"])),
                ("currentAverageValue", Some(amount(&current["averageValue"]))),
                ("container", (kind == "containerResource").then(|| text(&source["container"]))),
            ],
        }
    })
}

/// The type of a metric, and what each of the types has.
fn sources(metric: &Value, fields: impl Fn(&str, &Value) -> Vec<Field>) -> String {
    let of = |kind: &'static str| (kind, metric.get(kind).map(|source| object(fields(kind, source))));
    object(vec![
        ("type", Some(text(&metric["type"]))),
        of("object"),
        of("pods"),
        of("resource"),
        of("containerResource"),
        of("external"),
    ])
}

/// The behavior, of which Go has no names in JSON.
pub(super) fn behavior(behavior: &Value) -> String {
    object(vec![("ScaleUp", Some(rules(&behavior["scaleUp"]))), ("ScaleDown", Some(rules(&behavior["scaleDown"])))])
}

fn rules(rules: &Value) -> String {
    if rules.is_null() {
        return "null".to_owned();
    }
    let policy = |policy: &Value| {
        object(vec![
            ("Type", Some(text(&policy["type"]))),
            ("Value", Some(number(&policy["value"]))),
            ("PeriodSeconds", Some(number(&policy["periodSeconds"]))),
        ])
    };
    let policies = rules["policies"].as_array().map_or("null".to_owned(), |all| list(all.iter().map(policy)));
    object(vec![
        ("StabilizationWindowSeconds", Some(go(&rules["stabilizationWindowSeconds"]))),
        ("SelectPolicy", Some(go(&rules["selectPolicy"]))),
        ("Policies", Some(policies)),
        ("Tolerance", Some(go(&rules["tolerance"]))),
    ])
}

/// A condition.
pub(super) fn condition(condition: &Value) -> String {
    let unless_empty = |name: &str| optional(&condition[name]).filter(|text| text != "\"\"");
    object(vec![
        ("type", Some(text(&condition["type"]))),
        ("status", Some(text(&condition["status"]))),
        ("lastTransitionTime", Some(go(&condition["lastTransitionTime"]))),
        ("reason", unless_empty("reason")),
        ("message", unless_empty("message")),
        ("observedGeneration", optional(&condition["observedGeneration"])),
    ])
}

fn reference(reference: &Value) -> String {
    object(vec![
        ("kind", Some(text(&reference["kind"]))),
        ("name", Some(text(&reference["name"]))),
        ("apiVersion", optional(&reference["apiVersion"])),
    ])
}

fn selector(selector: &Value) -> Option<String> {
    if selector.is_null() {
        return None;
    }
    let labels = selector["matchLabels"].as_object().filter(|labels| !labels.is_empty());
    let expressions = items(&selector["matchExpressions"]);
    let expression = |expression: &Value| {
        object(vec![
            ("key", Some(text(&expression["key"]))),
            ("operator", Some(text(&expression["operator"]))),
            ("values", optional(&expression["values"])),
        ])
    };
    Some(object(vec![
        ("matchLabels", labels.map(|_| go(&selector["matchLabels"]))),
        ("matchExpressions", (!expressions.is_empty()).then(|| list(expressions.iter().map(expression)))),
    ]))
}

fn object(fields: Vec<Field>) -> String {
    let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("\"{name}\":{}", value?)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// A value as Go's encoder writes it.
fn go(value: &Value) -> String {
    let mut written = String::new();
    for letter in value.to_string().chars() {
        match letter {
            '<' => written.push_str("\\u003c"),
            '>' => written.push_str("\\u003e"),
            '&' => written.push_str("\\u0026"),
            '\u{2028}' => written.push_str("\\u2028"),
            '\u{2029}' => written.push_str("\\u2029"),
            other => written.push(other),
        }
    }
    written
}

fn optional(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| go(value))
}

fn text(value: &Value) -> String {
    optional(value).unwrap_or_else(|| "\"\"".to_owned())
}

fn number(value: &Value) -> String {
    optional(value).unwrap_or_else(|| "0".to_owned())
}

/// An amount that is no pointer in Go.
fn amount(value: &Value) -> String {
    optional(value).unwrap_or_else(|| "\"0\"".to_owned())
}

//! One of several schemas: an enum of Rust, in structural form.

use serde_json::{Map, Value as Json};

use super::structural::{INT_OR_STRING, Object, PRESERVE, any, intersect, narrowing};

/// Adds to a schema that its value is one of several, or any of them, as the junctor (`oneOf`, `anyOf`) says.
pub(super) fn union(out: &mut Object, junctor: &str, mut branches: Vec<Object>) {
    for branch in &mut branches {
        if branch.remove("nullable").is_some() {
            out.insert("nullable".into(), true.into());
        }
    }
    if branches.is_empty() {
        return;
    }
    if branches.len() == 1 {
        return intersect(out, branches.remove(0));
    }
    let description = variants(&branches);
    let merged = merge(&branches);
    let narrowed: Vec<Object> = branches.iter().map(|branch| rest(branch, &merged)).collect();
    for (key, value) in merged {
        match (key.as_str(), out.get_mut(&key), value) {
            ("properties", Some(Json::Object(own)), Json::Object(new)) => {
                for (name, property) in new {
                    own.entry(name).or_insert(property);
                }
            }
            ("required", Some(Json::Array(own)), Json::Array(new)) => {
                let new: Vec<_> = new.into_iter().filter(|name| !own.contains(name)).collect();
                own.extend(new);
            }
            ("description", ..) => {}
            (_, Some(_), _) => {}
            (_, None, value) => drop(out.insert(key, value)),
        }
    }
    if !description.is_empty() {
        let own = out.get("description").and_then(Json::as_str).unwrap_or_default();
        let text = if own.is_empty() { description } else { format!("{own}\n\n{description}") };
        out.insert("description".into(), text.into());
    }
    // A branch that takes everything makes the whole junctor say nothing.
    if narrowed.iter().all(|branch| !branch.is_empty()) {
        out.insert(junctor.into(), narrowed.into_iter().map(Json::Object).collect());
    }
}

/// What people wrote about each of the values.
fn variants(branches: &[Object]) -> String {
    let lines = branches.iter().filter_map(|branch| {
        let text = branch.get("description").and_then(Json::as_str)?;
        let name = match branch.get("enum").and_then(Json::as_array)?.as_slice() {
            [Json::String(value)] => value,
            _ => return None,
        };
        Some(format!("- `{name}`: {}", text.split_whitespace().collect::<Vec<_>>().join(" ")))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn text<'a>(schema: &'a Object, key: &str) -> Option<&'a str> {
    schema.get(key)?.as_str()
}

/// A schema that takes what any of several takes, and as little else as its words allow.
fn merge(branches: &[Object]) -> Object {
    let bare = |schema: &Object| schema.iter().filter(|(key, _)| *key != "description").map(own).collect::<Object>();
    let Some(first) = branches.first() else { return any() };
    if branches.iter().all(|branch| bare(branch) == bare(first)) {
        return first.clone();
    }
    let mut kinds: Vec<Option<&str>> = branches.iter().map(|branch| text(branch, "type")).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let int_or_string = branches
        .iter()
        .all(|branch| branch.contains_key(INT_OR_STRING) || matches!(text(branch, "type"), Some("integer" | "string")));
    match kinds.as_slice() {
        [Some("object")] => object(branches),
        [Some("array")] => {
            let items: Vec<Object> =
                branches.iter().filter_map(|branch| branch.get("items")?.as_object().cloned()).collect();
            Object::from_iter([("type".into(), "array".into()), ("items".into(), merge(&items).into())])
        }
        [Some(kind)] => scalar(kind, branches),
        [Some("integer"), Some("number")] => scalar("number", branches),
        _ if int_or_string => Object::from_iter([(INT_OR_STRING.into(), true.into())]),
        _ => any(),
    }
}

fn own((key, value): (&String, &Json)) -> (String, Json) {
    (key.clone(), value.clone())
}

/// Scalars of one type. Where each has its values, all of them are the values.
fn scalar(kind: &str, branches: &[Object]) -> Object {
    let mut out = Object::from_iter([("type".into(), kind.into())]);
    let values: Option<Vec<&Vec<Json>>> = branches.iter().map(|branch| branch.get("enum")?.as_array()).collect();
    if let Some(values) = values {
        let mut all: Vec<Json> = Vec::new();
        for value in values.into_iter().flatten() {
            if !all.contains(value) {
                all.push(value.clone());
            }
        }
        out.insert("enum".into(), all.into());
    }
    if let Some(format) = branches.first().and_then(|branch| branch.get("format"))
        && branches.iter().all(|branch| branch.get("format") == Some(format))
    {
        out.insert("format".into(), format.clone());
    }
    out
}

/// Objects: with the properties of all of them. Required is what each of them requires.
fn object(branches: &[Object]) -> Object {
    let mut names: Vec<&String> = Vec::new();
    let properties = |branch: &Object, name: &str| branch.get("properties")?.get(name)?.as_object().cloned();
    for branch in branches {
        let own = branch.get("properties").and_then(Json::as_object).into_iter().flat_map(Map::keys);
        names.extend(own);
    }
    names.sort_unstable();
    names.dedup();
    let mut out = Object::from_iter([("type".into(), "object".into())]);
    let all: Object = names
        .iter()
        .map(|name| {
            let mut alternatives: Vec<Object> = branches.iter().filter_map(|branch| properties(branch, name)).collect();
            let nullable = alternatives.iter_mut().filter_map(|schema| schema.remove("nullable")).count() > 0;
            let mut merged = merge(&alternatives);
            if nullable {
                merged.insert("nullable".into(), true.into());
            }
            if merged.len() > 1 && alternatives.iter().any(|schema| schema.get("default") != merged.get("default")) {
                merged.remove("default");
            }
            // The description of one variant's field is not that of another's.
            if alternatives.iter().any(|schema| schema.get("description") != merged.get("description")) {
                merged.remove("description");
            }
            ((*name).clone(), merged.into())
        })
        .collect();
    let rests: Vec<&Json> = branches.iter().filter_map(|branch| branch.get("additionalProperties")).collect();
    let preserve = branches.iter().any(|branch| branch.contains_key(PRESERVE));
    match rests.first() {
        Some(rest) if all.is_empty() && rests.iter().all(|other| other == rest) && rests.len() == branches.len() => {
            out.insert("additionalProperties".into(), (*rest).clone());
        }
        Some(_) => drop(out.insert(PRESERVE.into(), true.into())),
        None if preserve => drop(out.insert(PRESERVE.into(), true.into())),
        None => {}
    }
    if !all.is_empty() {
        out.insert("properties".into(), all.into());
    }
    let required = |branch: &Object| branch.get("required").and_then(Json::as_array).cloned().unwrap_or_default();
    let mut common = branches.first().map(required).unwrap_or_default();
    common.retain(|name| branches.iter().all(|branch| required(branch).contains(name)));
    if !common.is_empty() {
        out.insert("required".into(), common.into());
    }
    out
}

/// What a branch demands beyond what all of them have in common.
fn rest(branch: &Object, merged: &Object) -> Object {
    if merged.contains_key(INT_OR_STRING) || !merged.contains_key("type") {
        return Object::new();
    }
    let mut out = Object::new();
    for (key, value) in narrowing(branch) {
        match (key.as_str(), value) {
            // Values of scalars are all together in what is merged.
            ("enum", _) if merged.contains_key("enum") => {}
            ("properties", Json::Object(properties)) => {
                let inner: Object = properties
                    .into_iter()
                    .filter(|(name, property)| {
                        let merged = merged.get("properties").and_then(|all| all.get(name)?.as_object());
                        merged.is_some_and(|merged| {
                            property.as_object().is_some_and(|property| narrowing(merged) != *property)
                                && merged.contains_key("type")
                        })
                    })
                    .collect();
                if !inner.is_empty() {
                    out.insert(key, inner.into());
                }
            }
            (_, value) if merged.get(&key) == Some(&value) => {}
            (_, value) => drop(out.insert(key, value)),
        }
    }
    out
}

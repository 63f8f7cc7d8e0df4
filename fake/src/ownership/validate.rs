//! What is wrong with a value by its schema, before it is merged.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::elements::element_of;
use super::path::PathElement;
use crate::patch::as_go_shows;
use crate::schema::{Merging, Schema};

/// Returns what is wrong with a value that is to be applied: fields that the schema doesn't have, values of other types,
/// items that can't be told apart. `None` if nothing is.
pub(crate) fn mistakes(value: &Value, schema: Schema<'_>) -> Option<String> {
    let mut found = Vec::new();
    walk(value, schema, &mut String::new(), &mut found);
    match found.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("errors:\n  {}", several.join("\n  "))),
    }
}

fn walk(value: &Value, schema: Schema<'_>, path: &mut String, found: &mut Vec<String>) {
    let said = |path: &str, what: &str| if path.is_empty() { what.to_owned() } else { format!("{path}: {what}") };
    let wrong = unread(value).map(|shown| unread_type(shown, schema)).or_else(|| wrong_type(value, schema));
    if let Some(what) = wrong {
        return found.push(said(path, &what));
    }
    let start = path.len();
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let field = schema.field(name);
                let _ = write!(path, "{}", PathElement::Field(name.into()));
                if field.is_absent() {
                    // Of several, one is named.
                    found.push(format!("{path}: field not declared in schema"));
                    path.truncate(start);
                    break;
                } else {
                    walk(value, field, path, found);
                }
                path.truncate(start);
            }
        }
        Value::Array(list) => {
            let (merging, item_schema) = (schema.merging(value), schema.item());
            let mut known = BTreeSet::new();
            for (index, item) in list.iter().enumerate() {
                let element = match merging {
                    Merging::Whole | Merging::ByKey => PathElement::Index(index as u64),
                    Merging::ByKeys(_) if unread(item).is_some() => {
                        let why = "associative list with keys may not have non-map elements";
                        return found.push(said(path, &format!("element {index}: {why}")));
                    }
                    _ => match element_of(item, merging, item_schema) {
                        Ok(element) => element,
                        Err(why) => return found.push(said(path, &format!("element {index}: {why}"))),
                    },
                };
                if !known.insert(element.clone()) {
                    found.push(format!("{path}: duplicate entries for key {element}"));
                }
                let _ = write!(path, "{element}");
                walk(item, item_schema, path, found);
                path.truncate(start);
            }
        }
        _ => {}
    }
}

/// A value of an expression that stays what it is in Go, and is not read as JSON: a map in a list, or null. As a map of one field it
/// can't be mistaken for a field of an object.
pub(crate) fn as_go_has_it(shown: &str) -> Value {
    json!({ UNREAD: shown })
}

const UNREAD: &str = "\0";

fn unread(value: &Value) -> Option<&str> {
    value.get(UNREAD)?.as_str()
}

/// What is said of such a value: it is of no type.
fn unread_type(shown: &str, schema: Schema<'_>) -> String {
    match schema.kind() {
        Some("array") => format!("expected list, got &{{{shown}}}"),
        Some("boolean") => format!("expected boolean, got &{{{shown}}}"),
        Some("integer" | "number") if shown == "NULL_VALUE" => {
            "expected numeric (int or float), got structpb.NullValue".to_owned()
        }
        Some("integer" | "number") => "expected numeric (int or float), got map[ref.Val]ref.Val".to_owned(),
        Some("string") if shown == "NULL_VALUE" => "expected string, got &value.valueUnstructured{Value:0}".to_owned(),
        Some("string") => format!("expected string, got &value.valueUnstructured{{Value:{shown}}}"),
        _ => format!("expected map, got &{{{shown}}}"),
    }
}

/// What is said of a value of another type than the schema's. Null is of every type.
fn wrong_type(value: &Value, schema: Schema<'_>) -> Option<String> {
    let is_scalar = matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_));
    if value.is_null() {
        return None;
    }
    if schema.is("x-kubernetes-int-or-string") || schema.format() == Some("int-or-string") {
        return (!is_scalar).then(|| format!("expected any scalar, got {value}"));
    }
    match (schema.kind()?, value) {
        ("object", Value::Object(_)) | ("array", Value::Array(_)) => None,
        ("integer" | "number", Value::Number(_)) | ("string", Value::String(_)) | ("boolean", Value::Bool(_)) => None,
        ("object", other) => Some(format!("expected map, got &{{{}}}", as_go_shows(other))),
        ("array", other) => Some(format!("expected list, got &{{{}}}", as_go_shows(other))),
        ("integer" | "number", other) => Some(format!("expected numeric (int or float), got {}", go_type(other))),
        ("boolean", other) => Some(format!("expected boolean, got &{{{}}}", as_go_shows(other))),
        (kind, other) => Some(format!("expected {kind}, got &value.valueUnstructured{{Value:{other}}}")),
    }
}

/// The name that Go has for the type of a JSON value.
fn go_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Array(_) => "[]interface {}",
        _ => "map[string]interface {}",
    }
}

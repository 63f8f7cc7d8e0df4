//! Checks of the schemas of CustomResourceDefinitions, which have to be structural.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>

use std::collections::BTreeSet;

use kubewright_core::validate::pattern_problem;
use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::status::Cause;

const TYPES: &[&str] = &["array", "boolean", "integer", "number", "object", "string"];

/// What a schema is of.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Checks the schema of a version.
pub(super) fn check(schema: &Value, path: &str, found: &mut Findings) {
    let mut structure = Findings::default();
    of_structure(schema, Level::Root, path, &mut structure);
    let mut causes = structure.into_causes();
    // In the order of what is said of them.
    causes.sort_by_key(|cause| format!("{}: {}", cause.field, cause.message));
    causes.into_iter().for_each(|cause: Cause| found.push(cause));
    of_contents(schema, path, found);
}

/// The schemas of single fields.
fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn is(schema: &Value, extension: &str) -> bool {
    schema[extension] == true
}

/// That there is a type everywhere, and that what is nested under `allOf` and the like says nothing of structure.
fn of_structure(schema: &Value, level: Level, path: &str, found: &mut Findings) {
    let kind = text(&schema["type"]);
    let (embeds, any, keeps) = (
        is(schema, "x-kubernetes-embedded-resource"),
        is(schema, "x-kubernetes-int-or-string"),
        is(schema, "x-kubernetes-preserve-unknown-fields"),
    );
    if kind == "array" && schema["items"].is_null() {
        found.required_because(format!("{path}.items"), "must be specified");
    }
    if schema["items"].is_object() {
        of_structure(&schema["items"], Level::Item, &format!("{path}.items"), found);
    }
    for (name, property) in properties(schema) {
        of_structure(property, Level::Field, &format!("{path}.properties[{name}]"), found);
    }
    let additional = &schema["additionalProperties"];
    if !additional.is_null() {
        let field = format!("{path}.additionalProperties");
        if level == Level::Root {
            found.forbidden(&field, "must not be used at the root");
        }
        if additional.is_object() {
            of_structure(additional, Level::Field, &field, found);
        }
        if embeds {
            found.forbidden(&field, "must not be used if x-kubernetes-embedded-resource is set");
        }
    }
    for (flag, name) in [(keeps, "x-kubernetes-preserve-unknown-fields"), (embeds, "x-kubernetes-embedded-resource")] {
        if any && flag {
            let why = "must be false if x-kubernetes-int-or-string is true";
            found.invalid(format!("{path}.{name}"), &json!(true), why);
        }
    }
    values(schema, any, path, found);
    let field = format!("{path}.type");
    if embeds && kind != "object" {
        let why = "must be object if x-kubernetes-embedded-resource is true";
        if kind.is_empty() {
            found.required_because(&field, why);
        } else {
            found.invalid(&field, &json!(kind), why);
        }
    } else if kind.is_empty() && !any && !keeps {
        let why = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        found.required_because(&field, why);
    }
    if level == Level::Root && !kind.is_empty() && kind != "object" {
        found.invalid(&field, &json!(kind), "must be object at the root");
    }
    metadata(schema, level, embeds, path, found);
    if embeds && !keeps && properties(schema).next().is_none() {
        let why =
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
        found.required_because(format!("{path}.properties"), why);
    }
}

/// What every object has is not said again, but for its name.
fn metadata(schema: &Value, level: Level, embeds: bool, path: &str, found: &mut Findings) {
    if level != Level::Root && !embeds {
        return;
    }
    for name in ["kind", "apiVersion"] {
        let property = &schema["properties"][name];
        if !property.is_null() && property["type"] != "string" {
            let field = format!("{path}.properties[{name}].type");
            found.invalid(field, &json!(text(&property["type"])), "must be string");
        }
    }
    let property = &schema["properties"]["metadata"];
    if property.is_null() {
        return;
    }
    let field = format!("{path}.properties[metadata]");
    if property["type"] != "object" {
        found.invalid(format!("{field}.type"), &json!(text(&property["type"])), "must be object");
    }
    let says_more = property
        .as_object()
        .is_some_and(|parts| parts.keys().any(|part| !matches!(part.as_str(), "type" | "properties" | "default")));
    let names_more = properties(property).any(|(name, _)| !matches!(name.as_str(), "name" | "generateName"));
    if level == Level::Root && (says_more || names_more) {
        let why = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        found.forbidden(field, why);
    }
}

/// What is under `allOf`, `anyOf`, `oneOf` and `not`. Integers or texts are told by one of these.
fn values(schema: &Value, is_int_or_string: bool, path: &str, found: &mut Findings) {
    let either = json!([{ "type": "integer" }, { "type": "string" }]);
    for junctor in ["anyOf", "allOf", "oneOf"] {
        for (index, nested_schema) in items(&schema[junctor]).iter().enumerate() {
            if is_int_or_string && junctor == "anyOf" && schema["anyOf"] == either {
                continue;
            }
            let tells = is_int_or_string && junctor == "allOf" && index == 0 && nested_schema["anyOf"] == either;
            nested(nested_schema, tells, &format!("{path}.{junctor}[{index}]"), found);
        }
    }
    if schema["not"].is_object() {
        nested(&schema["not"], false, &format!("{path}.not"), found);
    }
    if let Some(why) = pattern_problem(text(&schema["pattern"])) {
        let why = format!("must be a valid regular expression, but isn't: {why}");
        found.invalid(format!("{path}.pattern"), &schema["pattern"], &why);
    }
}

fn nested(schema: &Value, tells_types: bool, path: &str, found: &mut Findings) {
    if !tells_types {
        values(schema, false, path, found);
    }
    if schema["items"].is_object() {
        nested(&schema["items"], false, &format!("{path}.items"), found);
    }
    for (name, property) in properties(schema) {
        nested(property, false, &format!("{path}.properties[{name}]"), found);
    }
    let forbidden: &[(&str, &str)] = &[
        ("type", "must be empty to be structural"),
        ("additionalProperties", "must be undefined to be structural"),
        ("default", "must be undefined to be structural"),
        ("title", "must be empty to be structural"),
        ("description", "must be empty to be structural"),
        ("nullable", "must be false to be structural"),
        ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
        ("x-kubernetes-embedded-resource", "must be false to be structural"),
        ("x-kubernetes-int-or-string", "must be false to be structural"),
        ("x-kubernetes-list-map-keys", "must be empty to be structural"),
        ("x-kubernetes-list-type", "must be undefined to be structural"),
        ("x-kubernetes-map-type", "must be undefined to be structural"),
        ("x-kubernetes-validations", "must be empty to be structural"),
    ];
    for (name, why) in forbidden {
        let value = &schema[*name];
        let is_zero = value.is_null() || *value == false || *value == "" || *value == json!([]);
        if !is_zero || (*name == "default" && !value.is_null()) {
            found.forbidden(format!("{path}.{name}"), why);
        }
    }
    if !schema["properties"]["metadata"].is_null() {
        found.forbidden(format!("{path}.properties[metadata]"), "must not be specified in a nested context");
    }
}

/// What each schema says by itself.
fn of_contents(schema: &Value, path: &str, found: &mut Findings) {
    if !schema.is_object() {
        return;
    }
    if is(schema, "uniqueItems") {
        let why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        found.forbidden(format!("{path}.uniqueItems"), why);
    }
    let additional = &schema["additionalProperties"];
    if !additional.is_null() && properties(schema).next().is_some() && *additional != true {
        let why = "additionalProperties and properties are mutual exclusive";
        found.forbidden(format!("{path}.additionalProperties"), why);
    }
    of_contents(additional, &format!("{path}.additionalProperties"), found);
    for (name, property) in properties(schema) {
        of_contents(property, &format!("{path}.properties[{name}]"), found);
    }
    of_contents(&schema["not"], &format!("{path}.not"), found);
    for junctor in ["allOf", "oneOf", "anyOf"] {
        for (index, nested) in items(&schema[junctor]).iter().enumerate() {
            of_contents(nested, &format!("{path}.{junctor}[{index}]"), found);
        }
    }
    of_contents(&schema["items"], &format!("{path}.items"), found);
    if schema["x-kubernetes-preserve-unknown-fields"] == false {
        let field = format!("{path}.x-kubernetes-preserve-unknown-fields");
        found.invalid(field, &json!(false), "must be true or undefined");
    }
    of_lists(schema, path, found);
    let kind = text(&schema["type"]);
    if !kind.is_empty() && !TYPES.contains(&kind) {
        found.not_supported(format!("{path}.type"), &json!(kind), TYPES);
    }
    if schema["items"].is_array() {
        found.forbidden(format!("{path}.items"), "items must be a schema object and not an array");
    }
    for name in ["patternProperties", "definitions", "dependencies", "$ref"] {
        if !schema[name].is_null() && schema[name] != json!({}) {
            found.forbidden(format!("{path}.{name}"), &format!("{name} is not supported"));
        }
    }
}

/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>
fn of_lists(schema: &Value, path: &str, found: &mut Findings) {
    let kind = text(&schema["type"]);
    for (extension, wanted, supported) in [
        ("x-kubernetes-map-type", "object", &["atomic", "granular"][..]),
        ("x-kubernetes-list-type", "array", &["atomic", "set", "map"]),
    ] {
        let value = &schema[extension];
        if value.is_null() {
            continue;
        }
        let why = format!("must be {wanted} if {extension} is specified");
        if kind.is_empty() {
            found.required_because(format!("{path}.type"), &why);
        } else if kind != wanted {
            found.invalid(format!("{path}.type"), &json!(kind), &why);
        }
        if !supported.contains(&text(value)) {
            found.not_supported(format!("{path}.{extension}"), value, supported);
        }
    }
    if schema["x-kubernetes-list-type"] == "set" {
        // Lists are atomic unless they say otherwise, and objects are not.
        let item = &schema["items"];
        let (extension, is_atomic) = match text(&item["type"]) {
            "array" => ("x-kubernetes-list-type", matches!(text(&item["x-kubernetes-list-type"]), "" | "atomic")),
            "object" => ("x-kubernetes-map-type", item["x-kubernetes-map-type"] == "atomic"),
            _ => ("", true),
        };
        if !is_atomic {
            let why = "must be atomic as item of a list with x-kubernetes-list-type=set";
            found.invalid(format!("{path}.items.{extension}"), &item["x-kubernetes-list-type"], why);
        }
    }
    let (list, keys, item) =
        (text(&schema["x-kubernetes-list-type"]), items(&schema["x-kubernetes-list-map-keys"]), &schema["items"]);
    if !keys.is_empty() && list != "map" {
        let (field, why) =
            (format!("{path}.x-kubernetes-list-type"), "must be map if x-kubernetes-list-map-keys is non-empty");
        if list.is_empty() {
            found.required_because(field, why);
        } else {
            found.invalid(field, &json!(list), why);
        }
    }
    if list != "map" {
        return;
    }
    let field = format!("{path}.x-kubernetes-list-map-keys");
    if keys.is_empty() {
        found.required_because(&field, "must not be empty if x-kubernetes-list-type is map");
    }
    if item.is_null() {
        found.required_because(format!("{path}.items"), "must have a schema if x-kubernetes-list-type is map");
    } else if item["type"] != "object" {
        let why = "must be object if parent array's x-kubernetes-list-type is map";
        found.invalid(format!("{path}.items.type"), &json!(text(&item["type"])), why);
    } else {
        let mut known = BTreeSet::new();
        for key in keys {
            let property = &item["properties"][text(key)];
            if property.is_null() {
                found.invalid(&field, &json!(keys), "entries must all be names of item properties");
            } else if matches!(text(&property["type"]), "array" | "object") {
                let why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
                found.invalid(format!("{path}.items.properties[{}].type", text(key)), &item["type"], why);
            }
            if !known.insert(text(key)) {
                found.invalid(&field, &json!(keys), "must not contain duplicate entries");
            }
        }
        for key in keys {
            let property = &item["properties"][text(key)];
            let is_required = items(&item["required"]).contains(key);
            if !property.is_null() && !is_required && property["default"].is_null() {
                let why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
                found.required_because(format!("{path}.items.properties[{}].default", text(key)), why);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_that_is_structural_is_found_to_be() {
        let schema = json!({ "type": "object", "properties": {
            "metadata": { "type": "object", "properties": { "name": { "type": "string", "maxLength": 5 } } },
            "spec": { "type": "object", "properties": {
                "port": { "x-kubernetes-int-or-string": true, "anyOf": [{ "type": "integer" }, { "type": "string" }] },
                "raw": { "x-kubernetes-preserve-unknown-fields": true },
                "list": { "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"],
                    "items": { "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } } },
                "map": { "type": "object", "additionalProperties": { "type": "string" } },
            }, "oneOf": [{ "required": ["port"] }, { "properties": { "raw": { "not": {} } } }] },
        } });
        let mut found = Findings::default();
        check(&schema, "s", &mut found);
        assert_eq!(found.into_causes(), []);
    }

    #[test]
    fn a_schema_without_types_is_not() {
        let schema = json!({ "properties": { "a": {}, "b": { "type": "array", "items": {} } } });
        let mut found = Findings::default();
        check(&schema, "s", &mut found);
        let fields: Vec<String> = found.into_causes().into_iter().map(|cause| cause.field).collect();
        assert_eq!(fields, ["s.properties[a].type", "s.properties[b].items.type", "s.type"]);
    }
}

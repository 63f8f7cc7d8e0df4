//! OpenAPI v2, made from the documents of v3: kubectl validates lists and finds the fields of a patch by it.
//!
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v2>

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{custom, document as custom_document, inline_parameters};
use crate::catalog::Resource;
use crate::documents::Documents;

const PATCHES: [&str; 4] = [
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
];
const KINDS: &str = "x-kubernetes-group-version-kind";
const UNKNOWN_FIELDS: &str = "x-kubernetes-preserve-unknown-fields";
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// The document of all group-versions.
pub(in super::super) fn document(documents: &Documents, resources: &[Arc<Resource>]) -> Value {
    let (mut definitions, mut paths) = (Map::new(), Map::new());
    let mut add = |mut document: Value, is_custom: bool| {
        inline_parameters(&mut document);
        if let Some(Value::Object(schemas)) = document["components"].get_mut("schemas").map(Value::take) {
            for (name, schema) in schemas {
                let known = definitions.entry(name).or_insert_with(|| definition(&schema));
                add_kinds(known, &schema);
            }
        }
        if let Value::Object(items) = document["paths"].take() {
            paths.extend(items.iter().map(|(path, item)| (path.clone(), path_item(item, is_custom))));
        }
    };
    for name in documents.names() {
        if let Some(document) = documents.openapi(name) {
            add(document.clone(), false);
        }
    }
    for resources in custom(resources).values() {
        add(custom_document(documents, resources), true);
    }
    let token = "Bearer Token authentication";
    json!({
        "swagger": "2.0",
        "info": { "title": "Kubernetes", "version": documents.version["gitVersion"] },
        "paths": paths,
        "definitions": definitions,
        "securityDefinitions": {
            "BearerToken": { "type": "apiKey", "name": "authorization", "in": "header", "description": token },
        },
        "security": [{ "BearerToken": [] }],
    })
}

/// A schema with a name. One that keeps unknown fields is an object of which nothing is known.
fn definition(schema: &Value) -> Value {
    if schema[UNKNOWN_FIELDS] == true {
        return json!({ "type": "object", KINDS: schema[KINDS] });
    }
    self::schema(schema)
}

/// Adds the kinds that a schema is of: documents of v3 have those of their own group.
fn add_kinds(known: &mut Value, schema: &Value) {
    let Some(Value::Array(kinds)) = known.get_mut(KINDS) else { return };
    let others = schema[KINDS].as_array().into_iter().flatten();
    let others: Vec<Value> = others.filter(|kind| !kinds.contains(kind)).cloned().collect();
    if !others.is_empty() {
        kinds.extend(others);
        kinds.sort_by_key(|kind| ["group", "version", "kind"].map(|part| kind[part].to_string()));
    }
}

/// A schema without what v2 does not have. What kubectl can't read of what it has is left out too, as by a real server.
fn schema(schema: &Value) -> Value {
    let Value::Object(fields) = schema else { return schema.clone() };
    let extensions = || fields.iter().filter(|(name, _)| name.starts_with("x-") || *name == "description");
    let reference = fields.get("$ref").or_else(|| fields.get("allOf")?.as_array()?.first()?.get("$ref"));
    if let Some(Value::String(reference)) = reference {
        let mut converted: Map<String, Value> =
            extensions().map(|(name, value)| (name.clone(), value.clone())).collect();
        let name = reference.rsplit('/').next().unwrap_or_default();
        converted.insert("$ref".to_owned(), json!(format!("#/definitions/{name}")));
        return Value::Object(converted);
    }
    let is = |name: &str| fields.get(name) == Some(&Value::Bool(true));
    let (is_nullable, keeps_unknown) = (is("nullable"), is(UNKNOWN_FIELDS));
    let mut converted = Map::new();
    for (name, value) in fields {
        let value = match name.as_str() {
            "oneOf" if !fields.contains_key("type") && !is("x-kubernetes-int-or-string") => {
                // Of the types of a number or a text, v2 has one.
                converted.insert("type".to_owned(), json!("string"));
                continue;
            }
            "allOf" | "anyOf" | "oneOf" | "not" | "nullable" | "default" => continue,
            "properties" | "items" if is_nullable || keeps_unknown => continue,
            "type" if is_nullable || keeps_unknown && value == "object" => continue,
            "type" if value == "array" && (keeps_unknown || !fields.contains_key("items")) => continue,
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                properties.map(|(name, value)| (name.clone(), self::schema(value))).collect()
            }
            "items" | "additionalProperties" => self::schema(value),
            "required" => {
                let is_kept = |name: &&Value| {
                    let property = name.as_str().and_then(|name| fields.get("properties")?.get(name));
                    property.is_none_or(|property| property["nullable"] != true)
                };
                let kept: Vec<Value> = value.as_array().into_iter().flatten().filter(is_kept).cloned().collect();
                if kept.is_empty() {
                    continue;
                }
                Value::Array(kept)
            }
            _ => value.clone(),
        };
        converted.insert(name.clone(), value);
    }
    Value::Object(converted)
}

fn path_item(item: &Value, is_custom: bool) -> Value {
    let mut converted = Map::new();
    for (name, value) in item.as_object().into_iter().flatten() {
        match name.as_str() {
            method if METHODS.contains(&method) => {
                converted.insert(name.clone(), operation(method, value, is_custom));
            }
            "parameters" => {
                converted.insert(name.clone(), parameters(value));
            }
            _ => {}
        }
    }
    Value::Object(converted)
}

fn operation(method: &str, operation: &Value, is_custom: bool) -> Value {
    let content = |value: &Value| value["content"].as_object().cloned().unwrap_or_default();
    let fields = operation.as_object().into_iter().flatten();
    let mut converted: Map<String, Value> = fields
        .filter(|(name, _)| name.starts_with("x-") || matches!(name.as_str(), "description" | "operationId" | "tags"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let sent = content(&operation["requestBody"]);
    let consumes: Vec<&str> = match method {
        "patch" if !sent.is_empty() => {
            PATCHES.into_iter().filter(|patch| !is_custom || !patch.contains("strategic")).collect()
        }
        _ => vec!["*/*"],
    };
    converted.insert("consumes".to_owned(), json!(consumes));
    converted.insert("schemes".to_owned(), json!(["https"]));
    let mut parameters = parameters(&operation["parameters"]);
    if let (Some(body), Value::Array(parameters)) = (sent.values().next(), &mut parameters) {
        parameters.push(json!({ "name": "body", "in": "body", "schema": schema(&body["schema"]) }));
    }
    converted.insert("parameters".to_owned(), parameters);
    let (mut produces, mut responses) = (Vec::new(), Map::new());
    for (code, response) in operation["responses"].as_object().into_iter().flatten() {
        let answers = content(response);
        let mut converted = json!({ "description": response["description"].as_str().unwrap_or_default() });
        if let Some(answer) = answers.values().next().filter(|answer| answer["schema"].is_object()) {
            converted["schema"] = schema(&answer["schema"]);
        }
        produces.extend(answers.into_iter().map(|(media_type, _)| media_type));
        responses.insert(code.clone(), converted);
    }
    produces.sort_unstable();
    produces.dedup();
    converted.insert("produces".to_owned(), json!(produces));
    converted.insert("responses".to_owned(), Value::Object(responses));
    Value::Object(converted)
}

/// Parameters of the path and the query: what v3 has in a schema, v2 has beside the name.
fn parameters(parameters: &Value) -> Value {
    let converted = |parameter: &Value| {
        let mut converted = json!({ "name": parameter["name"], "in": parameter["in"] });
        for field in ["description", "required"] {
            if let Some(value) = parameter.get(field) {
                converted[field] = value.clone();
            }
        }
        for field in ["type", "uniqueItems"] {
            if let Some(value) = parameter["schema"].get(field) {
                converted[field] = value.clone();
            }
        }
        converted
    };
    parameters.as_array().into_iter().flatten().map(converted).collect()
}

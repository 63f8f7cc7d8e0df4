//! Checks of the defaults in the schemas of definitions: they have to be objects that the schema has and accepts.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting>

use kubewright_core::validate;
use serde_json::{Map, Value};

use super::findings::Findings;
use crate::objects;
use crate::schema::{Schema, Schemas};
use crate::status::Cause;

/// The name of a schema among its own.
const SCHEMA: &str = "schema";

/// Checks the defaults of the schema of a kind, which has no other mistakes.
pub(super) fn check(schema: &Value, path: &str, found: &mut Findings) {
    walk(schema, path, true, found);
}

fn walk(schema: &Value, path: &str, is_object: bool, found: &mut Findings) {
    let default = &schema["default"];
    if !default.is_null() {
        check_default(schema, default, &format!("{path}.default"), found);
    }
    if schema["items"].is_object() {
        walk(&schema["items"], &format!("{path}.items"), false, found);
    }
    let is_object = is_object || schema["x-kubernetes-embedded-resource"] == true;
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        // What says what an object is has no defaults of its own.
        if !(is_object && matches!(name.as_str(), "apiVersion" | "kind" | "metadata")) {
            walk(property, &format!("{path}.properties[{name}]"), false, found);
        }
    }
}

fn check_default(schema: &Value, default: &Value, path: &str, found: &mut Findings) {
    let named = Schemas::with_structural(Map::from_iter([(SCHEMA.to_owned(), schema.clone())]), SCHEMA);
    let mut pruned = default.clone();
    let unfit = Schema::named(&named, SCHEMA).map(|schema| objects::fit_custom(&mut pruned, schema));
    if unfit.is_some_and(|unfit| !unfit.unknown.is_empty()) {
        found.invalid(path, default, "must not have unknown fields");
    }
    // A schema that can't be read has other mistakes.
    let Ok(schema) = validate::Schema::new(schema) else { return };
    for error in schema.validate_as_is(default, None).errors() {
        // The API server does not look at the type of what is a number or a text.
        if error.message.contains("must be of type integer,string") {
            continue;
        }
        let inner = error.field.as_str();
        let field = if inner.is_empty() { path.to_owned() } else { format!("{path}.{inner}") };
        found.push(Cause { reason: error.reason.as_str(), message: error.message.clone(), field });
    }
}

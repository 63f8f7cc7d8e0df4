//! What custom resources become, with schemas of one minor or of several.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Field, Ty, plan};
use crate::documents::{Document, Documents, Minor, ServerVersion};
use crate::model::{build, merge};
use crate::spec::Facts;

/// The fields of the kind `Thing` of a custom resource, whose schema has these properties, all of them required, in each
/// minor.
fn fields(minors: &[(Minor, Value)]) -> BTreeMap<String, Field> {
    let parts = minors.iter().map(|(minor, properties)| {
        let required: Vec<&String> = properties.as_object().expect("an object").keys().collect();
        let kind = json!([{"group": "example.com", "version": "v1", "kind": "Thing"}]);
        let schema = json!({"type": "object", "properties": properties, "required": required,
            "x-kubernetes-group-version-kind": kind});
        let document = json!({"openapi": "3.0.0", "info": {"title": "x", "version": "x"}, "paths": {},
            "components": {"schemas": {"com.example.v1.Thing": schema}}});
        let document = Document::parse("a", document.to_string().as_bytes()).expect("a document");
        let server = ServerVersion { minor: minor.to_string(), ..Default::default() };
        let openapi = BTreeMap::from([("apis/example.com/v1".to_owned(), document)]);
        (build(&Documents { server, openapi, ..Default::default() }), Facts::default())
    });
    let (model, facts) = merge::merge(parts.collect(), &[]).expect("nothing that needs a rule");
    let plan = plan(&model, &facts, None, &Default::default(), false).expect("a plan");
    let mut structs = plan.modules.into_values().flat_map(|module| module.structs);
    let (_, thing) = structs.find(|(name, _)| name == "Thing").expect("the kind");
    thing.fields.into_iter().map(|field| (field.json.clone(), field)).collect()
}

#[test]
fn a_required_field_that_only_some_minors_have_is_optional() {
    let old = json!({"always": {"type": "string"}, "gone": {"type": "integer"}});
    let new = json!({"always": {"type": "string"}, "late": {"type": "boolean"}});
    let fields = fields(&[(36, old), (37, new)]);
    let told = |name: &str| (fields[name].explicit, fields[name].ty.clone());
    assert_eq!(told("always"), (true, Ty::STRING));
    assert_eq!(told("gone"), (false, Ty::Primitive("i64").optional()));
    assert_eq!(told("late"), (false, Ty::Primitive("bool").optional()));
}

#[test]
fn lists_and_maps_say_whether_their_items_are_atomic() {
    let atomic = json!({"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": {"type": "string"}}});
    let granular = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let list = |items: &Value| json!({"type": "array", "items": items});
    let map = |values: &Value| json!({"type": "object", "additionalProperties": values});
    let fields = fields(&[(
        37,
        json!({
            "list": list(&atomic), "map": map(&atomic), "maps": map(&map(&atomic)),
            "parts": list(&granular), "words": map(&json!({"type": "string"})), "whole": atomic,
        }),
    )]);
    let are: Vec<&str> = fields.values().filter(|field| field.atomic_items).map(|field| field.json.as_str()).collect();
    assert_eq!(are, ["list", "map", "maps"]);
}

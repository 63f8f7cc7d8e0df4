//! What a schema says of objects. The words are those of an API server: `tests/tests/validation.rs` compares them.

#[cfg(feature = "cel")]
mod rules;

use serde_json::{Value as Json, json};

use super::{Reason, Schema, Validate as _, Validation};
use crate::PartialObjectMetadata as Partial;

crate::validation!(
    Partial,
    r#"
{"maxLength":3,"type":"string"}
{"additionalProperties":0,"type":"object"}
{"properties":{"annotations":1,"labels":1},"type":"object"}
{"properties":{"metadata":2},"type":"object"}
"#
);

/// A schema with a spec of these properties.
fn schema(spec: Json) -> Schema {
    Schema::new(&json!({"type": "object", "properties": {"spec": spec}})).expect("a schema")
}

fn object(properties: Json) -> Schema {
    schema(json!({"type": "object", "properties": properties}))
}

/// The errors, as text, in order.
fn errors(validation: &Validation) -> Vec<String> {
    let mut errors: Vec<String> = validation.errors().iter().map(ToString::to_string).collect();
    errors.sort();
    errors
}

fn of(schema: &Schema, spec: Json) -> Vec<String> {
    errors(&schema.validate(&json!({"spec": spec})))
}

#[test]
fn bounds_are_checked_with_the_words_of_the_api_server() {
    let schema = object(json!({
        "size": {"type": "integer", "minimum": 1, "maximum": 3},
        "ratio": {"type": "number", "maximum": 1, "exclusiveMaximum": true, "multipleOf": 0.25},
        "name": {"type": "string", "minLength": 2, "maxLength": 3},
        "items": {"type": "array", "minItems": 1, "maxItems": 1, "items": {"type": "string"}},
        "map": {"type": "object", "maxProperties": 1, "additionalProperties": {"type": "integer"}},
    }));
    for (spec, expected) in [
        (json!({"size": 1, "ratio": 0.25, "name": "äöü", "items": ["a"], "map": {"a": 1}}), ""),
        (json!({"size": 0}), "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"),
        (json!({"size": 4}), "spec.size: Invalid value: 4: spec.size in body should be less than or equal to 3"),
        (json!({"ratio": 1.25}), "spec.ratio: Invalid value: 1.25: spec.ratio in body should be less than 1"),
        (
            json!({"ratio": 0}),
            "spec.ratio: Invalid value: 0: factor MultipleOf declared for spec.ratio must be positive: 0",
        ),
        (json!({"ratio": 0.3}), "spec.ratio: Invalid value: 0.3: spec.ratio in body should be a multiple of 0.25"),
        (json!({"name": "a"}), "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long"),
        (json!({"name": "äöüß"}), "spec.name: Too long: may not be more than 3 bytes"),
        (json!({"items": []}), "spec.items: Invalid value: 0: spec.items in body should have at least 1 items"),
        (json!({"items": ["a", "b"]}), "spec.items: Too many: 2: must have at most 1 item"),
        (json!({"map": {"a": 1, "b": 2}}), "spec.map: Too many: 2: must have at most 1 item"),
        (
            json!({"map": {"a.b": "x"}}),
            "spec.map.a.b: Invalid value: \"string\": spec.map.a.b in body must be of type integer: \"string\"",
        ),
    ] {
        assert_eq!(of(&schema, spec.clone()).join("; "), expected, "{spec}");
    }
}

#[test]
fn alternatives_show_the_errors_of_the_one_that_matches_best() {
    let alternatives = json!([{"required": ["a"]}, {"required": ["b"], "properties": {"b": {"minLength": 2}}}]);
    let both = json!({"type": "object", "oneOf": alternatives,
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}}});
    let schema = schema(both);
    assert_eq!(of(&schema, json!({"a": "x"})), [""; 0]);
    assert_eq!(
        of(&schema, json!({"a": "x", "b": "xx"})),
        [
            "<nil>: Invalid value: \"\": \"spec\" must validate one and only one schema (oneOf). Found 2 valid alternatives"
        ]
    );
    let none = of(&schema, json!({"b": "x"}));
    assert!(none.iter().any(|error| error.contains("Found none valid")), "{none:?}");
    assert!(none.iter().any(|error| error.contains("at least 2 chars")), "{none:?}");
}

#[test]
fn keys_of_list_maps_and_items_of_sets_are_unique() {
    let schema = object(json!({
        "set": {"type": "array", "items": {"type": "integer"}, "x-kubernetes-list-type": "set"},
        "map": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"],
            "items": {"type": "object", "properties": {
                "port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"}}}},
    }));
    assert_eq!(of(&schema, json!({"set": [1, 2, 1, 1]})), ["spec.set[2]: Duplicate value: 1"]);
    let ports = json!({"map": [{"port": 1}, {"port": 1, "protocol": "UDP"}, {"port": 1, "protocol": "TCP"}]});
    assert_eq!(of(&schema, ports), ["spec.map[2]: Duplicate value: {\"port\":1,\"protocol\":\"TCP\"}"]);
}

#[test]
fn defaults_are_set_before_the_checks_and_nulls_that_are_no_values_are_dropped() {
    let schema = schema(json!({"type": "object", "required": ["a", "b"], "properties": {
        "a": {"type": "string", "default": "x"}, "b": {"type": "object", "default": {}, "required": ["c"],
            "properties": {"c": {"type": "string"}}}, "d": {"type": "string"}, "e": {"type": "string", "nullable": true}}}));
    assert_eq!(of(&schema, json!({"d": null, "e": null})), ["spec.b.c: Required value"]);
    assert_eq!(of(&schema, json!({"a": null, "b": {"c": ""}})), [""; 0]);
}

#[test]
fn what_is_wrong_and_unchanged_is_accepted_in_an_update() {
    let schema = object(json!({
        "name": {"type": "string", "maxLength": 3}, "size": {"type": "integer", "minimum": 1},
        "ports": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
            "items": {"type": "object", "properties": {"name": {"type": "string"}, "port": {"type": "integer", "minimum": 1}}}},
        "list": {"type": "array", "items": {"type": "integer", "minimum": 1}},
    }));
    let old = json!({"spec": {"name": "long", "ports": [{"name": "a", "port": 0}], "list": [0]}});
    let update = |spec: Json| errors(&schema.validate_update(&json!({"spec": spec}), &old));
    assert_eq!(update(json!({"name": "long", "size": 2})), [""; 0]);
    assert_eq!(update(json!({"name": "longer"})), ["spec.name: Too long: may not be more than 3 bytes"]);
    assert_eq!(update(json!({"ports": [{"name": "b", "port": 1}, {"name": "a", "port": 0}]})), [""; 0]);
    assert_eq!(update(json!({"list": [0]})), [""; 0], "the whole list is as it was");
    assert_eq!(update(json!({"list": [0, 1]})).len(), 1, "the items of an atomic list have no counterparts");
}

#[test]
fn a_password_is_not_in_the_message() {
    let schema = object(json!({"token": {"type": "string", "format": "password", "minLength": 20, "enum": ["y"]}}));
    let validation = schema.validate(&json!({"spec": {"token": "hunter2"}}));
    assert_eq!(validation.errors().len(), 2);
    assert!(!format!("{validation:?}").contains("hunter2"), "{validation:?}");
}

#[test]
fn what_can_not_be_checked_is_reported_and_no_error() {
    let schema =
        object(json!({"a": {"type": "string", "pattern": "^(?!x)"}, "b": {"type": "string", "format": "isbn"}}));
    let validation = schema.validate(&json!({"spec": {"a": "x", "b": "x"}}));
    assert!(validation.is_valid());
    let mut told: Vec<&str> = validation.unchecked().iter().map(|one| one.rule.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["^(?!x)", "isbn"]);
    assert!(schema.validate(&json!({"spec": {}})).unchecked().is_empty(), "there is nothing to check");
    let broken = Schema::of_table("{\"minimum\": \"x\"}").validate(&json!({}));
    assert_eq!(broken.unchecked().len(), 1, "a table that can't be read checks nothing, and says so");
}

#[test]
fn a_schema_that_can_not_be_read_is_an_error() {
    for schema in
        [json!(3), json!({"minimum": "x"}), json!({"type": "date"}), json!({"items": 0}), json!({"required": [1]})]
    {
        assert!(Schema::new(&schema).is_err(), "{schema}");
    }
    let crd = json!({"spec": {"versions": [{"name": "v1"}]}});
    assert!(Schema::of_crd(&crd, "v1").expect_err("no schema").to_string().contains("no schema"));
    assert!(Schema::of_crd(&crd, "v2").expect_err("no version").to_string().contains("no version"));
}

#[test]
fn an_invalid_object_is_an_error_with_everything_that_is_wrong() {
    let schema = schema(json!({"type": "object", "required": ["a", "b"]}));
    let invalid = schema.validate(&json!({"spec": {}})).ok().expect_err("invalid");
    assert_eq!(invalid.to_string(), "[spec.a: Required value, spec.b: Required value]");
    assert!(invalid.errors().iter().all(|error| error.reason == Reason::Required));
    assert!(schema.validate(&json!({})).ok().is_ok());
}

#[test]
fn a_kind_with_a_table_is_validated_by_it() {
    let mut object = Partial::default();
    object.metadata.labels.insert("app", "shop");
    object.metadata.annotations.insert("app", "web");
    assert_eq!(errors(&object.validate()), ["metadata.labels.app: Too long: may not be more than 3 bytes"]);
    assert_eq!(errors(&object.validate_update(&object)), [""; 0]);
}

#[cfg(not(feature = "cel"))]
#[test]
fn without_the_feature_cel_rules_are_reported_as_not_checked() {
    let schema =
        schema(json!({"type": "object", "x-kubernetes-validations": [{"rule": "self.a"}, {"rule": "oldSelf.a"}]}));
    let validation = schema.validate(&json!({"spec": {}}));
    assert_eq!(validation.unchecked().len(), 1, "a transition rule is not for a new object");
    assert!(validation.is_valid());
}

use schemars::transform::Transform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use super::*;
use crate::resource::{ResourceDesc, Served};
use crate::{DynamicObject, json as codec};

fn rewritten(schema: Json) -> Json {
    let mut schema: Schema = schema.try_into().expect("a schema");
    let mut structural = Structural::default();
    structural.transform(&mut schema);
    structural.finish().expect("a structural form");
    schema.to_value()
}

#[test]
fn formats_stay_where_the_api_server_checks_them_in_whichever_spelling() {
    for format in ["k8s-short-name", "k8s-long-name", "datetime", "credit-card"] {
        assert!(text_formats().any(|known| known == format), "{format}");
    }
    for format in text_formats() {
        let schema = json!({ "type": "string", "format": format });
        assert_eq!(rewritten(schema.clone()), schema);
    }
}

#[test]
fn keywords_become_those_of_the_api_server() {
    for (schema, expected) in [
        (json!(true), json!({ "x-kubernetes-preserve-unknown-fields": true })),
        (json!({}), json!({ "x-kubernetes-preserve-unknown-fields": true })),
        (json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true })),
        (json!({ "type": ["integer", "string"] }), json!({ "x-kubernetes-int-or-string": true })),
        (json!({ "type": ["boolean", "string"] }), json!({ "x-kubernetes-preserve-unknown-fields": true })),
        (json!({ "type": "null" }), json!({ "type": "object", "nullable": true })),
        (json!({ "const": 3 }), json!({ "type": "integer", "enum": [3] })),
        (json!({ "enum": ["a", null] }), json!({ "type": "string", "nullable": true, "enum": ["a"] })),
        (
            json!({ "type": "integer", "format": "uint8", "minimum": 1 }),
            json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": 255 }),
        ),
        (json!({ "type": "string", "format": "iri" }), json!({ "type": "string" })),
        (
            json!({ "type": "number", "minimum": 1, "exclusiveMinimum": 2.5, "exclusiveMaximum": 9, "maximum": 8 }),
            json!({ "type": "number", "minimum": 2.5, "exclusiveMinimum": true, "maximum": 8 }),
        ),
        (
            json!({ "type": "object", "properties": { "a": { "type": "string" } }, "additionalProperties": false }),
            json!({ "type": "object", "properties": { "a": { "type": "string" } } }),
        ),
        (
            json!({ "type": "object", "patternProperties": { "^x$": { "type": "string" } }, "additionalProperties": false }),
            json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        ),
        (
            json!({ "type": "array", "items": { "type": "object", "properties": { "a": true } }, "uniqueItems": true }),
            json!({
                "type": "array",
                "items": { "type": "object", "properties": { "a": { "x-kubernetes-preserve-unknown-fields": true } } },
            }),
        ),
        (
            json!({ "type": "string", "not": { "type": "string", "enum": ["a"] }, "title": "T", "$comment": "c" }),
            json!({ "type": "string", "not": { "enum": ["a"] } }),
        ),
        (
            json!({ "type": "string", "deprecated": true, "default": null, "examples": ["a"] }),
            json!({ "type": "string", "description": "Deprecated." }),
        ),
        (
            json!({ "type": "object", "x-kubernetes-embedded-resource": true, "additionalProperties": { "type": "string" } }),
            json!({
                "type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true,
            }),
        ),
        (
            json!({ "anyOf": [{ "type": "string", "pattern": "^a" }, { "type": "string", "maxLength": 3 }] }),
            json!({ "type": "string", "anyOf": [{ "pattern": "^a" }, { "maxLength": 3 }] }),
        ),
        (
            json!({
                "allOf": [
                    { "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] },
                    { "type": "object", "properties": { "b": { "type": "string" } }, "required": ["b"] },
                ],
            }),
            json!({
                "type": "object", "required": ["a", "b"],
                "properties": { "a": { "type": "string" }, "b": { "type": "string" } },
            }),
        ),
    ] {
        assert_eq!(rewritten(schema.clone()), expected, "{schema}");
    }
}

#[test]
fn fields_that_variants_share_take_what_any_of_them_takes() {
    let variants = |a: Json, b: Json| {
        let variant = |name: &str, value: Json| json!({ "type": "object", "properties": { "t": { "const": name }, "v": value }, "required": ["t", "v"] });
        rewritten(json!({ "oneOf": [variant("A", a), variant("B", b)] }))["properties"]["v"].clone()
    };
    for (a, b, merged) in [
        (json!({ "type": "string" }), json!({ "type": "string", "description": "B's" }), json!({ "type": "string" })),
        (json!({ "type": "string", "maxLength": 3 }), json!({ "type": "string" }), json!({ "type": "string" })),
        (json!({ "type": "integer" }), json!({ "type": "number" }), json!({ "type": "number" })),
        (json!({ "type": "integer" }), json!({ "type": "string" }), json!({ "x-kubernetes-int-or-string": true })),
        (
            json!({ "type": "object", "properties": { "x": { "type": "string" } }, "required": ["x"] }),
            json!({ "type": "object", "properties": { "y": { "type": "boolean" } } }),
            json!({ "type": "object", "properties": { "x": { "type": "string" }, "y": { "type": "boolean" } } }),
        ),
        (
            json!({ "type": "object" }),
            json!({ "type": "string" }),
            json!({ "x-kubernetes-preserve-unknown-fields": true }),
        ),
    ] {
        assert_eq!(variants(a.clone(), b.clone()), merged, "{a} or {b}");
    }
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "its schema alone is of interest")]
struct Tree {
    leaf: String,
    children: Vec<Tree>,
}

const RESOURCE: ResourceDesc = ResourceDesc {
    group: "example.com",
    version: "v1",
    kind: "Tree",
    plural: "trees",
    singular: "tree",
    short_names: &[],
    categories: &[],
    namespaced: true,
    served: Served::ALWAYS,
};

const SPEC: FieldDesc =
    FieldDesc { name: "spec", description: "", required: true, rules: &[], keywords: &[], fields: &[] };

#[test]
fn a_type_that_contains_itself_is_an_error_with_its_place() {
    let fields = |generator: &mut SchemaGenerator| vec![(&SPEC, generator.subschema_for::<Tree>())];
    let error = build::crd(&RESOURCE, &CrdDesc::NEW, fields).expect_err("it has no end");
    assert_eq!(error.path(), ".spec.children[]");
    assert!(error.to_string().starts_with("at .spec.children[]: `Tree` contains itself"), "{error}");
}

#[test]
fn attributes_of_a_field_that_the_schema_does_not_have_are_an_error() {
    const NONE: FieldDesc = FieldDesc { name: "none", ..SPEC };
    const WITH: FieldDesc = FieldDesc { fields: &[NONE], ..SPEC };
    let fields = |_: &mut SchemaGenerator| vec![(&WITH, json_schema!({ "type": "object" }))];
    let error = build::crd(&RESOURCE, &CrdDesc::NEW, fields).expect_err("there is no such field");
    assert!(error.to_string().starts_with("at .spec.none: the schema has no such field"), "{error}");
}

fn crd(version: &str, kind: &str, label: &str) -> DynamicObject {
    let crd = json!({
        "metadata": { "name": "trees.example.com", "labels": { "of": label, label: "x" } },
        "spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": { "kind": kind, "plural": "trees", "shortNames": ["t", label] },
            "versions": [{ "name": version, "served": true, "storage": true }],
        },
    });
    codec::from_str(&crd.to_string()).expect("an object")
}

#[test]
fn versions_are_merged_in_the_order_of_kubernetes_and_one_is_stored() {
    let all = ["v1beta1", "v10", "v2", "v1alpha1", "foo"].map(|version| crd(version, "Tree", version));
    let merged = merge(&all, "v2").expect("one CRD");
    let spec: Json = merged.get("spec").expect("JSON").expect("a spec");
    let versions: Vec<_> =
        spec["versions"].as_array().expect("versions").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(versions, ["v10", "v2", "v1beta1", "v1alpha1", "foo"]);
    let stored: Vec<_> =
        spec["versions"].as_array().expect("versions").iter().map(|one| one["storage"].clone()).collect();
    assert_eq!(stored, [false, true, false, false, false]);
    assert_eq!(spec["names"]["shortNames"], json!(["t", "v2", "v1beta1", "v10", "v1alpha1", "foo"]));
    assert_eq!(merged.metadata.labels.get("of").map(|label| label.as_str()), Some("v2"), "the storage version's");
    assert_eq!(merged.metadata.labels.len(), 6);
}

#[test]
fn versions_that_do_not_go_together_are_an_error() {
    let error = merge(&[crd("v1", "Tree", "a")], "v2").expect_err("no such version");
    assert_eq!(error.to_string(), "at .spec.versions: no version is called \"v2\"");
    let error = merge(&[crd("v1", "Tree", "a"), crd("v1", "Tree", "b")], "v1").expect_err("twice");
    assert_eq!(error.to_string(), "at .spec.versions: the version \"v1\" comes twice");
    let error = merge(&[crd("v1", "Tree", "a"), crd("v2", "Bush", "b")], "v1").expect_err("two kinds");
    assert_eq!(error.to_string(), "at .spec.names.kind: \"Bush\" in one version and \"Tree\" in another");
}

#[test]
fn types_with_a_table_have_the_schema_that_it_says() {
    use crate::meta::v1::{Condition, LabelSelector, ObjectMeta};
    let of = |schema: Schema| schema.to_value();
    let mut generator = SchemaGenerator::default();
    let condition = of(Condition::json_schema(&mut generator));
    assert_eq!(condition["required"].as_array().map(Vec::len), Some(5));
    assert_eq!(condition["properties"]["lastTransitionTime"], json!({ "type": "string", "format": "date-time" }));
    assert_eq!(condition["properties"]["observedGeneration"], json!({ "type": "integer", "format": "int64" }));
    let selector = of(LabelSelector::json_schema(&mut generator));
    let expressions = &selector["properties"]["matchExpressions"];
    assert_eq!(expressions["x-kubernetes-list-type"], "atomic");
    assert_eq!(expressions["items"]["required"], json!(["key", "operator"]));
    assert_eq!(
        selector["properties"]["matchLabels"],
        json!({ "type": "object", "additionalProperties": { "type": "string" } })
    );
    let meta = of(ObjectMeta::json_schema(&mut generator));
    let owners = &meta["properties"]["ownerReferences"];
    assert_eq!(
        (&owners["x-kubernetes-list-type"], &owners["x-kubernetes-list-map-keys"]),
        (&json!("map"), &json!(["uid"]))
    );
}

use serde_json::json;

use super::*;

fn crd(schema: Json) -> Json {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": { "kind": "Boat", "plural": "boats" },
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": { "openAPIV3Schema": { "type": "object", "properties": { "spec": schema } } },
            }],
        },
    })
}

/// What changes between two schemas of the spec, with the path below it.
fn between(old: Json, new: Json) -> Vec<(String, Harm, String)> {
    let found = diff(&crd(old), &crd(new)).expect("two CRDs");
    found
        .iter()
        .map(|finding| {
            let path = finding.path.strip_prefix(".spec").expect("a path in the spec");
            (path.to_owned(), finding.harm(), finding.change.to_string())
        })
        .collect()
}

fn object(properties: Json) -> Json {
    json!({ "type": "object", "properties": properties })
}

fn one(old: Json, new: Json, path: &str, harm: Harm, text: &str) {
    let found = between(old.clone(), new.clone());
    assert!(
        found.len() == 1 && found[0].0 == path && found[0].1 == harm && found[0].2.starts_with(text),
        "{old} -> {new}: {found:?}"
    );
}

#[test]
fn what_loses_data_is_found() {
    let text = json!({ "type": "string" });
    one(
        object(json!({ "a": text, "b": text })),
        object(json!({ "a": text })),
        ".b",
        Harm::Lost,
        "the field is removed",
    );
    one(
        json!({ "type": "object", PRESERVE: true, "properties": { "a": text } }),
        object(json!({ "a": text })),
        "",
        Harm::Lost,
        "fields that the schema does not name are dropped",
    );
    one(json!({ PRESERVE: true }), object(json!({ "a": text })), "", Harm::Lost, "fields that the schema");
    one(
        json!({ "type": "object", "additionalProperties": text }),
        object(json!({ "a": text })),
        "",
        Harm::Lost,
        "fields that the schema",
    );
    one(
        json!({ "type": "object", "additionalProperties": true }),
        object(json!({ "a": text })),
        "",
        Harm::Lost,
        "fields that the schema",
    );
    // The API server keeps whatever is in such a map, but no fields of objects in it.
    let any = json!({ "type": "object", "additionalProperties": true });
    let within = object(json!({ "a": text }));
    for (old, path) in [
        (json!({ "type": "object", PRESERVE: true }), "[]"),
        (json!({ "type": "object", "additionalProperties": { "type": "array", "items": within } }), "[]"),
        (object(json!({ "b": within, "c": text })), ".b"),
    ] {
        one(old, any.clone(), path, Harm::Lost, "fields that the schema");
    }
    one(
        json!({ "type": "array", "items": object(json!({ "a": text })) }),
        json!({ "type": "array", "items": object(json!({ "b": text })) }),
        "[].a",
        Harm::Lost,
        "the field is removed",
    );
}

const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";

#[test]
fn what_makes_stored_objects_invalid_is_found() {
    let text = json!({ "type": "string" });
    let cases = [
        (text.clone(), json!({ "type": "integer" }), "the type is integer, and was string"),
        (json!({ "x-kubernetes-int-or-string": true }), text.clone(), "the type is string, and was integer or string"),
        (json!({ "type": "string", "nullable": true }), text.clone(), "null is no longer a value"),
        (
            json!({ "type": "string", "enum": ["a", "b"] }),
            json!({ "type": "string", "enum": ["b", "c"] }),
            "the value \"a\" is removed",
        ),
        (text.clone(), json!({ "type": "string", "enum": ["a"] }), "enum is [\"a\"], and was not bound"),
        (
            json!({ "type": "string", "maxLength": 9 }),
            json!({ "type": "string", "maxLength": 8 }),
            "maxLength is 8, and was 9",
        ),
        (text.clone(), json!({ "type": "string", "minLength": 1 }), "minLength is 1, and was not bound"),
        (text.clone(), json!({ "type": "string", "pattern": "^a" }), "pattern is \"^a\", and was not bound"),
        (text.clone(), json!({ "type": "string", "format": "uuid" }), "format is \"uuid\""),
        (
            text.clone(),
            json!({ "type": "string", "x-kubernetes-validations": [{ "rule": "self != ''" }] }),
            "the rule `self != ''` is new",
        ),
        (text.clone(), json!({ "type": "string", "not": { "enum": ["a"] } }), "not is "),
    ];
    for (old, new, message) in cases {
        one(object(json!({ "a": old })), object(json!({ "a": new })), ".a", Harm::Invalid, message);
    }
    let kept = |schema: Json| json!({ "type": "object", PRESERVE: true, "properties": schema });
    one(
        kept(json!({})),
        kept(json!({ "a": { "type": "integer" } })),
        ".a",
        Harm::Invalid,
        "the type is integer, and was anything",
    );
    let map = |of: Json| json!({ "type": "object", "additionalProperties": of });
    for any in [kept(json!({})), map(json!(true))] {
        one(any, map(text.clone()), "[]", Harm::Invalid, "the type is string, and was anything");
    }
    let number = |format: &str| json!({ "type": "integer", "format": format });
    one(number("int64"), number("int32"), "", Harm::Invalid, "format is \"int32\", and was \"int64\"");
    let required = |default: Json| json!({ "type": "object", "properties": { "a": default }, "required": ["a"] });
    one(object(json!({ "a": text })), required(text.clone()), ".a", Harm::Invalid, "the field is required");
    one(object(json!({})), required(text), ".a", Harm::Invalid, "the field is required");
}

#[test]
fn what_means_something_else_is_found() {
    let list = |kind: &str| json!({ "type": "array", "items": { "type": "string" }, "x-kubernetes-list-type": kind });
    one(list("atomic"), list("set"), "", Harm::Meaning, "x-kubernetes-list-type is set, and was atomic");
    let with = |default: Json| object(json!({ "a": { "type": "integer", "default": default } }));
    one(with(json!(1)), with(json!(2)), ".a", Harm::Meaning, "the default is 2, and was 1");
}

#[test]
fn what_adds_or_loosens_is_no_finding() {
    let text = json!({ "type": "string" });
    for (old, new) in [
        (object(json!({ "a": text })), object(json!({ "a": text, "b": text }))),
        (json!({ "type": "integer" }), json!({ "type": "number" })),
        (json!({ "type": "integer" }), json!({ "x-kubernetes-int-or-string": true })),
        (text.clone(), json!({ PRESERVE: true })),
        // As controller-gen writes what may be either, alone and with a pattern.
        (text.clone(), json!({ INT_OR_STRING: true, "anyOf": [{ "type": "integer" }, { "type": "string" }] })),
        (
            json!({ INT_OR_STRING: true, "allOf": [{ "pattern": "^1" }] }),
            json!({
                INT_OR_STRING: true,
                "allOf": [{ "anyOf": [{ "type": "integer" }, { "type": "string" }] }, { "pattern": "^1" }],
            }),
        ),
        (json!({ "type": "integer", "format": "int32" }), json!({ "type": "integer", "format": "int64" })),
        (json!({ "type": "number" }), json!({ "type": "number", "format": "double" })),
        (text.clone(), json!({ "type": "string", "format": "a-format-of-our-own" })),
        (text.clone(), json!({ "type": "string", "format": "password" })),
        (object(json!({ "a": text })), json!({ "type": "object", "additionalProperties": true })),
        (
            json!({ "type": "object", "additionalProperties": { "type": "array", "items": text } }),
            json!({ "type": "object", "additionalProperties": true }),
        ),
        (text.clone(), json!({ "type": "string", "nullable": true, "description": "A text.", "minLength": 0 })),
        (json!({ "type": "string", "enum": ["a"] }), json!({ "type": "string", "enum": ["a", "b"] })),
        (json!({ "type": "string", "enum": ["a"], "pattern": "^a$" }), text.clone()),
        (json!({ "type": "string", "maxLength": 8 }), json!({ "type": "string", "maxLength": 9 })),
        (object(json!({ "a": text })), json!({ "type": "object", PRESERVE: true })),
        (json!({ "type": "object", "properties": { "a": text }, "required": ["a"] }), object(json!({ "a": text }))),
        (
            object(json!({})),
            json!({ "type": "object", "properties": { "a": { "type": "string", "default": "x" } }, "required": ["a"] }),
        ),
    ] {
        assert_eq!(between(old.clone(), new.clone()), [], "{old} -> {new}");
    }
}

#[test]
fn versions_names_and_subresources_that_go_are_found() {
    let mut old = crd(json!({ "type": "object" }));
    let mut beta = old["spec"]["versions"][0].clone();
    beta["name"] = "v1beta1".into();
    beta["storage"] = false.into();
    beta["subresources"] = json!({ "scale": {} });
    beta["selectableFields"] = json!([{ "jsonPath": ".spec.a" }]);
    old["spec"]["versions"].as_array_mut().expect("versions").push(beta);
    let texts = |new: &Json| -> Vec<String> {
        diff(&old, new).expect("two CRDs").iter().map(|finding| format!("{:?} {finding}", finding.harm())).collect()
    };
    assert_eq!(texts(&old), [""; 0]);

    let mut new = old.clone();
    new["spec"]["versions"][0]["subresources"] = json!({ "status": {}, "scale": {} });
    new["spec"]["versions"][1]["served"] = false.into();
    new["spec"]["versions"][1]["subresources"] = Json::Null;
    new["spec"]["versions"][1]["selectableFields"] = Json::Null;
    assert_eq!(
        texts(&new),
        [
            "Meaning v1: the subresource status is new: writes of the object no longer change what it holds",
            "Clients v1beta1: the version is no longer served: its clients get 404",
            "Clients v1beta1: the subresource scale is removed: its clients get 404",
            "Clients v1beta1 .spec.a: the field can't be selected any more: such lists and watches fail",
        ]
    );
    let mut new = old.clone();
    new["spec"]["versions"].as_array_mut().expect("versions").clear();
    new["spec"]["scope"] = "Cluster".into();
    assert_eq!(
        texts(&new),
        [
            "Refused the scope is Cluster, and was Namespaced: it is another CRD",
            "Refused v1: the version in which objects are stored is removed: the API server refuses that until none is",
            "Clients v1beta1: the version is removed: its clients get 404",
        ]
    );
    assert!(diff(&json!({ "kind": "Pod" }), &old).is_err());
}

//! CustomResourceDefinitions, and the scale of custom resources.

use serde_json::{Value, json};

use super::Scenario;

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// A definition of a group of the scenario's own, with more in its spec.
fn definition(more: Value) -> Value {
    let schema = json!({ "openAPIV3Schema": { "type": "object", "properties": { "spec": { "type": "object" } } } });
    let mut object = json!({
        "metadata": { "name": "things.{ns}.example.com" },
        "spec": {
            "group": "{ns}.example.com", "scope": "Namespaced", "names": { "plural": "things", "kind": "Thing" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": schema }],
        },
    });
    if let (Value::Object(spec), Value::Object(more)) = (&mut object["spec"], more) {
        spec.extend(more);
    }
    object
}

/// One version, with more in it.
fn version(name: &str, is_stored: bool, more: Value) -> Value {
    let mut version = json!({
        "name": name, "served": true, "storage": is_stored, "schema": { "openAPIV3Schema": { "type": "object" } },
    });
    if let (Value::Object(version), Value::Object(more)) = (&mut version, more) {
        version.extend(more);
    }
    version
}

fn with_schema(schema: Value) -> Value {
    definition(json!({ "versions": [version("v1", true, json!({ "schema": { "openAPIV3Schema": schema } }))] }))
}

fn with_field(field: Value) -> Value {
    with_schema(json!({ "type": "object", "properties": { "a": field } }))
}

pub const SCENARIOS: &[Scenario] = &[
    ("a definition gets what it doesn't say", |s| {
        s.create(&format!("{DEFINITIONS}?dryRun=All"), definition(json!({})));
        s.create(&format!("{DEFINITIONS}?dryRun=All"), definition(json!({
            "versions": [version("v1", false, json!({})), version("v2", true, json!({ "deprecated": true }))],
            "conversion": { "strategy": "Webhook", "webhook": {
                "conversionReviewVersions": ["v1"], "clientConfig": { "service": { "name": "s", "namespace": "n" } },
            } },
        })));
    }),
    ("names in definitions are checked", |s| {
        let mut other = definition(json!({}));
        other["metadata"]["name"] = json!("{ns}");
        s.create(DEFINITIONS, other);
        s.create(DEFINITIONS, definition(json!({ "group": "" })));
        s.create(
            DEFINITIONS,
            definition(json!({ "group": "example", "names": { "plural": "things", "kind": "Thing" } })),
        );
        s.create(DEFINITIONS, definition(json!({ "scope": "Bogus" })));
        s.create(DEFINITIONS, definition(json!({ "scope": "" })));
        s.create(DEFINITIONS, definition(json!({ "names": { "plural": "things" } })));
        s.create(DEFINITIONS, definition(json!({ "names": {
            "plural": "things", "kind": "Th_ing", "singular": "A", "shortNames": ["1"], "categories": ["B"], "listKind": "Th_ing",
        } })));
        let mut protected = definition(json!({ "group": "{ns}.k8s.io" }));
        protected["metadata"]["name"] = json!("things.{ns}.k8s.io");
        s.create(DEFINITIONS, protected.clone());
        protected["metadata"]["annotations"] = json!({ "api-approved.kubernetes.io": "bogus" });
        s.create(DEFINITIONS, protected.clone());
        protected["metadata"]["annotations"] = json!({ "api-approved.kubernetes.io": "unapproved, a test" });
        s.create(&format!("{DEFINITIONS}?dryRun=All"), protected);
    }),
    ("versions in definitions are checked", |s| {
        s.create(DEFINITIONS, definition(json!({ "versions": [] })));
        s.in_other_words();
        s.create(
            DEFINITIONS,
            definition(json!({ "versions": [version("v1", true, json!({})), version("v1", false, json!({}))] })),
        );
        s.in_other_words();
        s.create(DEFINITIONS, definition(json!({ "versions": [version("v1", false, json!({}))] })));
        s.in_other_words();
        s.create(
            DEFINITIONS,
            definition(json!({ "versions": [version("v1", true, json!({})), version("v2", true, json!({}))] })),
        );
        s.in_other_words();
        s.create(DEFINITIONS, definition(json!({ "versions": [version("V_1", true, json!({}))] })));
        s.create(DEFINITIONS, definition(json!({ "versions": [{ "name": "v1", "served": true, "storage": true }] })));
        s.create(
            DEFINITIONS,
            definition(json!({ "versions": [version("v1", true, json!({ "deprecationWarning": "x" }))] })),
        );
        s.create(DEFINITIONS, definition(json!({ "preserveUnknownFields": true })));
        s.create(DEFINITIONS, definition(json!({ "conversion": { "strategy": "Webhook" } })));
        s.create(DEFINITIONS, definition(json!({ "conversion": { "strategy": "Bogus" } })));
        s.create(DEFINITIONS, definition(json!({ "conversion": { "strategy": "Webhook", "webhook": { "clientConfig": {}, "conversionReviewVersions": ["x"] } } })));
        s.create(DEFINITIONS, definition(json!({ "versions": [version("v1", true, json!({ "subresources": { "scale": { "specReplicasPath": "x", "statusReplicasPath": ".spec.x", "labelSelectorPath": ".x" } } }))] })));
        s.create(DEFINITIONS, definition(json!({ "versions": [version("v1", true, json!({ "subresources": { "scale": { "specReplicasPath": "", "statusReplicasPath": "" } } }))] })));
        s.create(DEFINITIONS, definition(json!({ "versions": [version("v1", true, json!({ "additionalPrinterColumns": [{ "name": "", "type": "bogus", "jsonPath": "x", "format": "y" }, { "name": "a", "type": "", "jsonPath": "" }] }))] })));
    }),
    ("schemas in definitions are structural", |s| {
        s.create(DEFINITIONS, with_schema(json!({})));
        s.create(DEFINITIONS, with_schema(json!({ "type": "string" })));
        s.create(DEFINITIONS, with_schema(json!({ "type": "object", "nullable": true })));
        s.create(DEFINITIONS, with_schema(json!({ "type": "object", "additionalProperties": { "type": "string" } })));
        s.create(DEFINITIONS, with_schema(json!({ "type": "object", "properties": { "metadata": { "type": "object", "properties": { "labels": { "type": "object" } } } } })));
        s.create(DEFINITIONS, with_schema(json!({ "type": "object", "properties": { "metadata": { "type": "object", "properties": { "name": { "type": "string", "maxLength": 5 } } }, "kind": { "type": "integer" } } })));
        s.create(DEFINITIONS, with_field(json!({})));
        s.create(DEFINITIONS, with_field(json!({ "type": "bogus" })));
        s.create(DEFINITIONS, with_field(json!({ "type": "array" })));
        s.create(DEFINITIONS, with_field(json!({ "type": "array", "items": {} })));
        s.create(
            DEFINITIONS,
            with_field(json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true })),
        );
        s.create(DEFINITIONS, with_field(json!({ "type": "object", "properties": { "b": { "type": "string" } }, "additionalProperties": { "type": "string" } })));
        s.create(
            DEFINITIONS,
            with_field(
                json!({ "type": "string", "oneOf": [{ "type": "string", "description": "x", "nullable": true }] }),
            ),
        );
        s.create(DEFINITIONS, with_field(json!({ "type": "string", "x-kubernetes-int-or-string": true, "x-kubernetes-preserve-unknown-fields": true })));
        s.create(DEFINITIONS, with_field(json!({ "type": "object", "x-kubernetes-embedded-resource": true })));
        s.create(DEFINITIONS, with_field(json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": false })));
        s.create(DEFINITIONS, with_field(json!({ "type": "string", "x-kubernetes-list-type": "set" })));
        s.create(
            DEFINITIONS,
            with_field(json!({ "type": "array", "x-kubernetes-list-type": "bogus", "items": { "type": "string" } })),
        );
        s.create(
            DEFINITIONS,
            with_field(json!({ "type": "array", "x-kubernetes-list-type": "map", "items": { "type": "string" } })),
        );
        s.create(
            DEFINITIONS,
            with_field(json!({ "type": "array", "x-kubernetes-list-map-keys": ["a"], "items": { "type": "string" } })),
        );
        s.create(DEFINITIONS, with_field(json!({ "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["b"], "items": { "type": "object", "properties": { "a": { "type": "string" } } } })));
        s.create(DEFINITIONS, with_field(json!({ "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"], "items": { "type": "object", "properties": { "a": { "type": "string" } } } })));
        for items in [
            json!({ "type": "object" }),
            json!({ "type": "object", "x-kubernetes-map-type": "granular" }),
            json!({ "type": "array", "items": { "type": "string" }, "x-kubernetes-list-type": "set" }),
            json!([{ "type": "string" }]),
        ] {
            s.create(
                DEFINITIONS,
                with_field(json!({ "type": "array", "x-kubernetes-list-type": "set", "items": items })),
            );
        }
        s.create(DEFINITIONS, with_field(json!({ "type": "array", "items": [{ "type": "string" }] })));
        s.create(DEFINITIONS, with_field(json!({ "type": "string", "pattern": "a(" })));
        s.in_other_words();
        s.create(DEFINITIONS, with_field(json!({ "type": "string", "not": { "pattern": "a(?=b)" } })));
        s.in_other_words();
        s.create(
            &format!("{DEFINITIONS}?dryRun=All"),
            with_field(json!({ "type": "string", "pattern": r"^\d{2}[[:alpha:]]\Qx.\E$" })),
        );
        let two = json!({ "versions": [
            version("v1", true, json!({})),
            version("v2", false, json!({ "schema": { "openAPIV3Schema": { "type": "object", "properties": { "a": {} } } } })),
        ] });
        s.create(DEFINITIONS, definition(two));
        s.create(DEFINITIONS, definition(json!({ "versions": [version("v1", true, json!({
            "subresources": { "status": {} }, "schema": { "openAPIV3Schema": { "type": "array", "items": { "type": "string" } } },
        }))] })));
    }),
    ("defaults in schemas are checked by them", |s| {
        let dry = format!("{DEFINITIONS}?dryRun=All");
        for (field, default) in [
            (json!({ "type": "integer" }), json!("x")),
            (json!({ "type": "integer", "minimum": 3 }), json!(2)),
            (json!({ "type": "integer", "minimum": 3 }), json!(3)),
            (json!({ "type": "string", "enum": ["a", "b"] }), json!("c")),
            (json!({ "type": "string", "pattern": "^a$" }), json!("b")),
            (json!({ "type": "string", "maxLength": 1 }), json!("bb")),
            (json!({ "type": "object", "properties": { "b": { "type": "string" } } }), json!({ "c": 1 })),
            (json!({ "type": "object", "properties": { "b": { "type": "string" } } }), json!({ "b": 1 })),
            (json!({ "type": "object", "required": ["b"], "properties": { "b": { "type": "string" } } }), json!({})),
            (
                json!({ "type": "object", "required": ["b"], "properties": { "b": { "type": "string", "default": "x" } } }),
                json!({}),
            ),
            (json!({ "type": "array", "items": { "type": "string" } }), json!(["a", 1])),
            (json!({ "type": "array", "maxItems": 1, "items": { "type": "string" } }), json!(["a", "b"])),
            (json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true }), json!({ "any": [1] })),
            (json!({ "type": "object", "additionalProperties": { "type": "integer" } }), json!({ "a": "b" })),
            (json!({ "x-kubernetes-int-or-string": true }), json!(true)),
            (
                json!({ "type": "integer", "x-kubernetes-validations": [{ "rule": "self > 3", "message": "more than 3" }] }),
                json!(3),
            ),
            (
                json!({ "type": "integer", "x-kubernetes-validations": [{ "rule": "self > 3", "message": "more than 3" }] }),
                json!(4),
            ),
        ] {
            let mut field = field;
            field["default"] = default;
            s.create(&dry, with_field(field.clone()));
            s.create(
                &dry,
                with_field(json!({ "type": "array", "items": { "type": "object", "properties": { "x": field } } })),
            );
        }
    }),
    ("rules that can't be parsed are refused", |s| {
        for rule in ["self.(", "self ==", "'a", ")"] {
            let rules = json!([{ "rule": "true" }, { "rule": rule }]);
            s.create(
                &format!("{DEFINITIONS}?dryRun=All"),
                with_field(json!({ "type": "string", "x-kubernetes-validations": rules })),
            );
            s.in_other_words();
        }
    }),
    ("rules that name what nothing declares are refused", |s| {
        for rule in [
            "foo == self",
            "slf.size() > 1",
            "request.name == self",
            "1",
            "'a'",
            "self.size() > 1 && bar",
            "self != oldSelf",
        ] {
            let rules = json!([{ "rule": rule }]);
            s.create(
                &format!("{DEFINITIONS}?dryRun=All"),
                with_field(json!({ "type": "string", "x-kubernetes-validations": rules })),
            );
            s.in_other_words();
        }
        for message in ["foo", "1", "'a' + self"] {
            let rules = json!([{ "rule": "self.size() > 1", "messageExpression": message }]);
            s.create(
                &format!("{DEFINITIONS}?dryRun=All"),
                with_field(json!({ "type": "string", "x-kubernetes-validations": rules })),
            );
            s.in_other_words();
        }
    }),
    ("a definition that is deleted takes its objects with it", |s| {
        const THINGS: &str = "/apis/{ns}.example.com/v1/namespaces/{ns}/things";
        let path = format!("{DEFINITIONS}/things.{{ns}}.example.com");
        let thing = |name: &str, finalizers: Value| {
            json!({
                "apiVersion": "{ns}.example.com/v1", "kind": "Thing",
                "metadata": { "name": name, "finalizers": finalizers },
            })
        };
        s.create(DEFINITIONS, definition(json!({})));
        s.pause();
        s.create(THINGS, thing("free", Value::Null));
        s.create(THINGS, thing("kept", json!(["example.com/kept"])));
        s.delete(&format!("{path}?dryRun=All"));
        s.delete(&path);
        s.pause();
        s.get(&format!("{THINGS}/free"));
        s.get(&format!("{THINGS}/kept"));
        s.create(THINGS, thing("late", Value::Null));
        s.in_other_words();
        s.merge(&format!("{THINGS}/kept"), json!({ "metadata": { "finalizers": null } }));
        s.long_pause();
        s.get(&format!("{THINGS}/kept"));
    }),
    ("empty objects are defaults, and objects in custom resources are checked", |s| {
        const THINGS: &str = "/apis/{ns}.example.com/v1/namespaces/{ns}/things";
        let named = |name: &str, spec: Value| {
            let mut thing =
                json!({ "apiVersion": "{ns}.example.com/v1", "kind": "Thing", "metadata": { "name": name } });
            if !spec.is_null() {
                thing["spec"] = spec;
            }
            thing
        };
        let schema = json!({ "type": "object", "properties": { "spec": { "type": "object", "default": {}, "properties": {
            "color": { "type": "string", "default": "red" },
            "list": { "type": "array", "items": { "type": "object", "properties": {
                "inner": { "type": "object", "default": {}, "properties": { "on": { "type": "boolean", "default": false } } },
            } } },
            "embedded": { "type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
        } } } });
        let mut made = definition(json!({}));
        made["spec"]["versions"][0]["schema"] = json!({ "openAPIV3Schema": schema });
        s.create(DEFINITIONS, made);
        s.ignoring_body();
        s.pause();
        s.create(THINGS, named("a", Value::Null));
        s.create(THINGS, named("b", json!({ "list": [{}, { "inner": null }, { "inner": {} }] })));
        for (index, embedded) in [
            json!({ "apiVersion": "v1", "kind": "X", "metadata": { "name": "A", "creationTimestamp": null }, "x": 1 }),
            json!({ "kind": "X" }),
            json!({ "apiVersion": "v1" }),
            json!({ "apiVersion": "a/b/c", "kind": "X" }),
            json!({ "apiVersion": "v1", "kind": "_" }),
            json!({ "apiVersion": "v1", "kind": "X", "metadata": { "labels": { "a": "b c" } } }),
            json!({ "apiVersion": "v1", "kind": "X", "metadata": { "labels": { "a": 1 } } }),
            json!({ "apiVersion": "v1", "kind": "X", "metadata": "x" }),
            json!({ "apiVersion": 1, "kind": "X" }),
        ]
        .into_iter()
        .enumerate()
        {
            s.create(THINGS, named(&format!("e{index}"), json!({ "embedded": embedded })));
        }
        s.merge(&format!("{THINGS}/a"), json!({ "kind": "Other" }));
        s.delete(&format!("{DEFINITIONS}/things.{{ns}}.example.com"));
        s.ignoring_body();
    }),
    ("options of deletions are read as they are sent", |s| {
        for options in [
            json!({ "dryRun": ["X"] }),
            json!({ "dryRun": "All" }),
            json!({ "orphanDependents": "x" }),
            json!({ "propagationPolicy": "X" }),
        ] {
            s.create("configmaps", json!({ "metadata": { "name": "a" } }));
            s.delete_with("configmaps/a", options);
            s.in_other_words();
        }
        s.get("configmaps/a");
        for number in ["limit=", "limit=99999999999999999999", "timeoutSeconds="] {
            s.get(&format!("configmaps?{number}"));
        }
        s.delete("configmaps/a?gracePeriodSeconds=");
        s.create("namespaces", json!({ "metadata": { "generateName": "gen-" } }));
        s.ignoring_body();
    }),
];

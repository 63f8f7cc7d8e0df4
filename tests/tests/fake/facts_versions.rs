//! Measured answers: custom resources whose versions have different schemas, one of which is deprecated and one not served.

use serde_json::{Value, json};

use super::scenarios::Scenario;

/// Gimmicks: `v2` has a field with a default that the stored version lacks.
pub const GIMMICKS: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gimmicks.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Gimmick, listKind: GimmickList, plural: gimmicks, singular: gimmick}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, format: int64}
              port: {x-kubernetes-int-or-string: true}
              at: {type: string, format: date-time}
              level: {type: string, enum: [low, high]}
              dropped: {type: string}
              kept: {type: string, nullable: true, default: k}
              texts: {type: object, additionalProperties: {type: string}}
  - name: v2
    served: true
    storage: false
    deprecated: true
    deprecationWarning: "gimmicks of \"v2\" end \\ soon, schöne Grüße"
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, format: int64}
              extra: {type: string, default: e}
  - name: v1beta1
    served: true
    storage: false
    deprecated: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
  - name: v3
    served: false
    storage: false
    schema: {openAPIV3Schema: {type: object}}
"#;

const V1: &str = "example.com/v1:gimmicks";
const V2: &str = "example.com/v2:gimmicks";

fn gimmick(version: &str, name: &str, spec: Value) -> Value {
    json!({"apiVersion": format!("example.com/{version}"), "kind": "Gimmick", "metadata": {"name": name}, "spec": spec})
}

pub const SCENARIOS: &[Scenario] = &[
    ("X13 a field that the version of an earlier apply lacks", |s| {
        s.apply("A", &format!("{V1}/a"), json!({"spec": {"size": 1}}));
        s.apply("A", &format!("{V2}/a"), json!({"spec": {"extra": "x"}}));
        s.apply("B", &format!("{V2}/a"), json!({"spec": {"size": 1}}));
        s.apply("B", &format!("{V1}/a"), json!({"spec": {"size": 1, "level": "low"}}));
        s.get(&format!("{V1}/a"));
    }),
    ("V4 a field that the stored version lacks", |s| {
        s.create(V1, gimmick("v1", "a", json!({"size": 1})));
        s.get(&format!("{V2}/a"));
        s.merge(&format!("{V2}/a"), json!({"spec": {"extra": "x"}}));
        s.get(&format!("{V2}/a"));
        s.create(V2, gimmick("v2", "b", json!({"size": 1})));
        s.create(V1, gimmick("v2", "c", json!({"size": 1})));
        s.in_other_words();
        s.get("example.com/v3:gimmicks");
        s.create("example.com/v3:gimmicks", gimmick("v3", "c", json!({})));
    }),
    ("Z2 a version of a custom resource that is deprecated", |s| {
        s.get(V2);
        s.get(&format!("{V2}?watch=1&timeoutSeconds=1"));
        s.delete(&format!("{V2}/none"));
        s.get(V1);
        s.get("example.com/v1beta1:gimmicks");
        s.get(&format!("{V2}/a/status"));
        s.get("/apis/example.com/v2/gimmicks?limit=1");
        s.ignoring_body();
    }),
    ("versions whose schemas differ, by all sorts of writes", |s| {
        s.create(V1, gimmick("v1", "a", json!({"size": 1, "level": "low", "kept": "x"})));
        s.get(&format!("{V2}/a"));
        s.get("example.com/v1beta1:gimmicks");
        s.merge(&format!("{V2}/a"), json!({"metadata": {"labels": {"x": "1"}}}));
        s.get(&format!("{V1}/a"));
        s.merge(&format!("{V2}/a"), json!({}));
        s.json_patch(&format!("{V2}/a"), json!([{"op": "replace", "path": "/spec/size", "value": 2}]));
        let mut object = gimmick("v2", "a", json!({"size": 3, "extra": "y"}));
        object["metadata"]["resourceVersion"] = json!("{rv-0}");
        s.replace(&format!("{V2}/a"), object);
        s.watch(&format!("{V2}?resourceVersion={{rv1}}"), json!({}));
        s.delete(&format!("{V2}/a"));
    }),
    ("applies in versions whose schemas differ", |s| {
        s.apply("A", &format!("{V1}/a"), json!({"spec": {"size": 1, "level": "low"}}));
        s.apply("B", &format!("{V2}/a"), json!({"spec": {"size": 1}}));
        s.apply("B", &format!("{V2}/a"), json!({"spec": {"size": 1, "extra": "x"}}));
        s.apply("B", &format!("{V2}/a"), json!({"spec": {"size": 2}}));
        s.apply("A", "example.com/v1beta1:gimmicks/a", json!({"spec": {"size": 1}}));
        s.apply("C", &format!("{V2}/b"), json!({"spec": {"extra": "x"}}));
        s.get(&format!("{V1}/b"));
        s.merge(&format!("{V2}/b"), json!({"spec": {"extra": "z", "size": 1}}));
        s.create(&format!("{V2}?dryRun=All"), gimmick("v2", "c", json!({"size": 1})));
    }),
    ("V3 integers or texts, times and large numbers", |s| {
        s.create(V1, gimmick("v1", "a", json!({"port": 1.5})));
        s.send_text(
            http::Method::POST,
            V1,
            "application/json",
            r#"{"apiVersion":"example.com/v1","kind":"Gimmick","metadata":{"name":"a"},"spec":{"port":1.0,"size":9223372036854775807}}"#,
        );
        s.create(V1, gimmick("v1", "b", json!({"port": "x", "at": "2024-01-01t00:00:00z"})));
        s.create(V1, gimmick("v1", "c", json!({"at": "2024-01-01T00:00:00.123456789+02:00"})));
        s.create(V1, gimmick("v1", "d", json!({"at": "yesterday"})));
        s.create(V1, gimmick("v1", "d", json!({"level": ""})));
    }),
    ("Y5 integers that are written as floats", |s| {
        for text in ["1.0", "1e3", "1.5", "1e30"] {
            s.send_text(
                http::Method::POST,
                V1,
                "application/json",
                &format!(
                    r#"{{"apiVersion":"example.com/v1","kind":"Gimmick","metadata":{{"generateName":"gen-"}},"spec":{{"size":{text}}}}}"#
                ),
            );
        }
    }),
    ("V2 nulls where there is a default, and where there is none", |s| {
        s.create(V1, gimmick("v1", "a", json!({"kept": null, "dropped": null, "texts": {"x": null, "y": "1"}})));
        s.create(V1, gimmick("v1", "b", json!({})));
        s.merge(&format!("{V1}/b"), json!({}));
        s.create(V1, json!({"apiVersion": "example.com/v1", "kind": "Gimmick", "metadata": {"name": "c"}}));
    }),
];

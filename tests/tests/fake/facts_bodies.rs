//! Measured answers: bodies whose text matters, as YAML, with keys twice, numbers that are written otherwise, or empty.

use http::Method;
use serde_json::json;

use super::media_types::{APPLY, JSON, JSON_PATCH, MERGE, STRATEGIC, YAML};
use super::scenarios::{GADGETS, Scenario};

const DEPLOYMENTS: &str = "apps/v1:deployments";

fn map(name: &str) -> serde_json::Value {
    json!({"metadata": {"name": name}, "data": {"x": "1"}})
}

pub const SCENARIOS: &[Scenario] = &[
    ("k keys that are there twice", |s| {
        s.send_text(Method::POST, "configmaps", JSON, r#"{"metadata":{"name":"a"},"data":{"a":"1","a":"2"}}"#);
        s.send_text(Method::PATCH, "configmaps/a", MERGE, r#"{"data":{"b":"1","b":"2"}}"#);
        s.send_text(Method::PATCH, "configmaps/a", STRATEGIC, r#"{"data":{"c":"1","c":"2"}}"#);
        s.send_text(Method::PATCH, "configmaps/a?fieldValidation=Ignore", MERGE, r#"{"data":{"d":"1","d":"2"}}"#);
        s.send_text(
            Method::POST,
            "configmaps?fieldValidation=Strict",
            JSON,
            r#"{"metadata":{"name":"b"},"data":{"a":"1","a":"2"}}"#,
        );
        s.send_text(
            Method::POST,
            &format!("{GADGETS}?fieldValidation=Strict"),
            JSON,
            r#"{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"a"},"spec":{"size":1,"size":2}}"#,
        );
        s.send_text(
            Method::POST,
            GADGETS,
            JSON,
            r#"{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"a"},"spec":{"size":1,"size":2}}"#,
        );
    }),
    ("k strict validation of a replacement and a patch", |s| {
        s.create("configmaps", map("a"));
        s.replace("configmaps/a?fieldValidation=Strict", json!({"metadata": {"name": "a"}, "bogus": 1}));
        s.json_patch("configmaps/a?fieldValidation=Strict", json!([{"op": "add", "path": "/bogus", "value": 1}]));
        s.create(
            &format!("{GADGETS}?fieldValidation=Strict"),
            json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a"}, "spec": {"bogus": 1}}),
        );
        s.apply("A", "configmaps/a?fieldValidation=Ignore", json!({"bogus": 1}));
    }),
    ("m patches without a body", |s| {
        s.create("configmaps", map("a"));
        for media_type in [MERGE, STRATEGIC, JSON_PATCH] {
            s.send_text(Method::PATCH, "configmaps/a", media_type, "");
        }
        s.in_other_words();
        s.send_text(Method::PATCH, "configmaps/a?fieldManager=A", APPLY, "");
    }),
    ("n media types of patches that are none", |s| {
        s.create("configmaps", map("a"));
        s.send_text(Method::PATCH, "configmaps/a", "", "{}");
        s.send_text(Method::PATCH, "configmaps/a", MERGE, "data: {x: '2'}");
        s.in_other_words();
        s.send_text(Method::PATCH, "configmaps/a?fieldManager=A", "application/apply-patch+cbor", "{}");
        s.send_text(Method::PATCH, "configmaps/a", "application/merge-patch+json;charset=utf-8", "{}");
    }),
    ("X12 what is applied as YAML", |s| {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: '1'\n  a: '2'\n";
        s.send_text(Method::PATCH, "configmaps/a?fieldManager=A", APPLY, text);
        let two =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {a: '1'}\n---\napiVersion: v1\nkind: Bogus\n";
        s.send_text(Method::PATCH, "configmaps/b?fieldManager=A", APPLY, two);
        let number = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: 1}\n";
        s.send_text(Method::PATCH, "configmaps/c?fieldManager=A", APPLY, number);
    }),
    ("Y5 media types of creations, and documents of YAML", |s| {
        s.send_text(Method::POST, "configmaps", "", r#"{"metadata":{"name":"a"}}"#);
        s.send_text(Method::POST, "configmaps", "text/plain", r#"{"metadata":{"name":"b"}}"#);
        s.in_other_words();
        s.send_text(Method::POST, "configmaps", "application/cbor", "\u{1}");
        s.in_other_words();
        s.send_text(
            Method::POST,
            "configmaps",
            YAML,
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n",
        );
        s.get("configmaps/d");
    }),
    ("Y5 integers of built-in kinds that are written as floats", |s| {
        for number in ["1.0", "1e1", "1.5"] {
            s.send_text(
                Method::POST,
                DEPLOYMENTS,
                JSON,
                &format!(
                    r#"{{"metadata":{{"name":"a"}},"spec":{{"replicas":{number},"selector":{{"matchLabels":{{"a":"b"}}}},"template":{{"metadata":{{"labels":{{"a":"b"}}}},"spec":{{"containers":[{{"name":"c","image":"x"}}]}}}}}}}}"#
                ),
            );
            s.in_other_words();
        }
    }),
    ("Y5 an integer of a patch that is written as a float", |s| {
        s.create(
            DEPLOYMENTS,
            json!({"metadata": {"name": "a"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {
                "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]},
            }}}),
        );
        s.send_text(Method::PATCH, "apps/v1:deployments/a", MERGE, r#"{"spec":{"replicas":0.0}}"#);
        s.in_other_words();
        s.send_text(Method::PATCH, "apps/v1:deployments/a", STRATEGIC, r#"{"spec":{"replicas":3.0}}"#);
        s.in_other_words();
    }),
    ("Z2 warnings that are too long, and of letters beyond ASCII", |s| {
        let long = |letter: &str, count: usize| letter.repeat(count);
        s.create("configmaps", json!({"metadata": {"name": "a"}, "grüße \"x\" \\ y\nz": 1}));
        let fields = [long("ä", 1500), long("b", 1500), long("c", 1500), long("d", 900)];
        let mut object = json!({"metadata": {"name": "b"}});
        for field in fields {
            object[field] = json!(1);
        }
        s.create("configmaps", object);
    }),
    ("objects that are too large to be stored", |s| {
        let large = "x".repeat(1_600_000);
        let gadget = |name: &str, color: &str| json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": name}, "spec": {"color": color}});
        s.create(GADGETS, gadget("a", &large));
        s.create(&format!("{GADGETS}?dryRun=All"), gadget("a", &large));
        s.create(GADGETS, gadget("a", &large.repeat(2)[..2_200_000]));
        s.in_other_words();
        s.create(GADGETS, gadget("b", &large[..1_560_000]));
        s.create(GADGETS, gadget("a", "red"));
        s.merge(&format!("{GADGETS}/a"), json!({"spec": {"color": large}}));
        s.get(&format!("{GADGETS}/a"));
        let env = json!([{"name": "A", "value": large}]);
        s.create(
            DEPLOYMENTS,
            json!({"metadata": {"name": "a"}, "spec": {
                "selector": {"matchLabels": {"a": "b"}},
                "template": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {"containers": [{"name": "c", "image": "x", "env": env}]},
                },
            }}),
        );
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"a": large}}));
    }),
];

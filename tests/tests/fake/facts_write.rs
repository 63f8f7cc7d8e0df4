//! Measured answers: patches, creations, replacements and deletions.

use http::Method;
use serde_json::{Value, json};

use super::scenarios::{GADGETS, Scenario};

const LEASES: &str = "coordination.k8s.io/v1:leases";

fn gadget(name: &str, spec: Value) -> Value {
    json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": name}, "spec": spec})
}

fn map(name: &str) -> Value {
    json!({"metadata": {"name": name}, "data": {"x": "1"}})
}

pub const SCENARIOS: &[Scenario] = &[
    ("d directives of a strategic patch", |s| {
        s.create("configmaps", map("a"));
        s.strategic("configmaps/a", json!({"data": {"$patch": "replace", "y": "1"}}));
        s.strategic("configmaps/a", json!({"data": {"$patch": "bogus"}}));
        s.strategic("configmaps/a", json!({"data": {"$patch": "delete"}}));
        s.strategic("configmaps/a", json!({"data": {"$patch": "replace", "z": "1"}}));
    }),
    ("d items of owners by their merge key", |s| {
        let owner = |uid: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": uid});
        s.create("configmaps", json!({"metadata": {"name": "a", "ownerReferences": [owner("1"), owner("2")]}}));
        s.strategic("configmaps/a", json!({"metadata": {"ownerReferences": [{"uid": "1", "$patch": "delete"}]}}));
        s.strategic("configmaps/a", json!({"metadata": {"ownerReferences": [{"uid": "9", "$patch": "delete"}]}}));
        s.strategic("configmaps/a", json!({"metadata": {"ownerReferences": [{"name": "o"}]}}));
        s.strategic("configmaps/a", json!({"metadata": {"ownerReferences": [{"$patch": "replace"}, owner("3")]}}));
        s.strategic("configmaps/a", json!({"metadata": {"ownerReferences": [{"uid": "3", "name": "p"}]}}));
    }),
    ("f an order of a list that names what is not there", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a", "finalizers": ["e.io/1", "e.io/2"]}}));
        s.strategic(
            "configmaps/a",
            json!({"metadata": {"$setElementOrder/finalizers": ["e.io/2", "e.io/9", "e.io/1"]}}),
        );
        s.strategic(
            "configmaps/a",
            json!({"metadata": {"$setElementOrder/finalizers": ["e.io/1"], "finalizers": ["e.io/3"]}}),
        );
        s.in_other_words();
    }),
    ("j finalizers are taken out, merged, and kept twice by a merge patch", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a", "finalizers": ["e.io/1", "e.io/2"]}}));
        s.strategic("configmaps/a", json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["e.io/1", "e.io/9"]}}));
        s.strategic("configmaps/a", json!({"metadata": {"finalizers": ["e.io/3"]}}));
        s.merge("configmaps/a", json!({"metadata": {"finalizers": ["e.io/1", "e.io/1"]}}));
    }),
    ("h operations of a JSON patch that can't be done", |s| {
        s.create("configmaps", map("a"));
        s.json_patch("configmaps/a", json!([{"op": "remove", "path": "/data/y"}]));
        s.json_patch("configmaps/a", json!([{"op": "add", "path": "/none/y", "value": "1"}]));
        s.json_patch("configmaps/a", json!([{"op": "replace", "path": "/data/y", "value": "1"}]));
        s.json_patch("configmaps/a", json!([{"op": "copy", "from": "/data/none", "path": "/data/z"}]));
        s.json_patch("configmaps/a", json!([{"op": "move", "from": "/data/none", "path": "/data/z"}]));
        s.json_patch("configmaps/a", json!([{"op": "move", "from": "/data/x", "path": "/data/w"}]));
        s.json_patch("configmaps/a", json!({}));
        s.in_other_words();
    }),
    ("i more operations than a JSON patch may have", |s| {
        s.create("configmaps", map("a"));
        let tests = |count: usize| Value::Array(vec![json!({"op": "test", "path": "/data/x", "value": "1"}); count]);
        s.json_patch("configmaps/a", tests(10_000));
        s.json_patch("configmaps/a", tests(10_001));
    }),
    ("k unknown fields of patches", |s| {
        s.create("configmaps", map("a"));
        s.merge("configmaps/a", json!({"bogus": 1, "metadata": {"zork": 1}}));
        s.merge("configmaps/a?fieldValidation=Ignore", json!({"bogus": 1}));
        s.merge("configmaps/a?fieldValidation=Strict", json!({"bogus": 1}));
        s.strategic("configmaps/a?fieldValidation=Strict", json!({"bogus": 1}));
        s.merge("configmaps/a?fieldValidation=Bogus", json!({}));
        s.in_other_words();
    }),
    ("l a version that is null or empty is none", |s| {
        s.create("configmaps", map("a"));
        s.merge("configmaps/a", json!({"metadata": {"resourceVersion": null}, "data": {"x": "2"}}));
        s.merge("configmaps/a", json!({"metadata": {"resourceVersion": ""}, "data": {"x": "3"}}));
        s.merge("configmaps/a", json!({"metadata": {"resourceVersion": "{rv1}"}}));
        s.strategic("configmaps/a", json!({"metadata": {"resourceVersion": "{rv1}"}}));
        s.merge("configmaps/a", json!({"metadata": {"uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000"}}));
    }),
    ("m patches of nothing write nothing", |s| {
        s.create("configmaps", map("a"));
        s.merge("configmaps/a", json!({}));
        s.strategic("configmaps/a", json!({}));
        s.json_patch("configmaps/a", json!([]));
        s.get("configmaps/a");
    }),
    ("n a patch in JSON", |s| {
        s.create("configmaps", map("a"));
        s.send(Method::PATCH, "configmaps/a", "application/json", json!({}));
        s.send(
            Method::PATCH,
            "configmaps/a",
            "application/merge-patch+json; charset=utf-8",
            json!({"data": {"x": "2"}}),
        );
    }),
    ("other media types of bodies", |s| {
        s.send(Method::POST, "configmaps", "text/plain", map("a"));
        s.in_other_words();
        s.send(Method::POST, "configmaps", "application/yaml", map("a"));
    }),
    ("Y1 a status that is written with metadata", |s| {
        s.create(GADGETS, gadget("a", json!({"size": 1})));
        s.merge(
            &format!("{GADGETS}/a/status"),
            json!({"metadata": {"annotations": {"x": "1"}, "labels": {"x": "1"}, "finalizers": ["e.io/x"]}, "status": {"ready": true}}),
        );
    }),
    ("Y1 a replaced status", |s| {
        s.create(GADGETS, gadget("a", json!({"size": 1})));
        let mut object = gadget("a", json!({"size": 9}));
        object["status"] = json!({"ready": true});
        s.replace(&format!("{GADGETS}/a/status"), object.clone());
        object["metadata"]["resourceVersion"] = json!("{rv1}");
        s.replace(&format!("{GADGETS}/a/status"), object.clone());
        s.replace(&format!("{GADGETS}/a/status"), object);
        s.get(&format!("{GADGETS}/a"));
    }),
    ("Y2 generations of custom resources", |s| {
        s.create(GADGETS, gadget("a", json!({"size": 1})));
        s.merge(&format!("{GADGETS}/a"), json!({"metadata": {"annotations": {"x": "1"}, "labels": {"x": "1"}}}));
        s.merge(&format!("{GADGETS}/a"), json!({"spec": {"size": 2}}));
        s.merge(&format!("{GADGETS}/a/status"), json!({"status": {"ready": true}}));
        s.merge(&format!("{GADGETS}/a"), json!({"metadata": {"finalizers": ["e.io/x"]}}));
        s.delete(&format!("{GADGETS}/a"));
    }),
    ("Y2 a config map keeps the generation that a client sent", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a", "generation": 7}}));
        s.merge("configmaps/a", json!({"metadata": {"generation": 9}, "data": {"x": "1"}}));
    }),
    ("Y3 replacements without a version", |s| {
        s.create(GADGETS, gadget("a", json!({"size": 1})));
        s.replace(&format!("{GADGETS}/a"), gadget("a", json!({"size": 2})));
        s.create(LEASES, json!({"metadata": {"name": "a"}}));
        s.replace(&format!("{LEASES}/a"), json!({"metadata": {"name": "a", "resourceVersion": "0"}}));
        s.create("configmaps", map("a"));
        s.replace("configmaps/a", json!({"metadata": {"name": "a", "resourceVersion": "0"}}));
    }),
    ("Y3 a replacement of another uid", |s| {
        s.create("configmaps", map("a"));
        s.replace("configmaps/a", json!({"metadata": {"name": "a", "uid": "{uid1}"}, "data": {"x": "2"}}));
        s.replace("configmaps/a", json!({"metadata": {"name": "a", "uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000"}}));
        s.in_other_words();
        s.replace("configmaps/a", json!({"metadata": {"name": ""}}));
    }),
    ("Y4 a deleted lease that is replaced comes back", |s| {
        s.create(LEASES, json!({"metadata": {"name": "a"}}));
        s.delete(&format!("{LEASES}/a"));
        s.replace(&format!("{LEASES}/a"), json!({"metadata": {"name": "a", "resourceVersion": "{rv1}"}}));
        s.replace(
            &format!("{LEASES}/b"),
            json!({"metadata": {"name": "b", "uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000"}}),
        );
        s.in_other_words();
    }),
    ("Y5 what a creation must not or need not have", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a", "resourceVersion": "1"}}));
        s.create("configmaps", json!({"metadata": {"name": "a", "uid": "abc", "deletionTimestamp": "2026-01-02T03:04:05Z", "deletionGracePeriodSeconds": 5}}));
        s.create("configmaps", json!(null));
        s.in_other_words();
        s.create("configmaps", json!({"metadata": {"name": "b"}, "data": {"x": 1}}));
        s.in_other_words();
    }),
    ("Y5 numbers of custom resources", |s| {
        s.create(GADGETS, gadget("a", json!({"raw": {"x": 1.5, "y": 1.0, "z": 9_223_372_036_854_775_807_i64}})));
        s.create(GADGETS, gadget("b", json!({"size": 1.5})));
        s.create(GADGETS, gadget("c", json!({"ports": [{"port": 1.0}]})));
    }),
    ("Y6 objects that don't say what they are, or something else", |s| {
        s.create(GADGETS, json!({"metadata": {"name": "a"}}));
        s.create(GADGETS, json!({"apiVersion": "example.com/v2", "kind": "Gadget", "metadata": {"name": "a"}}));
        s.in_other_words();
        s.create(
            "configmaps",
            json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"name": "a"}}),
        );
        s.in_other_words();
        s.create("configmaps", map("a"));
        s.merge("configmaps/a", json!({"kind": "Secret"}));
        s.in_other_words();
        s.merge("configmaps/a", json!({"kind": null, "apiVersion": null}));
    }),
    ("Y7 the last finalizer", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a", "finalizers": ["e.io/1"]}}));
        s.delete("configmaps/a");
        s.merge("configmaps/a", json!({"metadata": {"finalizers": ["e.io/1", "e.io/2"]}}));
        s.create("configmaps", map("a"));
        s.merge("configmaps/a", json!({"metadata": {"finalizers": []}, "data": {"x": "1"}}));
        s.watch("configmaps?resourceVersion={rv1}", json!({}));
        s.get("configmaps/a");
    }),
    ("Y8 a body takes the place of the query", |s| {
        s.create("configmaps", map("a"));
        s.delete_with("configmaps/a?dryRun=All", json!({"preconditions": {"uid": "{uid1}"}}));
        s.get("configmaps/a");
        s.create("configmaps", map("a"));
        s.delete_with("configmaps?dryRun=All&labelSelector=x", json!({}));
        s.get("configmaps/a");
        s.delete_with("configmaps?dryRun=All", json!({}));
        s.get("configmaps/a");
    }),
    ("Y9 preconditions and propagation", |s| {
        s.create(GADGETS, gadget("a", json!({})));
        s.delete_with(&format!("{GADGETS}/a"), json!({"preconditions": {"resourceVersion": "1"}}));
        s.delete_with(&format!("{GADGETS}/a"), json!({"propagationPolicy": "Bogus"}));
        s.in_other_words();
        s.delete(&format!("{GADGETS}/a?propagationPolicy=Orphan"));
        s.delete(&format!("{GADGETS}/a?propagationPolicy=Foreground"));
        s.delete(&format!("{GADGETS}/a?propagationPolicy=Background"));
    }),
    ("Y9 orphans of old", |s| {
        s.create("configmaps", map("a"));
        s.delete_with("configmaps/a", json!({"orphanDependents": true}));
        s.delete_with("configmaps/a", json!({"orphanDependents": false}));
    }),
    ("Y10 a collection page by page", |s| {
        for name in ["a", "b", "c"] {
            s.create("configmaps", map(name));
        }
        s.delete("configmaps?limit=1");
        s.in_other_words();
        s.get("configmaps");
    }),
    ("Y10 a collection with finalizers", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a", "finalizers": ["e.io/1"]}}));
        s.create("configmaps", map("b"));
        s.delete("configmaps");
        s.get("configmaps");
        s.delete("configmaps");
    }),
    ("Y10 dry runs of creations and patches", |s| {
        s.create(&format!("{GADGETS}?dryRun=All"), gadget("a", json!({"size": 1})));
        s.create(GADGETS, gadget("a", json!({"size": 1})));
        s.merge(&format!("{GADGETS}/a?dryRun=All"), json!({"spec": {"size": 2}}));
        s.delete(&format!("{GADGETS}/a?dryRun=All"));
        s.create("configmaps?dryRun=Some", map("a"));
        s.in_other_words();
        s.get(&format!("{GADGETS}/a"));
    }),
    ("Y11 generated names", |s| {
        s.create("configmaps", json!({"metadata": {"generateName": "gen-"}}));
        s.create("configmaps", json!({"metadata": {"generateName": "gen-", "name": "a"}}));
        s.create("configmaps", json!({"metadata": {"generateName": ""}}));
        s.create("configmaps", json!({"metadata": {"generateName": format!("gen-{}", "x".repeat(300))}}));
        s.in_other_words();
    }),
    ("an immutable config map", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "1"}, "immutable": true}));
        s.merge("configmaps/a", json!({"data": {"x": "2"}}));
        s.merge("configmaps/a", json!({"immutable": false}));
        s.merge("configmaps/a", json!({"metadata": {"labels": {"x": "1"}}}));
        s.apply("A", "configmaps/a", json!({"data": {"y": "2"}}));
        s.delete("configmaps/a");
    }),
    ("keys of config maps", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"a/b": "1"}}));
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"..": "1"}}));
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"..x": "1"}}));
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "1"}, "binaryData": {"x": "AA=="}}));
        s.create(
            "configmaps",
            json!({"metadata": {"name": "a"}, "data": {"A_b-c.d": "1"}, "binaryData": {"x": "AA=="}}),
        );
    }),
    ("numbers of leases", |s| {
        s.create(
            LEASES,
            json!({"metadata": {"name": "a"}, "spec": {"leaseDurationSeconds": 0, "leaseTransitions": -1}}),
        );
        s.create(LEASES, json!({"metadata": {"name": "a"}, "spec": {"leaseDurationSeconds": 1}}));
        s.merge(&format!("{LEASES}/a"), json!({"spec": {"leaseDurationSeconds": -1}}));
    }),
    ("merge patches with nulls in lists and in what is new", |s| {
        s.create(GADGETS, gadget("a", json!({"raw": {"list": [1], "x": {"y": 1}}})));
        s.merge(
            &format!("{GADGETS}/a"),
            json!({"spec": {"raw": {"list": [{"x": null, "y": 1}, null], "x": [{"z": null}]}}}),
        );
        s.merge(&format!("{GADGETS}/a"), json!({"spec": {"raw": {"new": {"x": null, "y": {"z": null}}}}}));
    }),
    ("metadata that a client can't set", |s| {
        s.create("configmaps", map("a"));
        s.merge("configmaps/a", json!({"metadata": {"creationTimestamp": "2001-01-01T00:00:00Z", "selfLink": "x", "deletionTimestamp": "2001-01-01T00:00:00Z"}}));
        s.replace(
            "configmaps/a",
            json!({"metadata": {"name": "a", "creationTimestamp": "2001-01-01T00:00:00Z"}, "data": {"x": "1"}}),
        );
    }),
    ("writes with a manager and without", |s| {
        s.create("configmaps?fieldManager=", map("a"));
        s.merge("configmaps/a?fieldManager=other", json!({"data": {"x": "2"}}));
        s.merge("configmaps/a", json!({"data": {"x": "3"}}));
    }),
    ("an object that is gone is not found by any verb", |s| {
        s.merge("configmaps/a", json!({}));
        s.strategic("configmaps/a", json!({}));
        s.json_patch("configmaps/a", json!([]));
        s.delete("configmaps/a");
        s.merge(&format!("{GADGETS}/a"), json!({}));
        s.merge(&format!("{GADGETS}/a/status"), json!({}));
        s.get(&format!("{GADGETS}/a/status"));
        s.get(&format!("{GADGETS}/a/scale"));
    }),
];

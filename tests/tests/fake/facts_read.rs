//! Measured answers: reads, lists, watches and what is answered to requests that are none.

use http::Method;
use serde_json::{Value, json};

use super::scenarios::{GADGETS, Scenario};
use super::steps::Steps;

const LEASES: &str = "coordination.k8s.io/v1:leases";

fn some(s: &mut Steps) {
    for name in ["a", "b", "c"] {
        s.create(
            "configmaps",
            json!({"metadata": {"name": name, "labels": {"x": if name == "b" { "2" } else { "1" }}}}),
        );
    }
}

fn gadget(name: &str, spec: Value) -> Value {
    json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": name}, "spec": spec})
}

pub const SCENARIOS: &[Scenario] = &[
    ("a an exact match without a version, or of zero", |s| {
        s.get("configmaps?resourceVersionMatch=Exact");
        s.get("configmaps?resourceVersionMatch=NotOlderThan");
        s.get("configmaps?resourceVersion=0&resourceVersionMatch=Exact");
        s.get("configmaps?resourceVersion=1&resourceVersionMatch=Bogus");
        s.in_other_words();
    }),
    ("c parameters of watches that don't fit", |s| {
        s.get("configmaps?watch=true&sendInitialEvents=true");
        s.get("configmaps?watch=true&sendInitialEvents=false");
        s.get("configmaps?sendInitialEvents=true");
        s.get("configmaps?watch=true&resourceVersionMatch=NotOlderThan&resourceVersion=1");
        s.get("configmaps?watch=true&continue=abc");
    }),
    ("d a limit has no effect on a watch", |s| {
        some(s);
        s.watch("configmaps?limit=1", json!({}));
    }),
    ("f an object that leaves the selection and comes back", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a", "labels": {"x": "1"}}}));
        s.merge("configmaps/a", json!({"data": {"k": "1"}}));
        s.merge("configmaps/a", json!({"metadata": {"labels": {"x": "2"}}}));
        s.merge("configmaps/a", json!({"data": {"k": "2"}}));
        s.merge("configmaps/a", json!({"metadata": {"labels": {"x": "1"}}}));
        s.delete("configmaps/a");
        s.watch("configmaps?resourceVersion={rv1}&labelSelector=x%3D1", json!({"x": "1"}));
        s.watch("configmaps?resourceVersion={rv1}", json!({}));
    }),
    ("f a watch of one name", |s| {
        some(s);
        s.merge("configmaps/b", json!({"data": {"x": "1"}}));
        s.delete("configmaps/a");
        s.watch("configmaps?resourceVersion={rv1}&fieldSelector=metadata.name!%3Da", json!({}));
    }),
    ("h tokens of pages with other selectors and limits", |s| {
        some(s);
        s.get("configmaps?limit=1");
        s.get("configmaps?limit=1&continue={continue1}&labelSelector=x%3D1");
        s.get("configmaps?continue={continue1}");
        s.get("configmaps?continue={continue1}&resourceVersion=0");
        s.get("configmaps?continue={continue1}&resourceVersion={rv1}");
        s.get("configmaps?continue={continue1}&resourceVersionMatch=Exact");
    }),
    ("h pages are of the time of the first", |s| {
        some(s);
        s.get("configmaps?limit=1");
        s.delete("configmaps/c");
        s.create("configmaps", json!({"metadata": {"name": "d"}}));
        s.get("configmaps?limit=1&continue={continue1}");
        s.get("configmaps?continue={continue2}");
    }),
    ("i how many remain is said without selectors alone", |s| {
        some(s);
        s.get("configmaps?limit=1");
        s.get("configmaps?limit=1&labelSelector=x");
        s.get("configmaps?limit=1&fieldSelector=metadata.name!%3Dz");
    }),
    ("j lists of the past", |s| {
        some(s);
        s.merge("configmaps/a", json!({"data": {"x": "1"}}));
        s.delete("configmaps/b");
        s.get("configmaps?resourceVersion={rv2}&resourceVersionMatch=Exact");
        s.get("configmaps?resourceVersion={rv1}&resourceVersionMatch=Exact&labelSelector=x%3D1");
        s.get("configmaps?resourceVersion={rv2}&resourceVersionMatch=NotOlderThan");
        s.get("configmaps?resourceVersion={rv3}&limit=2");
    }),
    ("l metadata alone", |s| {
        some(s);
        s.get_metadata("configmaps");
        s.get_metadata("configmaps/a");
        s.accept("configmaps", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
        s.in_other_words();
        s.accept("configmaps/a", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        s.in_other_words();
    }),
    ("m initial events of a watch and their end", |s| {
        some(s);
        s.watch(
            "configmaps?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            json!({}),
        );
        s.watch(
            "configmaps?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=x%3D1",
            json!({}),
        );
        s.watch("configmaps?sendInitialEvents=true&resourceVersionMatch=NotOlderThan", json!({}));
    }),
    ("m initial events of custom resources and leases", |s| {
        s.create(GADGETS, gadget("a", json!({"size": 1})));
        s.watch(
            &format!("{GADGETS}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"),
            json!({}),
        );
        s.watch("example.com/v2:gadgets?sendInitialEvents=true&resourceVersionMatch=NotOlderThan", json!({}));
        s.watch(
            &format!("{LEASES}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"),
            json!({}),
        );
    }),
    ("p versions that are none", |s| {
        s.get("configmaps?resourceVersion=abc");
        s.get("configmaps/a?resourceVersion=abc");
        s.get("configmaps?watch=true&resourceVersion=abc");
        s.get("configmaps?resourceVersion=-1");
        s.in_other_words();
        s.get("configmaps?limit=abc");
        s.in_other_words();
        s.get("configmaps?watch=true&timeoutSeconds=abc");
        s.in_other_words();
    }),
    ("r fields that can't be selected by", |s| {
        s.get("configmaps?fieldSelector=data.x%3D1");
        s.in_other_words();
        s.get("configmaps?watch=true&fieldSelector=data.x%3D1");
        s.in_other_words();
        s.get(&format!("{GADGETS}?fieldSelector=spec.color%3Dred"));
    }),
    ("s a custom resource by its name", |s| {
        s.create(GADGETS, gadget("a", json!({})));
        s.create(GADGETS, gadget("b", json!({})));
        s.get(&format!("{GADGETS}?fieldSelector=metadata.name%3Db"));
        s.get(&format!("{GADGETS}?fieldSelector=metadata.name!%3Db,metadata.namespace%3D{{ns}}"));
    }),
    ("t selectors that can't be read", |s| {
        s.get("configmaps?labelSelector=a+in+(");
        s.in_other_words();
        s.get("configmaps?labelSelector=a%3D%3D%3Db");
        s.in_other_words();
        s.get("configmaps?fieldSelector=metadata.name");
        s.in_other_words();
    }),
    ("label selectors of all sorts", |s| {
        some(s);
        for selector in [
            "x%3D1",
            "x%3D%3D1",
            "x!%3D1",
            "x+in+(1,2)",
            "x+notin+(1)",
            "!x",
            "x",
            "y!%3D1",
            "x%3D1,x!%3D2",
            "x%3E1",
            "x%3C2",
        ] {
            s.get(&format!("configmaps?labelSelector={selector}"));
        }
    }),
    ("u a deleted collection is the list of before", |s| {
        some(s);
        s.delete("configmaps?labelSelector=x%3D2");
        s.delete("configmaps?labelSelector=none");
        s.create(GADGETS, gadget("a", json!({})));
        s.delete(GADGETS);
        s.delete(GADGETS);
    }),
    ("w what a deletion answers", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.delete("configmaps/a");
        s.create(GADGETS, gadget("a", json!({})));
        s.delete(&format!("{GADGETS}/a"));
        s.create(LEASES, json!({"metadata": {"name": "a"}}));
        s.delete(&format!("{LEASES}/a"));
    }),
    ("x media types that can't be answered", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.accept("configmaps/a", "application/bogus");
        s.in_other_words();
        s.accept("configmaps/a", "application/bogus,application/json");
        s.accept("configmaps/a", "*/*");
    }),
    ("y methods that no resource has", |s| {
        s.send(Method::PUT, "configmaps", "application/json", json!({}));
        s.send(Method::POST, "configmaps/a", "application/json", json!({}));
        s.send(Method::PATCH, "configmaps", "application/merge-patch+json", json!({}));
        s.delete("/api/v1/configmaps");
    }),
    ("W4 lists of custom resources", |s| {
        s.get(GADGETS);
        s.create(GADGETS, gadget("a", json!({})));
        s.get(GADGETS);
        s.get(&format!("{GADGETS}?limit=1"));
        s.create(GADGETS, gadget("b", json!({})));
        s.get("example.com/v2:gadgets?limit=1");
    }),
    ("Z1 paths that lead nowhere", |s| {
        s.get("/api/v1/namespaces/{ns}/bogus");
        s.get("/apis/coordination.k8s.io/v9/namespaces/{ns}/leases");
        s.get("/apis/coordination.k8s.io/v1/namespaces/{ns}/bogus");
        s.get("/api/v1/namespaces/{ns}/configmaps/a/status");
        s.get("/apis/bogus.example.com/v1/things");
        s.get("/apis/example.com/v9/namespaces/{ns}/gadgets");
    }),
    ("Z5 a read with watch, and a limit below zero", |s| {
        some(s);
        s.get("configmaps/a?watch=1");
        s.get("configmaps?limit=-1");
        s.get("configmaps?watch=false&limit=0");
    }),
    ("a namespaced resource of all namespaces", |s| {
        s.get("/api/v1/configmaps?fieldSelector=metadata.namespace%3D{ns}");
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.get("/api/v1/configmaps?fieldSelector=metadata.namespace%3D{ns}");
    }),
    ("a get at a version", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.get("configmaps/a?resourceVersion={rv1}");
        s.get("configmaps/a?resourceVersion=");
        s.merge("configmaps/a", json!({"data": {"x": "1"}}));
        s.get("configmaps/a?resourceVersion={rv1}");
    }),
    ("V2 defaults and nulls of custom resources", |s| {
        s.create(GADGETS, json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a"}}));
        s.create(GADGETS, gadget("b", json!({"color": null, "maybe": null, "level": null, "labels": {"x": null}})));
        s.create(GADGETS, gadget("c", json!({"ports": [{"port": 1}, {"port": 2, "protocol": null}]})));
        s.apply("A", &format!("{GADGETS}/d"), json!({"spec": {"size": 1}}));
        s.apply("A", &format!("{GADGETS}/e"), json!({"spec": {"level": null}}));
        s.merge(&format!("{GADGETS}/b"), json!({"spec": null}));
    }),
    ("V3 unknown fields, and values that come twice", |s| {
        s.create(GADGETS, gadget("a", json!({"bogus": 1, "raw": {"any": 1}})));
        s.create(&format!("{GADGETS}?fieldValidation=Strict"), gadget("b", json!({"bogus": 1})));
        s.create(GADGETS, gadget("b", json!({"tags": ["x", "x"], "ports": [{"port": 1}, {"port": 1}]})));
        s.apply("A", &format!("{GADGETS}/b"), json!({"spec": {"tags": ["x", "x"]}}));
        s.create(GADGETS, gadget("b", json!({"level": ""})));
        s.create(GADGETS, gadget("b", json!({"tags": "x"})));
        s.create(GADGETS, gadget("b", json!([])));
    }),
    ("V4 versions that convert to each other", |s| {
        s.create(GADGETS, gadget("a", json!({"size": 1})));
        s.get("example.com/v2:gadgets/a");
        s.merge("example.com/v2:gadgets/a", json!({"spec": {"level": "low"}}));
        s.get(&format!("{GADGETS}/a"));
        s.get("example.com/v2:gadgets");
        s.watch("example.com/v2:gadgets?resourceVersion={rv1}", json!({}));
        s.delete("example.com/v2:gadgets/a");
    }),
];

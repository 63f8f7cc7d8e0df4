//! Measured answers: headers, encodings, compression, and documents that clients keep.

use http::Method;
use serde_json::json;

use super::scenarios::{GADGETS, Scenario};

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const KEPT: &[&str] = &["content-type", "content-encoding", "etag", "vary", "cache-control"];
const ENCODING: &[&str] = &["content-type", "content-encoding", "vary"];
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// A config map whose JSON is as long as that, but for some hundred bytes.
fn large(s: &mut super::steps::Steps, length: usize) {
    s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "y".repeat(length)}}));
}

pub const SCENARIOS: &[Scenario] = &[
    ("n a watch is compressed if it begins with what is there", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.with_headers(&[("accept-encoding", "gzip")]);
        let initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
        s.get(&format!("configmaps?watch=1&timeoutSeconds=1&{initial}"));
        s.headers_too(ENCODING);
        s.get("configmaps?watch=1&timeoutSeconds=1&labelSelector=none");
        s.headers_too(ENCODING);
    }),
    ("o answers are compressed if they are large, for those who say just that", |s| {
        large(s, 131_072);
        for accepted in ["gzip", "deflate, gzip", "gzip;q=0.5", "*", "GZIP"] {
            s.with_headers(&[("accept-encoding", accepted)]);
            s.get("configmaps/a");
            s.headers_too(ENCODING);
        }
        s.with_headers(&[("accept-encoding", "gzip")]);
        s.get("configmaps?labelSelector=none");
        s.headers_too(ENCODING);
        s.get("configmaps");
        s.headers_too(ENCODING);
        s.merge("configmaps/a", json!({"data": {"z": "1"}}));
        s.headers_too(ENCODING);
        s.delete("configmaps?labelSelector=none");
        s.headers_too(ENCODING);
        s.delete("configmaps");
        s.headers_too(ENCODING);
    }),
    ("o a compressed request is not read", |s| {
        s.with_headers(&[("content-encoding", "gzip")]);
        s.send_text(Method::POST, "configmaps", "application/json", "\u{1f}\u{8b}");
        s.in_other_words();
    }),
    ("l custom resources and tables in protobuf", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.create(GADGETS, json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a"}}));
        for path in ["configmaps", GADGETS] {
            s.accept(path, PROTOBUF);
            s.headers_too(ENCODING);
            s.accept(path, "application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1");
            s.headers_too(ENCODING);
        }
    }),
    ("W2 a watch in protobuf says so", |s| {
        s.get("configmaps?watch=1&timeoutSeconds=1&labelSelector=none");
        s.accepting("application/vnd.kubernetes.protobuf;stream=watch");
        s.headers_too(ENCODING);
        s.get("configmaps?watch=1&timeoutSeconds=1&labelSelector=none");
        s.headers_too(ENCODING);
    }),
    ("Z1 errors in protobuf for those who accept nothing else", |s| {
        s.accept("configmaps/none", PROTOBUF);
        s.headers_too(ENCODING);
        s.accept(&format!("{GADGETS}/none"), PROTOBUF);
        s.headers_too(ENCODING);
        s.accept("configmaps/none", "application/yaml");
        s.headers_too(ENCODING);
    }),
    ("x answers in CBOR are not to be had, unless something else is", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.accept("configmaps/a", "application/cbor;q=0.1,application/json");
        s.headers_too(ENCODING);
    }),
    ("y HEAD and OPTIONS", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        for method in [Method::HEAD, Method::OPTIONS] {
            s.send_text(method.clone(), "configmaps/a", "", "");
            s.send_text(method, "configmaps", "", "");
        }
        s.in_other_words();
    }),
    ("z discovery has tags where it is aggregated", |s| {
        for path in ["/api", "/apis"] {
            s.accept(path, AGGREGATED);
            s.headers_too(&["content-type", "etag", "vary", "cache-control"]);
            s.ignoring_body();
            s.accept(path, "application/json");
            s.headers_too(&["content-type", "etag", "cache-control"]);
            s.ignoring_body();
        }
        s.accept("/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList");
        s.get("/apis/apps/v1");
        s.headers_too(&["content-type", "etag", "cache-control"]);
        s.ignoring_body();
        s.get("/openapi/v3");
        s.headers_too(&["content-type", "etag"]);
        s.ignoring_body();
    }),
    ("documents of discovery in other forms", |s| {
        for path in ["/api", "/apis", "/apis/apps", "/apis/apps/v1", "/api/v1"] {
            for accept in ["application/yaml", PROTOBUF, "application/yaml;q=0.5,application/json;q=0.1", "text/html"] {
                s.accept(path, accept);
                s.headers_too(&["content-type"]);
                s.ignoring_body();
            }
        }
        s.accept("/version", "text/html");
        for path in ["/version", "/openapi/v3", "/healthz"] {
            s.accept(path, "application/yaml");
            s.headers_too(&["content-type"]);
            s.ignoring_body();
        }
    }),
    ("HEAD of custom resources and documents", |s| {
        s.create(GADGETS, json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a"}}));
        for path in [
            &format!("{GADGETS}/a"),
            GADGETS,
            &format!("{GADGETS}/none"),
            "/apis",
            "/version",
            "/healthz",
            "/openapi/v3",
            "/api",
            "/apis/apps",
            "/apis/apps/v1",
            "/api/v1",
            "/openapi/v2",
            "/readyz",
        ] {
            s.send_text(Method::HEAD, path, "", "");
        }
    }),
    ("z documents of OpenAPI that a client has are not sent again", |s| {
        s.get("/openapi/v3/apis/apps/v1");
        s.headers_too(KEPT);
        s.ignoring_body();
        s.get("/openapi/v3/apis/apps/v1?hash=0000");
        s.headers_too(&["location"]);
        s.ignoring_body();
        s.get("/openapi/v3/apis/bogus/v1");
    }),
    ("Z4 the manager is what comes first in the user agent", |s| {
        for (name, agent) in [("a", "tool/1 (x) y/2"), ("b", "no slash"), ("c", ""), ("d", "/1")] {
            s.with_headers(&[("user-agent", agent)]);
            s.create("configmaps", json!({"metadata": {"name": name}, "data": {"x": "1"}}));
        }
    }),
    ("q versions of the future", |s| {
        for query in [
            "resourceVersion=9000000000000000000",
            "resourceVersion=9000000000000000000&resourceVersionMatch=NotOlderThan",
            "resourceVersion=9000000000000000000&resourceVersionMatch=Exact",
        ] {
            s.get(&format!("configmaps?{query}"));
        }
        s.get("configmaps/a?resourceVersion=9000000000000000000");
        s.get("configmaps?watch=1&timeoutSeconds=1&resourceVersion=9000000000000000000");
    }),
    ("p a version with zeros before it", |s| {
        s.get("configmaps?resourceVersion=01");
    }),
    ("b shards are ignored", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        let selector = "shardSelector=shardRange(object.metadata.uid,+'0x0',+'0x1')";
        s.get(&format!("configmaps?{selector}"));
        s.delete(&format!("configmaps?{selector}"));
        s.get("configmaps");
    }),
];

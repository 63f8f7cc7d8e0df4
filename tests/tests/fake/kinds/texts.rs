//! What messages say of text that can't be seen, or is not of ASCII.

use http::Method;
use serde_json::{Value, json};

use super::Scenario;
use crate::media_types::JSON;

/// Control characters, spaces, letters, marks, and what is of no script.
const ODD: [&str; 13] = [
    "a\u{1}b",
    "a\u{7}b",
    "a\u{7f}b",
    "a\u{85}b",
    "a\u{a0}b",
    "aéb",
    "ae\u{301}b",
    "a\u{200b}b",
    "a\u{2028}b",
    "a✓b",
    "a😀b",
    "<a&b>",
    "a\u{e0001}b",
];

fn labelled(text: &str) -> Value {
    json!({ "metadata": { "name": "a", "labels": { "a": text } } })
}

pub const SCENARIOS: &[Scenario] = &[
    ("texts in quotes: names", |s| {
        for text in ODD {
            s.create("configmaps", json!({ "metadata": { "name": text } }));
            s.create("configmaps", labelled(text));
        }
        for path in ["configmaps/a%07b", "configmaps/a%C2%A0b", "configmaps/a%F0%9F%98%80b", "configmaps/a%22b"] {
            s.get(path);
        }
    }),
    ("texts in quotes: values of fields", |s| {
        for text in ODD {
            let container = json!({ "name": "c", "image": "x:1", "imagePullPolicy": text });
            s.create(
                "pods",
                json!({ "metadata": { "name": "a" }, "spec": { "restartPolicy": text, "containers": [container] } }),
            );
        }
        s.create("serviceaccounts", json!({ "metadata": { "name": "a", "finalizers": ["a\u{1}b"] } }));
    }),
    ("texts in quotes: fields that are unknown", |s| {
        s.create("configmaps", json!({ "metadata": { "name": "a" } }));
        for text in ["a\u{1}b", "a\u{a0}b", "aéb", "a\\b"] {
            s.create("configmaps?fieldValidation=Strict", json!({ "metadata": { "name": "b" }, text: 1 }));
        }
        let twice = "{\"metadata\":{\"name\":\"b\"},\"data\":{\"\\u00a0\":\"1\",\"\\u00a0\":\"2\"}}";
        s.send_text(Method::POST, "configmaps?fieldValidation=Strict", JSON, twice);
        s.json_patch("configmaps/a", json!([{ "op": "remove", "path": "/data/a\u{1}b" }]));
        s.json_patch("configmaps/a", json!([{ "op": "remove", "path": "/a\u{a0}b/c" }]));
        s.json_patch("configmaps/a", json!([{ "op": "add", "path": "/metadata/finalizers", "value": ["a.b/c"] }, { "op": "add", "path": "/metadata/finalizers/\u{a0}", "value": "x" }]));
    }),
];

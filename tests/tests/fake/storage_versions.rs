//! Storage versions: a real server has them with `--runtime-config` alone.

use serde_json::{Value, json};

use super::scenarios::Scenario;

const VERSIONS: &str = "/apis/internal.apiserver.k8s.io/v1alpha1/storageversions";
const VERSION: &str = "/apis/internal.apiserver.k8s.io/v1alpha1/storageversions/{ns}.things";
const STATUS: &str = "/apis/internal.apiserver.k8s.io/v1alpha1/storageversions/{ns}.things/status";

fn of(name: &str, status: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": {}, "status": status })
}

fn server(id: &str, encoding: &str, decodable: &[&str], served: &[&str]) -> Value {
    json!({ "apiServerID": id, "encodingVersion": encoding, "decodableVersions": decodable, "servedVersions": served })
}

pub const SCENARIOS: &[Scenario] = &[
    ("a storage version", |s| {
        s.is_exact = true;
        s.create(VERSIONS, of("{ns}.things", json!({ "commonEncodingVersion": "v1" })));
        s.create(VERSIONS, of("things", json!({})));
        s.create(VERSIONS, of("A_.b_", json!({})));
        s.get(VERSION);
        s.merge(
            VERSION,
            json!({ "metadata": { "labels": { "a": "b" } }, "status": { "commonEncodingVersion": "v1" } }),
        );
        s.replace(VERSION, of("{ns}.things", json!({})));
        s.replace(&VERSION.replace("things", "others"), of("{ns}.others", json!({})));
        s.get(&format!("{VERSIONS}?fieldSelector=status.commonEncodingVersion%3Dv1"));
        s.delete(VERSION);
        s.get(VERSION);
    }),
    ("the status of a storage version", |s| {
        s.is_exact = true;
        let of = |status: Value| json!({ "status": status });
        s.create(VERSIONS, json!({ "metadata": { "name": "{ns}.things" } }));
        s.merge(STATUS, json!({ "metadata": { "labels": { "a": "b" } }, "status": {
            "commonEncodingVersion": "apps/v1", "storageVersions": [server("a", "apps/v1", &["apps/v1", "v2"], &["apps/v1"])],
        } }));
        s.merge(STATUS, of(json!({ "commonEncodingVersion": null })));
        s.merge(STATUS, of(json!({ "commonEncodingVersion": "v2" })));
        s.merge(STATUS, of(json!({ "storageVersions": null })));
        s.merge(
            STATUS,
            of(json!({ "storageVersions": [
            server("A_", "a/b/c", &["/v1", "A_/V1", ""], &["v7"]),
            { "apiServerID": "b", "encodingVersion": "v1" },
        ] })),
        );
        s.merge(
            STATUS,
            of(json!({ "conditions": [
            { "type": "AllEncodingVersionsEqual", "status": "True", "reason": "R", "message": "m" },
        ] })),
        );
        s.merge(
            STATUS,
            of(json!({ "conditions": [
            { "type": "A_" }, { "type": "b", "status": "b c", "reason": "R", "message": "m" },
        ] })),
        );
        s.get(STATUS);
        s.delete(VERSION);
    }),
];

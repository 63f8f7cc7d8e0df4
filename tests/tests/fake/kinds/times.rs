//! Times as Go reads them, and other scalars that it keeps in a form of its own.

use serde_json::json;

use super::Scenario;

const LEASES: &str = "coordination.k8s.io/v1:leases";

pub const SCENARIOS: &[Scenario] = &[
    ("times with microseconds", |s| {
        for (index, time) in [
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.1Z",
            "2024-01-01T00:00:00.123456Z",
            "2024-01-01T00:00:00.123456789Z",
            "2024-01-01T02:00:00.123456+02:00",
            "2024-01-01",
            "",
            "x",
            "2024-13-01T00:00:00.000000Z",
            "2024-02-30T00:00:00.000000Z",
            "2024-01-01T25:00:00.000000Z",
            "2024-01-01T00:60:00.000000Z",
            "2024-01-01T00:00:60.000000Z",
            "2024-01-01t00:00:00.000000z",
            "2024-01-01T00:00:00.000000",
            "2024-01-01T00:00:00.000000Zx",
            "2024-01-01T00:00:00,000000Z",
            "24-01-01T00:00:00.000000Z",
            "2024-01-01T00:00:00.000000+0200",
            "2024-01-01T00:00:00.000000+25:00",
            "2024-01-01T5:00:00.000000Z",
            "0000-01-01T00:00:00.000000Z",
            "Jänner\t\"1\"\u{7f}",
        ]
        .into_iter()
        .enumerate()
        {
            s.create(LEASES, json!({ "metadata": { "name": format!("l{index}") }, "spec": { "renewTime": time } }));
        }
    }),
    ("times in patches and applies", |s| {
        let lease = |time: &str| json!({ "metadata": { "name": "a" }, "spec": { "renewTime": time } });
        let path = format!("{LEASES}/a");
        s.create(LEASES, lease("2024-01-01T00:00:00.000001Z"));
        s.merge(&path, json!({ "spec": { "renewTime": "x" } }));
        s.in_other_words();
        s.strategic(&path, json!({ "spec": { "renewTime": "2024-01-01T00:00:00Z" } }));
        s.apply("A", &format!("{path}?force=true"), lease("2024-01-01T00:00:00Z"));
        s.apply("A", &format!("{path}?force=true"), lease("2024-01-01T02:00:00.000002+02:00"));
        s.apply("A", &format!("{LEASES}/b"), json!({ "spec": { "renewTime": "y" } }));
        s.replace(&path, lease("z"));
    }),
    ("times of whole seconds", |s| {
        s.create(
            "pods",
            json!({ "metadata": { "name": "p" }, "spec": { "containers": [{ "name": "c", "image": "i" }] } }),
        );
        for time in [
            "2024-01-01T00:00:00.999Z",
            "2024-01-01T02:00:00+02:00",
            "2024-01-01",
            "2024-01-01T00:00:00.",
            "2023-02-29T00:00:00Z",
            "",
            "2024-01-01T00:00:00,5Z",
        ] {
            s.strategic("pods/p/status", json!({ "status": { "startTime": time } }));
        }
        s.merge("pods/p/status", json!({ "status": { "startTime": "x" } }));
        s.in_other_words();
        s.create("configmaps", json!({ "metadata": { "name": "c", "creationTimestamp": "x" } }));
        s.create("configmaps", json!({ "metadata": { "name": "c", "deletionTimestamp": "2024-01-01" } }));
        s.create("events", json!({ "metadata": { "name": "e" }, "involvedObject": {}, "firstTimestamp": "x" }));
    }),
    ("quantities and data that are none, in patches", |s| {
        let pod = |cpu: &str| json!({ "spec": { "containers": [{ "name": "c", "image": "i", "resources": { "limits": { "cpu": cpu } } }] } });
        let mut created = pod("1");
        created["metadata"] = json!({ "name": "p" });
        s.create("pods", created);
        s.merge("pods/p", pod("x"));
        s.in_other_words();
        s.create("secrets", json!({ "metadata": { "name": "s" }, "data": { "a": "YQ==\n" } }));
        s.merge("secrets/s", json!({ "data": { "b": "Y\nQ==" } }));
        s.merge("secrets/s", json!({ "data": { "a": "!" } }));
        s.in_other_words();
        s.strategic("secrets/s", json!({ "data": { "a": "!" } }));
        for data in ["YQ", "YWJjZA", "YWJ*ZA=="] {
            s.create("secrets", json!({ "metadata": { "name": "t" }, "data": { "a": data } }));
        }
    }),
];

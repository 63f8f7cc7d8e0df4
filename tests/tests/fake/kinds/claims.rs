//! Claims of volumes: what they are filled from, their classes and sizes. Schedules of CronJobs.

use serde_json::{Value, json};

use super::Scenario;

const CLAIMS: &str = "persistentvolumeclaims";

fn claim(name: &str, more: &Value) -> Value {
    let mut spec = json!({ "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "2Gi" } } });
    for (name, value) in more.as_object().into_iter().flatten() {
        spec[name] = value.clone();
    }
    json!({ "metadata": { "name": name }, "spec": spec })
}

fn size(amount: &str) -> Value {
    json!({ "spec": { "resources": { "requests": { "storage": amount } } } })
}

pub const SCENARIOS: &[Scenario] = &[
    ("what a claim is filled from", |s| {
        let snapshot = |group: &str| json!({ "kind": "VolumeSnapshot", "name": "x", "apiGroup": group });
        for (index, spec) in [
            json!({ "dataSource": { "kind": "PersistentVolumeClaim", "name": "x" } }),
            json!({ "dataSource": { "kind": "X", "name": "x" } }),
            json!({ "dataSource": { "kind": "PersistentVolumeClaim", "name": "" } }),
            json!({ "dataSource": snapshot("snapshot.storage.k8s.io") }),
            json!({ "dataSourceRef": snapshot("other.io") }),
            json!({ "dataSourceRef": { "kind": "X", "name": "x" } }),
            json!({ "dataSourceRef": { "kind": "X", "name": "x", "apiGroup": "a.b", "namespace": "o" } }),
            json!({ "accessModes": ["ReadWriteOncePod", "ReadWriteOnce"] }),
            json!({ "volumeMode": "X" }),
            json!({ "volumeAttributesClassName": "A_" }),
        ]
        .iter()
        .enumerate()
        {
            s.create(CLAIMS, claim(&format!("c{index}"), spec));
        }
        s.merge(&format!("{CLAIMS}/c0"), json!({ "spec": { "dataSource": null } }));
    }),
    ("a claim gets a class later on, once", |s| {
        s.create(CLAIMS, claim("a", &json!({})));
        s.merge(&format!("{CLAIMS}/a"), json!({ "spec": { "storageClassName": "x" } }));
        s.merge(&format!("{CLAIMS}/a"), json!({ "spec": { "storageClassName": "y" } }));
        s.in_other_words();
    }),
    ("a bound claim grows if its class says so, and shrinks to what it has", |s| {
        s.create(
            "/apis/storage.k8s.io/v1/storageclasses",
            json!({ "metadata": { "name": "grows" }, "provisioner": "a.b/c", "allowVolumeExpansion": true }),
        );
        s.create(CLAIMS, claim("a", &json!({ "storageClassName": "grows" })));
        let bound = json!({ "status": { "phase": "Bound", "capacity": { "storage": "1Gi" } } });
        s.merge(&format!("{CLAIMS}/a/status"), bound.clone());
        for amount in ["3Gi", "1Gi", "1500Mi", "512Mi"] {
            s.merge(&format!("{CLAIMS}/a"), size(amount));
        }
        s.create(CLAIMS, claim("b", &json!({ "storageClassName": "other" })));
        s.merge(&format!("{CLAIMS}/b/status"), bound);
        s.merge(&format!("{CLAIMS}/b"), size("3Gi"));
        s.delete("/apis/storage.k8s.io/v1/storageclasses/grows");
    }),
    ("schedules and time zones are checked", |s| {
        let asked = |more: Value| {
            let template =
                json!({ "spec": { "containers": [{ "name": "c", "image": "i" }], "restartPolicy": "Never" } });
            let mut spec = json!({ "schedule": "* * * * *", "jobTemplate": { "spec": { "template": template } } });
            for (name, value) in more.as_object().into_iter().flatten() {
                spec[name] = value.clone();
            }
            json!({ "metadata": { "name": "c" }, "spec": spec })
        };
        for schedule in [
            "TZ=UTC * * * * *",
            "CRON_TZ=UTC x",
            "*/0 * * * *",
            "1-2-3 * * * *",
            "1/2/3 * * * *",
            "1,,2 * * * *",
            "7 * * * 7",
            "* * * * mon-fri",
        ] {
            s.create("batch/v1:cronjobs?dryRun=All", asked(json!({ "schedule": schedule })));
        }
        for zone in ["Bogus/X", "Local", "", "UTC", "utc", "Europe/Berlin", "../x", "Etc/GMT+1"] {
            s.create("batch/v1:cronjobs?dryRun=All", asked(json!({ "timeZone": zone })));
        }
    }),
    ("a collection is deleted by preconditions", |s| {
        for name in ["a", "b"] {
            s.create("configmaps", json!({ "metadata": { "name": name } }));
        }
        s.delete_with("configmaps", json!({ "preconditions": { "uid": "x" } }));
        s.delete_with("configmaps", json!({ "propagationPolicy": "Foreground", "orphanDependents": true }));
        s.get("configmaps");
    }),
];

//! Drivers of storage and what they tell, attachments and attributes of volumes, and migrations of storage versions.

use serde_json::{Value, json};

use super::Scenario;

const DRIVERS: &str = "/apis/storage.k8s.io/v1/csidrivers";
const DRIVER: &str = "/apis/storage.k8s.io/v1/csidrivers/{ns}";
const NODES: &str = "/apis/storage.k8s.io/v1/csinodes";
const NODE: &str = "/apis/storage.k8s.io/v1/csinodes/{ns}";
const CAPACITIES: &str = "storage.k8s.io/v1:csistoragecapacities";
const CAPACITY: &str = "storage.k8s.io/v1:csistoragecapacities/a";
const ATTACHMENTS: &str = "/apis/storage.k8s.io/v1/volumeattachments";
const ATTACHMENT: &str = "/apis/storage.k8s.io/v1/volumeattachments/{ns}";
const ATTRIBUTES: &str = "/apis/storage.k8s.io/v1/volumeattributesclasses";
const ATTRIBUTE: &str = "/apis/storage.k8s.io/v1/volumeattributesclasses/{ns}";
const MIGRATIONS: &str = "/apis/storagemigration.k8s.io/v1/storageversionmigrations";
const MIGRATION: &str = "/apis/storagemigration.k8s.io/v1/storageversionmigrations/{ns}";

/// A name that is too long.
const LONG: &str = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg.x";

const TIME: &str = "2024-05-06T07:08:09Z";

fn of(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

/// With the version of the object that a request before has answered.
fn at(version: &str, mut object: Value) -> Value {
    object["metadata"]["resourceVersion"] = json!(version);
    object
}

fn capacity(name: &str, more: Value) -> Value {
    let mut object = json!({ "metadata": { "name": name }, "storageClassName": "fast" });
    if let (Value::Object(fields), Value::Object(more)) = (&mut object, more) {
        fields.extend(more);
    }
    object
}

fn class(name: &str, driver: &str, parameters: Value) -> Value {
    json!({ "metadata": { "name": name }, "driverName": driver, "parameters": parameters })
}

fn migration(name: &str, group: &str, resource: &str) -> Value {
    of(name, json!({ "resource": { "group": group, "resource": resource } }))
}

fn condition(kind: &str, status: &str) -> Value {
    json!({ "type": kind, "status": status, "reason": "R", "message": "m", "lastTransitionTime": TIME })
}

fn applied(kind: &str, version: &str, mut object: Value) -> Value {
    object["apiVersion"] = json!(version);
    object["kind"] = json!(kind);
    object
}

pub const SCENARIOS: &[Scenario] = &[
    ("a driver of storage", |s| {
        s.create(DRIVERS, of("{ns}", json!({})));
        s.create(DRIVERS, of("{ns}-2", json!({
            "attachRequired": false, "podInfoOnMount": true, "storageCapacity": true, "fsGroupPolicy": "File",
            "volumeLifecycleModes": ["Ephemeral"], "tokenRequests": [{ "audience": "a", "expirationSeconds": 600 }, {}],
            "requiresRepublish": true, "seLinuxMount": true, "nodeAllocatableUpdatePeriodSeconds": 10,
            "preventPodSchedulingIfMissing": true,
        })));
        s.get(DRIVER);
        s.merge(DRIVER, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(DRIVER, json!({ "spec": { "storageCapacity": true } }));
        s.merge(DRIVER, json!({ "spec": { "podInfoOnMount": true } }));
        s.merge(DRIVER, json!({ "spec": { "podInfoOnMount": true } }));
        s.merge(DRIVER, json!({ "spec": { "attachRequired": false, "volumeLifecycleModes": ["Ephemeral"] } }));
        s.merge(DRIVER, json!({ "spec": { "tokenRequests": [{ "audience": "a" }] } }));
        s.merge(DRIVER, json!({ "spec": { "tokenRequests": [{ "audience": "a" }], "requiresRepublish": true } }));
        s.merge(DRIVER, json!({ "spec": { "serviceAccountTokenInSecrets": true } }));
        s.replace(DRIVER, of("{ns}", json!({})));
        s.replace(&format!("{DRIVER}-3"), of("{ns}-3", json!({})));
        s.send(
            http::Method::PATCH,
            &format!("{DRIVER}?fieldManager=A"),
            "application/apply-patch+yaml",
            applied("CSIDriver", "storage.k8s.io/v1", of("{ns}", json!({ "fsGroupPolicy": "None" }))),
        );
        s.send(
            http::Method::PATCH,
            &format!("{DRIVER}?fieldManager=A&force=true"),
            "application/apply-patch+yaml",
            applied(
                "CSIDriver",
                "storage.k8s.io/v1",
                of("{ns}", json!({ "fsGroupPolicy": "None", "tokenRequests": [{ "audience": "b" }] })),
            ),
        );
        s.get(&format!("{DRIVERS}?fieldSelector=metadata.name%3D{{ns}}"));
        s.get(&format!("{DRIVERS}?fieldSelector=spec.attachRequired%3Dtrue"));
        s.delete(&format!("{DRIVER}?dryRun=All"));
        s.delete(DRIVER);
        s.delete(&format!("{DRIVER}-2"));
    }),
    ("drivers of storage are checked", |s| {
        s.create(DRIVERS, json!({ "metadata": { "name": "A_" } }));
        s.create(
            DRIVERS,
            of("{ns}", json!({ "fsGroupPolicy": "Bogus", "volumeLifecycleModes": ["Bogus", "Persistent", "Other"] })),
        );
        s.create(DRIVERS, of("{ns}", json!({ "tokenRequests": [{ "audience": "a", "expirationSeconds": 5 }, { "audience": "a" }, { "audience": "b", "expirationSeconds": 4294967297_i64 }, {}, {}] })));
        s.create(
            DRIVERS,
            of("{ns}", json!({ "nodeAllocatableUpdatePeriodSeconds": 9, "serviceAccountTokenInSecrets": false })),
        );
        s.create(DRIVERS, of("{ns}", json!({ "attachRequired": "x" })));
        s.in_other_words();
    }),
    ("drivers on a node", |s| {
        s.create(NODES, of("{ns}", json!({ "drivers": [{ "name": "a.example.com", "nodeID": "n", "topologyKeys": ["zone"], "allocatable": { "count": 5 } }] })));
        s.create(NODES, of("{ns}-2", json!({})));
        s.create(NODES, of("{ns}-3", json!({ "drivers": null })));
        s.create(NODES, json!({ "metadata": { "name": "{ns}-4" } }));
        s.get(NODE);
        s.merge(NODE, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.strategic(
            NODE,
            json!({ "spec": { "drivers": [{ "name": "a.example.com", "allocatable": { "count": 7 } }] } }),
        );
        s.strategic(NODE, json!({ "spec": { "drivers": [{ "name": "a.example.com", "nodeID": "m" }] } }));
        s.strategic(NODE, json!({ "spec": { "drivers": [{ "name": "a.example.com", "topologyKeys": null }] } }));
        s.strategic(
            NODE,
            json!({ "spec": { "drivers": [{ "name": "b.example.com", "nodeID": "m", "topologyKeys": [] }] } }),
        );
        s.get(NODE);
        s.replace(NODE, of("{ns}", json!({ "drivers": [] })));
        s.replace(&format!("{NODE}-5"), of("{ns}-5", json!({ "drivers": [] })));
        s.send(
            http::Method::PATCH,
            &format!("{NODE}?fieldManager=A"),
            "application/apply-patch+yaml",
            applied(
                "CSINode",
                "storage.k8s.io/v1",
                of("{ns}", json!({ "drivers": [{ "name": "c.example.com", "nodeID": "x" }] })),
            ),
        );
        s.merge(NODE, json!({ "spec": { "drivers": [] } }));
        s.get(&format!("{NODES}?fieldSelector=spec.drivers%3Da"));
        s.delete(NODE);
        s.delete(&format!("{NODE}-2"));
        s.delete(&format!("{NODE}-3"));
        s.delete(&format!("{NODE}-4"));
    }),
    ("drivers on nodes are checked", |s| {
        let node = |drivers: Value| of("{ns}", json!({ "drivers": drivers }));
        s.create(NODES, of("A_", json!({ "drivers": [] })));
        s.create(NODES, node(json!([{}])));
        s.create(NODES, node(json!([{ "name": "A_", "nodeID": "n" }, { "name": LONG, "nodeID": "n" }])));
        s.create(NODES, node(json!([{ "name": "A.b", "nodeID": "a".repeat(257), "allocatable": { "count": -1 } }])));
        s.create(NODES, node(json!([{ "name": "a", "nodeID": "n" }, { "name": "a", "nodeID": "n", "topologyKeys": ["", "a", "a", "b c"] }])));
    }),
    ("the status of drivers on a node", |s| {
        s.create(NODES, json!({ "metadata": { "name": "{ns}" }, "spec": { "drivers": [] }, "status": { "storageHealth": [{ "name": "a" }] } }));
        let health = json!([{ "name": "a", "healthConditions": [{ "status": "StorageDegraded", "reason": "R" }] }]);
        s.merge(&format!("{NODE}/status"), json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "drivers": [{ "name": "x", "nodeID": "y" }] }, "status": { "storageHealth": health } }));
        s.get(&format!("{NODE}/status"));
        s.merge(NODE, json!({ "status": { "storageHealth": health } }));
        s.get(NODE);
        s.delete(NODE);
    }),
    ("capacity of storage", |s| {
        s.create(CAPACITIES, capacity("a", json!({ "capacity": "1024Mi", "maximumVolumeSize": "0", "nodeTopology": { "matchLabels": { "zone": "a" } } })));
        s.create(CAPACITIES, capacity("b", json!({})));
        s.create(CAPACITIES, capacity("c", json!({ "capacity": 5 })));
        s.create(CAPACITIES, capacity("d", json!({ "nodeTopology": { "matchLabels": { "beta.kubernetes.io/os": "linux" }, "matchExpressions": [{ "key": "beta.kubernetes.io/arch", "operator": "Exists" }] } })));
        s.create(
            CAPACITIES,
            capacity("A_", json!({ "storageClassName": "A_", "capacity": "-1", "maximumVolumeSize": "-1" })),
        );
        s.create(CAPACITIES, json!({ "metadata": { "name": "e" } }));
        s.create(CAPACITIES, capacity("e", json!({ "nodeTopology": { "matchLabels": { "a_": "b c" }, "matchExpressions": [{ "key": "a", "operator": "In" }, { "key": "a", "operator": "In", "values": ["b c"] }] } })));
        s.create(CAPACITIES, capacity("e", json!({ "capacity": "x" })));
        s.in_other_words();
        s.merge(CAPACITY, json!({ "capacity": "2Gi" }));
        s.merge(CAPACITY, json!({ "storageClassName": "slow", "nodeTopology": null }));
        s.merge(CAPACITY, json!({ "nodeTopology": { "matchLabels": { "zone": "b" } } }));
        s.replace(CAPACITY, capacity("a", json!({})));
        s.replace("storage.k8s.io/v1:csistoragecapacities/none", capacity("none", json!({})));
        s.apply(
            "A",
            "storage.k8s.io/v1:csistoragecapacities/b",
            json!({ "storageClassName": "fast", "capacity": "3000m" }),
        );
        s.get("storage.k8s.io/v1:csistoragecapacities?fieldSelector=storageClassName%3Dfast");
        s.get(CAPACITIES);
        s.delete(CAPACITY);
    }),
    ("an attachment of a volume", |s| {
        let spec = json!({ "attacher": "a.example.com", "nodeName": "n", "source": { "persistentVolumeName": "v" } });
        let mut made = of("{ns}", spec.clone());
        made["status"] = json!({ "attached": true });
        s.create(ATTACHMENTS, made);
        s.get(ATTACHMENT);
        s.merge(ATTACHMENT, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(ATTACHMENT, json!({ "spec": { "nodeName": "m" } }));
        s.merge(ATTACHMENT, json!({ "spec": { "attacher": "", "nodeName": "A_", "source": null } }));
        s.merge(ATTACHMENT, json!({ "spec": { "attacher": format!("A_{LONG}") } }));
        s.merge(&format!("{ATTACHMENT}/status"), json!({
            "metadata": { "labels": { "a": "c" }, "annotations": { "k": "l" } }, "spec": { "nodeName": "m" },
            "status": { "attached": true, "attachmentMetadata": { "a": "b" }, "attachError": { "time": TIME, "message": "m", "errorCode": 3 } },
        }));
        s.merge(
            &format!("{ATTACHMENT}/status"),
            json!({ "status": { "detachError": { "errorCode": -3, "message": "m".repeat(1025) } } }),
        );
        s.merge(ATTACHMENT, json!({ "status": { "attached": false } }));
        s.replace(ATTACHMENT, of("{ns}", spec.clone()));
        s.replace(&format!("{ATTACHMENT}-2"), of("{ns}-2", spec));
        s.send(
            http::Method::PATCH,
            &format!("{ATTACHMENT}/status?fieldManager=A"),
            "application/apply-patch+yaml",
            applied(
                "VolumeAttachment",
                "storage.k8s.io/v1",
                json!({ "metadata": { "name": "{ns}", "labels": { "x": "y" } }, "status": { "attached": true } }),
            ),
        );
        s.get(&format!("{ATTACHMENTS}?fieldSelector=spec.nodeName%3Dn"));
        s.delete(ATTACHMENT);
    }),
    ("attachments of volumes are checked", |s| {
        s.create(ATTACHMENTS, json!({ "metadata": { "name": "A_" } }));
        s.create(
            ATTACHMENTS,
            of("{ns}", json!({ "attacher": "A_", "nodeName": "A_", "source": { "persistentVolumeName": "" } })),
        );
        s.create(
            ATTACHMENTS,
            of("{ns}", json!({ "attacher": LONG, "nodeName": "n", "source": { "persistentVolumeName": "A_" } })),
        );
        s.create(ATTACHMENTS, of("{ns}", json!({ "attacher": "A.b", "nodeName": "n", "source": { "persistentVolumeName": "v", "inlineVolumeSpec": {} } })));
        let inline = |spec: Value| {
            of("{ns}", json!({ "attacher": "a.b", "nodeName": "n", "source": { "inlineVolumeSpec": spec } }))
        };
        s.create(ATTACHMENTS, inline(json!({})));
        s.create(ATTACHMENTS, inline(json!({
            "claimRef": { "name": "a" }, "capacity": { "storage": "1" }, "accessModes": ["Bogus"], "persistentVolumeReclaimPolicy": "Delete",
            "nodeAffinity": {}, "storageClassName": "s", "volumeMode": "Block", "nfs": { "path": "a" }, "csi": {},
        })));
        s.create(
            ATTACHMENTS,
            inline(json!({ "csi": { "driver": "a.b", "volumeHandle": "v" }, "accessModes": ["ReadWriteOnce"] })),
        );
        s.merge(
            ATTACHMENT,
            json!({ "spec": { "source": { "inlineVolumeSpec": { "csi": { "volumeHandle": "w" } } } } }),
        );
        s.delete(ATTACHMENT);
    }),
    ("classes of attributes of volumes", |s| {
        s.create(ATTRIBUTES, class("{ns}", "a.example.com", json!({ "iops": "1" })));
        s.create(ATTRIBUTES, json!({ "metadata": { "name": "A_" } }));
        s.create(ATTRIBUTES, class("{ns}-2", "A_/B c", json!({ "": "x" })));
        s.create(ATTRIBUTES, class("{ns}-2", "", json!({})));
        s.create(ATTRIBUTES, class("{ns}-2", "a", json!({ "a": "x".repeat(262_144) })));
        s.create(
            ATTRIBUTES,
            class(
                "{ns}-2",
                "a",
                (0..513).map(|index| (format!("k{index}"), json!("v"))).collect::<serde_json::Map<_, _>>().into(),
            ),
        );
        s.get(ATTRIBUTE);
        s.merge(ATTRIBUTE, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(ATTRIBUTE, json!({ "driverName": "b", "parameters": { "iops": "2" } }));
        s.merge(ATTRIBUTE, json!({ "driverName": "", "parameters": null }));
        s.replace(ATTRIBUTE, class("{ns}", "a.example.com", json!({ "iops": "1" })));
        s.replace(&format!("{ATTRIBUTE}-2"), class("{ns}-2", "a.example.com", json!({ "iops": "1" })));
        s.get(&format!("{ATTRIBUTES}?fieldSelector=driverName%3Da"));
        s.delete(ATTRIBUTE);
        s.merge(ATTRIBUTE, json!({ "metadata": { "finalizers": null } }));
        s.get(ATTRIBUTE);
    }),
    ("a migration of a storage version", |s| {
        let mut made = migration("{ns}", "apps", "deployments");
        made["status"] = json!({ "resourceVersion": "5" });
        s.create(MIGRATIONS, made);
        s.create(MIGRATIONS, json!({ "metadata": { "name": "A_" } }));
        s.create(MIGRATIONS, migration("{ns}-2", "A_", "A.b"));
        s.create(MIGRATIONS, migration("{ns}-2", "", ""));
        s.create(MIGRATIONS, migration("{ns}-2", "", "pods"));
        s.get(MIGRATION);
        s.merge(MIGRATION, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(MIGRATION, json!({ "spec": { "resource": { "resource": "daemonsets" } } }));
        s.replace(MIGRATION, migration("{ns}", "apps", "deployments"));
        s.replace(&format!("{MIGRATION}-3"), migration("{ns}-3", "apps", "deployments"));
        s.get(&format!("{MIGRATIONS}?fieldSelector=spec.resource.group%3Dapps"));
        s.delete(MIGRATION);
        s.delete(&format!("{MIGRATION}-2"));
    }),
    ("the status of a migration", |s| {
        let status = format!("{MIGRATION}/status");
        let of = |status: Value| json!({ "status": status });
        s.create(MIGRATIONS, migration("{ns}", "apps", "deployments"));
        s.merge(&status, json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "resource": { "group": "x" } }, "status": { "conditions": [condition("Running", "True")] } }));
        s.merge(&status, of(json!({ "resourceVersion": "01" })));
        s.merge(&status, of(json!({ "resourceVersion": "7" })));
        s.merge(&status, of(json!({ "resourceVersion": "8" })));
        s.merge(
            &status,
            of(json!({ "conditions": [
            {}, condition("a_", "Bogus"), condition("a", "True"), condition("a", "True"),
            { "type": "b", "status": "True", "reason": "1", "lastTransitionTime": TIME, "observedGeneration": -1 },
        ] })),
        );
        s.merge(&status, of(json!({ "conditions": [condition("Succeeded", "True"), condition("Failed", "True")] })));
        s.merge(&status, of(json!({ "conditions": [condition("Succeeded", "True")] })));
        s.merge(&status, of(json!({ "conditions": [condition("Succeeded", "False")] })));
        s.merge(&status, of(json!({ "conditions": null })));
        s.merge(MIGRATION, of(json!({ "conditions": null })));
        s.replace(&status, at("{rv1}", migration("{ns}", "apps", "deployments")));
        s.get(&status);
        s.delete(MIGRATION);
    }),
];

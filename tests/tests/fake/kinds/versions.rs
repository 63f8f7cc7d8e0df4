//! Older versions of kinds, whose objects are those of the version that is stored.

use http::Method;
use serde_json::{Value, json};

use super::Scenario;

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
const CLAIMS: &str = "resource.k8s.io/v1beta1:resourceclaims";
const NEWER_CLAIMS: &str = "resource.k8s.io/v1:resourceclaims";
const TEMPLATES: &str = "resource.k8s.io/v1beta1:resourceclaimtemplates";
const SLICES: &str = "/apis/resource.k8s.io/v1beta1/resourceslices";
const NEWER_SLICES: &str = "/apis/resource.k8s.io/v1/resourceslices";

fn claim(requests: Value) -> Value {
    json!({ "metadata": { "name": "a" }, "spec": { "devices": { "requests": requests } } })
}

fn slice(devices: Value) -> Value {
    json!({
        "metadata": { "name": "{ns}" },
        "spec": {
            "driver": "example.com", "allNodes": true, "devices": devices,
            "pool": { "name": "{ns}", "generation": 1, "resourceSliceCount": 1 },
        },
    })
}

pub const WITH_ALL_FEATURES: &[Scenario] = &[
    ("a claim in an older version", |s| {
        s.create(CLAIMS, claim(json!([{ "name": "r", "deviceClassName": "example.com" }])));
        s.get(&format!("{NEWER_CLAIMS}/a"));
        s.get(&format!("{CLAIMS}/a"));
        s.get(CLAIMS);
        s.accept(&format!("{CLAIMS}/a"), TABLE);
        s.merge(&format!("{CLAIMS}/a"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(&format!("{NEWER_CLAIMS}/a"), json!({ "metadata": { "labels": { "c": "d" } } }));
        s.get(&format!("{CLAIMS}/a"));
        s.apply("A", &format!("{CLAIMS}/a"), json!({ "metadata": { "labels": { "e": "f" } } }));
        s.delete(&format!("{CLAIMS}/a"));
        s.create(NEWER_CLAIMS, claim(json!([{ "name": "r", "exactly": {
            "deviceClassName": "example.com", "allocationMode": "All", "selectors": [{ "cel": { "expression": "true" } }],
        } }])));
        s.get(&format!("{CLAIMS}/a"));
        s.delete(&format!("{NEWER_CLAIMS}/a"));
        s.create(CLAIMS, claim(json!([{ "name": "r", "firstAvailable": [
            { "name": "x", "deviceClassName": "example.com" }, { "name": "y", "deviceClassName": "example.com", "count": 2 },
        ] }])));
        s.get(&format!("{NEWER_CLAIMS}/a"));
    }),
    ("claims in an older version are checked", |s| {
        let all = format!("{CLAIMS}?dryRun=All");
        s.create(&all, claim(json!([{ "name": "r" }])));
        s.create(&all, claim(json!([{ "name": "r", "deviceClassName": "A_" }])));
        s.create(&all, claim(json!([{ "name": "r", "deviceClassName": "a", "firstAvailable": [{ "name": "x", "deviceClassName": "a" }] }])));
        s.create(&all, claim(json!([{ "name": "r", "deviceClassName": "a", "count": -1 }])));
        s.create(&all, claim(json!([{ "name": "r", "exactly": { "deviceClassName": "a" } }])));
        s.create(
            &format!("{CLAIMS}?dryRun=All&fieldValidation=Strict"),
            claim(json!([{ "name": "r", "exactly": {} }])),
        );
    }),
    ("a template of claims in an older version", |s| {
        let template = json!({
            "metadata": { "name": "a" },
            "spec": { "spec": { "devices": { "requests": [{ "name": "r", "deviceClassName": "example.com", "count": 3 }] } } },
        });
        s.create(TEMPLATES, template);
        s.get("resource.k8s.io/v1:resourceclaimtemplates/a");
        s.get(&format!("{TEMPLATES}/a"));
        s.apply("A", "resource.k8s.io/v1:resourceclaimtemplates/a", json!({ "metadata": { "labels": { "e": "f" } } }));
        s.get(&format!("{TEMPLATES}/a"));
    }),
    ("a slice in an older version", |s| {
        s.create(SLICES, slice(json!([
            { "name": "x" },
            { "name": "y", "basic": { "attributes": { "a": { "int": 1 } }, "capacity": { "b": { "value": "1Gi" } } } },
        ])));
        s.get(&format!("{NEWER_SLICES}/{{ns}}"));
        s.get(&format!("{SLICES}/{{ns}}"));
        s.merge(
            &format!("{NEWER_SLICES}/{{ns}}"),
            json!({ "spec": { "devices": [{ "name": "z", "taints": [
            { "key": "a", "effect": "NoSchedule", "timeAdded": "2024-05-06T07:08:09Z" },
        ] }] } }),
        );
        s.get(&format!("{SLICES}/{{ns}}"));
        s.get(&format!("{SLICES}?fieldSelector=spec.driver%3Dexample.com,spec.pool.name%3D{{ns}}"));
        s.merge(
            &format!("{SLICES}/{{ns}}"),
            json!({ "spec": { "devices": [{ "name": "z", "basic": { "bindsToNode": true } }] } }),
        );
        s.in_other_words();
        s.delete(&format!("{SLICES}/{{ns}}"));
    }),
    ("a class of devices in an older version", |s| {
        let path = "/apis/resource.k8s.io/v1beta1/deviceclasses";
        s.create(
            path,
            json!({ "metadata": { "name": "{ns}" }, "spec": { "selectors": [{ "cel": { "expression": "true" } }] } }),
        );
        s.get("/apis/resource.k8s.io/v1/deviceclasses/{ns}");
        s.delete(&format!("{path}/{{ns}}"));
    }),
    ("a candidate in an older version", |s| {
        let path = "coordination.k8s.io/v1alpha2:leasecandidates";
        s.create(path, json!({ "metadata": { "name": "a" }, "spec": {
            "leaseName": "l", "binaryVersion": "1.37.0", "emulationVersion": "1.37.0", "strategy": "OldestEmulationVersion",
        } }));
        s.get("coordination.k8s.io/v1beta1:leasecandidates/a");
        s.accept(&format!("{path}/a"), TABLE);
        s.delete(&format!("{path}/a"));
    }),
    ("certificates in an older version", |s| {
        let bundles = "/apis/certificates.k8s.io/v1beta1/clustertrustbundles";
        let certificates = super::trust::AUTHORITY;
        s.create(bundles, json!({ "metadata": { "name": "{ns}" }, "spec": { "trustBundle": certificates } }));
        s.get("/apis/certificates.k8s.io/v1/clustertrustbundles/{ns}");
        s.delete(&format!("{bundles}/{{ns}}"));
        let requests = "certificates.k8s.io/v1beta1:podcertificaterequests";
        s.create(requests, super::trust::request(super::trust::STUB, json!({})));
        s.get("certificates.k8s.io/v1:podcertificaterequests/a");
        s.accept(&format!("{requests}/a"), TABLE);
        s.get(requests);
    }),
    ("a migration in an older version", |s| {
        let path = "/apis/storagemigration.k8s.io/v1beta1/storageversionmigrations";
        s.create(path, json!({ "metadata": { "name": "{ns}" }, "spec": { "resource": { "group": "apps", "resource": "deployments" } } }));
        s.get("/apis/storagemigration.k8s.io/v1/storageversionmigrations/{ns}");
        s.merge(&format!("{path}/{{ns}}"), json!({ "spec": { "resource": { "resource": "x" } } }));
        s.delete(&format!("{path}/{{ns}}"));
    }),
    ("metadata alone in an older version", |s| {
        for form in [
            "application/json;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io",
            "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io",
            "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
        ] {
            s.accept("/apis/apiregistration.k8s.io/v1/apiservices/v1.apps", form);
            s.headers_too(&["content-type"]);
        }
        for form in [
            "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1beta1;g=meta.k8s.io",
            "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
        ] {
            s.accept("configmaps", form);
            s.headers_too(&["content-type"]);
        }
        s.send(Method::POST, "configmaps", "application/json", json!({ "metadata": { "name": "a" } }));
        s.accepting("application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io");
        s.headers_too(&["content-type"]);
    }),
];

pub const OF_AN_OLDER_MINOR: &[Scenario] = &[
    ("certificates in their first version", |s| {
        let bundles = "/apis/certificates.k8s.io/v1alpha1/clustertrustbundles";
        s.create(
            bundles,
            json!({ "metadata": { "name": "{ns}" }, "spec": { "trustBundle": super::trust::AUTHORITY } }),
        );
        s.get("/apis/certificates.k8s.io/v1beta1/clustertrustbundles/{ns}");
        s.create(bundles, json!({ "metadata": { "name": "{ns}-b" }, "spec": { "trustBundle": "x" } }));
        s.delete(&format!("{bundles}/{{ns}}"));
        let requests = "certificates.k8s.io/v1alpha1:podcertificaterequests";
        s.create(requests, json!({ "metadata": { "name": "a" } }));
    }),
    ("a migration in its first version", |s| {
        let path = "/apis/storagemigration.k8s.io/v1alpha1/storageversionmigrations";
        let one = format!("{path}/{{ns}}");
        let resource = json!({ "group": "apps", "version": "v1", "resource": "deployments" });
        s.create(path, json!({ "metadata": { "name": "{ns}" }, "spec": { "resource": {} } }));
        s.create(path, json!({ "metadata": { "name": "{ns}" }, "spec": { "resource": resource } }));
        s.accept(&one, TABLE);
        s.merge(&one, json!({ "spec": { "resource": { "version": "v2" } } }));
        let condition = |kind: &str| json!({ "type": kind, "status": "True", "reason": "r", "lastUpdateTime": "2024-05-06T07:08:09Z" });
        for status in [
            json!({ "resourceVersion": "x", "conditions": [{ "type": "Running", "status": "True" }, { "type": "Running", "status": "X" }] }),
            json!({ "resourceVersion": "-5" }),
            json!({ "resourceVersion": "5", "conditions": [condition("Running"), condition("Failed")] }),
            json!({ "resourceVersion": "5", "conditions": [condition("Succeeded")] }),
            json!({ "resourceVersion": "6", "conditions": [] }),
        ] {
            s.merge(&format!("{one}/status"), json!({ "status": status }));
        }
        s.delete(&one);
    }),
    ("ranges and classes of volumes in older versions", |s| {
        let ranges = "/apis/networking.k8s.io/v1beta1/servicecidrs";
        s.create(ranges, json!({ "metadata": { "name": "{ns}" }, "spec": { "cidrs": ["192.168.7.0/24"] } }));
        s.get("/apis/networking.k8s.io/v1/servicecidrs/{ns}");
        s.delete(&format!("{ranges}/{{ns}}"));
        let classes = "/apis/storage.k8s.io/v1beta1/volumeattributesclasses";
        s.create(
            classes,
            json!({ "metadata": { "name": "{ns}" }, "driverName": "example.com", "parameters": { "a": "b" } }),
        );
        s.get("/apis/storage.k8s.io/v1alpha1/volumeattributesclasses/{ns}");
        s.get("/apis/storage.k8s.io/v1/volumeattributesclasses/{ns}");
        s.merge(&format!("{classes}/{{ns}}"), json!({ "driverName": "other.example.com" }));
    }),
    ("a claim in the oldest version", |s| {
        s.create(CLAIMS, claim(json!([{ "name": "r", "deviceClassName": "example.com" }])));
        s.get(&format!("{NEWER_CLAIMS}/a"));
        s.get("resource.k8s.io/v1beta2:resourceclaims/a");
        s.merge(&format!("{CLAIMS}/a"), json!({ "metadata": { "labels": { "a": "b" } } }));
    }),
    ("what else an older server has", |s| {
        s.get("/apis/apiregistration.k8s.io/v1/apiservices/v1alpha1.storagemigration.k8s.io");
        s.get("/api/v1/componentstatuses/scheduler");
    }),
];

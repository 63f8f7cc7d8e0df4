//! Tables, as `kubectl get` asks for them: those of the fake are those of a real server, column by column and cell by cell.
#![allow(missing_docs)]

#[path = "fake/tables.rs"]
mod kinds;

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright_fake::{FakeClock, FakeCluster};
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use kubewright_testbed::{Cluster, Options, or_skip, shared_or_skip};
use kubewright_tests::client;
use serde_json::{Value, json};

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

/// A kind with a column of each type, of values and without; its version v2 has none.
fn definition() -> Value {
    let column = |name: &str, kind: &str, path: &str| json!({ "name": name, "type": kind, "jsonPath": path });
    let schema = json!({ "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "rows.tables.example.com" },
        "spec": {
            "group": "tables.example.com",
            "scope": "Namespaced",
            "names": { "kind": "Row", "plural": "rows", "shortNames": ["ro", "rw"] },
            "versions": [
                {
                    "name": "v1", "served": true, "storage": true, "schema": schema,
                    "additionalPrinterColumns": [
                        column("Integer", "integer", ".spec.size"),
                        column("IntegerOfText", "integer", ".spec.text"),
                        column("IntegerOfFraction", "integer", ".spec.number"),
                        { "name": "Number", "type": "number", "format": "float", "jsonPath": ".spec.number", "priority": 1 },
                        column("NumberOfInteger", "number", ".spec.size"),
                        column("Boolean", "boolean", ".spec.flag"),
                        { "name": "Text", "type": "string", "jsonPath": ".spec.text", "description": "A text." },
                        column("TextOfNumber", "string", ".spec.number"),
                        column("TextOfBoolean", "string", ".spec.flag"),
                        column("TextOfList", "string", ".spec.list"),
                        column("TextOfMap", "string", ".spec.map"),
                        column("FirstOfList", "string", ".spec.list[*]"),
                        column("LastOfList", "string", ".spec.list[-1]"),
                        column("TextOfNull", "string", ".spec.nothing"),
                        column("IntegerOfNull", "integer", ".spec.nothing"),
                        column("OfEmpty", "string", ".spec.empty[*]"),
                        column("Absent", "string", ".spec.absent.deeper"),
                        column("Filtered", "string", ".status.conditions[?(@.type==\"Ready\")].status"),
                        column("Date", "date", ".spec.when"),
                        column("NoDate", "date", ".spec.text"),
                        column("Label", "string", ".metadata.labels.example\\.com/app"),
                        column("Ranged", "string", ".spec.list[0:1]"),
                        column("Stepped", "string", ".spec.list[1::2]"),
                        column("FromTheEnd", "string", ".spec.list[-2:-1]"),
                        column("Backwards", "string", ".spec.list[1:0]"),
                        column("Beyond", "string", ".spec.list[2]"),
                        column("BeyondOfOther", "string", ".spec.lists[*][1]"),
                        column("United", "string", ".spec.list[1,0]"),
                        column("UnitedNames", "string", ".spec['number','text']"),
                        column("Descended", "string", "..conditions[1].type"),
                        column("ItemsOfMap", "string", ".spec.map[*]"),
                        column("Quoted", "string", ".metadata.labels['example\\.com/app']"),
                        column("QuotedPoint", "string", ".metadata.labels['example.com/app']"),
                        column("Larger", "string", ".spec.pairs[?(@.size>1)].name"),
                        column("LargerFraction", "string", ".spec.pairs[?(@.size>1.0)].name"),
                        column("NotOther", "string", ".spec.pairs[?(@.name!='a')].size"),
                        column("Existing", "string", ".spec.pairs[?(@.flag)].name"),
                        column("True", "string", ".spec.pairs[?(@.flag==true)].name"),
                        column("Large", "string", ".spec.large"),
                        column("Small", "string", ".spec.small"),
                        column("LargeInteger", "integer", ".spec.large"),
                        column("Html", "string", ".spec.html"),
                        column("Root", "string", "."),
                        column("Constant", "string", ".spec.size 'text'"),
                        column("Word", "string", ".spec.size size"),
                        column("NoTime", "date", ".spec.empty_text"),
                    ],
                },
                { "name": "v2", "served": true, "storage": false, "schema": schema },
                // What is behind a malformed path is left out.
                {
                    "name": "v3", "served": true, "storage": false, "schema": schema,
                    "additionalPrinterColumns": [
                        column("Size", "integer", ".spec.size"), column("Bad", "string", ".spec.list[a]"), column("Text", "string", ".spec.text"),
                    ],
                },
            ],
        },
    })
}

fn objects() -> Vec<(&'static str, Value)> {
    const ROWS: &str = "/apis/tables.example.com/v1/namespaces/tables/rows";
    let row = |name: &str, spec: Value| {
        json!({
            "apiVersion": "tables.example.com/v1",
            "kind": "Row",
            "metadata": { "name": name, "labels": { "example.com/app": "shop" } },
            "spec": spec,
            "status": { "conditions": [{ "type": "Other", "status": "False" }, { "type": "Ready", "status": "True" }] },
        })
    };
    vec![
        ("/api/v1/namespaces", json!({ "metadata": { "name": "tables" } })),
        (
            "/api/v1/namespaces/tables/configmaps",
            json!({ "metadata": { "name": "a" }, "data": { "x": "1", "y": "2" }, "binaryData": { "z": "AA==" } }),
        ),
        ("/api/v1/namespaces/tables/configmaps", json!({ "metadata": { "name": "b", "labels": { "app": "shop" } } })),
        ("/apis/coordination.k8s.io/v1/namespaces/tables/leases", json!({ "metadata": { "name": "free" } })),
        (
            "/apis/coordination.k8s.io/v1/namespaces/tables/leases",
            json!({ "metadata": { "name": "held" }, "spec": { "holderIdentity": "me" } }),
        ),
        (
            ROWS,
            row(
                "full",
                json!({
                    "size": 3, "number": 1.5, "flag": true, "text": "hi", "list": ["a", "b"], "empty": [], "nothing": null,
                    "map": { "x": 1, "y": ["z"] }, "when": "2020-01-01T00:00:00Z", "lists": [["a", "b"], ["c"]],
                    "pairs": [{ "name": "a", "size": 1 }, { "name": "b", "size": 2, "flag": true }],
                    "large": 1_234_567.5, "small": 0.000_012_5, "html": { "x": "<a>&" }, "empty_text": "",
                }),
            ),
        ),
        (ROWS, row("empty", json!({}))),
    ]
}

/// Objects of kinds whose columns Go code makes.
fn built_in() -> Vec<(&'static str, Value)> {
    const PODS: &str = "/api/v1/namespaces/tables/pods";
    const SERVICES: &str = "/api/v1/namespaces/tables/services";
    const FLOWS: &str = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas";
    let flow = |name: &str, mut spec: Value| {
        spec["priorityLevelConfiguration"] = json!({ "name": "exempt" });
        json!({ "metadata": { "name": name, "labels": { "tables": "flows" } }, "spec": spec })
    };
    let pod = json!({ "containers": [{ "name": "a", "image": "a:1" }, { "name": "b", "image": "b:2" }] });
    let template = json!({ "metadata": { "labels": { "app": "web" } }, "spec": pod });
    let selector = json!({
        "matchLabels": { "app": "web" },
        "matchExpressions": [
            { "key": "tier", "operator": "NotIn", "values": ["z", "a"] },
            { "key": "aside", "operator": "DoesNotExist" },
        ],
    });
    let mut once = template.clone();
    once["spec"]["restartPolicy"] = json!("Never");
    let mut odd = pod.clone();
    odd["initContainers"] = json!([
        { "name": "first", "image": "i:1" },
        { "name": "beside", "image": "i:2", "restartPolicy": "Always" },
    ]);
    odd["readinessGates"] = json!([{ "conditionType": "example.com/one" }, { "conditionType": "example.com/two" }]);
    let named = |name: &str| json!({ "name": name });
    let service = |name: &str, spec: Value| json!({ "metadata": named(name), "spec": spec });
    let apps = |name: &str| json!({ "metadata": named(name), "spec": { "selector": selector, "template": template } });
    let mut stateful = apps("kept");
    stateful["spec"]["serviceName"] = json!("kept");
    let mut daemons = apps("everywhere");
    daemons["spec"]["template"]["spec"]["nodeSelector"] = json!({ "b": "2", "a": "1" });
    vec![
        (
            FLOWS,
            flow("tables-late", json!({ "matchingPrecedence": 9001, "distinguisherMethod": { "type": "ByUser" } })),
        ),
        (FLOWS, flow("tables-z-soon", json!({ "matchingPrecedence": 9000 }))),
        (
            "/apis/coordination.k8s.io/v1beta1/namespaces/tables/leasecandidates",
            json!({
                "metadata": named("c"),
                "spec": { "leaseName": "l", "binaryVersion": "1.37.0", "emulationVersion": "1.36.0", "strategy": "OldestEmulationVersion" },
            }),
        ),
        (
            "/apis/networking.k8s.io/v1/ipaddresses",
            json!({
                "metadata": named("192.0.2.77"),
                "spec": { "parentRef": { "group": "gateway.example.com", "resource": "gateways", "name": "front" } },
            }),
        ),
        (PODS, json!({ "metadata": named("plain"), "spec": pod })),
        (PODS, json!({ "metadata": named("odd"), "spec": odd })),
        (PODS, json!({ "metadata": named("starting"), "spec": odd })),
        (PODS, json!({ "metadata": named("done"), "spec": pod })),
        (PODS, json!({ "metadata": named("failed"), "spec": pod })),
        (PODS, json!({ "metadata": named("looping"), "spec": pod })),
        (SERVICES, service("headless", json!({ "clusterIP": "None", "selector": { "b": "2", "a": "1" } }))),
        (
            SERVICES,
            service(
                "node",
                json!({
                    "type": "NodePort", "clusterIP": "10.0.77.1", "externalIPs": ["1.2.3.4"],
                    "ports": [{ "name": "x", "port": 80, "nodePort": 31777 }, { "name": "y", "port": 53, "protocol": "UDP", "nodePort": 31778 }],
                }),
            ),
        ),
        (
            SERVICES,
            service(
                "balanced",
                json!({
                    "type": "LoadBalancer", "clusterIP": "10.0.77.2", "allocateLoadBalancerNodePorts": false,
                    "ports": [{ "port": 80 }],
                }),
            ),
        ),
        (SERVICES, service("elsewhere", json!({ "type": "ExternalName", "externalName": "example.com" }))),
        (
            "/api/v1/namespaces/tables/secrets",
            json!({ "metadata": named("one"), "type": "example.com/kind", "data": { "a": "AA==", "b": "AA==" } }),
        ),
        ("/api/v1/namespaces/tables/serviceaccounts", json!({ "metadata": named("robot") })),
        ("/apis/apps/v1/namespaces/tables/deployments", apps("web")),
        ("/apis/apps/v1/namespaces/tables/replicasets", apps("web-1")),
        ("/apis/apps/v1/namespaces/tables/statefulsets", stateful),
        ("/apis/apps/v1/namespaces/tables/daemonsets", daemons),
        (
            "/apis/batch/v1/namespaces/tables/jobs",
            json!({
                "metadata": named("once"),
                "spec": { "manualSelector": true, "selector": { "matchLabels": { "app": "web" } }, "template": once },
            }),
        ),
        (
            "/apis/batch/v1/namespaces/tables/jobs",
            json!({
                "metadata": named("several"),
                "spec": {
                    "manualSelector": true, "selector": { "matchLabels": { "app": "web" } }, "template": once,
                    "completions": 5, "parallelism": 2,
                },
            }),
        ),
        (
            "/apis/batch/v1/namespaces/tables/cronjobs",
            json!({
                "metadata": named("nightly"),
                "spec": {
                    "schedule": "0 3 * * *", "timeZone": "Etc/UTC", "suspend": true,
                    "jobTemplate": { "spec": { "template": once } },
                },
            }),
        ),
    ]
}

/// Objects of the kinds that replicate pods, of storage, and of storage versions.
fn stored() -> Vec<(&'static str, Value)> {
    let template = json!({
        "metadata": { "labels": { "b": "2", "a": "1" } },
        "spec": { "containers": [{ "name": "a", "image": "a:1" }, { "name": "b", "image": "b:2" }] },
    });
    let named = |name: &str| json!({ "name": name });
    let owned = |name: &str, version: &str, is_controller: bool| {
        let owner = json!({ "apiVersion": version, "kind": "StatefulSet", "name": "web", "uid": "1", "controller": is_controller });
        json!({ "metadata": { "name": name, "ownerReferences": [owner] }, "revision": 3, "data": {} })
    };
    const TEMPLATES: &str = "/api/v1/namespaces/tables/podtemplates";
    const REVISIONS: &str = "/apis/apps/v1/namespaces/tables/controllerrevisions";
    const DRIVERS: &str = "/apis/storage.k8s.io/v1/csidrivers";
    const NODES: &str = "/apis/storage.k8s.io/v1/csinodes";
    const CAPACITIES: &str = "/apis/storage.k8s.io/v1/namespaces/tables/csistoragecapacities";
    const ATTACHMENTS: &str = "/apis/storage.k8s.io/v1/volumeattachments";
    const ATTRIBUTES: &str = "/apis/storage.k8s.io/v1/volumeattributesclasses";
    const MIGRATIONS: &str = "/apis/storagemigration.k8s.io/v1/storageversionmigrations";
    const VERSIONS: &str = "/apis/internal.apiserver.k8s.io/v1alpha1/storageversions";
    vec![
        (
            "/api/v1/namespaces/tables/replicationcontrollers",
            json!({ "metadata": named("web"), "spec": { "template": template } }),
        ),
        (TEMPLATES, json!({ "metadata": named("web"), "template": template })),
        (TEMPLATES, json!({ "metadata": named("bare"), "template": { "spec": template["spec"] } })),
        (REVISIONS, json!({ "metadata": named("free"), "data": {} })),
        (REVISIONS, owned("owned", "apps/v1", true)),
        (REVISIONS, owned("owned-by-core", "v1", true)),
        (REVISIONS, owned("not-controlled", "apps/v1", false)),
        (DRIVERS, json!({ "metadata": named("tables.example.com"), "spec": {} })),
        (
            DRIVERS,
            json!({ "metadata": named("tables-2.example.com"), "spec": {
                "attachRequired": false, "podInfoOnMount": true, "storageCapacity": true, "requiresRepublish": true,
                "tokenRequests": [{ "audience": "a" }, { "audience": "b" }], "volumeLifecycleModes": ["Persistent", "Ephemeral"],
            } }),
        ),
        (NODES, json!({ "metadata": named("tables"), "spec": { "drivers": [{ "name": "a", "nodeID": "n" }] } })),
        (CAPACITIES, json!({ "metadata": named("known"), "storageClassName": "fast", "capacity": "1024Mi" })),
        (CAPACITIES, json!({ "metadata": named("unknown"), "storageClassName": "fast" })),
        (
            ATTACHMENTS,
            json!({ "metadata": named("tables"), "spec": { "attacher": "a", "nodeName": "n", "source": { "persistentVolumeName": "v" } } }),
        ),
        (ATTRIBUTES, json!({ "metadata": named("tables"), "driverName": "a", "parameters": { "a": "b" } })),
        (
            MIGRATIONS,
            json!({ "metadata": named("tables"), "spec": { "resource": { "group": "example.com", "resource": "rows" } } }),
        ),
        (
            MIGRATIONS,
            json!({ "metadata": named("tables-2"), "spec": { "resource": { "group": "", "resource": "rows" } } }),
        ),
        (VERSIONS, json!({ "metadata": named("tables.one"), "spec": {} })),
        (VERSIONS, json!({ "metadata": named("tables.several"), "spec": {} })),
    ]
}

/// Devices, and groups of pods.
fn devices() -> Vec<(&'static str, Value)> {
    const CLAIMS: &str = "/apis/resource.k8s.io/v1/namespaces/tables/resourceclaims";
    const GROUPS: &str = "/apis/scheduling.k8s.io/v1beta1/namespaces/tables/podgroups";
    let of = |name: &str, spec: Value| json!({ "metadata": { "name": name }, "spec": spec });
    let claim = json!({ "devices": { "requests": [{ "name": "r", "exactly": { "deviceClassName": "g" } }] } });
    let workload = json!({ "workloadName": "w", "templateName": "t" });
    let gang = json!({ "gang": { "minCount": 2 } });
    vec![
        ("/apis/resource.k8s.io/v1/deviceclasses", of("tables", json!({}))),
        (
            "/apis/resource.k8s.io/v1/devicetaintrules",
            of("tables", json!({ "taint": { "key": "k", "value": "v", "effect": "NoExecute" } })),
        ),
        (CLAIMS, of("pending", claim.clone())),
        (CLAIMS, of("allocated", claim.clone())),
        (CLAIMS, of("reserved", claim.clone())),
        ("/apis/resource.k8s.io/v1/namespaces/tables/resourceclaimtemplates", of("one", json!({ "spec": claim }))),
        (
            "/apis/resource.k8s.io/v1/resourceslices",
            of("tables", json!({ "driver": "d", "nodeName": "n", "pool": { "name": "p", "resourceSliceCount": 1 } })),
        ),
        ("/apis/resource.k8s.io/v1alpha3/resourcepoolstatusrequests", of("tables", json!({ "driver": "d" }))),
        (
            "/apis/scheduling.k8s.io/v1alpha3/namespaces/tables/compositepodgroups",
            of("one", json!({ "workloadRef": workload, "schedulingPolicy": { "gang": { "minGroupCount": 2 } } })),
        ),
        (GROUPS, of("pending", json!({ "schedulingPolicy": { "basic": {} } }))),
        (GROUPS, of("scheduled", json!({ "schedulingPolicy": gang, "workloadRef": workload }))),
        (GROUPS, of("disrupted", json!({ "schedulingPolicy": gang }))),
        (
            "/apis/scheduling.k8s.io/v1beta1/namespaces/tables/workloads",
            of("one", json!({ "podGroupTemplates": [{ "name": "t", "schedulingPolicy": gang }] })),
        ),
    ]
}

/// What is merged into the status of some of them.
fn statuses_of_devices() -> Vec<(&'static str, Value)> {
    let result = json!({ "request": "r", "driver": "d", "pool": "p", "device": "d" });
    let allocation = json!({ "devices": { "results": [result] } });
    let condition = |kind: &str, status: &str, reason: &str| {
        json!({
            "type": kind, "status": status, "reason": reason, "message": "", "lastTransitionTime": "2020-01-01T00:00:00Z",
        })
    };
    vec![
        (
            "/apis/resource.k8s.io/v1/namespaces/tables/resourceclaims/allocated/status",
            json!({ "status": { "allocation": allocation } }),
        ),
        (
            "/apis/resource.k8s.io/v1/namespaces/tables/resourceclaims/reserved/status",
            json!({ "status": {
                "allocation": allocation, "reservedFor": [{ "resource": "pods", "name": "a", "uid": "1" }],
            } }),
        ),
        (
            "/apis/resource.k8s.io/v1alpha3/resourcepoolstatusrequests/tables/status",
            json!({ "status": {
                "poolCount": 2, "conditions": [condition("Complete", "True", "Done")],
                "pools": [{ "driver": "d", "poolName": "p", "generation": 1, "totalDevices": 3, "availableDevices": 2 }],
            } }),
        ),
        (
            "/apis/scheduling.k8s.io/v1beta1/namespaces/tables/podgroups/scheduled/status",
            json!({ "status": { "conditions": [condition("PodGroupInitiallyScheduled", "True", "Scheduled")] } }),
        ),
        (
            "/apis/scheduling.k8s.io/v1beta1/namespaces/tables/podgroups/disrupted/status",
            json!({ "status": { "conditions": [
                condition("PodGroupInitiallyScheduled", "False", "No"), condition("DisruptionTarget", "True", "Preempted"),
            ] } }),
        ),
    ]
}

/// What is merged into the status of some.
fn statuses() -> Vec<(&'static str, Value)> {
    const LONG_AGO: &str = "2020-01-01T00:00:00Z";
    let running = |name: &str, restarts: u32| {
        json!({
            "name": name, "image": "i", "imageID": "", "ready": true, "started": true, "restartCount": restarts,
            "state": { "running": { "startedAt": LONG_AGO } },
            "lastState": { "terminated": { "exitCode": 1, "finishedAt": LONG_AGO } },
        })
    };
    let ended = |name: &str, state: Value| {
        json!({
            "name": name, "image": "i", "imageID": "", "ready": false, "restartCount": 0, "state": { "terminated": state },
        })
    };
    let waiting = |name: &str, reason: &str| {
        json!({
            "name": name, "image": "i", "imageID": "", "ready": false, "restartCount": 7,
            "state": { "waiting": { "reason": reason } },
        })
    };
    let is_true = |kind: &str| json!({ "type": kind, "status": "True" });
    let server = |id: &str| json!({ "apiServerID": id, "encodingVersion": "v1", "decodableVersions": ["v1"] });
    let several = ["a", "b", "c", "d", "e"].map(server);
    vec![
        (
            "/api/v1/namespaces/tables/pods/odd/status",
            json!({ "status": {
                "phase": "Running", "podIP": "10.1.2.3", "podIPs": [{ "ip": "10.1.2.3" }],
                "conditions": [is_true("Initialized"), is_true("example.com/one")],
                "initContainerStatuses": [ended("first", json!({ "exitCode": 0 })), running("beside", 2)],
                "containerStatuses": [running("a", 1), waiting("b", "")],
            } }),
        ),
        (
            "/api/v1/namespaces/tables/pods/starting/status",
            json!({ "status": {
                "phase": "Pending",
                "initContainerStatuses": [ended("first", json!({ "exitCode": 3 }))],
            } }),
        ),
        (
            "/api/v1/namespaces/tables/pods/done/status",
            json!({ "status": {
                "phase": "Succeeded",
                "containerStatuses": [
                    ended("a", json!({ "exitCode": 0, "reason": "Completed" })),
                    ended("b", json!({ "exitCode": 0, "reason": "Completed" })),
                ],
            } }),
        ),
        (
            "/api/v1/namespaces/tables/pods/failed/status",
            json!({ "status": {
                "phase": "Failed",
                "containerStatuses": [ended("a", json!({ "exitCode": 137, "signal": 9 })), ended("b", json!({ "exitCode": 2 }))],
            } }),
        ),
        (
            "/api/v1/namespaces/tables/pods/looping/status",
            json!({ "status": {
                "phase": "Running",
                "containerStatuses": [waiting("a", "CrashLoopBackOff"), running("b", 0)],
            } }),
        ),
        (
            "/apis/apps/v1/namespaces/tables/deployments/web/status",
            json!({ "status": { "replicas": 3, "readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1 } }),
        ),
        (
            "/apis/batch/v1/namespaces/tables/jobs/several/status",
            json!({ "status": { "startTime": LONG_AGO, "succeeded": 2, "active": 1 } }),
        ),
        (
            "/apis/batch/v1/namespaces/tables/cronjobs/nightly/status",
            json!({ "status": { "lastScheduleTime": LONG_AGO, "active": [{ "kind": "Job", "name": "x" }] } }),
        ),
        (
            "/api/v1/namespaces/tables/replicationcontrollers/web/status",
            json!({ "status": { "replicas": 3, "readyReplicas": 1 } }),
        ),
        ("/apis/storage.k8s.io/v1/volumeattachments/tables/status", json!({ "status": { "attached": true } })),
        (
            "/apis/internal.apiserver.k8s.io/v1alpha1/storageversions/tables.one/status",
            json!({ "status": { "commonEncodingVersion": "v1", "storageVersions": [server("a")] } }),
        ),
        (
            "/apis/internal.apiserver.k8s.io/v1alpha1/storageversions/tables.several/status",
            json!({ "status": { "commonEncodingVersion": "v1", "storageVersions": several } }),
        ),
    ]
}

/// What is asked for as a table: the path with its parameters.
const READS: &[&str] = &[
    "/api/v1/namespaces/tables/pods",
    "/api/v1/namespaces/tables/services",
    "/api/v1/namespaces/tables/secrets",
    "/api/v1/namespaces/tables/serviceaccounts",
    "/apis/apps/v1/namespaces/tables/deployments",
    "/apis/apps/v1/namespaces/tables/replicasets",
    "/apis/apps/v1/namespaces/tables/statefulsets",
    // Without the objects: a real server puts the annotation of daemon sets into whole objects alone.
    "/apis/apps/v1/namespaces/tables/daemonsets?includeObject=None",
    "/apis/batch/v1/namespaces/tables/jobs",
    "/apis/batch/v1/namespaces/tables/cronjobs",
    "/api/v1/namespaces/tables/replicationcontrollers",
    "/api/v1/namespaces/tables/podtemplates",
    "/apis/apps/v1/namespaces/tables/controllerrevisions",
    "/apis/storage.k8s.io/v1/csidrivers/tables.example.com",
    "/apis/storage.k8s.io/v1/csidrivers/tables-2.example.com",
    "/apis/storage.k8s.io/v1/csinodes/tables",
    "/apis/storage.k8s.io/v1/namespaces/tables/csistoragecapacities",
    "/apis/storage.k8s.io/v1/volumeattachments/tables",
    "/apis/storage.k8s.io/v1/volumeattributesclasses/tables?includeObject=None",
    "/apis/storagemigration.k8s.io/v1/storageversionmigrations/tables?includeObject=None",
    "/apis/storagemigration.k8s.io/v1/storageversionmigrations/tables-2?includeObject=None",
    "/apis/internal.apiserver.k8s.io/v1alpha1/storageversions/tables.one",
    "/apis/internal.apiserver.k8s.io/v1alpha1/storageversions/tables.several",
    "/apis/resource.k8s.io/v1/deviceclasses/tables",
    "/apis/resource.k8s.io/v1/devicetaintrules/tables",
    "/apis/resource.k8s.io/v1/namespaces/tables/resourceclaims",
    "/apis/resource.k8s.io/v1/namespaces/tables/resourceclaimtemplates",
    "/apis/resource.k8s.io/v1/resourceslices/tables",
    "/apis/resource.k8s.io/v1alpha3/resourcepoolstatusrequests/tables",
    "/apis/scheduling.k8s.io/v1alpha3/namespaces/tables/compositepodgroups",
    "/apis/scheduling.k8s.io/v1beta1/namespaces/tables/podgroups",
    "/apis/scheduling.k8s.io/v1beta1/namespaces/tables/workloads",
    "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical",
    "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas?labelSelector=tables%3Dflows&includeObject=None",
    "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/exempt?includeObject=None",
    "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/workload-low?includeObject=None",
    "/apis/coordination.k8s.io/v1beta1/namespaces/tables/leasecandidates/c?includeObject=None",
    "/apis/networking.k8s.io/v1/ipaddresses/192.0.2.77",
    "/apis/networking.k8s.io/v1/ipaddresses/10.0.77.1?includeObject=None",
    "/apis/networking.k8s.io/v1/servicecidrs/kubernetes?includeObject=None",
    "/api/v1/namespaces/tables",
    "/api/v1/namespaces/tables/configmaps",
    "/api/v1/namespaces/tables/configmaps?limit=1",
    "/api/v1/namespaces/tables/configmaps?includeObject=Object&labelSelector=app",
    "/api/v1/namespaces/tables/configmaps?includeObject=None",
    "/api/v1/namespaces/tables/configmaps?includeObject=Bogus",
    "/api/v1/namespaces/tables/configmaps/a",
    "/api/v1/namespaces/tables/configmaps/absent",
    "/apis/coordination.k8s.io/v1/namespaces/tables/leases",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rows.tables.example.com",
    "/apis/tables.example.com/v1/namespaces/tables/rows",
    "/apis/tables.example.com/v1/namespaces/tables/rows/full?includeObject=Object",
    "/apis/tables.example.com/v2/namespaces/tables/rows?includeObject=Object",
    "/apis/tables.example.com/v2/namespaces/tables/rows?limit=1",
    "/apis/tables.example.com/v3/namespaces/tables/rows",
    "/apis/tables.example.com/v2/namespaces/tables/rows?watch=1&timeoutSeconds=4&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
    "/api/v1/namespaces/tables/configmaps?watch=1&timeoutSeconds=4&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
    "/apis/tables.example.com/v1/namespaces/tables/rows?watch=1&timeoutSeconds=4&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
];

async fn send(client: &Client, method: Method, path: &str, accept: &str, body: Option<&Value>) -> (u16, Vec<Value>) {
    let media_type = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("accept", accept)
        .header("user-agent", "tables/1")
        .header("content-type", media_type)
        .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
        .expect("a request");
    let response = client.send(request).await.expect("an answer");
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    let values = serde_json::Deserializer::from_slice(&body).into_iter::<Value>();
    (code, values.map(|value| value.unwrap_or_else(|_| json!(String::from_utf8_lossy(&body)))).collect())
}

/// An answer without what differs from run to run.
fn masked(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let masked = fields.into_iter().map(|(name, value)| {
                let value = match (name.as_str(), value) {
                    (
                        "resourceVersion" | "uid" | "creationTimestamp" | "deletionTimestamp" | "time"
                        | "lastTransitionTime",
                        value,
                    ) if value.is_string() => {
                        json!("{masked}")
                    }
                    // Who owns what is compared in the scenarios of `fake.rs`.
                    ("managedFields", _) => json!("{masked}"),
                    ("continue", value) => json!(value.as_str().map(str::is_empty)),
                    ("cells", Value::Array(cells)) => cells.into_iter().map(cell).collect(),
                    (_, value) => masked(value),
                };
                (name, value)
            });
            Value::Object(masked.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        other => other,
    }
}

/// A cell: small ages, and times, are those of the run.
fn cell(cell: Value) -> Value {
    let text = cell.as_str().unwrap_or_default();
    let is_age = text.ends_with(['s', 'm', 'h'])
        && text.starts_with(|letter: char| letter.is_ascii_digit())
        && text.chars().all(|letter| letter.is_ascii_digit() || "smh".contains(letter));
    let is_time = text.len() == 20 && text.ends_with('Z');
    if is_age || is_time { json!("{masked}") } else { cell }
}

/// Puts the objects into a cluster, and reads everything.
async fn answers(client: &Client) -> Vec<(u16, Vec<Value>)> {
    let crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    send(client, Method::POST, crds, "application/json", Some(&definition())).await;
    // A real server serves a kind a little later.
    let rows = "/apis/tables.example.com/v3/rows";
    while send(client, Method::GET, rows, "application/json", None).await.0 != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    // An earlier run may have left them.
    for (path, object) in objects().into_iter().chain(built_in()).chain(stored()).chain(devices()) {
        let name = object["metadata"]["name"].as_str().expect("a name");
        if path != "/api/v1/namespaces" {
            if path.ends_with("/volumeattributesclasses") {
                // A finalizer protects them.
                let free = json!({ "metadata": { "finalizers": null } });
                send(client, Method::PATCH, &format!("{path}/{name}"), "application/json", Some(&free)).await;
            }
            let left = format!("{path}/{name}?gracePeriodSeconds=0&propagationPolicy=Background");
            send(client, Method::DELETE, &left, "application/json", None).await;
            // Groups of pods are kept until a controller knows that no pod is of them.
            let free = json!({ "metadata": { "finalizers": null } });
            let left = format!("{path}/{name}");
            send(client, Method::PATCH, &left, "application/json", Some(&free)).await;
        }
        let (code, answer) = send(client, Method::POST, path, "application/json", Some(&object)).await;
        assert!(code == 201 || (code == 409 && path == "/api/v1/namespaces"), "{path}: {answer:?}");
    }
    for (path, status) in statuses().into_iter().chain(statuses_of_devices()) {
        let (code, answer) = send(client, Method::PATCH, path, "application/json", Some(&status)).await;
        assert_eq!(code, 200, "{path}: {answer:?}");
    }
    let mut answers = Vec::new();
    for path in READS {
        let (code, values) = send(client, Method::GET, path, TABLE, None).await;
        answers.push((code, values.into_iter().map(masked).collect()));
    }
    // What is written is answered as a table too; and so are those who are deleted, but not what a status says of one.
    let path = "/api/v1/namespaces/tables/configmaps";
    for (method, path, body) in [
        (Method::POST, path, Some(json!({ "metadata": { "name": "new" } }))),
        (Method::DELETE, "/api/v1/namespaces/tables/configmaps/new", None),
        (Method::DELETE, path, None),
    ] {
        let (code, values) = send(client, method, path, TABLE, body.as_ref()).await;
        answers.push((code, values.into_iter().map(masked).collect()));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_those_of_a_real_server() {
    let Some(bed) = shared_or_skip() else { return };
    let real = client(bed.kubeconfig());
    let theirs = answers(&real).await;
    let crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rows.tables.example.com";
    send(&real, Method::DELETE, crd, "application/json", None).await;
    let ours = answers(&FakeCluster::builder().build().expect("a cluster").client()).await;
    let asked = READS.iter().copied().chain(["POST", "DELETE", "DELETE of all"]);
    let differences: String =
        asked.zip(ours).zip(theirs).filter_map(|((path, ours), theirs)| difference(path, &ours, &theirs)).collect();
    assert!(differences.is_empty(), "{differences}");
}

/// Puts the objects of built-in kinds into a cluster that has none, and reads all of them, in both versions of tables.
/// An older minor does not have all of them.
async fn answers_of_kinds(client: &Client, is_older: bool) -> Vec<(String, (u16, Vec<Value>))> {
    let created = kinds::objects().into_iter().map(|(path, object)| (Method::POST, path, Some(object)));
    let changed = kinds::changes().into_iter().map(|(path, change)| (Method::PATCH, path, Some(change)));
    let deleted = kinds::deletions().into_iter().map(|path| (Method::DELETE, path, None));
    let mut refused = String::new();
    for (method, path, body) in created.chain(changed).chain(deleted) {
        let (code, answer) = send(client, method, &path, "application/json", body.as_ref()).await;
        let is_newer = is_older && path.contains("mutatingadmissionpolic");
        if !matches!(code, 200 | 201) && !is_newer {
            refused.push_str(&format!("\n{path}: {body:?}: {answer:?}\n"));
        }
    }
    assert!(refused.is_empty(), "{refused}");
    let mut answers = Vec::new();
    for path in kinds::reads() {
        let (code, values) = send(client, Method::GET, &path, TABLE, None).await;
        answers.push((path, (code, values.into_iter().map(masked).collect())));
    }
    for (accept, path) in kinds::FORMS {
        let (code, values) = send(client, Method::GET, path, accept, None).await;
        answers.push((format!("{path} as {accept}"), (code, values.into_iter().map(masked).collect())));
    }
    // What is answered to a review is no table.
    let review = json!({ "spec": { "nonResourceAttributes": { "path": "/", "verb": "get" } } });
    let reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let (code, values) = send(client, Method::POST, reviews, TABLE, Some(&review)).await;
    answers.push((reviews.to_owned(), (code, values)));
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_built_in_kinds_are_those_of_a_real_server() {
    // One of its own: a default class would be that of other tests.
    let options = Options { everything: false, nodes: 0, ..Options::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let theirs = answers_of_kinds(&client(cluster.kubeconfig()), false).await;
    let ours = answers_of_kinds(&FakeCluster::builder().build().expect("a cluster").client(), false).await;
    let both = ours.into_iter().zip(theirs);
    let differences: String =
        both.filter_map(|((path, ours), (_, theirs))| difference(&path, &ours, &theirs)).collect();
    assert!(differences.is_empty(), "{differences}");
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_and_cells_of_an_older_minor_are_those_of_its_server() {
    const MINOR: &str = "1.34";
    let options = Options::for_minor(Some(MINOR)).expect("a minor");
    let options = Options { everything: false, nodes: 0, ..options };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let theirs = answers_of_kinds(&client(cluster.kubeconfig()), true).await;
    let fake = FakeCluster::builder().kubernetes(MINOR).build().expect("a cluster");
    let ours = answers_of_kinds(&fake.client(), true).await;
    let both =
        ours.into_iter().zip(theirs).filter(|((_, ours), _)| ours.1.iter().any(|table| table["rows"].is_array()));
    let differences: String =
        both.filter_map(|((path, ours), (_, theirs))| difference(&path, &shown(ours), &shown(theirs))).collect();
    assert!(differences.is_empty(), "{differences}");
}

/// Tables without the descriptions of columns, which are those of the newest minor, and without objects.
fn shown((code, mut tables): (u16, Vec<Value>)) -> (u16, Vec<Value>) {
    for table in &mut tables {
        for (field, hidden) in [("columnDefinitions", "description"), ("rows", "object")] {
            table[field].as_array_mut().into_iter().flatten().for_each(|item| item[hidden] = Value::Null);
        }
    }
    (code, tables)
}

/// Where two answers differ first. `None` if they do not.
fn difference(path: &str, ours: &(u16, Vec<Value>), theirs: &(u16, Vec<Value>)) -> Option<String> {
    let pretty = |(code, values): &(u16, Vec<Value>)| {
        let values = values.iter().map(|value| serde_json::to_string_pretty(value).expect("JSON"));
        std::iter::once(code.to_string()).chain(values).collect::<Vec<_>>().join("\n")
    };
    let (ours, theirs) = (pretty(ours), pretty(theirs));
    let first = ours.lines().zip(theirs.lines()).position(|(ours, theirs)| ours != theirs).unwrap_or_default();
    let from = |text: &str| text.lines().skip(first.saturating_sub(3)).take(12).collect::<Vec<_>>().join("\n");
    (ours != theirs)
        .then(|| format!("\n{path}, from line {first}:\nfake:\n{}\nreal:\n{}\n", from(&ours), from(&theirs)))
}

#[tokio::test]
async fn a_table_has_the_columns_of_its_definition() {
    let client = FakeCluster::builder().with(definition()).build().expect("a cluster").client();
    for (path, object) in objects() {
        send(&client, Method::POST, path, "application/json", Some(&object)).await;
    }
    let (_, tables) = send(&client, Method::GET, "/apis/tables.example.com/v1/rows", TABLE, None).await;
    let names: Vec<&str> = tables[0]["columnDefinitions"]
        .as_array()
        .expect("columns")
        .iter()
        .filter_map(|column| column["name"].as_str())
        .collect();
    assert_eq!(names[..4], ["Name", "Integer", "IntegerOfText", "IntegerOfFraction"]);
    let cells = tables[0]["rows"][1]["cells"].as_array().expect("cells");
    assert_eq!(cells[..7], [json!("full"), json!(3), Value::Null, json!(1), json!(1.5), json!(3), json!(true)]);
    assert_eq!(tables[0]["rows"][0]["cells"][1], Value::Null);
    assert_eq!(tables[0]["rows"][0]["object"]["kind"], "PartialObjectMetadata");
}

#[tokio::test]
async fn ages_and_times_of_deletion_are_those_of_the_clock() {
    let clock = FakeClock::at("2031-02-03T04:05:06Z".parse().expect("a time"));
    let client = FakeCluster::builder().clock(clock.clone()).build().expect("a cluster").client();
    let pods = "/api/v1/namespaces/default/pods";
    let spec = json!({ "nodeName": "n", "containers": [{ "name": "a", "image": "a:1" }] });
    let pod = json!({ "metadata": { "name": "a" }, "spec": spec });
    let (code, answer) = send(&client, Method::POST, pods, "application/json", Some(&pod)).await;
    assert_eq!(code, 201, "{answer:?}");
    clock.advance(std::time::Duration::from_secs(3 * 3600));
    let (_, tables) = send(&client, Method::GET, pods, TABLE, None).await;
    assert_eq!(tables[0]["rows"][0]["cells"][4], "3h", "{tables:?}");

    let path = format!("{pods}/a?gracePeriodSeconds=20");
    let (_, deleted) = send(&client, Method::DELETE, &path, "application/json", None).await;
    assert_eq!(deleted[0]["metadata"]["deletionTimestamp"], "2031-02-03T07:05:26Z", "{deleted:?}");
}

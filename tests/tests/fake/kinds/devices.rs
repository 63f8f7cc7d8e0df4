//! Devices: classes, claims and their templates, slices, rules of taints.

use serde_json::{Value, json};

use super::Scenario;

const ROOT: &str = "/apis/resource.k8s.io/v1";
const CLAIMS: &str = "resource.k8s.io/v1:resourceclaims";
const TEMPLATES: &str = "resource.k8s.io/v1:resourceclaimtemplates";

fn of(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

/// A claim of one device of a class.
fn claim(name: &str) -> Value {
    of(name, json!({ "devices": { "requests": [{ "name": "r", "exactly": { "deviceClassName": "gpu" } }] } }))
}

fn slice(name: &str, devices: Value) -> Value {
    let pool = json!({ "name": "p", "generation": 1, "resourceSliceCount": 1 });
    of(name, json!({ "driver": "gpu.example.com", "pool": pool, "nodeName": "n", "devices": devices }))
}

pub const SCENARIOS: &[Scenario] = &[
    ("classes of devices", |s| {
        let classes = &format!("{ROOT}/deviceclasses");
        let one = &format!("{classes}/{{ns}}");
        let config = json!({ "opaque": { "driver": "gpu.example.com", "parameters": { "a": 1 } } });
        let cel = |expression: &str| json!({ "cel": { "expression": expression } });
        s.create(
            classes,
            of("{ns}", json!({ "selectors": [cel("device.driver == 'gpu.example.com'")], "config": [config] })),
        );
        s.create(classes, of("{ns}-none", json!({})));
        s.create(classes, of("{ns}-Upper", json!({})));
        s.create(classes, of("{ns}-b", json!({ "selectors": [{}, cel("'")] })));
        s.in_other_words();
        s.create(classes, of("{ns}-b", json!({ "selectors": [{}] })));
        s.create(classes, of("{ns}-b", json!({ "config": [{}, { "opaque": { "driver": "" } }] })));
        s.create(
            classes,
            of("{ns}-b", json!({ "config": [{ "opaque": { "driver": "_", "parameters": { "a": 1 } } }] })),
        );
        s.create(
            classes,
            of("{ns}-b", json!({ "config": [{ "opaque": { "driver": "a".repeat(64), "parameters": {} } }] })),
        );
        for name in ["gpu", "kubernetes.io/gpu", "requests.example.com/gpu", "example.com/-"] {
            s.create(classes, of("{ns}-b", json!({ "extendedResourceName": name })));
        }
        s.create(classes, of("{ns}-ext", json!({ "extendedResourceName": "example.com/gpu" })));
        s.create(classes, of("{ns}-b", json!({ "selectors": vec![cel("true"); 33], "config": vec![config; 33] })));
        s.replace(one, of("{ns}", json!({})));
        s.merge(one, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.replace(&format!("{classes}/{{ns}}-absent"), of("{ns}-absent", json!({})));
        s.apply("A", one, json!({ "spec": { "extendedResourceName": "example.com/other" } }));
        s.get(one);
        s.delete(one);
        for name in ["none", "ext"] {
            s.delete(&format!("{classes}/{{ns}}-{name}"));
        }
    }),
    ("claims", |s| {
        s.create(CLAIMS, claim("a"));
        s.create(CLAIMS, of("empty", json!({})));
        s.create(
            CLAIMS,
            of(
                "several",
                json!({ "devices": {
                    "requests": [
                        { "name": "all", "exactly": { "deviceClassName": "gpu", "allocationMode": "All" } },
                        { "name": "first", "firstAvailable": [
                            { "name": "large", "deviceClassName": "gpu", "count": 2 },
                            { "name": "small", "deviceClassName": "gpu" },
                        ] },
                    ],
                    "constraints": [{ "requests": ["first/large", "all"], "matchAttribute": "example.com/numa" }],
                    "config": [{ "requests": ["first"], "opaque": { "driver": "gpu.example.com", "parameters": {} } }],
                } }),
            ),
        );
        s.get(&format!("{CLAIMS}/several"));
        let mut with_status = claim("status");
        with_status["status"] = json!({ "allocation": {} });
        s.create(CLAIMS, with_status);
        s.replace(&format!("{CLAIMS}/absent"), claim("absent"));
        s.merge(&format!("{CLAIMS}/a"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(&format!("{CLAIMS}/a"), json!({ "spec": { "devices": { "requests": [] } } }));
        s.replace(&format!("{CLAIMS}/a"), claim("a"));
        s.apply("A", &format!("{CLAIMS}/applied"), claim("applied"));
        s.apply("A", &format!("{CLAIMS}/applied"), claim("applied"));
        s.get("resource.k8s.io/v1:resourceclaims?fieldSelector=metadata.name=a");
        s.get("resource.k8s.io/v1:resourceclaims?fieldSelector=spec.x=a");
        s.delete(&format!("{CLAIMS}/a"));
    }),
    ("what is wrong with claims", |s| {
        let mut wrong = |requests: Value| s.create(CLAIMS, of("b", json!({ "devices": { "requests": requests } })));
        let exactly = |exactly: Value| json!([{ "name": "r", "exactly": exactly }]);
        wrong(json!([{}]));
        wrong(json!([{ "name": "R", "exactly": {} }]));
        wrong(json!([{ "name": "r", "exactly": { "deviceClassName": "g" }, "firstAvailable": [{ "name": "x" }] }]));
        wrong(exactly(json!({ "deviceClassName": "_" })));
        wrong(exactly(json!({ "deviceClassName": "g", "allocationMode": "Bogus" })));
        wrong(exactly(json!({ "deviceClassName": "g", "allocationMode": "All", "count": 2 })));
        wrong(exactly(json!({ "deviceClassName": "g", "count": -1 })));
        wrong(exactly(json!({ "deviceClassName": "g", "selectors": [{}] })));
        wrong(exactly(json!({ "deviceClassName": "g", "tolerations": [
            { "key": "_", "effect": "Bogus" },
            { "operator": "Bogus" },
            { "operator": "Exists", "value": "v" },
            { "operator": "Equal", "key": "a", "value": "_" },
        ] })));
        wrong(json!([{ "name": "r", "firstAvailable": [{ "name": "X" }, { "name": "y", "deviceClassName": "_" }] }]));
        wrong(json!(vec![json!({ "name": "r", "exactly": { "deviceClassName": "g" } }); 33]));
        let alternative = json!({ "name": "r", "deviceClassName": "g" });
        wrong(json!([{ "name": "r", "firstAvailable": vec![alternative; 9] }]));
        s.create(
            CLAIMS,
            of(
                "b",
                json!({ "devices": { "requests": [
                { "name": "r", "exactly": { "deviceClassName": "g" } },
                { "name": "r", "exactly": { "deviceClassName": "g" } },
            ] } }),
            ),
        );
        s.in_other_words();
        let mut parts = |part: Value| {
            let mut devices = json!({ "requests": [{ "name": "r", "exactly": { "deviceClassName": "g" } }] });
            for (name, value) in part.as_object().into_iter().flatten() {
                devices[name] = value.clone();
            }
            s.create(CLAIMS, of("b", json!({ "devices": devices })));
        };
        parts(json!({ "constraints": [{}] }));
        parts(json!({ "constraints": [{ "matchAttribute": "a/b", "distinctAttribute": "a/c" }] }));
        parts(json!({ "constraints": [{ "matchAttribute": "_/" }, { "matchAttribute": "numa" }] }));
        parts(json!({ "constraints": [{ "requests": ["x", "r", "r", "a/b/c"], "matchAttribute": "a/b" }] }));
        parts(json!({ "constraints": [{ "distinctAttribute": "/b" }] }));
        parts(json!({ "config": [{ "requests": ["r/x"] }] }));
        parts(json!({ "config": [{ "opaque": { "driver": "X_", "parameters": null } }] }));
    }),
    ("who gets to devices that are in use", |s| {
        let spec = json!({ "devices": { "requests": [
            { "name": "r", "exactly": { "deviceClassName": "g", "adminAccess": true } },
        ] } });
        s.create(CLAIMS, of("a", spec.clone()));
        s.create(TEMPLATES, of("a", json!({ "spec": spec })));
        s.create(CLAIMS, of("A", spec.clone()));
        let labels = json!({ "resource.kubernetes.io/admin-access": "true" });
        s.create("/api/v1/namespaces", json!({ "metadata": { "name": "{ns}-admin", "labels": labels } }));
        s.create(&format!("{ROOT}/namespaces/{{ns}}-admin/resourceclaims"), of("a", spec.clone()));
        s.create(&format!("{ROOT}/namespaces/{{ns}}-admin/resourceclaimtemplates"), of("a", json!({ "spec": spec })));
    }),
    ("templates of claims", |s| {
        let spec = claim("a")["spec"].clone();
        s.create(TEMPLATES, of("a", json!({ "metadata": { "labels": { "a": "b" } }, "spec": spec })));
        s.create(TEMPLATES, of("empty", json!({})));
        s.create(TEMPLATES, of("b", json!({ "metadata": { "name": "x", "labels": { "_": "b" } }, "spec": spec })));
        s.create(TEMPLATES, of("b", json!({ "spec": { "devices": { "requests": [{}] } } })));
        s.create(
            TEMPLATES,
            of(
                "b",
                json!({ "spec": { "devices": { "requests": [
                { "name": "r", "exactly": { "deviceClassName": "g", "allocationMode": "Bogus", "tolerations": [{}] } },
            ], "constraints": [{ "matchAttribute": "_/" }] } } }),
            ),
        );
        s.replace(&format!("{TEMPLATES}/absent"), of("absent", json!({ "spec": spec })));
        s.merge(&format!("{TEMPLATES}/a"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(&format!("{TEMPLATES}/a"), json!({ "spec": { "metadata": { "labels": { "a": "c" } } } }));
        s.in_other_words();
        s.get(&format!("{TEMPLATES}/a"));
        s.delete(&format!("{TEMPLATES}/a"));
    }),
    ("the status of claims", |s| {
        const STATUS: &str = "resource.k8s.io/v1:resourceclaims/a/status";
        s.create(CLAIMS, claim("a"));
        let status = |status: Value| json!({ "status": status });
        let result = json!({ "request": "r", "driver": "gpu.example.com", "pool": "p", "device": "d" });
        let user = json!({ "resource": "pods", "name": "a", "uid": "1" });
        let condition = json!({ "type": "Ready", "status": "True", "reason": "R", "message": "", "lastTransitionTime": "2020-01-01T00:00:00Z" });
        let device = json!({ "driver": "gpu.example.com", "pool": "p", "device": "d", "conditions": [condition] });
        s.merge(STATUS, status(json!({ "reservedFor": [user] })));
        s.merge(STATUS, status(json!({ "devices": [device] })));
        s.in_other_words();
        s.merge(STATUS, status(json!({ "allocation": { "devices": { "results": [{}] } } })));
        s.merge(
            STATUS,
            status(json!({ "allocation": { "devices": { "results": [
                { "request": "x", "driver": "_", "pool": "_//p", "device": "D", "shareID": "1" },
            ], "config": [{ "source": "Bogus" }, { "requests": ["y"] }] } } })),
        );
        s.merge(
            STATUS,
            status(json!({ "allocation": {
                "devices": { "results": [{
                    "request": "r", "driver": "gpu.example.com", "pool": "p", "device": "d",
                    "bindingConditions": ["a", "a"], "bindingFailureConditions": ["a", "_"],
                }] },
                "nodeSelector": { "nodeSelectorTerms": [] },
            } })),
        );
        s.merge(
            STATUS,
            status(json!({ "allocation": {
                "devices": { "results": [{
                    "request": "r", "driver": "gpu.example.com", "pool": "p", "device": "d", "bindingConditions": ["a"],
                }] },
                "nodeSelector": { "nodeSelectorTerms": [{
                    "matchExpressions": [{ "key": "a", "operator": "In" }],
                    "matchFields": [{ "key": "metadata.name", "operator": "Exists" }, { "key": "x", "operator": "In", "values": ["n"] }],
                }] },
            } })),
        );
        s.merge(
            STATUS,
            json!({
                "metadata": { "labels": { "ignored": "x" } }, "spec": null,
                "status": { "allocation": { "devices": { "results": [result] } }, "reservedFor": [user] },
            }),
        );
        s.merge(STATUS, status(json!({ "reservedFor": [user, { "uid": "2" }, user] })));
        s.in_other_words();
        s.merge(STATUS, status(json!({ "reservedFor": [user, { "uid": "2" }] })));
        s.merge(STATUS, status(json!({ "devices": [device] })));
        let mut wrong = device.clone();
        wrong["conditions"] =
            json!([condition, condition, { "type": "_", "status": "x", "reason": "-", "lastTransitionTime": null }]);
        wrong["networkData"] = json!({ "interfaceName": "a".repeat(257), "hardwareAddress": "a".repeat(129), "ips": ["1.2.3.4", "10.9.8.7/24", "10.9.8.7/24", "2001:DB8::1/64"] });
        s.merge(STATUS, status(json!({ "devices": [wrong] })));
        s.merge(STATUS, status(json!({ "allocation": { "devices": { "results": [{ "request": "r", "driver": "gpu.example.com", "pool": "p", "device": "e" }] } } })));
        s.apply("A", STATUS, status(json!({ "allocation": { "devices": { "results": [result] } } })));
        s.get(&format!("{CLAIMS}/a"));
        s.merge(STATUS, status(json!({ "allocation": null, "reservedFor": null })));
        s.get(&format!("{CLAIMS}/a"));
        s.delete(&format!("{CLAIMS}/a"));
    }),
    ("slices of resources", |s| {
        let slices = &format!("{ROOT}/resourceslices");
        let one = &format!("{slices}/{{ns}}");
        s.create(
            slices,
            slice(
                "{ns}",
                json!([{
                    "name": "a",
                    "attributes": {
                        "model": { "string": "m" }, "example.com/version": { "version": "1.2.3-rc.1" },
                        "count": { "int": 3 }, "ecc": { "bool": false },
                    },
                    "capacity": { "memory": { "value": "1024Mi" } },
                    "taints": [{ "key": "broken", "effect": "NoExecute" }],
                }]),
            ),
        );
        s.get(one);
        s.merge(one, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.replace(one, slice("{ns}", json!([{ "name": "a" }, { "name": "b" }])));
        s.merge(one, json!({ "spec": { "skipNodeOperations": ["*"] } }));
        s.merge(
            one,
            json!({ "spec": { "driver": "other", "nodeName": "m", "pool": { "name": "q", "generation": 2 } } }),
        );
        s.apply("A", one, json!({ "spec": { "driver": "gpu.example.com", "nodeName": "n", "pool": { "name": "p", "generation": 1, "resourceSliceCount": 1 }, "devices": [{ "name": "a", "taints": [{ "key": "k", "effect": "NoSchedule" }] }] } }));
        s.apply("A", &format!("{one}?force=true"), json!({ "spec": { "driver": "gpu.example.com", "nodeName": "n", "pool": { "name": "p", "generation": 1, "resourceSliceCount": 1 }, "devices": [{ "name": "a", "taints": [{ "key": "k", "effect": "NoSchedule" }] }] } }));
        s.get(&format!(
            "{slices}?fieldSelector=metadata.name={{ns}},spec.nodeName=n,spec.driver=gpu.example.com,spec.pool.name=p"
        ));
        s.get(&format!("{slices}?fieldSelector=spec.nodeName=other"));
        s.get(&format!("{slices}?fieldSelector=spec.bogus=other"));
        let mut upper = slice("{ns}-upper", json!([]));
        upper["spec"]["driver"] = json!("GPU.example.com");
        s.create(slices, upper);
        s.delete(&format!("{slices}/{{ns}}-upper"));
        s.delete(one);
    }),
    ("what is wrong with slices", |s| {
        let slices = &format!("{ROOT}/resourceslices");
        s.create(slices, of("{ns}", json!({})));
        let pool = json!({ "name": "p", "generation": 1, "resourceSliceCount": 1 });
        let selector = json!({ "nodeSelectorTerms": [{}, {}] });
        s.create(slices, of("{ns}", json!({ "driver": "d", "pool": pool, "nodeSelector": selector })));
        s.in_other_words();
        let mut wrong = |fields: Value| {
            let mut spec = json!({ "driver": "d", "pool": pool });
            for (name, value) in fields.as_object().into_iter().flatten() {
                spec[name] = value.clone();
            }
            s.create(slices, of("{ns}", spec));
        };
        wrong(json!({ "pool": { "name": "a/_", "generation": -1 }, "nodeName": "" }));
        wrong(json!({ "nodeName": "_", "allNodes": true }));
        wrong(json!({ "allNodes": false, "perDeviceNodeSelection": false }));
        wrong(
            json!({ "allNodes": true, "sharedCounters": [{ "name": "c", "counters": { "a": { "value": "1" } } }], "devices": [{ "name": "a" }] }),
        );
        wrong(
            json!({ "allNodes": true, "sharedCounters": [{ "counters": {} }, { "name": "_", "counters": { "_": { "value": "1" } } }] }),
        );
        let device = |device: Value| json!({ "allNodes": true, "devices": [device] });
        wrong(device(json!({ "name": "_", "attributes": { "-": { "string": "a" } } })));
        wrong(device(json!({ "name": "a", "attributes": { "a": {} } })));
        wrong(device(json!({ "name": "a", "attributes": { "a": { "int": 1, "bool": true } } })));
        wrong(device(json!({ "name": "a", "attributes": { "a": { "version": "1" } } })));
        wrong(device(json!({ "name": "a", "attributes": { "a": { "string": "a".repeat(65) } } })));
        wrong(device(json!({ "name": "a", "attributes": { "a": { "ints": [1] } } })));
        wrong(device(json!({ "name": "a", "attributes": { "_x/a": { "int": 1 } } })));
        wrong(device(json!({ "name": "a", "attributes": { "/": { "int": 1 } } })));
        wrong(device(
            json!({ "name": "a", "taints": [{}, { "key": "a", "value": "_", "effect": "PreferNoSchedule" }] }),
        ));
        wrong(device(json!({ "name": "a", "nodeName": "n" })));
        wrong(device(json!({ "name": "a", "bindingConditions": ["x"] })));
        wrong(device(json!({ "name": "a", "bindingFailureConditions": ["x"] })));
        wrong(device(
            json!({ "name": "a", "consumesCounters": [{}, { "counterSet": "C", "counters": { "A": { "value": "1" } } }] }),
        ));
        wrong(device(
            json!({ "name": "a", "consumesCounters": vec![json!({ "counterSet": "c", "counters": { "a": { "value": "1" } } }); 3] }),
        ));
        wrong(json!({ "allNodes": true, "devices": [{ "name": "a" }, { "name": "a" }] }));
        wrong(json!({ "perDeviceNodeSelection": true, "devices": [
            { "name": "a" }, { "name": "b", "nodeName": "", "allNodes": false }, { "name": "c", "nodeName": "n", "allNodes": true },
        ] }));
        let many: Vec<Value> = (0..129).map(|index| json!({ "name": format!("d{index}") })).collect();
        wrong(json!({ "allNodes": true, "devices": many }));
        let capacity = |policy: Value| {
            device(json!({
                "name": "a", "allowMultipleAllocations": true,
                "capacity": { "memory": { "value": "10Gi", "requestPolicy": policy } },
            }))
        };
        wrong(device(
            json!({ "name": "a", "capacity": { "m": { "value": "1", "requestPolicy": { "default": "1" } } } }),
        ));
        wrong(capacity(json!({ "validValues": ["1Gi"] })));
        wrong(capacity(json!({ "validRange": { "min": "1Gi" } })));
        wrong(capacity(json!({ "default": "1Gi", "validRange": { "max": "1Gi" } })));
        wrong(capacity(json!({ "default": "1Gi", "validValues": ["1Gi"], "validRange": { "min": "1Gi" } })));
        wrong(capacity(json!({ "default": "3Gi", "validValues": ["2Gi", "1Gi", "1024Mi", "20Gi"] })));
        wrong(capacity(json!({ "default": "30Gi", "validRange": { "min": "20Gi", "max": "11Gi" } })));
        wrong(capacity(json!({ "default": "1Gi", "validRange": { "min": "2Gi", "max": "5Gi", "step": "20Gi" } })));
        wrong(capacity(json!({ "default": "1Gi", "validRange": { "min": "1Gi", "max": "4Gi", "step": "2Gi" } })));
        wrong(capacity(json!({ "default": "1Gi", "validRange": { "min": "1Gi", "step": "0" } })));
        wrong(capacity(json!({ "default": "1500m", "validRange": { "min": "1", "max": "3", "step": "1" } })));
        wrong(capacity(json!({ "default": "1", "validRange": { "min": "1", "max": "3500u", "step": "500m" } })));
        wrong(capacity(json!({ "default": "1", "validRange": { "min": "-1", "step": "1" } })));
    }),
    ("rules of taints", |s| {
        let rules = &format!("{ROOT}/devicetaintrules");
        let one = &format!("{rules}/{{ns}}");
        let taint = json!({ "key": "broken", "value": "yes", "effect": "NoExecute" });
        s.create(rules, of("{ns}", json!({ "deviceSelector": { "driver": "gpu.example.com", "pool": "a/b", "device": "d" }, "taint": taint })));
        s.create(rules, of("{ns}-b", json!({})));
        s.create(rules, of("{ns}-b", json!({ "deviceSelector": { "driver": "", "pool": "_", "device": "D" }, "taint": { "key": "_", "value": "_", "effect": "Bogus" } })));
        s.replace(one, of("{ns}", json!({ "taint": taint })));
        s.merge(one, json!({ "spec": { "taint": { "value": "no" } } }));
        s.merge(one, json!({ "spec": { "taint": { "timeAdded": "2020-01-01T00:00:00Z" } } }));
        s.merge(one, json!({ "spec": { "taint": { "effect": "None" } } }));
        s.merge(one, json!({ "spec": { "taint": { "effect": "NoSchedule", "timeAdded": "2020-01-01T00:00:00Z" } } }));
        s.get(one);
        let condition = json!({ "type": "EvictionInProgress", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": "2020-01-01T00:00:00Z" });
        s.merge(
            &format!("{one}/status"),
            json!({ "metadata": { "labels": { "ignored": "x" } }, "status": { "conditions": [condition] } }),
        );
        s.merge(&format!("{one}/status"), json!({ "status": { "conditions": [{}] } }));
        s.apply("A", one, json!({ "spec": { "taint": { "key": "other", "effect": "None" } } }));
        s.apply(
            "A",
            &format!("{one}?force=true"),
            json!({ "spec": { "taint": { "key": "other", "effect": "None" } } }),
        );
        s.apply(
            "A",
            &format!("{rules}/{{ns}}-applied"),
            json!({ "spec": { "taint": { "key": "other", "effect": "None" } } }),
        );
        s.apply(
            "A",
            &format!("{rules}/{{ns}}-applied"),
            json!({ "spec": { "taint": { "key": "other", "effect": "NoSchedule" } } }),
        );
        s.delete(one);
        s.delete(&format!("{rules}/{{ns}}-applied"));
    }),
    ("who writes what of the status of claims", |s| {
        s.create(CLAIMS, claim("a"));
        let status = json!({ "status": {
            "allocation": { "devices": { "results": [{ "request": "r", "driver": "d.example.com", "pool": "p", "device": "d" }] } },
            "devices": [{ "driver": "d.example.com", "pool": "p", "device": "d" }],
        } });
        let grant = |name: &str, rules: Value| {
            let role = json!({ "metadata": { "name": name }, "rules": rules });
            let subject = json!({ "kind": "User", "name": "{ns}-jane", "apiGroup": "rbac.authorization.k8s.io" });
            let binding = json!({ "metadata": { "name": name }, "roleRef": { "kind": "ClusterRole", "name": name }, "subjects": [subject] });
            (role, binding)
        };
        const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
        let rule = |resource: &str, verbs: Value| json!([{ "apiGroups": ["resource.k8s.io"], "resources": [resource], "verbs": verbs }]);
        for (name, rules) in [
            ("{ns}-status", rule("resourceclaims/status", json!(["patch"]))),
            ("{ns}-binding", rule("resourceclaims/binding", json!(["patch"]))),
            ("{ns}-driver", rule("resourceclaims/driver", json!(["arbitrary-node:patch"]))),
        ] {
            let (role, binding) = grant(name, rules);
            s.create(&format!("{RBAC}/clusterroles"), role);
            s.create(&format!("{RBAC}/clusterrolebindings"), binding);
            s.by("{ns}-jane", &[]);
            s.merge(&format!("{CLAIMS}/a/status"), status.clone());
            s.with_headers(&[]);
        }
        for name in ["status", "binding", "driver"] {
            s.delete(&format!("{RBAC}/clusterroles/{{ns}}-{name}"));
            s.delete(&format!("{RBAC}/clusterrolebindings/{{ns}}-{name}"));
        }
    }),
];

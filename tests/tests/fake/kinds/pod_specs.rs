//! What is wrong with the specs of pods, part by part.

use serde_json::{Value, json};

use super::{Scenario, Steps};

/// Asks for pods that have nothing else wrong, and are not kept.
fn asked(s: &mut Steps, specs: &[Value]) {
    for spec in specs {
        let mut spec = spec.clone();
        if spec.get("containers").is_none() {
            spec["containers"] = json!([{ "name": "c", "image": "i" }]);
        }
        s.create("pods?dryRun=All", json!({ "metadata": { "name": "p" }, "spec": spec }));
    }
}

/// The same of what one container has.
fn with_containers(s: &mut Steps, parts: &[Value]) {
    let specs = parts.iter().map(|part| {
        let mut container = json!({ "name": "c", "image": "i" });
        for (name, value) in part.as_object().into_iter().flatten() {
            container[name] = value.clone();
        }
        json!({ "containers": [container] })
    });
    asked(s, &specs.collect::<Vec<_>>());
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub const SCENARIOS: &[Scenario] = &[
    ("what draws a pod is checked", |s| {
        let affinity = |kind: &str, when: &str, terms: Value| json!({ "affinity": { kind: { when: terms } } });
        asked(
            s,
            &[
                affinity("nodeAffinity", REQUIRED, json!({ "nodeSelectorTerms": [] })),
                affinity("nodeAffinity", REQUIRED, json!({ "nodeSelectorTerms": [{}] })),
                affinity(
                    "nodeAffinity",
                    REQUIRED,
                    json!({ "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "a", "operator": "X" }] }] }),
                ),
                affinity("nodeAffinity", PREFERRED, json!([{ "weight": 0, "preference": {} }])),
                affinity("podAffinity", REQUIRED, json!([{ "labelSelector": {} }])),
                affinity("podAffinity", REQUIRED, json!([{ "topologyKey": "z", "matchLabelKeys": ["a"] }])),
                affinity("podAffinity", REQUIRED, json!([{ "topologyKey": "z", "namespaces": ["A_"] }])),
                affinity(
                    "podAntiAffinity",
                    PREFERRED,
                    json!([{ "weight": 101, "podAffinityTerm": { "topologyKey": "z" } }]),
                ),
                affinity(
                    "podAntiAffinity",
                    PREFERRED,
                    json!([{ "weight": 1, "podAffinityTerm": { "topologyKey": "z", "labelSelector": { "matchLabels": { "a": "b c" } } } }]),
                ),
            ],
        );
    }),
    ("how pods are spread is checked", |s| {
        let spread = |more: Value| {
            let mut constraint =
                json!({ "maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {} });
            for (name, value) in more.as_object().into_iter().flatten() {
                constraint[name] = value.clone();
            }
            json!({ "topologySpreadConstraints": [constraint] })
        };
        asked(
            s,
            &[
                spread(json!({})),
                spread(json!({ "labelSelector": null })),
                spread(json!({ "maxSkew": 0 })),
                spread(json!({ "topologyKey": "" })),
                spread(json!({ "whenUnsatisfiable": "X" })),
                spread(json!({ "minDomains": 0 })),
                spread(json!({ "minDomains": 1, "whenUnsatisfiable": "ScheduleAnyway" })),
                spread(json!({ "nodeTaintsPolicy": "X" })),
                spread(json!({ "matchLabelKeys": ["a"], "labelSelector": null })),
            ],
        );
        let twice = spread(json!({}));
        let constraint = &twice["topologySpreadConstraints"][0];
        asked(s, &[json!({ "topologySpreadConstraints": [constraint, constraint] })]);
    }),
    ("security contexts are checked", |s| {
        let pod = |context: Value| json!({ "securityContext": context });
        asked(
            s,
            &[
                pod(json!({ "runAsUser": -1 })),
                pod(json!({ "supplementalGroups": [8_589_934_592_u64] })),
                pod(json!({ "sysctls": [{ "name": "a..b", "value": "1" }] })),
                pod(json!({ "sysctls": [{ "name": "a.b", "value": "1" }, { "name": "a/b", "value": "1" }] })),
                pod(json!({ "fsGroupChangePolicy": "X" })),
                pod(json!({ "supplementalGroupsPolicy": "X" })),
                pod(json!({ "seccompProfile": {} })),
                pod(json!({ "seccompProfile": { "type": "X" } })),
                pod(json!({ "seccompProfile": { "type": "Localhost" } })),
                pod(json!({ "seccompProfile": { "type": "Localhost", "localhostProfile": "../a" } })),
                pod(json!({ "seccompProfile": { "type": "RuntimeDefault", "localhostProfile": "a" } })),
                pod(json!({ "appArmorProfile": { "type": "Localhost" } })),
                pod(json!({ "appArmorProfile": { "type": "RuntimeDefault", "localhostProfile": "a" } })),
                json!({ "shareProcessNamespace": true, "hostPID": true }),
                json!({ "hostNetwork": true, "hostUsers": false }),
            ],
        );
        let container = |context: Value| json!({ "securityContext": context });
        with_containers(
            s,
            &[
                container(json!({ "runAsGroup": -1 })),
                container(json!({ "procMount": "X" })),
                container(json!({ "procMount": "Unmasked" })),
                container(json!({ "allowPrivilegeEscalation": false, "capabilities": { "add": ["SYS_ADMIN"] } })),
            ],
        );
        with_containers(s, &[container(json!({ "allowPrivilegeEscalation": false, "privileged": true }))]);
        s.in_other_words();
    }),
    ("the DNS of a pod is checked", |s| {
        asked(
            s,
            &[
                json!({ "dnsPolicy": "None" }),
                json!({ "dnsPolicy": "None", "dnsConfig": {} }),
                json!({ "dnsConfig": { "nameservers": ["x"] } }),
                json!({ "dnsConfig": { "nameservers": ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"] } }),
                json!({ "dnsConfig": { "searches": [".", "a.", "a_b.c", "A"] } }),
                json!({ "dnsConfig": { "options": [{}] } }),
                json!({ "hostAliases": [{ "ip": "x", "hostnames": ["a"] }] }),
                json!({ "hostAliases": [{ "ip": "1.1.1.1", "hostnames": ["_"] }] }),
            ],
        );
    }),
    ("hooks of containers are checked", |s| {
        let before = |hook: Value| json!({ "lifecycle": { "preStop": hook } });
        with_containers(
            s,
            &[
                before(json!({})),
                before(json!({ "exec": {} })),
                before(json!({ "exec": { "command": ["a"] }, "sleep": { "seconds": 1 } })),
                before(json!({ "sleep": { "seconds": 99 } })),
                before(json!({ "httpGet": { "port": 0 } })),
                before(json!({ "httpGet": { "port": 80, "scheme": "x" } })),
                before(json!({ "httpGet": { "port": 80, "httpHeaders": [{ "name": "a b", "value": "" }] } })),
                json!({ "lifecycle": { "postStart": { "tcpSocket": { "port": "UP" } } } }),
            ],
        );
    }),
    ("the rest of a pod's spec is checked", |s| {
        asked(
            s,
            &[
                json!({ "schedulingGates": [{ "name": "a" }, { "name": "a" }] }),
                json!({ "schedulingGates": [{ "name": "a" }], "nodeName": "n" }),
                json!({ "ephemeralContainers": [{ "name": "e", "image": "i" }] }),
                json!({ "readinessGates": [{ "conditionType": "a b" }] }),
                json!({ "os": { "name": "x" } }),
                json!({ "os": { "name": "" } }),
                json!({ "imagePullSecrets": [{}] }),
                json!({ "tolerations": [{ "key": "a", "operator": "Gt", "value": "1" }] }),
                json!({ "resourceClaims": [{ "name": "a" }] }),
                json!({ "resourceClaims": [{ "name": "a", "resourceClaimName": "b", "resourceClaimTemplateName": "c" }] }),
                json!({ "hostNetwork": true, "containers": [{ "name": "c", "image": "i", "ports": [{ "containerPort": 80, "hostPort": 81 }] }] }),
                json!({ "volumes": [{ "name": "v", "emptyDir": {} }], "containers": [{ "name": "c", "image": "i", "volumeDevices": [{ "name": "v", "devicePath": "/a" }] }] }),
            ],
        );
        with_containers(
            s,
            &[
                json!({ "resources": { "claims": [{ "name": "x" }] } }),
                json!({ "resizePolicy": [{ "resourceName": "cpu", "restartPolicy": "X" }] }),
                json!({ "resizePolicy": [{ "resourceName": "x", "restartPolicy": "NotRequired" }] }),
                json!({ "volumeDevices": [{ "name": "q", "devicePath": "../a" }] }),
            ],
        );
    }),
    ("an object has one controller", |s| {
        let owner =
            |name: &str| json!({ "apiVersion": "v1", "kind": "Pod", "name": name, "uid": name, "controller": true });
        s.create("configmaps", json!({ "metadata": { "name": "c", "ownerReferences": [owner("a"), owner("b")] } }));
        s.create("configmaps", json!({ "metadata": { "name": "c", "ownerReferences": [owner("a")] } }));
    }),
];

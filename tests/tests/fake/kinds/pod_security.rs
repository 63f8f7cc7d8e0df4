//! What the Pod Security labels of a namespace do. Most namespaces are made with their labels: a server sees changes of them late.

use serde_json::{Value, json};

use super::Scenario;
use crate::steps::Steps;

/// A namespace whose labels are named without their prefix.
fn namespace(suffix: &str, labels: &[(&str, &str)]) -> Value {
    json!({ "metadata": { "name": format!("{{ns}}-{suffix}"), "labels": labelled(labels) } })
}

fn labelled(labels: &[(&str, &str)]) -> Value {
    labels.iter().map(|(name, value)| (format!("pod-security.kubernetes.io/{name}"), json!(value))).collect()
}

fn make(s: &mut Steps, suffix: &str, labels: &[(&str, &str)]) {
    s.create("/api/v1/namespaces", namespace(suffix, labels));
}

/// A pod of one container.
fn pod(name: &str, container: Value) -> Value {
    let mut object =
        json!({ "metadata": { "name": name }, "spec": { "containers": [{ "name": "c", "image": "x:1" }] } });
    put(&mut object["spec"]["containers"][0], container);
    object
}

/// One of which more is said.
fn with(name: &str, spec: Value) -> Value {
    let mut object = pod(name, json!({}));
    put(&mut object["spec"], spec);
    object
}

fn put(object: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (object, more) {
        fields.extend(more);
    }
}

/// A container that `restricted` lets pass.
fn strict() -> Value {
    json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] }, "runAsNonRoot": true,
        "seccompProfile": { "type": "RuntimeDefault" } })
}

fn strict_with(more: Value) -> Value {
    let mut context = strict();
    put(&mut context, more);
    json!({ "securityContext": context })
}

/// Applies to an object of which everything is said, since it is in another namespace than that of the scenario.
fn apply(s: &mut Steps, path: &str, object: Value) {
    s.send(http::Method::PATCH, &format!("{path}?fieldManager=A"), "application/apply-patch+yaml", object);
}

/// Sends pods to a namespace.
fn send(s: &mut Steps, suffix: &str, pods: Vec<Value>) {
    for pod in pods {
        s.create(&format!("/api/v1/namespaces/{{ns}}-{suffix}/pods"), pod);
    }
}

/// Pods that do what `baseline` does not allow, each something else.
fn loose() -> Vec<Value> {
    let two = |name: &str, one: Value, other: Value| {
        json!({ "metadata": { "name": name }, "spec": { "initContainers": [{ "name": "i", "image": "x:1", "securityContext": one }],
            "containers": [{ "name": "c", "image": "x:1", "securityContext": other }] } })
    };
    vec![
        pod("fine", json!({})),
        with("host", json!({ "hostNetwork": true, "hostPID": true, "hostIPC": true })),
        pod(
            "ports",
            json!({ "ports": [{ "containerPort": 80, "hostPort": 80 }, { "containerPort": 81, "hostPort": 8081 }] }),
        ),
        pod("port", json!({ "ports": [{ "containerPort": 80, "hostPort": 9 }] })),
        pod(
            "probes",
            json!({ "livenessProbe": { "httpGet": { "port": 80, "host": "b" } },
            "readinessProbe": { "tcpSocket": { "port": 80, "host": "a" } } }),
        ),
        pod("hook", json!({ "lifecycle": { "preStop": { "httpGet": { "port": 80, "host": "b" } } } })),
        two("privileged", json!({ "privileged": true }), json!({ "privileged": true })),
        pod(
            "capabilities",
            json!({ "securityContext": { "capabilities": { "add": ["SYS_TIME", "CHOWN", "NET_RAW"] } } }),
        ),
        with(
            "proc",
            json!({ "hostUsers": false, "containers": [{ "name": "c", "image": "x:1", "securityContext": { "procMount": "Unmasked" } }] }),
        ),
        two(
            "selinux",
            json!({ "seLinuxOptions": { "type": "b_t", "user": "u" } }),
            json!({ "seLinuxOptions": { "type": "a_t", "role": "r" } }),
        ),
        with("selinux-of-pod", json!({ "securityContext": { "seLinuxOptions": { "type": "container_engine_t" } } })),
        with("selinux-level", json!({ "securityContext": { "seLinuxOptions": { "level": "s0" } } })),
        two(
            "seccomp",
            json!({ "seccompProfile": { "type": "Unconfined" } }),
            json!({ "seccompProfile": { "type": "RuntimeDefault" } }),
        ),
        with("seccomp-of-pod", json!({ "securityContext": { "seccompProfile": { "type": "Unconfined" } } })),
        with(
            "apparmor",
            json!({ "securityContext": { "appArmorProfile": { "type": "Unconfined" } },
            "containers": [{ "name": "c", "image": "x:1", "securityContext": { "appArmorProfile": { "type": "Unconfined" } } }] }),
        ),
        with(
            "sysctls",
            json!({ "securityContext": { "sysctls": [{ "name": "kernel.msgmax", "value": "1" },
            { "name": "net.ipv4.tcp_rmem", "value": "1" }, { "name": "net.ipv4.tcp_notsent_lowat", "value": "1" },
            { "name": "net.ipv4.tcp_fin_timeout", "value": "1" }, { "name": "net.ipv4.ip_local_reserved_ports", "value": "1" }] } }),
        ),
        with(
            "paths",
            json!({ "volumes": [{ "name": "v", "hostPath": { "path": "/a" } }, { "name": "w", "hostPath": { "path": "/a" } }] }),
        ),
        with(
            "windows",
            json!({ "hostNetwork": true, "securityContext": { "windowsOptions": { "hostProcess": true } } }),
        ),
        with(
            "several",
            json!({ "hostPID": true, "volumes": [{ "name": "v", "hostPath": { "path": "/a" } }],
            "containers": [{ "name": "a", "image": "x:1", "securityContext": { "privileged": true } }, { "name": "b", "image": "x:1", "securityContext": { "privileged": true } }] }),
        ),
    ]
}

/// Pods that do what `restricted` does not allow.
fn lax() -> Vec<Value> {
    vec![
        pod("silent", json!({})),
        pod("strict", strict_with(json!({}))),
        pod("bind", strict_with(json!({ "capabilities": { "drop": ["ALL"], "add": ["NET_BIND_SERVICE"] } }))),
        pod("add", strict_with(json!({ "capabilities": { "drop": ["KILL"], "add": ["CHOWN", "SYS_TIME"] } }))),
        pod("escalation", strict_with(json!({ "allowPrivilegeEscalation": true }))),
        pod("root", strict_with(json!({ "runAsNonRoot": false }))),
        pod("user", strict_with(json!({ "runAsUser": 0 }))),
        pod("seccomp", strict_with(json!({ "seccompProfile": { "type": "Unconfined" } }))),
        with(
            "of-pod",
            json!({
                "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
                "containers": [{ "name": "c", "image": "x:1", "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } } }],
            }),
        ),
        with(
            "bad-pod",
            json!({
                "securityContext": { "runAsNonRoot": false, "runAsUser": 0, "seccompProfile": { "type": "Unconfined" } },
                "containers": [{ "name": "c", "image": "x:1", "securityContext": { "runAsUser": 0, "runAsNonRoot": false } }, { "name": "d", "image": "x:1" }],
            }),
        ),
        with(
            "users",
            json!({
                "hostUsers": false,
                "containers": [{ "name": "c", "image": "x:1", "securityContext": { "procMount": "Unmasked", "runAsUser": 0, "runAsNonRoot": false } }],
            }),
        ),
        with(
            "volumes",
            json!({ "volumes": [{ "name": "a", "emptyDir": {} }, { "name": "b", "hostPath": { "path": "/a" } },
            { "name": "c", "nfs": { "server": "s", "path": "/a" } }, { "name": "d", "configMap": { "name": "x" } }] }),
        ),
        json!({ "metadata": { "name": "of-windows" }, "spec": { "os": { "name": "windows" }, "containers": [{ "name": "c", "image": "x:1" }] } }),
        with("host", json!({ "hostPID": true })),
    ]
}

fn workload(name: &str, template: Value) -> Value {
    let mut template = template;
    template["metadata"]["labels"] = json!({ "a": "b" });
    json!({ "metadata": { "name": name }, "spec": { "selector": { "matchLabels": { "a": "b" } }, "template": template } })
}

pub const SCENARIOS: &[Scenario] = &[
    ("pod security: what baseline refuses", |s| {
        make(s, "a", &[("enforce", "baseline")]);
        send(s, "a", loose());
    }),
    ("pod security: what restricted refuses", |s| {
        make(s, "a", &[("enforce", "restricted"), ("audit", "baseline")]);
        send(s, "a", lax());
        send(s, "a", loose());
    }),
    ("pod security: what older versions refuse", |s| {
        for version in [
            "0", "7", "8", "18", "19", "21", "22", "23", "24", "25", "26", "27", "29", "31", "32", "34", "35", "36",
            "37", "99",
        ] {
            make(s, version, &[("enforce", "restricted"), ("enforce-version", &format!("v1.{version}"))]);
            send(s, version, lax());
            let baseline = format!("b{version}");
            make(s, &baseline, &[("enforce", "baseline"), ("enforce-version", &format!("v1.{version}"))]);
            send(s, &baseline, loose());
        }
    }),
    ("pod security: labels of namespaces", |s| {
        make(
            s,
            "a",
            &[
                ("enforce", "Baseline"),
                ("enforce-version", "1.2"),
                ("audit", ""),
                ("audit-version", "v1"),
                ("warn", "x"),
                ("warn-version", "v1.01"),
            ],
        );
        make(s, "a", &[("warn", "x")]);
        make(s, "a", &[("enforce-version", "v1.99"), ("other", "x")]);
        s.merge("/api/v1/namespaces/{ns}-a", json!({ "metadata": { "labels": labelled(&[("enforce", "bogus")]) } }));
        apply(
            s,
            "/api/v1/namespaces/{ns}",
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "{ns}", "labels": labelled(&[("warn-version", "v2.1")]) } }),
        );
        s.merge(
            "/api/v1/namespaces/{ns}?dryRun=All",
            json!({ "metadata": { "labels": labelled(&[("enforce", "privileged")]) } }),
        );
        s.merge(
            "/api/v1/namespaces/{ns}/status",
            json!({ "metadata": { "labels": labelled(&[("enforce", "bogus")]) } }),
        );
        s.get("/api/v1/namespaces/{ns}-a");
    }),
    ("pod security: warnings of pods and of workloads", |s| {
        make(s, "a", &[("warn", "restricted"), ("warn-version", "v1.24")]);
        make(s, "b", &[("enforce", "baseline")]);
        make(s, "c", &[("enforce", "restricted"), ("warn", "privileged")]);
        make(s, "d", &[("enforce", "baseline"), ("warn", "restricted"), ("warn-version", "v1.19")]);
        make(s, "e", &[("audit", "restricted")]);
        for suffix in ["a", "b", "c", "d", "e"] {
            send(s, suffix, vec![pod("silent", json!({})), with("host", json!({ "hostPID": true }))]);
            let (core, apps) =
                (format!("/api/v1/namespaces/{{ns}}-{suffix}"), format!("/apis/apps/v1/namespaces/{{ns}}-{suffix}"));
            let batch = format!("/apis/batch/v1/namespaces/{{ns}}-{suffix}");
            let loose = || with("", json!({ "hostPID": true }));
            s.create(&format!("{apps}/deployments"), workload("d", loose()));
            s.create(&format!("{apps}/deployments"), workload("e", pod("", json!({}))));
            s.create(&format!("{apps}/daemonsets"), workload("d", loose()));
            s.create(&format!("{apps}/replicasets"), workload("d", loose()));
            let mut stateful = workload("d", loose());
            stateful["spec"]["serviceName"] = json!("x");
            s.create(&format!("{apps}/statefulsets"), stateful);
            let mut job = json!({ "metadata": { "name": "j" }, "spec": { "template": loose() } });
            job["spec"]["template"]["spec"]["restartPolicy"] = json!("Never");
            let cron = json!({ "metadata": { "name": "j" }, "spec": { "schedule": "@daily", "jobTemplate": { "spec": job["spec"] } } });
            s.create(&format!("{batch}/jobs"), job);
            s.create(&format!("{batch}/cronjobs"), cron);
            let mut controller =
                json!({ "metadata": { "name": "r" }, "spec": { "selector": { "a": "b" }, "template": loose() } });
            controller["spec"]["template"]["metadata"] = json!({ "labels": { "a": "b" } });
            s.create(&format!("{core}/replicationcontrollers"), controller);
            s.create(&format!("{core}/podtemplates"), json!({ "metadata": { "name": "t" }, "template": loose() }));
            s.merge(&format!("{apps}/deployments/d"), json!({ "metadata": { "labels": { "x": "y" } } }));
            s.merge(&format!("{apps}/deployments/d"), json!({ "metadata": { "labels": { "x": "y" } } }));
            apply(
                s,
                &format!("{apps}/deployments/d"),
                json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "d", "labels": { "x": "y" } } }),
            );
            apply(
                s,
                &format!("{apps}/deployments/d"),
                json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "d", "labels": { "x": "y" } } }),
            );
            s.merge(&format!("{apps}/deployments/d/scale"), json!({ "spec": { "replicas": 2 } }));
            s.merge(&format!("{apps}/deployments/d/status"), json!({ "status": { "observedGeneration": 1 } }));
        }
    }),
    ("pod security: updates, and what else is refused", |s| {
        make(s, "a", &[("enforce", "privileged")]);
        let pods = "/api/v1/namespaces/{ns}-a/pods";
        send(s, "a", vec![with("host", json!({ "hostPID": true })), pod("silent", json!({}))]);
        s.pause();
        s.merge("/api/v1/namespaces/{ns}-a", json!({ "metadata": { "labels": labelled(&[("enforce", "baseline")]) } }));
        s.pause();
        // Labels and tolerations are no reason to check a pod.
        s.merge(&format!("{pods}/host"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(&format!("{pods}/host/status"), json!({ "status": { "phase": "Running" } }));
        s.strategic(&format!("{pods}/host"), json!({ "spec": { "containers": [{ "name": "c", "image": "y:1" }] } }));
        s.strategic(&format!("{pods}/silent"), json!({ "spec": { "containers": [{ "name": "c", "image": "y:1" }] } }));
        let debugger = |name: &str, context: Value| json!({ "spec": { "ephemeralContainers": [{ "name": name, "image": "z:1", "securityContext": context }] } });
        s.strategic(&format!("{pods}/silent/ephemeralcontainers"), debugger("e", json!({ "privileged": true })));
        s.strategic(&format!("{pods}/silent/ephemeralcontainers"), debugger("e", json!({})));
        s.strategic(&format!("{pods}/host/ephemeralcontainers"), debugger("e", json!({})));
        s.delete(&format!("{pods}/host?dryRun=All"));
        // What is invalid is told first, and a name that is taken last.
        send(
            s,
            "a",
            vec![
                with("Wrong", json!({ "hostPID": true })),
                with("host", json!({ "hostPID": true })),
                pod("host", json!({})),
                with("classy", json!({ "hostPID": true, "priorityClassName": "none" })),
            ],
        );
        s.create(&format!("{pods}?dryRun=All"), with("dry", json!({ "hostPID": true })));
        s.create(&format!("{pods}?dryRun=All"), pod("dry", json!({})));
        apply(
            s,
            &format!("{pods}/applied"),
            json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "applied" }, "spec": { "hostPID": true, "containers": [{ "name": "c", "image": "x:1" }] } }),
        );
        s.send(
            http::Method::POST,
            &format!("{pods}/host/eviction?dryRun=All"),
            "application/json",
            json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": "host" } }),
        );
    }),
    ("pod security: namespaces that become stricter", |s| {
        make(s, "a", &[]);
        let owned = |name: &str, uid: &str| {
            let mut pod = with(name, json!({ "hostPID": true }));
            pod["metadata"]["ownerReferences"] =
                json!([{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": uid, "controller": true }]);
            pod
        };
        send(
            s,
            "a",
            vec![
                pod("silent", json!({})),
                pod("b", json!({})),
                pod("strict", strict_with(json!({}))),
                with("host", json!({ "hostPID": true })),
                owned("x", "u"),
                owned("y", "u"),
                with("h", json!({ "hostPID": true, "hostIPC": true })),
                with("ports", json!({ "hostNetwork": true })),
                with("paths", json!({ "volumes": [{ "name": "v", "hostPath": { "path": "/a" } }] })),
            ],
        );
        for labels in [
            &[("enforce", "baseline")][..],
            &[("enforce", "restricted")],
            &[("enforce", "baseline")],
            &[("enforce-version", "v1.20")],
            &[("enforce-version", "v1.20"), ("x", "y")],
            &[("enforce", "privileged")],
            &[("enforce", "restricted"), ("warn", "baseline")],
        ] {
            s.pause();
            s.merge("/api/v1/namespaces/{ns}-a", json!({ "metadata": { "labels": labelled(labels) } }));
        }
        s.pause();
        s.merge(
            "/api/v1/namespaces/{ns}-a?dryRun=All",
            json!({ "metadata": { "labels": labelled(&[("enforce-version", "latest")]) } }),
        );
        make(s, "b", &[("enforce", "baseline")]);
        s.merge(
            "/api/v1/namespaces/{ns}-b",
            json!({ "metadata": { "labels": labelled(&[("enforce", "restricted")]) } }),
        );
    }),
];

//! Replication controllers, templates of pods, revisions of controllers, and bindings of pods.

use serde_json::{Value, json};

use super::Scenario;

const CONTROLLERS: &str = "replicationcontrollers";
const CONTROLLER: &str = "replicationcontrollers/a";
const TEMPLATES: &str = "podtemplates";
const TEMPLATE: &str = "podtemplates/a";
const REVISIONS: &str = "apps/v1:controllerrevisions";
const REVISION: &str = "apps/v1:controllerrevisions/a";

fn template() -> Value {
    json!({ "metadata": { "labels": { "app": "w" } }, "spec": { "containers": [{ "name": "c", "image": "nginx:1" }] } })
}

fn of(name: &str, more: Value) -> Value {
    let mut object = json!({ "metadata": { "name": name }, "spec": { "template": template() } });
    if let (Value::Object(spec), Value::Object(more)) = (&mut object["spec"], more) {
        spec.extend(more);
    }
    object
}

fn revision(name: &str, data: Value) -> Value {
    json!({ "metadata": { "name": name }, "revision": 1, "data": data })
}

fn pod(name: &str, more: Value) -> Value {
    let mut pod = json!({ "metadata": { "name": name }, "spec": { "containers": [{ "name": "c", "image": "a:1" }] } });
    if let (Value::Object(spec), Value::Object(more)) = (&mut pod["spec"], more) {
        spec.extend(more);
    }
    pod
}

pub const SCENARIOS: &[Scenario] = &[
    ("a replication controller gets what it doesn't say", |s| {
        s.create(CONTROLLERS, of("a", json!({})));
        s.create(CONTROLLERS, of("b", json!({ "replicas": 0, "selector": { "app": "w" }, "minReadySeconds": 0 })));
        let mut labeled = of("c", json!({ "status": { "replicas": 7 } }));
        labeled["metadata"]["labels"] = json!({ "own": "x" });
        labeled["status"] = json!({ "replicas": 7 });
        s.create(CONTROLLERS, labeled);
        s.create(CONTROLLERS, of("e.f", json!({})));
        s.get(CONTROLLERS);
        s.get("replicationcontrollers?fieldSelector=status.replicas%3D0,metadata.name%3Da");
        s.get("replicationcontrollers?fieldSelector=status.replicas%3D1");
        s.get("replicationcontrollers?fieldSelector=spec.replicas%3D1");
    }),
    ("a replication controller is checked", |s| {
        s.create(CONTROLLERS, json!({ "metadata": { "name": "a" } }));
        s.create(CONTROLLERS, json!({ "metadata": { "name": "a" }, "spec": { "selector": { "app": "w" } } }));
        s.create(CONTROLLERS, of("a", json!({ "selector": { "app": "x" } })));
        s.create(CONTROLLERS, of("a", json!({ "replicas": -1, "minReadySeconds": -1 })));
        s.create(CONTROLLERS, of("A_", json!({ "replicas": -1, "template": { "spec": { "containers": [] } } })));
        let mut odd = of("a", json!({}));
        odd["spec"]["template"]["spec"] =
            json!({ "restartPolicy": "Never", "activeDeadlineSeconds": 5, "containers": [{ "name": "c" }] });
        s.create(CONTROLLERS, odd);
        s.create(CONTROLLERS, of("a", json!({ "replicas": "x" })));
        s.in_other_words();
        s.replace(CONTROLLER, of("a", json!({})));
    }),
    ("a replication controller is changed", |s| {
        s.create(CONTROLLERS, of("a", json!({})));
        s.merge(CONTROLLER, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(CONTROLLER, json!({ "spec": { "replicas": 3 } }));
        s.merge(CONTROLLER, json!({ "spec": { "selector": { "app": "x" } } }));
        s.merge(
            CONTROLLER,
            json!({ "spec": { "selector": { "app": "x" }, "template": { "metadata": { "labels": { "app": "x" } } } } }),
        );
        s.strategic(
            CONTROLLER,
            json!({ "spec": { "template": { "spec": { "containers": [{ "name": "c", "env": [{ "name": "a" }, { "name": "a" }] }] } } } }),
        );
        s.merge(CONTROLLER, json!({ "spec": { "replicas": 4 } }));
        s.merge(CONTROLLER, json!({ "spec": { "replicas": null, "template": null } }));
        s.replace(CONTROLLER, of("a", json!({})));
        s.apply("A", CONTROLLER, json!({ "spec": { "replicas": 5, "selector": { "app": "w" } } }));
        s.apply("A", &format!("{CONTROLLER}?force=true"), json!({ "spec": { "replicas": 5 } }));
        s.get(CONTROLLER);
    }),
    ("the status of a replication controller", |s| {
        s.create(CONTROLLERS, of("a", json!({})));
        s.merge(
            "replicationcontrollers/a/status",
            json!({
                "metadata": { "labels": { "l": "2" }, "annotations": { "k": "1" } }, "spec": { "replicas": 9 },
                "status": { "observedGeneration": 1, "replicas": 2, "readyReplicas": 1, "conditions": [
                    { "type": "ReplicaFailure", "status": "True", "reason": "a", "message": "b" },
                ] },
            }),
        );
        s.merge(CONTROLLER, json!({ "status": { "replicas": 5 } }));
        s.merge("replicationcontrollers/a/status", json!({ "status": {
            "replicas": -2, "readyReplicas": 7, "availableReplicas": 8, "fullyLabeledReplicas": 1, "observedGeneration": -1,
        } }));
        s.apply("K", "replicationcontrollers/a/status", json!({ "status": { "availableReplicas": 1 } }));
        s.get("replicationcontrollers/a/status");
        s.get("replicationcontrollers?fieldSelector=status.replicas%3D2");
    }),
    ("a replication controller is scaled", |s| {
        let path = "replicationcontrollers/a/scale";
        let scale = |replicas: Value| json!({ "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": { "name": "a" }, "spec": replicas });
        s.create(CONTROLLERS, of("a", json!({ "replicas": 3 })));
        s.get(path);
        s.merge(path, json!({ "spec": { "replicas": 5 } }));
        s.get(CONTROLLER);
        s.replace(path, json!({ "metadata": { "name": "a" }, "spec": {} }));
        s.replace(path, json!({ "metadata": { "name": "a" }, "spec": { "replicas": -1 } }));
        s.replace(path, json!({ "metadata": { "name": "b" }, "spec": { "replicas": 1 } }));
        s.apply("A", path, scale(json!({ "replicas": 4 })));
        s.apply("A", &format!("{path}?force=true"), scale(json!({ "replicas": 4 })));
        s.apply("B", &format!("{path}?force=true"), scale(json!({ "replicas": 6 })));
        s.get(CONTROLLER);
        s.apply("B", path, scale(json!({})));
        s.apply("B", path, scale(json!({ "replicas": -1 })));
        s.get(CONTROLLER);
        s.get("replicationcontrollers/none/scale");
    }),
    ("a replication controller leaves its pods", |s| {
        for name in ["a", "b", "c"] {
            s.create(CONTROLLERS, of(name, json!({})));
        }
        s.delete("replicationcontrollers/a?dryRun=All");
        s.delete(CONTROLLER);
        s.get(CONTROLLER);
        s.merge(CONTROLLER, json!({ "metadata": { "finalizers": null } }));
        s.get(CONTROLLER);
        s.delete("replicationcontrollers/b?propagationPolicy=Background");
        s.get("replicationcontrollers/b");
        s.delete("replicationcontrollers/c?propagationPolicy=Foreground");
        s.delete("replicationcontrollers/c?propagationPolicy=Background");
        s.create(CONTROLLERS, of("d", json!({})));
        s.delete("replicationcontrollers?propagationPolicy=Background");
    }),
    ("templates of pods", |s| {
        s.create(TEMPLATES, json!({ "metadata": { "name": "a" }, "template": template() }));
        s.create(TEMPLATES, json!({ "metadata": { "name": "b" } }));
        s.create(TEMPLATES, json!({ "metadata": { "name": "A_" }, "template": { "metadata": { "labels": { "a": "b c" } }, "spec": { "containers": [{ "name": "A" }] } } }));
        s.create(TEMPLATES, json!({ "metadata": { "name": "c" }, "template": {
            "spec": { "restartPolicy": "Never", "containers": [{ "name": "c", "image": "a:1", "env": [{ "name": "a" }, { "name": "a" }] }] },
        } }));
        s.merge(TEMPLATE, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.strategic(
            TEMPLATE,
            json!({ "template": { "spec": { "containers": [{ "name": "c", "image": "nginx:2" }] } } }),
        );
        s.strategic(
            TEMPLATE,
            json!({ "template": { "spec": { "containers": [{ "name": "c", "image": "nginx:2" }] } } }),
        );
        s.apply("A", TEMPLATE, json!({ "template": { "spec": { "containers": [{ "name": "d", "image": "d:1" }] } } }));
        s.replace(TEMPLATE, json!({ "metadata": { "name": "a" }, "template": template() }));
        s.replace("podtemplates/none", json!({ "metadata": { "name": "none" }, "template": template() }));
        s.get(TEMPLATE);
        s.get("podtemplates?fieldSelector=metadata.name%3Da");
        s.get("podtemplates?fieldSelector=template.spec%3Da");
        s.delete(TEMPLATE);
        s.delete("podtemplates/c?dryRun=All");
        s.delete(TEMPLATES);
    }),
    ("revisions of a controller", |s| {
        let data = json!({ "spec": { "empty": [], "none": {}, "nothing": null, "list": [1, { "a": null }], "zero": 0, "text": "" } });
        s.create(REVISIONS, revision("a", data));
        s.get(REVISION);
        s.create(REVISIONS, json!({ "metadata": { "name": "b" } }));
        s.create(REVISIONS, revision("b", Value::Null));
        s.create(REVISIONS, revision("b", json!([1])));
        s.create(REVISIONS, revision("b", json!("text")));
        s.create(REVISIONS, revision("b", json!(7)));
        s.create(REVISIONS, revision("b", json!({})));
        s.create(REVISIONS, json!({ "metadata": { "name": "A_" }, "revision": -1 }));
        s.merge(REVISION, json!({ "revision": 2 }));
        s.merge(REVISION, json!({ "revision": -2 }));
        s.merge(REVISION, json!({ "data": { "a": 1 } }));
        s.replace("apps/v1:controllerrevisions/b", revision("b", json!({ "b": 1, "a": "x" })));
        s.merge(REVISION, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.replace("apps/v1:controllerrevisions/c", revision("c", json!({})));
        s.apply("A", REVISION, json!({ "revision": 9 }));
        s.apply("A", "apps/v1:controllerrevisions/d", json!({ "revision": 1, "data": { "x": { "y": [1] } } }));
        s.apply("A", "apps/v1:controllerrevisions/d", json!({ "revision": 1, "data": { "x": { "y": [1] } } }));
        s.get(REVISIONS);
        s.delete(REVISION);
    }),
    ("a binding says which pod it is about", |s| {
        let binding = |name: &str, target: Value| json!({ "metadata": { "name": name }, "target": target });
        s.create("pods", pod("a", json!({})));
        s.create("bindings", binding("none", json!({ "name": "n" })));
        s.create("bindings", binding("a", json!({})));
        s.create("bindings", binding("a", json!({ "kind": "Bogus" })));
        s.create("bindings", binding("a", json!({ "name": "A_" })));
        s.create("bindings", json!({ "target": { "name": "n" } }));
        s.create("bindings", json!({ "metadata": { "name": "a", "namespace": "other" }, "target": { "name": "n" } }));
        s.create("bindings", json!({ "kind": "Pod", "apiVersion": "v1", "metadata": { "name": "a" } }));
        s.in_other_words();
        s.create("bindings", json!({ "metadata": { "name": "a", "resourceVersion": "1" }, "target": { "name": "n" } }));
        s.in_other_words();
        s.create("bindings?dryRun=All", binding("a", json!({ "name": "n" })));
        s.get("pods/a");
        let mut told = binding("a", json!({ "kind": "Node", "name": "n" }));
        told["metadata"]["labels"] = json!({ "l": "1" });
        told["metadata"]["annotations"] = json!({ "k": "1" });
        s.create("bindings", told.clone());
        s.get("pods/a");
        s.create("bindings", told);
        s.create("pods", pod("c", json!({})));
        s.create("bindings", json!({ "metadata": { "name": "c", "uid": "x" }, "target": { "name": "n" } }));
        s.create("pods", pod("b", json!({ "schedulingGates": [{ "name": "g" }] })));
        s.create("bindings", binding("b", json!({ "name": "n" })));
        s.get("bindings");
        s.get("bindings/a");
        s.create("/api/v1/namespaces/{ns}-none/bindings", binding("a", json!({ "name": "n" })));
        s.create("/api/v1/bindings", binding("a", json!({ "name": "n" })));
        s.create(
            "bindings?fieldValidation=Strict",
            json!({ "metadata": { "name": "a" }, "bogus": 1, "target": { "name": "n" } }),
        );
    }),
    ("a binding of a pod", |s| {
        s.create("pods", pod("a", json!({})));
        s.create("pods/a/binding", json!({ "metadata": { "name": "a", "uid": "x" }, "target": { "name": "n" } }));
        s.create(
            "pods/a/binding",
            json!({ "metadata": { "name": "a", "resourceVersion": "1" }, "target": { "name": "n" } }),
        );
        s.in_other_words();
        s.create("pods/a/binding", json!({ "metadata": { "name": "a" }, "target": { "kind": "Bogus" } }));
        s.create("pods/a/binding", json!({ "metadata": { "name": "a" }, "target": { "name": "A_" } }));
        s.create(
            "pods/a/binding",
            json!({ "metadata": { "name": "a", "labels": { "l": "1" } }, "target": { "name": "n" } }),
        );
        s.get("pods/a");
    }),
];

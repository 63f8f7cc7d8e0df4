//! Measured answers: server-side apply and who owns what.

use http::Method;
use serde_json::json;

use super::scenarios::{GADGETS, Scenario};

pub const SCENARIOS: &[Scenario] = &[
    ("c two items with one key in an apply", |s| {
        s.apply(
            "A",
            &format!("{GADGETS}/a"),
            json!({"spec": {"ports": [{"port": 1, "name": "x"}, {"port": 1, "name": "y"}]}}),
        );
    }),
    ("c two items with one key by a default", |s| {
        s.apply(
            "A",
            &format!("{GADGETS}/a"),
            json!({"spec": {"ports": [{"port": 1}, {"port": 1, "protocol": "TCP"}]}}),
        );
    }),
    ("b the order that is applied wins", |s| {
        let tags = |tags: &[&str]| json!({"spec": {"tags": tags}});
        s.apply("A", &format!("{GADGETS}/a"), tags(&["web", "log"]));
        s.apply("A", &format!("{GADGETS}/a"), tags(&["log", "web"]));
        s.apply("B", &format!("{GADGETS}/a"), tags(&["zed"]));
        s.apply("B", &format!("{GADGETS}/a"), tags(&["zed", "web"]));
    }),
    ("d a defaulted key is in the key and not owned", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"ports": [{"port": 80}]}}));
        s.apply("B", &format!("{GADGETS}/a"), json!({"spec": {"ports": [{"port": 80, "protocol": "TCP"}]}}));
    }),
    ("f an empty map that is owned is in the way of its keys", |s| {
        s.apply("A", "configmaps/a", json!({"data": {}}));
        s.apply("B", "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("B", "configmaps/a?force=true", json!({"data": {"x": "1"}}));
        s.apply("A", "configmaps/a", json!({"data": {}}));
    }),
    ("g one value of two managers is owned by both", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": "1", "y": "1"}}));
        s.apply("B", "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("A", "configmaps/a", json!({"data": {"y": "1"}}));
        s.apply("B", "configmaps/a", json!({}));
    }),
    ("h created, replaced and applied by one name", |s| {
        s.create("configmaps?fieldManager=m", json!({"metadata": {"name": "a"}, "data": {"x": "1"}}));
        s.replace("configmaps/a?fieldManager=m", json!({"metadata": {"name": "a"}, "data": {"x": "1", "y": "2"}}));
        s.apply("m", "configmaps/a", json!({"data": {"y": "2"}}));
        s.apply("m", "configmaps/a", json!({"data": {"x": "3"}}));
    }),
    ("i an apply to a missing name with version zero", |s| {
        s.apply("A", "configmaps/a", json!({"metadata": {"resourceVersion": "0"}, "data": {"x": "1"}}));
    }),
    ("i a stale version and another uid on a present object", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("B", "configmaps/a", json!({"data": {"y": "1"}}));
        s.apply("B", "configmaps/a", json!({"metadata": {"resourceVersion": "{rv1}"}, "data": {"y": "1"}}));
        s.apply("B", "configmaps/a", json!({"metadata": {"resourceVersion": "{rv2}"}, "data": {"y": "2"}}));
        s.apply("B", "configmaps/a", json!({"metadata": {"uid": "{uid1}"}, "data": {"y": "3"}}));
        s.apply("B", "configmaps/a", json!({"metadata": {"uid": "abc"}, "data": {"y": "3"}}));
    }),
    ("k a name of a manager that is too long", |s| {
        s.apply(&"m".repeat(128), "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply(&"m".repeat(129), "configmaps/a", json!({"data": {"x": "1"}}));
    }),
    ("k force is for apply alone", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.merge("configmaps/a?force=true", json!({"data": {"x": "1"}}));
    }),
    ("l an apply without a name, or of another kind or version", |s| {
        s.apply("A", "configmaps/a", json!({"metadata": {"name": ""}}));
        s.apply("A", "configmaps/a", json!({"apiVersion": "v2"}));
        s.apply("A", "configmaps/a", json!({"apiVersion": "", "kind": ""}));
        s.in_other_words();
        s.apply("A", "configmaps/a", json!({"metadata": {"name": "", "generateName": "x-"}}));
    }),
    ("m a new manager of equal fields has no time", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": "1", "y": "1"}}));
        s.apply("B", "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("B", "configmaps/a", json!({"data": {"x": "1", "y": "1"}}));
        s.apply("B", "configmaps/a", json!({"data": {"x": "1", "y": "1"}}));
    }),
    ("n an update takes a field silently", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": "1"}}));
        s.merge("configmaps/a?fieldManager=B", json!({"data": {"x": "2"}}));
        s.apply("A", "configmaps/a", json!({"data": {"x": "1"}}));
    }),
    ("n force takes a field, and the last one takes the entry", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": "1", "y": "1"}}));
        s.apply("B", "configmaps/a?force=true", json!({"data": {"x": "2"}}));
        s.apply("B", "configmaps/a?force=true", json!({"data": {"x": "2", "y": "2"}}));
    }),
    ("o an apply of the status of what is not there", |s| {
        s.apply("A", &format!("{GADGETS}/a/status"), json!({"status": {"ready": true}}));
    }),
    ("o a status in an apply of the object is not owned", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"size": 1}, "status": {"ready": true}}));
        s.apply("A", &format!("{GADGETS}/a/status"), json!({"status": {"ready": true}}));
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"size": 2}}));
        s.apply("B", &format!("{GADGETS}/a/status"), json!({"status": {"ready": false}}));
    }),
    ("p entries of applies don't count among the ten", |s| {
        for manager in ["A", "B", "C"] {
            s.apply(manager, "configmaps/a", json!({"data": {manager: "1"}}));
        }
        for manager in 0..10 {
            s.merge(&format!("configmaps/a?fieldManager=m{manager}"), json!({"data": {format!("k{manager}"): "1"}}));
        }
    }),
    ("X1 an item that two managers share stays until both drop it", |s| {
        let ports = |ports: serde_json::Value| json!({"spec": {"ports": ports}});
        s.apply("A", &format!("{GADGETS}/a"), ports(json!([{"port": 1}, {"port": 2}])));
        s.apply("B", &format!("{GADGETS}/a"), ports(json!([{"port": 1}])));
        s.apply("A", &format!("{GADGETS}/a"), ports(json!([{"port": 2}])));
        s.apply("B", &format!("{GADGETS}/a"), ports(json!([])));
        s.get(&format!("{GADGETS}/a"));
    }),
    ("X2 what an update owns inside of an applied item goes with it", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"ports": [{"port": 1}, {"port": 2}]}}));
        s.json_patch(
            &format!("{GADGETS}/a?fieldManager=U"),
            json!([{"op": "add", "path": "/spec/ports/0/name", "value": "n"}]),
        );
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"ports": [{"port": 2}]}}));
    }),
    ("X3 an atomic map is one field", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"whole": {"a": "1"}}}));
        s.apply("B", &format!("{GADGETS}/a"), json!({"spec": {"whole": {"a": "1", "b": "1"}}}));
        s.apply("B", &format!("{GADGETS}/a"), json!({"spec": {"whole": {"a": "1"}}}));
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {}}));
    }),
    ("X4 finalizers twice in an apply and in a creation", |s| {
        s.apply("A", "configmaps/a", json!({"metadata": {"finalizers": ["e.io/1", "e.io/1"]}}));
        s.create("configmaps", json!({"metadata": {"name": "b", "finalizers": ["e.io/1", "e.io/1"]}}));
        s.apply("A", "configmaps/b", json!({"metadata": {"finalizers": ["e.io/2"]}}));
    }),
    ("X8 an object without managers is not tracked until the first apply", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "1"}}));
        s.merge("configmaps/a", json!({"data": null}));
        s.merge("configmaps/a?fieldManager=B", json!({"data": {"y": "1"}}));
        s.replace("configmaps/a?fieldManager=C", json!({"metadata": {"name": "a"}, "data": {"y": "2"}}));
        s.apply("A", "configmaps/a", json!({"data": {"z": "1"}}));
        s.apply("A", "configmaps/a", json!({"data": {"y": "3"}}));
    }),
    ("X9 one empty entry clears the managers too", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "1"}}));
        s.replace("configmaps/a", json!({"metadata": {"name": "a", "managedFields": [{}]}, "data": {"x": "1"}}));
        s.create("configmaps", json!({"metadata": {"name": "b"}, "data": {"x": "1"}}));
        s.merge("configmaps/b", json!({"metadata": {"managedFields": null}}));
        s.merge("configmaps/b", json!({"metadata": {"managedFields": [{}]}}));
        s.replace("configmaps/b", json!({"metadata": {"name": "b", "managedFields": null}, "data": {"x": "2"}}));
    }),
    ("X12 nulls and an empty status are not owned", |s| {
        s.apply("A", "configmaps/a", json!({"metadata": {"creationTimestamp": null}, "data": {"x": "1"}}));
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"size": 1}, "status": {}}));
    }),
    ("X12 a number in a map of texts", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": 1}}));
        s.apply("A", "configmaps/a", json!({"data": ["x"]}));
        s.in_other_words();
    }),
    ("X13 entries keep the version that they were written in", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"size": 1}}));
        s.apply("B", "example.com/v2:gadgets/a", json!({"spec": {"level": "low"}}));
        s.merge("example.com/v2:gadgets/a?fieldManager=U", json!({"spec": {"size": 2}}));
        s.apply("A", "example.com/v2:gadgets/a", json!({"spec": {"color": "blue"}}));
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"size": 2, "color": "green"}}));
    }),
    ("owners are owned by their uid", |s| {
        let owner = |uid: &str, name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": uid});
        s.apply("A", "configmaps/a", json!({"metadata": {"ownerReferences": [owner("1", "x"), owner("2", "y")]}}));
        s.apply("B", "configmaps/a", json!({"metadata": {"ownerReferences": [owner("2", "z")]}}));
        s.apply("A", "configmaps/a", json!({"metadata": {"ownerReferences": [owner("2", "y")]}}));
        s.merge("configmaps/a", json!({"metadata": {"ownerReferences": null}}));
    }),
    ("annotations of two managers", |s| {
        s.apply("A", "configmaps/a", json!({"metadata": {"annotations": {"e.io/x": "1", "y": "1"}}}));
        s.merge("configmaps/a?fieldManager=B", json!({"metadata": {"annotations": {"e.io/x": "2"}}}));
        s.apply("A", "configmaps/a", json!({"metadata": {"annotations": {"y": "1"}}}));
        s.apply("A", "configmaps/a", json!({"metadata": {"annotations": null}}));
    }),
    ("a lease that is applied, updated and applied again", |s| {
        let lease = "coordination.k8s.io/v1:leases/a";
        s.apply("A", lease, json!({"spec": {"holderIdentity": "A", "leaseDurationSeconds": 10}}));
        s.merge(&format!("{lease}?fieldManager=B"), json!({"spec": {"renewTime": "2026-01-02T03:04:05.000000Z"}}));
        s.apply("A", lease, json!({"spec": {"holderIdentity": "A"}}));
        s.apply("C", lease, json!({"spec": {"holderIdentity": "C"}}));
        s.apply("C", &format!("{lease}?force=true"), json!({"spec": {"holderIdentity": "C"}}));
    }),
    ("an apply in a namespace that is not there", |s| {
        s.send(
            Method::PATCH,
            "/api/v1/namespaces/no-such-namespace/configmaps/a?fieldManager=A",
            "application/apply-patch+yaml",
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}),
        );
    }),
    ("an apply as a dry run", |s| {
        s.apply("A", "configmaps/a?dryRun=All", json!({"data": {"x": "1"}}));
        s.apply("A", "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("B", "configmaps/a?dryRun=All", json!({"data": {"x": "2"}}));
        s.apply("B", "configmaps/a?dryRun=All&force=true", json!({"data": {"x": "2"}}));
        s.get("configmaps/a");
    }),
    ("an apply that drops all metadata keeps what nobody applied", |s| {
        s.apply("A", "configmaps/a", json!({"metadata": {"labels": {"x": "1"}}}));
        s.delete("configmaps/a?propagationPolicy=Foreground");
        s.apply("A", "configmaps/a", json!({}));
        s.get("configmaps/a");
    }),
    ("an apply of nothing stores a custom resource again", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({"metadata": {"ownerReferences": []}}));
        s.apply("A", &format!("{GADGETS}/a"), json!({}));
        s.apply("A", &format!("{GADGETS}/a"), json!({}));
    }),
    ("empty metadata of a custom resource is stored, and not read", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({"metadata": {"ownerReferences": [], "labels": {}}}));
        s.merge(&format!("{GADGETS}/a"), json!({}));
        s.merge(&format!("{GADGETS}/a"), json!({}));
    }),
    ("conflicts are told members first", |s| {
        s.apply("A", "configmaps/a", json!({"binaryData": {"b": "eA=="}, "data": {}}));
        s.apply("B", "configmaps/a", json!({"binaryData": {"b": "eQ=="}, "data": null}));
        s.apply("B", "configmaps/a", json!({"binaryData": {"b": "eQ=="}, "data": {"x": "1"}}));
    }),
    ("a replacement in another version takes the status from its manager, and leaves it", |s| {
        s.create(GADGETS, json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a"}}));
        s.merge("example.com/v2:gadgets/a/status", json!({"status": {"ready": true}}));
        s.replace(
            &format!("{GADGETS}/a"),
            json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a", "resourceVersion": "{rv-0}"}}),
        );
        s.apply("A", "example.com/v2:gadgets/b", json!({"spec": {"color": "blue"}}));
        s.merge(&format!("{GADGETS}/b/status"), json!({"spec": {"color": "red"}, "status": {"ready": true}}));
    }),
    ("a dry run that creates answers with the version that was sent", |s| {
        s.apply("A", "configmaps/a?dryRun=All", json!({"metadata": {"resourceVersion": "7"}}));
        s.apply("A", &format!("{GADGETS}/a?dryRun=All"), json!({"metadata": {"resourceVersion": "7"}}));
        s.apply("A", "configmaps/a", json!({"metadata": {"resourceVersion": "7"}}));
    }),
    ("finalizers of an object that is being deleted are applied", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({}));
        s.delete(&format!("{GADGETS}/a?propagationPolicy=Foreground"));
        s.apply("A", &format!("{GADGETS}/a"), json!({"metadata": {"finalizers": ["e.io/f"]}}));
        s.get(&format!("{GADGETS}/a"));
    }),
    ("a status of another type that is not written changes no managers", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {}}));
        s.json_patch(
            &format!("{GADGETS}/a"),
            json!([{"op": "remove", "path": "/spec"}, {"op": "add", "path": "/status", "value": "x"}]),
        );
        s.merge(&format!("{GADGETS}/a"), json!({"spec": {"color": "blue"}, "status": {"ready": 1}}));
        s.create(
            GADGETS,
            json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "b"}, "status": "x"}),
        );
    }),
    ("an item twice in a set changes no managers, where there are some of another version", |s| {
        s.apply("A", "example.com/v2:gadgets/a", json!({"spec": {}}));
        s.merge(&format!("{GADGETS}/a/status"), json!({"spec": {"tags": ["w", "w"]}, "status": {"ready": true}}));
        s.merge("example.com/v2:gadgets/a/status", json!({"spec": {"tags": ["w", "w"]}, "status": {"ready": false}}));
        s.merge(&format!("{GADGETS}/a"), json!({"spec": {"color": "blue"}}));
    }),
    ("a second deletion through another version changes nothing", |s| {
        s.apply("A", &format!("{GADGETS}/a"), json!({}));
        s.delete(&format!("{GADGETS}/a?propagationPolicy=Foreground"));
        s.delete("example.com/v2:gadgets/a");
        s.get(&format!("{GADGETS}/a"));
    }),
    ("the status of a custom resource is checked by itself", |s| {
        s.create(GADGETS, json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a"}}));
        s.merge(&format!("{GADGETS}/a/status"), json!({"status": "x"}));
        s.merge(&format!("{GADGETS}/a/status"), json!({"status": {"ready": "x"}}));
        s.merge(&format!("{GADGETS}/a"), json!({"spec": {"size": "x"}}));
    }),
];

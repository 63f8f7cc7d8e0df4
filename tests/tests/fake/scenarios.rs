//! What is asked of both servers. Each scenario has a namespace of its own.

use serde_json::json;

use super::steps::Steps;
use super::{
    facts_apply, facts_bodies, facts_headers, facts_read, facts_scale, facts_versions, facts_write, numbers,
    storage_versions, strategic, strict,
};

/// A scenario: its name, and its requests.
pub type Scenario = (&'static str, fn(&mut Steps));

/// Gadgets: custom resources with defaults, a set, a map list, the status and a second version, which has a scale.
pub const CRD: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Gadget, listKind: GadgetList, plural: gadgets, singular: gadget, shortNames: [gd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: &schema
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-validations:
            - rule: "!has(self.size) || self.size != 13"
              message: thirteen is no size
            properties:
              color: {type: string, default: red}
              size: {type: integer, minimum: 0, maximum: 100}
              level: {type: string, enum: [low, high]}
              maybe: {type: string, nullable: true}
              tags: {type: array, items: {type: string}, x-kubernetes-list-type: set}
              ports:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [port, protocol]
                items:
                  type: object
                  required: [port]
                  properties:
                    port: {type: integer}
                    protocol: {type: string, default: TCP}
                    name: {type: string}
              labels: {type: object, additionalProperties: {type: string}}
              whole: {type: object, x-kubernetes-map-type: atomic, additionalProperties: {type: string}}
              raw: {type: object, x-kubernetes-preserve-unknown-fields: true}
              empty: {type: object}
              any: {type: object, additionalProperties: true}
          status:
            type: object
            properties:
              ready: {type: boolean}
              replicas: {type: integer}
              selector: {type: string}
  - name: v2
    served: true
    storage: false
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}
    schema: *schema
"#;

pub const GADGETS: &str = "example.com/v1:gadgets";

/// All of them.
pub fn all() -> Vec<Scenario> {
    [
        SCENARIOS,
        facts_apply::SCENARIOS,
        facts_write::SCENARIOS,
        facts_read::SCENARIOS,
        facts_scale::SCENARIOS,
        storage_versions::SCENARIOS,
        facts_bodies::SCENARIOS,
        facts_headers::SCENARIOS,
        facts_versions::SCENARIOS,
        strict::SCENARIOS,
        numbers::SCENARIOS,
        strategic::SCENARIOS,
    ]
    .concat()
}

const SCENARIOS: &[Scenario] = &[
    ("an apply without data gives up what it had", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("B", "configmaps/a", json!({"data": {"y": "2"}}));
        s.apply("A", "configmaps/a", json!({}));
        s.get("configmaps/a");
    }),
    ("null and an empty map are owned as such", |s| {
        s.apply("A", "configmaps/a", json!({"data": null}));
        s.apply("A", "configmaps/b", json!({"data": {}}));
        s.apply("A", "configmaps/c", json!({"data": {"x": null}}));
        s.apply("A", "configmaps/d", json!({"data": {"x": "1"}}));
        s.apply("A", "configmaps/d", json!({"data": null}));
        s.apply("B", "configmaps/b", json!({"data": {"x": "1"}}));
    }),
    ("the same value of two managers is no conflict, another one is", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("B", "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("B", "configmaps/a", json!({"data": {"x": "2"}}));
        s.apply("B", "configmaps/a?force=true", json!({"data": {"x": "2"}}));
        s.apply("A", "configmaps/a", json!({"data": {"x": "1"}}));
    }),
    ("several conflicts are named by manager", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": "1", "y": "1"}}));
        s.apply("B", "configmaps/a", json!({"data": {"z": "1"}}));
        s.apply("C", "configmaps/a", json!({"data": {"x": "2", "y": "2", "z": "2"}}));
    }),
    ("a manager that updated conflicts with itself", |s| {
        s.create("configmaps?fieldManager=m", json!({"metadata": {"name": "a"}, "data": {"x": "1", "y": "1"}}));
        s.apply("m", "configmaps/a", json!({"data": {"y": "1"}}));
        s.apply("m", "configmaps/a", json!({"data": {"x": "3"}}));
    }),
    ("an apply that changes nothing writes nothing", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("A", "configmaps/a", json!({"data": {"x": "1"}}));
        s.get("configmaps/a");
    }),
    ("an apply to a missing name creates, whatever its version", |s| {
        s.apply("A", "configmaps/a", json!({"metadata": {"resourceVersion": "1"}, "data": {"x": "1"}}));
        s.apply("A", "configmaps/b", json!({"metadata": {"uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000"}}));
        s.apply("A", "configmaps/a", json!({"metadata": {"resourceVersion": "1"}, "data": {"x": "2"}}));
        s.apply("A", "configmaps/a", json!({"metadata": {"uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000"}}));
    }),
    ("an apply has to say who applies what", |s| {
        s.apply("", "configmaps/a", json!({}));
        s.apply("A", "configmaps/a", json!({"metadata": {"name": "b"}}));
        s.apply("A", "configmaps/a", json!({"metadata": {"managedFields": []}}));
        s.apply("A", "configmaps/a", json!({"metadata": {"managedFields": null}}));
        s.apply("A", "configmaps/a", json!({"metadata": {"namespace": "other"}}));
        s.apply("A", "configmaps/a", json!({"kind": "Secret"}));
    }),
    ("an unknown field can't be applied", |s| {
        s.apply("A", "configmaps/a", json!({"bogus": 1}));
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"bogus": 1}}));
    }),
    ("objects without managers are tracked from the first apply", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.merge("configmaps/a", json!({"data": {"x": "1"}}));
        s.apply("A", "configmaps/a", json!({"data": {"y": "1"}}));
    }),
    ("an empty list of managers clears it", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "1"}}));
        s.replace("configmaps/a", json!({"metadata": {"name": "a", "managedFields": []}, "data": {"x": "1"}}));
        s.replace("configmaps/a", json!({"metadata": {"name": "a"}, "data": {"x": "2"}}));
        s.merge("configmaps/a", json!({"data": {"y": "1"}}));
    }),
    ("the eleventh manager joins the oldest", |s| {
        s.apply("A", "configmaps/a", json!({"data": {"a": "1"}}));
        for manager in 0..12 {
            s.merge(
                &format!("configmaps/a?fieldManager=m{manager:02}"),
                json!({"data": {format!("k{manager:02}"): "1"}}),
            );
        }
    }),
    ("finalizers and labels are owned by value and key", |s| {
        s.apply("A", "configmaps/a", json!({"metadata": {"finalizers": ["a.io/1", "a.io/2"], "labels": {"x": "1"}}}));
        s.apply("B", "configmaps/a", json!({"metadata": {"finalizers": ["a.io/2", "a.io/3"], "labels": {"y": "1"}}}));
        s.apply("A", "configmaps/a", json!({}));
        s.merge("configmaps/a", json!({"metadata": {"finalizers": null}}));
    }),
    ("merge patches of a map", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "1", "y": "2"}}));
        s.merge("configmaps/a", json!({"data": {"x": null, "z": "3"}}));
        s.merge("configmaps/a", json!({}));
        s.merge("configmaps/a", json!({"data": null}));
        s.merge("configmaps/a", json!({"data": {"x": "1"}}));
        s.merge("configmaps/missing", json!({"data": {"x": "1"}}));
    }),
    ("JSON patches", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "1"}}));
        s.json_patch("configmaps/a", json!([{"op": "test", "path": "/data/x", "value": "2"}]));
        s.json_patch("configmaps/a", json!([{"op": "remove", "path": "/data/none"}]));
        s.json_patch(
            "configmaps/a",
            json!([{"op": "add", "path": "/data/y", "value": "2"}, {"op": "remove", "path": "/data/x"}]),
        );
        s.json_patch("configmaps/a", json!([{"op": "test", "path": "/data/none", "value": null}]));
        s.json_patch("configmaps/a", json!([]));
        s.json_patch("configmaps/a", json!([{"op": "bogus", "path": "/data/x"}]));
    }),
    ("a stale version is a conflict in each verb", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "1"}}));
        s.merge("configmaps/a", json!({"data": {"x": "2"}}));
        s.merge("configmaps/a", json!({"metadata": {"resourceVersion": "{rv1}"}, "data": {"x": "3"}}));
        s.merge("configmaps/a", json!({"metadata": {"resourceVersion": "{rv2}"}, "data": {"x": "3"}}));
        s.replace("configmaps/a", json!({"metadata": {"name": "a", "resourceVersion": "{rv1}"}}));
        s.replace("configmaps/a", json!({"metadata": {"name": "a"}, "data": {"x": "4"}}));
        s.delete_with("configmaps/a", json!({"preconditions": {"resourceVersion": "{rv1}"}}));
        s.delete_with("configmaps/a", json!({"preconditions": {"uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000"}}));
        s.delete_with("configmaps/a", json!({"preconditions": {"uid": "{uid1}"}}));
    }),
    ("names and namespaces of bodies and paths have to agree", |s| {
        s.create("configmaps", json!({"metadata": {}}));
        s.create("configmaps", json!({"metadata": {"name": "A_b"}}));
        s.create("configmaps", json!({"metadata": {"name": "a", "namespace": "other"}}));
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.replace("configmaps/a", json!({"metadata": {"name": "b"}}));
        s.replace("configmaps/a", json!({"metadata": {}}));
        s.create("configmaps", json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"}}));
        s.in_other_words();
        s.create("configmaps", json!({"metadata": {"name": "v", "resourceVersion": "5"}}));
    }),
    ("what is not there", |s| {
        s.get("configmaps/none");
        s.delete("configmaps/none");
        s.replace("configmaps/none", json!({"metadata": {"name": "none"}}));
        s.get("/api/v1/namespaces/{ns}/bogus");
        s.get("/apis/apps/v9/namespaces/{ns}/deployments");
        s.create("/api/v1/namespaces/no-such-namespace/configmaps", json!({"metadata": {"name": "a"}}));
        s.get("/api/v1/namespaces/no-such-namespace/configmaps");
    }),
    ("unknown fields are warned of, refused or ignored", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a", "zork": 1}, "bogus": 1}));
        s.create("configmaps?fieldValidation=Ignore", json!({"metadata": {"name": "b"}, "bogus": 1}));
        s.create("configmaps?fieldValidation=Strict", json!({"metadata": {"name": "c"}, "bogus": 1}));
        s.create(
            GADGETS,
            json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a"}, "spec": {"x": 1}}),
        );
    }),
    ("some kinds are created by a PUT, some are not", |s| {
        s.replace(
            "coordination.k8s.io/v1:leases/a",
            json!({"metadata": {"name": "a"}, "spec": {"holderIdentity": "x"}}),
        );
        s.replace(
            "coordination.k8s.io/v1:leases/a",
            json!({"metadata": {"name": "a"}, "spec": {"holderIdentity": "y"}}),
        );
        s.replace("configmaps/a", json!({"metadata": {"name": "a"}}));
    }),
    ("finalizers keep what is deleted", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a", "finalizers": ["example.com/x"]}}));
        s.delete("configmaps/a");
        s.delete("configmaps/a");
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.merge("configmaps/a", json!({"metadata": {"finalizers": ["example.com/x", "example.com/y"]}}));
        s.merge("configmaps/a", json!({"metadata": {"finalizers": null}}));
        s.get("configmaps/a");
    }),
    ("a deletion answers with a Status, or the object that stays", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.delete("configmaps/a?dryRun=All");
        s.delete_with("configmaps/a?dryRun=All", json!({}));
        s.get("configmaps/a");
        s.create("configmaps", json!({"metadata": {"name": "b"}}));
        s.delete("configmaps/b?propagationPolicy=Foreground");
        s.delete("configmaps/b?propagationPolicy=Background");
    }),
    ("a collection is deleted by its selector", |s| {
        for name in ["a", "b", "c"] {
            s.create("configmaps", json!({"metadata": {"name": name, "labels": {"is-b": (name == "b").to_string()}}}));
        }
        s.delete("configmaps?labelSelector=is-b%3Dtrue");
        s.get("configmaps");
        s.delete("configmaps?labelSelector=none");
    }),
    ("dry runs write nothing", |s| {
        s.create("configmaps?dryRun=All", json!({"metadata": {"name": "a"}, "data": {"x": "1"}}));
        s.get("configmaps/a");
        s.create("configmaps", json!({"metadata": {"name": "a"}, "data": {"x": "1"}}));
        s.merge("configmaps/a?dryRun=All", json!({"data": {"x": "2"}}));
        s.get("configmaps/a");
    }),
    ("lists by selectors, pages and metadata alone", |s| {
        for name in ["a", "b", "c"] {
            s.create("configmaps", json!({"metadata": {"name": name, "labels": {"n": name}}}));
        }
        s.get("configmaps?labelSelector=n+in+(a,c)");
        s.get("configmaps?labelSelector=n,n!%3Da");
        s.get("configmaps?labelSelector=a%3Db%3Dc");
        s.in_other_words();
        s.get("configmaps?fieldSelector=metadata.name%3Db");
        s.get("configmaps?fieldSelector=data.x%3Db");
        s.in_other_words();
        s.get("configmaps?limit=2");
        s.get("configmaps?limit=2&continue={continue1}");
        s.get("configmaps?limit=2&labelSelector=n");
        s.get("configmaps?limit=1&resourceVersion=0");
        s.get("configmaps?continue=garbage");
        s.in_other_words();
        s.get_metadata("configmaps");
        s.get_metadata("configmaps/a");
    }),
    ("versions of lists", |s| {
        s.create("configmaps", json!({"metadata": {"name": "a"}}));
        s.get("configmaps?resourceVersionMatch=Exact");
        s.get("configmaps?resourceVersion=0&resourceVersionMatch=Exact");
        s.get("configmaps?resourceVersion={rv1}&resourceVersionMatch=NotOlderThan");
        s.get("configmaps?resourceVersion=abc");
        s.get("configmaps/a?resourceVersion=abc");
        s.get("configmaps?sendInitialEvents=true");
    }),
    ("custom resources are defaulted and pruned", |s| {
        let gadget = |name: &str, spec| json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": name}, "spec": spec});
        s.create(GADGETS, gadget("a", json!({})));
        s.create(
            GADGETS,
            gadget("b", json!({"color": null, "maybe": null, "size": 1, "raw": {"any": [1, {"x": null}]}})),
        );
        s.create(GADGETS, json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "c"}}));
        let undescribed = json!({"empty": {"a": 1}, "any": {"a": 1, "b": {"c": 1}, "d": [{"e": 1}]}});
        s.create(GADGETS, gadget("e", undescribed.clone()));
        s.create(&format!("{GADGETS}?fieldValidation=Strict"), gadget("f", undescribed.clone()));
        s.apply("A", &format!("{GADGETS}/g"), gadget("g", undescribed));
        s.create(GADGETS, json!({"metadata": {"name": "d"}}));
        s.get(GADGETS);
        s.get("example.com/v2:gadgets/a");
        s.merge(&format!("{GADGETS}/a"), json!({"spec": {"size": 2}}));
        s.merge(&format!("{GADGETS}/a"), json!({"metadata": {"labels": {"x": "y"}}}));
        s.replace(&format!("{GADGETS}/a"), gadget("a", json!({})));
        s.strategic(&format!("{GADGETS}/a"), json!({}));
        // Which media types are accepted depends on feature gates.
        s.in_other_words();
    }),
    ("custom resources are checked by their schema and rules", |s| {
        let gadget = |name: &str, spec| json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": name}, "spec": spec});
        s.create(GADGETS, gadget("a", json!({"size": 101})));
        s.create(GADGETS, gadget("a", json!({"size": 13})));
        s.create(GADGETS, gadget("a", json!({"level": "middle"})));
        s.create(GADGETS, gadget("a", json!({"size": -1})));
        s.create(GADGETS, gadget("a", json!({"level": ""})));
        s.create(GADGETS, gadget("a", json!({"tags": ["x", "x"]})));
        s.create(GADGETS, gadget("a", json!({"ports": [{"port": 1}, {"port": 1, "protocol": "TCP"}]})));
        s.create(GADGETS, gadget("a", json!({"size": 5, "level": "low"})));
        s.merge(&format!("{GADGETS}/a"), json!({"spec": {"size": 13}}));
        s.merge(&format!("{GADGETS}/a"), json!({"spec": {"size": 14}}));
    }),
    ("status is written through its subresource alone", |s| {
        let gadget = |spec, status| json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a", "labels": {"x": "1"}}, "spec": spec, "status": status});
        s.create(GADGETS, gadget(json!({"size": 1}), json!({"ready": true})));
        s.merge(
            &format!("{GADGETS}/a/status"),
            json!({"status": {"ready": true}, "spec": {"size": 5}, "metadata": {"labels": {"x": "2"}}}),
        );
        s.merge(&format!("{GADGETS}/a"), json!({"status": {"ready": false}}));
        s.apply("A", &format!("{GADGETS}/a/status"), json!({"status": {"ready": false}}));
        s.apply(
            "A",
            &format!("{GADGETS}/a/status?force=true"),
            json!({"status": {"ready": false}, "spec": {"size": 9}}),
        );
        s.get(&format!("{GADGETS}/a/status"));
    }),
    ("sets and maps of custom resources are merged item by item", |s| {
        s.apply(
            "A",
            &format!("{GADGETS}/a"),
            json!({"spec": {"tags": ["x", "y"], "ports": [{"port": 80, "name": "web"}, {"port": 443}]}}),
        );
        s.apply("B", &format!("{GADGETS}/a"), json!({"spec": {"tags": ["z", "y"], "ports": [{"port": 80, "protocol": "UDP"}, {"port": 443, "name": "tls"}]}}));
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"tags": ["x"], "ports": [{"port": 443}]}}));
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"whole": {"a": "1"}, "labels": {"a": "1"}}}));
        s.apply("B", &format!("{GADGETS}/a"), json!({"spec": {"whole": {"b": "1"}, "labels": {"b": "1"}}}));
        s.apply("A", &format!("{GADGETS}/a"), json!({"spec": {"tags": ["x", "x"]}}));
    }),
];

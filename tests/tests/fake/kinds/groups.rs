//! What a server has with all its features alone: workloads, groups of pods, the status of pools, older versions of devices.

use serde_json::{Value, json};

use super::Scenario;

const WORKLOADS: &str = "scheduling.k8s.io/v1beta1:workloads";
const GROUPS: &str = "scheduling.k8s.io/v1beta1:podgroups";
const COMPOSITES: &str = "scheduling.k8s.io/v1alpha3:compositepodgroups";

fn of(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

/// A template of groups of two pods.
fn gang(name: &str) -> Value {
    json!({ "name": name, "schedulingPolicy": { "gang": { "minCount": 2 } } })
}

pub const WITH_ALL_FEATURES: &[Scenario] = &[
    ("workloads", |s| {
        s.create(WORKLOADS, of("a", json!({ "podGroupTemplates": [gang("x"), gang("y")] })));
        s.create(WORKLOADS, of("b", json!({})));
        s.create(WORKLOADS, of("b", json!({ "podGroupTemplates": [], "compositePodGroupTemplates": [] })));
        s.create(
            WORKLOADS,
            of(
                "b",
                json!({ "controllerRef": { "apiGroup": "_", "kind": "a/b", "name": "" }, "podGroupTemplates": [{
                "name": "X", "schedulingPolicy": {}, "schedulingConstraints": { "topology": [{}, {}] },
                "disruptionMode": {}, "priorityClassName": "_", "priority": 2_000_000_000,
                "resourceClaims": [{}, { "name": "a", "resourceClaimName": "x", "resourceClaimTemplateName": "_" }],
                "preemptionPolicy": "Bogus",
            }] }),
            ),
        );
        s.create(
            WORKLOADS,
            of("b", json!({ "podGroupTemplates": [
                { "name": "x", "schedulingPolicy": { "basic": {}, "gang": { "minCount": -1 } }, "priority": 1 },
                { "name": "y", "schedulingPolicy": { "gang": {} }, "schedulingConstraints": { "topology": [{ "key": "_" }] } },
            ] })),
        );
        let tree = json!({ "compositePodGroupTemplates": [{
            "name": "c", "schedulingPolicy": { "gang": { "minGroupCount": 1 } },
            "podGroupTemplates": [gang("x")],
            "compositePodGroupTemplates": [{ "name": "d", "schedulingPolicy": { "basic": {} }, "podGroupTemplates": [gang("y")] }],
        }] });
        s.create(WORKLOADS, of("tree", tree.clone()));
        s.create(
            WORKLOADS,
            of(
                "b",
                json!({ "compositePodGroupTemplates": [
                { "name": "c", "schedulingPolicy": { "basic": {} } },
                { "name": "d", "schedulingPolicy": { "basic": {} }, "podGroupTemplates": [gang("c")] },
            ] }),
            ),
        );
        let mut deep = json!({ "name": "l4", "schedulingPolicy": { "basic": {} }, "podGroupTemplates": [gang("x")] });
        for level in (0..4).rev() {
            deep = json!({ "name": format!("l{level}"), "schedulingPolicy": { "basic": {} }, "compositePodGroupTemplates": [deep] });
        }
        s.create(WORKLOADS, of("b", json!({ "compositePodGroupTemplates": [deep] })));
        s.in_other_words();
        let many: Vec<Value> = (0..9).map(|index| gang(&format!("t{index}"))).collect();
        s.create(WORKLOADS, of("b", json!({ "podGroupTemplates": many })));
        s.create(WORKLOADS, of("b", json!({ "podGroupTemplates": [gang("x"), gang("x")] })));
        s.in_other_words();
        s.replace(&format!("{WORKLOADS}/a"), of("a", json!({ "podGroupTemplates": [gang("x"), gang("y")] })));
        s.merge(&format!("{WORKLOADS}/a"), json!({ "spec": { "controllerRef": { "kind": "Job", "name": "j" } } }));
        s.merge(&format!("{WORKLOADS}/a"), json!({ "spec": { "podGroupTemplates": [gang("x"), gang("z")] } }));
        let mut changed = gang("x");
        changed["priority"] = json!(3);
        changed["schedulingPolicy"] = json!({ "basic": {} });
        s.merge(&format!("{WORKLOADS}/a"), json!({ "spec": { "podGroupTemplates": [changed, gang("y")] } }));
        let mut more = gang("x");
        more["schedulingPolicy"]["gang"]["minCount"] = json!(3);
        s.merge(&format!("{WORKLOADS}/a"), json!({ "spec": { "podGroupTemplates": [more, gang("y")] } }));
        s.apply("A", &format!("{WORKLOADS}/applied"), of("applied", tree));
        s.get("scheduling.k8s.io/v1alpha3:workloads/tree");
        s.delete(&format!("{WORKLOADS}/a"));
    }),
    ("groups of pods", |s| {
        let basic = json!({ "schedulingPolicy": { "basic": {} } });
        s.create(GROUPS, of("a", basic.clone()));
        s.create(GROUPS, of("b", json!({})));
        s.create(GROUPS, of("b", json!({ "schedulingPolicy": { "gang": {} }, "parentCompositePodGroupName": "_" })));
        s.create(
            GROUPS,
            of("b", json!({
                "schedulingPolicy": { "gang": { "minCount": 1 } }, "workloadRef": {}, "disruptionMode": { "single": {}, "all": {} },
                "resourceClaims": [{ "name": "_", "resourceClaimName": "_" }],
            })),
        );
        s.create(GROUPS, of("b", json!({ "schedulingPolicy": { "basic": {} }, "priorityClassName": "absent" })));
        s.create(GROUPS, of("b", json!({ "schedulingPolicy": { "basic": {} }, "priority": 7 })));
        s.create(GROUPS, of("b", json!({ "schedulingPolicy": { "basic": {} }, "preemptionPolicy": "Never" })));
        s.create(
            GROUPS,
            of("c", json!({ "schedulingPolicy": { "basic": {} }, "priorityClassName": "system-node-critical" })),
        );
        s.replace(&format!("{GROUPS}/a"), of("a", basic.clone()));
        s.merge(
            &format!("{GROUPS}/a"),
            json!({ "spec": { "schedulingPolicy": { "basic": null, "gang": { "minCount": 1 } }, "priority": 1 } }),
        );
        s.merge(
            &format!("{GROUPS}/a"),
            json!({ "spec": { "workloadRef": { "workloadName": "w", "templateName": "t" }, "disruptionMode": null } }),
        );
        let condition = json!({ "type": "PodGroupInitiallyScheduled", "status": "True", "reason": "R", "message": "", "lastTransitionTime": "2020-01-01T00:00:00Z" });
        s.merge(
            &format!("{GROUPS}/a/status"),
            json!({ "metadata": { "labels": { "ignored": "x" } }, "status": { "conditions": [condition] } }),
        );
        s.merge(&format!("{GROUPS}/a/status"), json!({ "status": { "conditions": [{}], "resourceClaimStatuses": [{ "name": "x", "resourceClaimName": "_" }] } }));
        s.apply("A", &format!("{GROUPS}/applied"), of("applied", basic));
        s.get("scheduling.k8s.io/v1alpha3:podgroups/a");
        s.delete(&format!("{GROUPS}/a"));
        s.merge(&format!("{GROUPS}/a"), json!({ "metadata": { "finalizers": null } }));
        s.get(&format!("{GROUPS}/a"));
    }),
    ("groups of groups", |s| {
        let reference = json!({ "workloadName": "w", "templateName": "t" });
        s.create(
            COMPOSITES,
            of("a", json!({ "workloadRef": reference, "schedulingPolicy": { "gang": { "minGroupCount": 2 } } })),
        );
        s.create(COMPOSITES, of("b", json!({})));
        s.create(COMPOSITES, of("b", json!({ "workloadRef": reference, "schedulingPolicy": { "gang": { "minGroupCount": -2 } }, "priority": 5 })));
        s.replace(
            &format!("{COMPOSITES}/a"),
            of("a", json!({ "workloadRef": reference, "schedulingPolicy": { "basic": {} } })),
        );
        s.merge(
            &format!("{COMPOSITES}/a"),
            json!({ "spec": { "schedulingPolicy": { "gang": { "minGroupCount": 3 } } } }),
        );
        s.merge(&format!("{COMPOSITES}/a/status"), json!({ "status": { "conditions": [{}] } }));
        s.delete(&format!("{COMPOSITES}/a"));
    }),
    ("requests of the status of pools", |s| {
        const REQUESTS: &str = "/apis/resource.k8s.io/v1alpha3/resourcepoolstatusrequests";
        let one = &format!("{REQUESTS}/{{ns}}");
        s.create(REQUESTS, of("{ns}", json!({ "driver": "gpu.example.com", "limit": 5 })));
        s.create(REQUESTS, of("{ns}-b", json!({})));
        s.create(
            REQUESTS,
            of(
                "{ns}-b",
                json!({ "driver": "_", "poolName": "a//_", "limit": 1001, "defaultPartitionTypeAttribute": "x" }),
            ),
        );
        s.create(REQUESTS, of("{ns}-b", json!({ "driver": "a", "limit": 0 })));
        s.replace(one, of("{ns}", json!({ "driver": "gpu.example.com", "limit": 5 })));
        s.merge(one, json!({ "spec": { "limit": 6 } }));
        s.merge(
            &format!("{one}/status"),
            json!({ "status": { "pools": [{ "generation": 1, "resourceSliceCount": 0, "totalDevices": -1 }] } }),
        );
        s.merge(&format!("{one}/status"), json!({ "status": { "poolCount": 1 } }));
        s.merge(&format!("{one}/status"), json!({ "status": { "poolCount": 2 } }));
        s.in_other_words();
        s.get(one);
        s.delete(one);
    }),
    ("devices in older versions", |s| {
        const V1: &str = "resource.k8s.io/v1:resourceclaims";
        const V1BETA2: &str = "resource.k8s.io/v1beta2:resourceclaims";
        let claim = |name: &str| {
            of(name, json!({ "devices": { "requests": [{ "name": "r", "exactly": { "deviceClassName": "g" } }] } }))
        };
        s.create(V1BETA2, claim("a"));
        s.get(&format!("{V1}/a"));
        s.merge(&format!("{V1}/a"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.apply("A", &format!("{V1BETA2}/a"), json!({ "metadata": { "labels": { "c": "d" } } }));
        s.apply("A", &format!("{V1}/a"), json!({ "metadata": { "labels": { "c": "e" } } }));
        s.create(V1BETA2, of("b", json!({ "devices": { "requests": [{}] } })));
        s.get(V1BETA2);
        let rules = |version: &str| format!("/apis/resource.k8s.io/{version}/devicetaintrules");
        let rule = of("{ns}", json!({ "taint": { "key": "k", "effect": "None" } }));
        s.create(&rules("v1beta2"), rule.clone());
        s.replace(&format!("{}/{{ns}}", rules("v1beta2")), rule.clone());
        s.replace(&format!("{}/{{ns}}", rules("v1alpha3")), rule.clone());
        s.replace(&format!("{}/{{ns}}", rules("v1")), rule);
        s.apply(
            "A",
            &format!("{}/{{ns}}", rules("v1alpha3")),
            json!({ "spec": { "taint": { "key": "k", "effect": "None" } } }),
        );
        s.get(&format!("{}/{{ns}}", rules("v1")));
        s.delete(&format!("{}/{{ns}}", rules("v1beta2")));
    }),
];

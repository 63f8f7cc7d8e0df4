//! Strategic merge patches of a deployment.

use serde_json::json;

use super::scenarios::Scenario;
use super::steps::Steps;

const DEPLOYMENTS: &str = "apps/v1:deployments";
const ONE: &str = "apps/v1:deployments/a";

fn deployment(s: &mut Steps) {
    s.create(
        DEPLOYMENTS,
        json!({"metadata": {"name": "a"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {
            "metadata": {"labels": {"a": "b"}}, "spec": {
                "containers": [
                    {"name": "c", "image": "x", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                     "args": ["1", "2"], "ports": [{"containerPort": 80}, {"containerPort": 81}],
                     "volumeMounts": [{"name": "v", "mountPath": "/v"}]},
                    {"name": "d", "image": "y"},
                ],
                "nodeSelector": {"x": "1", "y": "2"},
                "imagePullSecrets": [{"name": "s"}],
                "tolerations": [{"key": "k", "operator": "Exists"}],
                "hostAliases": [{"ip": "10.1.2.3", "hostnames": ["h"]}],
                "volumes": [{"name": "v", "emptyDir": {}}, {"name": "w", "configMap": {"name": "m"}}],
            },
        }}}),
    );
}

fn pod(s: &mut Steps, spec: serde_json::Value) {
    s.strategic(ONE, json!({"spec": {"template": {"spec": spec}}}));
}

pub const SCENARIOS: &[Scenario] = &[
    ("a strategic patch merges lists by their keys and replaces others", |s| {
        deployment(s);
        pod(s, json!({"containers": [{"name": "d", "image": "z"}, {"name": "e", "image": "e"}]}));
        pod(
            s,
            json!({"containers": [{"name": "c", "env": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}], "args": ["3"]}]}),
        );
        pod(s, json!({"nodeSelector": {"x": null, "z": "3"}, "tolerations": [{"key": "l", "operator": "Exists"}]}));
        pod(s, json!({"imagePullSecrets": [{"name": "t"}], "hostAliases": [{"ip": "10.1.2.4", "hostnames": ["i"]}]}));
        pod(
            s,
            json!({"volumes": [{"name": "u", "emptyDir": {}}], "containers": [{"name": "c", "volumeMounts": [{"mountPath": "/u", "name": "u"}]}]}),
        );
    }),
    ("a strategic patch deletes and orders items", |s| {
        deployment(s);
        pod(
            s,
            json!({"containers": [{"name": "c", "env": [{"name": "A", "$patch": "delete"}], "ports": [{"containerPort": 80, "$patch": "delete"}]}]}),
        );
        pod(
            s,
            json!({"$setElementOrder/containers": [{"name": "d"}, {"name": "c"}], "containers": [{"name": "d", "image": "q"}]}),
        );
        pod(
            s,
            json!({
                "$setElementOrder/containers": [{"name": "c"}, {"name": "d"}],
                "containers": [{"name": "c", "$setElementOrder/env": [{"name": "C"}, {"name": "B"}], "env": [{"name": "C", "value": "1"}]}],
            }),
        );
        pod(s, json!({"volumes": [{"name": "w", "$patch": "delete"}, {"name": "x", "emptyDir": {}}]}));
        pod(s, json!({"nodeSelector": {"$patch": "delete"}}));
        pod(s, json!({"volumes": [{"$patch": "replace"}, {"name": "v", "emptyDir": {}}]}));
        pod(s, json!({"tolerations": null, "hostAliases": []}));
    }),
    ("a strategic patch retains the keys that it names", |s| {
        deployment(s);
        s.strategic(ONE, json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}));
        s.strategic(ONE, json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}));
        s.strategic(ONE, json!({"spec": {"strategy": {"$retainKeys": ["rollingUpdate", "type"], "type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}));
        pod(s, json!({"volumes": [{"$retainKeys": ["name", "configMap"], "name": "v", "configMap": {"name": "n"}}]}));
        s.strategic(ONE, json!({"spec": {"strategy": {"$retainKeys": "type"}}}));
    }),
    ("a strategic patch of other types", |s| {
        deployment(s);
        pod(s, json!({"containers": [{"name": "c", "$patch": "merge"}]}));
        pod(s, json!({"containers": ["c"]}));
        pod(s, json!({"containers": [{"image": "c"}]}));
        pod(s, json!({"$setElementOrder/containers": "c"}));
        pod(s, json!({"$setElementOrder/containers": [{"name": "c"}], "containers": [{"name": "d", "image": "o"}]}));
        s.in_other_words();
        s.strategic("apps/v1:deployments/none", json!({"spec": {}}));
        s.strategic(ONE, json!({"metadata": {"$deleteFromPrimitiveList/finalizers": "e.io/1"}}));
        s.strategic(ONE, json!({"apiVersion": "v1", "kind": "Pod"}));
        s.strategic(ONE, json!({"$patch": "replace", "metadata": {"name": "a"}}));
        s.in_other_words();
    }),
];

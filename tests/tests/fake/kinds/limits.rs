//! Endpoints, limit ranges and quotas. Limits and quotas of a namespace are kept and not enforced: nothing else is made in it.

use serde_json::{Value, json};

use super::Scenario;

fn of(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

fn endpoints(name: &str, subsets: Value) -> Value {
    json!({ "metadata": { "name": name }, "subsets": subsets })
}

pub const SCENARIOS: &[Scenario] = &[
    ("endpoints", |s| {
        s.create(
            "endpoints",
            endpoints("a", json!([{ "addresses": [{ "ip": "10.1.2.3" }], "ports": [{ "port": 80 }] }])),
        );
        s.create("endpoints", json!({ "metadata": { "name": "b" } }));
        s.create("endpoints", endpoints("c", json!([{}])));
        s.create("endpoints", endpoints("c", json!([{
            "addresses": [{ "ip": "x", "hostname": "A_", "nodeName": "B_" }, { "ip": "127.0.0.1" }, { "ip": "0.0.0.0" }, { "ip": "169.254.1.1" }, { "ip": "224.0.0.1" }],
            "ports": [{ "port": 0 }, { "name": "A_", "port": 80, "protocol": "Bogus", "appProtocol": "a b" }],
        }])));
        s.replace(
            "endpoints/d",
            endpoints(
                "d",
                json!([{ "notReadyAddresses": [{ "ip": "10.1.2.3", "targetRef": { "kind": "Pod", "name": "a" } }] }]),
            ),
        );
        s.merge("endpoints/a", json!({ "subsets": [{ "addresses": [{ "ip": "10.1.2.4" }, { "ip": "10.1.2.3" }], "ports": [{ "port": 80 }] }] }));
        s.apply("A", "endpoints/e", json!({ "subsets": [{ "addresses": [{ "ip": "10.1.2.3" }] }] }));
        s.get("endpoints/a");
        s.get("endpoints");
        s.delete("endpoints/a");
        s.delete("endpoints");
    }),
    ("limit ranges", |s| {
        s.create("limitranges", of("a", json!({ "limits": [
            { "type": "Container", "max": { "cpu": "2", "memory": "1024Mi" }, "min": { "cpu": "100m", "ephemeral-storage": "1" }, "default": { "cpu": "1000m" } },
            { "type": "Pod", "max": { "cpu": "4" } },
            { "type": "PersistentVolumeClaim", "min": { "storage": "1Gi" } },
        ] })));
        s.create("limitranges", of("b", json!({})));
        s.create("limitranges", of("b", json!({ "limits": null })));
        s.create("limitranges", of("c", json!({ "limits": [{ "type": "" }] })));
        s.create("limitranges", of("c", json!({ "limits": [{ "type": "Bogus" }, { "type": "a.b/C" }] })));
        s.create(
            "limitranges",
            of("c", json!({ "limits": [{ "type": "Pod", "max": { "cpu": "1" } }, { "type": "Pod" }] })),
        );
        s.create(
            "limitranges",
            of(
                "c",
                json!({ "limits": [{ "type": "Pod", "default": { "cpu": "1" }, "defaultRequest": { "cpu": "1" } }] }),
            ),
        );
        s.create(
            "limitranges",
            of("c", json!({ "limits": [{ "type": "PersistentVolumeClaim", "max": { "bogus": "1" } }] })),
        );
        s.create(
            "limitranges",
            of(
                "c",
                json!({ "limits": [{ "type": "Container", "max": { "storage": "1" }, "min": { "storage": "2" } }] }),
            ),
        );
        s.create(
            "limitranges",
            of("c", json!({ "limits": [{ "type": "Container", "max": { "cpu": "1" }, "default": { "cpu": "2" } }] })),
        );
        s.create("limitranges", of("c", json!({ "limits": [{ "type": "Container", "max": { "cpu": "1" }, "min": { "cpu": "900m" }, "maxLimitRequestRatio": { "cpu": "2" } }] })));
        s.create(
            "limitranges",
            of("c", json!({ "limits": [{ "type": "Container", "maxLimitRequestRatio": { "cpu": "500m" } }] })),
        );
        s.create("limitranges", of("c", json!({ "limits": [{ "type": "Container", "default": { "cpu": "1" }, "defaultRequest": { "cpu": "2" } }] })));
        s.replace("limitranges/d", of("d", json!({ "limits": [] })));
        s.merge("limitranges/a", json!({ "spec": { "limits": [{ "type": "Pod", "max": { "cpu": "1" } }] } }));
        s.apply("A", "limitranges/a", json!({ "metadata": { "labels": { "a": "b" } } }));
        s.get("limitranges");
        s.delete("limitranges/a");
    }),
    ("quotas", |s| {
        s.create("resourcequotas", of("a", json!({ "hard": { "pods": "10", "requests.cpu": "1000m", "requests.nvidia.com/gpu": "4", "count/deployments.apps": "2" } })));
        s.create("resourcequotas", json!({ "metadata": { "name": "b" } }));
        s.create("resourcequotas", of("c", json!({ "hard": { "bogus": "1" } })));
        s.create("resourcequotas", of("c", json!({ "hard": { "pods": "-1" } })));
        s.create("resourcequotas", of("c", json!({ "hard": { "pods": "500m" } })));
        s.create("resourcequotas", of("c", json!({ "hard": { "storage": "1" } })));
        s.create(
            "resourcequotas",
            of("c", json!({ "hard": { "pods": "1" }, "scopes": ["Bogus", "BestEffort", "NotBestEffort"] })),
        );
        s.create("resourcequotas", of("c", json!({ "hard": { "secrets": "1" }, "scopes": ["Terminating"] })));
        s.create(
            "resourcequotas",
            of(
                "c",
                json!({ "hard": { "pods": "1" }, "scopeSelector": { "matchExpressions": [
            { "scopeName": "PriorityClass", "operator": "In" },
        ] } }),
            ),
        );
        s.create("resourcequotas", of("c", json!({ "hard": { "pods": "1" }, "scopeSelector": { "matchExpressions": [
            { "scopeName": "BestEffort", "operator": "In", "values": ["a"] }, { "scopeName": "PriorityClass", "operator": "Bogus" },
        ] } })));
        s.create(
            "resourcequotas",
            of("d", json!({ "hard": { "requests.cpu": "2", "limits.cpu": "1" }, "scopes": ["NotTerminating"] })),
        );
        s.merge("resourcequotas/d", json!({ "spec": { "scopes": ["Terminating"] } }));
        s.merge("resourcequotas/a/status", json!({ "status": { "hard": { "pods": "10" }, "used": { "pods": "3" } }, "metadata": { "labels": { "a": "b" } } }));
        s.merge("resourcequotas/a/status", json!({ "status": { "used": { "bogus": "3" } } }));
        s.merge("resourcequotas/a", json!({ "spec": { "hard": { "pods": "11" } }, "status": { "used": null } }));
        s.apply("A", "resourcequotas/a", json!({ "spec": { "hard": { "pods": "12" } } }));
        s.apply("A", "resourcequotas/a?force=true", json!({ "spec": { "hard": { "pods": "12" } } }));
        s.get("resourcequotas");
        s.delete("resourcequotas/a");
        s.delete("resourcequotas");
    }),
    ("amounts as they were written", |s| {
        let texts = [
            "+5",
            "007",
            "5.",
            "1E3",
            "2e0",
            "1e+3",
            "1.500",
            "1024Ki",
            "1032Ki",
            "1000",
            " 5 ",
            "9000000000000000m",
            "1234567890123456789k",
        ];
        for (index, text) in texts.into_iter().enumerate() {
            let sizes = json!([{ "name": "v", "emptyDir": { "sizeLimit": text } }]);
            let container = json!({ "name": "c", "image": "x:1" });
            let name = json!({ "name": format!("p{index}") });
            s.create("pods", json!({ "metadata": name, "spec": { "containers": [container], "volumes": sizes } }));
            s.create("resourcequotas", json!({ "metadata": name, "spec": { "hard": { "limits.cpu": text } } }));
        }
    }),
    ("amounts finer than thousandths", |s| {
        let amounts = json!({ "cpu": "100u", "memory": "1.0005", "ephemeral-storage": "1e-6" });
        let container = json!({ "name": "c", "image": "x:1", "resources": { "requests": { "cpu": "100u" }, "limits": { "cpu": "1e-6" } } });
        let template = json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "containers": [container] } });
        s.create("pods", of("a", template["spec"].clone()));
        let selector = json!({ "matchLabels": { "a": "b" } });
        s.create("apps/v1:deployments", of("a", json!({ "selector": selector, "template": template })));
        s.create("resourcequotas", of("a", json!({ "hard": amounts })));
        s.merge("resourcequotas/a/status", json!({ "status": { "hard": { "cpu": "1u" }, "used": { "cpu": "2n" } } }));
        s.create("limitranges", of("a", json!({ "limits": [{ "type": "Container", "default": { "cpu": "1n" } }] })));
        let volumes = json!([{ "name": "v", "emptyDir": { "sizeLimit": "1500u" } }]);
        let container = json!({ "name": "c", "image": "x:1" });
        s.create("pods", of("b", json!({ "containers": [container], "volumes": volumes })));
    }),
];

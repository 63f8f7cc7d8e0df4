//! API services: those of the server itself, of definitions, and of other servers; and the processes beside it.

use http::Method;
use serde_json::{Value, json};

use super::Scenario;

const SERVICES: &str = "/apis/apiregistration.k8s.io/v1/apiservices";
const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

fn service(more: Value) -> Value {
    let mut spec =
        json!({ "group": "{ns}.example.com", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 5 });
    if let (Value::Object(spec), Value::Object(more)) = (&mut spec, more) {
        spec.extend(more);
    }
    json!({ "metadata": { "name": "v1.{ns}.example.com" }, "spec": spec })
}

fn remote() -> Value {
    service(json!({ "service": { "namespace": "{ns}", "name": "s" }, "insecureSkipTLSVerify": true }))
}

pub const SCENARIOS: &[Scenario] = &[
    ("API services of the server", |s| {
        for name in ["v1.", "v1.apps", "v2.autoscaling", "v1.rbac.authorization.k8s.io", "v1.apiextensions.k8s.io"] {
            s.get(&format!("{SERVICES}/{name}"));
        }
        s.get(&format!("{SERVICES}/v2.apps"));
        s.merge(&format!("{SERVICES}/v1.apps?dryRun=All"), json!({ "spec": { "versionPriority": 16 } }));
        s.get(&format!("{SERVICES}?fieldSelector=metadata.name%3Dv1.batch"));
        s.get(&format!("{SERVICES}?fieldSelector=spec.group%3Dapps"));
    }),
    ("a local API service", |s| {
        let one = format!("{SERVICES}/v1.{{ns}}.example.com");
        s.replace(&one, service(json!({})));
        s.create(SERVICES, service(json!({})));
        s.accept(&one, TABLE);
        s.pause();
        s.get("/apis/{ns}.example.com");
        s.get("/apis/{ns}.example.com/v1");
        s.get("/apis/{ns}.example.com/v1/things");
        s.replace(&one, service(json!({})));
        s.merge(
            &one,
            json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "versionPriority": 6 }, "status": null }),
        );
        s.merge(&one, json!({ "spec": { "version": "v2" } }));
        s.merge(&format!("{one}/status"), json!({ "status": { "conditions": [{ "type": "x", "status": "y" }] } }));
        s.merge(
            &format!("{one}/status"),
            json!({ "metadata": { "labels": { "c": "d" } }, "status": { "conditions": [{ "type": "x", "status": "True" }] } }),
        );
        s.pause();
        s.get(&one);
        s.send(Method::PATCH, &format!("{one}?fieldManager=A"), "application/apply-patch+yaml", json!({
            "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": { "name": "v1.{ns}.example.com" },
            "spec": { "versionPriority": 7 },
        }));
        s.in_other_words();
        s.delete(&one);
        s.pause();
        s.get("/apis/{ns}.example.com");
    }),
    ("an API service of another server", |s| {
        let one = format!("{SERVICES}/v1.{{ns}}.example.com");
        s.create(SERVICES, remote());
        s.pause();
        s.get(&one);
        s.get("/apis/{ns}.example.com");
        s.get("/apis/{ns}.example.com/v1");
        s.get("/apis/{ns}.example.com/v1/things");
        s.create("/apis/{ns}.example.com/v1/namespaces/{ns}/things", json!({}));
        s.create(
            "services",
            json!({ "metadata": { "name": "s" }, "spec": { "ports": [{ "name": "a", "port": 80 }] } }),
        );
        s.pause();
        s.get(&one);
        s.merge("services/s", json!({ "spec": { "ports": [{ "name": "a", "port": 443 }] } }));
        s.pause();
        s.get(&one);
        let slice = |port: &str| {
            json!({
                "metadata": { "name": "s-1", "labels": { "kubernetes.io/service-name": "s" } }, "addressType": "IPv4",
                "endpoints": [{ "addresses": ["192.0.2.1"] }], "ports": [{ "name": port, "port": 443 }],
            })
        };
        s.create("discovery.k8s.io/v1:endpointslices", slice("b"));
        s.pause();
        s.get(&one);
        s.delete(&one);
        s.pause();
        s.get("/apis/{ns}.example.com/v1");
    }),
    ("API services of definitions", |s| {
        let one = format!("{SERVICES}/v1.{{ns}}.example.com");
        let version = |name: &str, served: bool| {
            json!({
                "name": name, "served": served, "storage": name == "v1",
                "schema": { "openAPIV3Schema": { "type": "object" } },
            })
        };
        let definition = json!({
            "metadata": { "name": "things.{ns}.example.com" },
            "spec": {
                "group": "{ns}.example.com", "scope": "Namespaced", "names": { "plural": "things", "kind": "Thing" },
                "versions": [version("v1", true), version("v2", false)],
            },
        });
        s.create(DEFINITIONS, definition);
        s.pause();
        s.get(&one);
        s.get(&format!("{SERVICES}/v2.{{ns}}.example.com"));
        s.merge(&one, json!({ "spec": { "groupPriorityMinimum": 7 } }));
        s.pause();
        s.get(&one);
        s.delete(&one);
        s.pause();
        s.get(&one);
        s.delete(&format!("{DEFINITIONS}/things.{{ns}}.example.com"));
        s.pause();
        s.get(&one);
    }),
    ("API services are checked", |s| {
        let all = format!("{SERVICES}?dryRun=All");
        let wrong = |spec: Value, name: &str| json!({ "metadata": { "name": name }, "spec": spec });
        s.create(&all, wrong(json!({}), "a"));
        s.create(
            &all,
            wrong(
                json!({ "group": "A_", "version": "1", "groupPriorityMinimum": 20001, "versionPriority": 1001 }),
                "1.A_",
            ),
        );
        s.create(&all, service(json!({ "caBundle": "AAAA" })));
        s.create(&all, service(json!({ "insecureSkipTLSVerify": true })));
        s.create(&all, service(json!({ "service": {} })));
        s.create(&all, service(json!({ "service": { "namespace": "a", "name": "b", "port": 0 } })));
        s.create(
            &all,
            service(json!({
                "service": { "namespace": "a", "name": "b" }, "caBundle": "AAAA", "insecureSkipTLSVerify": true,
            })),
        );
        s.create(&all, json!({ "metadata": { "generateName": "gen-" }, "spec": service(json!({}))["spec"] }));
    }),
    ("the processes beside a server", |s| {
        s.get("/api/v1/componentstatuses");
        s.get("/api/v1/componentstatuses/scheduler");
        s.get("/api/v1/componentstatuses/none");
        s.accept("/api/v1/componentstatuses/etcd-0", TABLE);
        s.accept("/api/v1/componentstatuses/scheduler", TABLE);
        s.get("/api/v1/componentstatuses?labelSelector=a%3Db");
        s.get("/api/v1/componentstatuses?fieldSelector=metadata.name%3Detcd-0");
        s.get("/api/v1/componentstatuses?limit=1");
        s.get("/api/v1/componentstatuses?watch=1");
        s.delete("/api/v1/componentstatuses/scheduler");
    }),
];

//! Addresses of services and the ranges that they are from.

use http::Method;
use serde_json::{Value, json};

use super::Scenario;

const ADDRESSES: &str = "/apis/networking.k8s.io/v1/ipaddresses";
const RANGES: &str = "/apis/networking.k8s.io/v1/servicecidrs";
const RANGE: &str = "/apis/networking.k8s.io/v1/servicecidrs/{ns}";

fn address(name: &str, parent: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": { "parentRef": parent } })
}

fn gateway() -> Value {
    json!({ "group": "gateway.example.com", "resource": "gateways", "namespace": "shop", "name": "front" })
}

fn service(name: &str, address: &str) -> Value {
    json!({ "metadata": { "name": name }, "spec": { "clusterIP": address, "ports": [{ "port": 80 }] } })
}

fn range(cidrs: &[&str]) -> Value {
    json!({ "metadata": { "name": "{ns}" }, "spec": { "cidrs": cidrs } })
}

pub const SCENARIOS: &[Scenario] = &[
    ("an address", |s| {
        let one = format!("{ADDRESSES}/192.0.2.7");
        s.replace(&one, address("192.0.2.7", gateway()));
        s.create(ADDRESSES, address("192.0.2.7", gateway()));
        s.create(ADDRESSES, json!({ "metadata": { "generateName": "192.0.2.8" }, "spec": { "parentRef": gateway() } }));
        s.merge(&one, json!({ "metadata": { "labels": { "a": "b" }, "generation": 4 } }));
        s.merge(&one, json!({ "spec": { "parentRef": { "name": "other" } } }));
        s.in_other_words();
        s.replace(&one, address("192.0.2.7", gateway()));
        s.send(Method::PATCH, &format!("{one}?fieldManager=A"), "application/apply-patch+yaml", json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "IPAddress", "metadata": { "name": "192.0.2.7", "labels": { "c": "d" } },
        }));
        s.get(&format!("{ADDRESSES}?fieldSelector=metadata.name%3D192.0.2.7"));
        s.delete(&one);
        s.delete(&format!("{ADDRESSES}/192.0.2.8"));
        s.get(&one);
    }),
    ("addresses are checked", |s| {
        s.create(ADDRESSES, json!({ "metadata": { "name": "192.0.2.7" } }));
        s.create(ADDRESSES, address("192.0.2.7", json!({})));
        s.create(
            ADDRESSES,
            address("192.0.2.7", json!({ "group": "A_", "resource": "a/b", "name": "..", "namespace": "a%b" })),
        );
        for name in ["a", "192.0.2", "192.0.02.7", "::ffff:1.2.3.4", "FE80::abc", "fe80::0abc", "1.2.3.4-"] {
            s.create(ADDRESSES, address(name, gateway()));
        }
    }),
    ("the addresses of services", |s| {
        s.create("services", service("a", "10.0.0.210"));
        s.get(&format!("{ADDRESSES}/10.0.0.210"));
        s.create("services", service("b", "10.0.0.210"));
        s.create(ADDRESSES, address("10.0.0.211", gateway()));
        s.pause();
        s.create("services", service("b", "10.0.0.211"));
        s.delete(&format!("{ADDRESSES}/10.0.0.211"));
        s.create("services", service("c", "None"));
        s.get(&format!("{ADDRESSES}/None"));
        s.merge("services/a", json!({ "metadata": { "labels": { "a": "b" } } }));
        s.get(&format!("{ADDRESSES}/10.0.0.210"));
        s.merge("services/a", json!({ "spec": { "type": "ExternalName", "externalName": "example.com", "clusterIP": null, "clusterIPs": null } }));
        s.get(&format!("{ADDRESSES}/10.0.0.210"));
        s.merge(
            "services/a",
            json!({ "spec": { "type": "ClusterIP", "externalName": null, "clusterIP": "10.0.0.212" } }),
        );
        s.get(&format!("{ADDRESSES}/10.0.0.212"));
        s.delete("services/a");
        s.get(&format!("{ADDRESSES}/10.0.0.212"));
        s.create("services?dryRun=All", service("d", "10.0.0.213"));
        s.get(&format!("{ADDRESSES}/10.0.0.213"));
        s.create("services", service("e", "10.0.0.213"));
        s.delete("services");
        s.get(&format!("{ADDRESSES}/10.0.0.213"));
        s.get(&format!("{ADDRESSES}/10.0.0.1"));
    }),
    ("an address of a service that is deleted", |s| {
        s.create("services", service("a", "10.0.0.214"));
        s.delete(&format!("{ADDRESSES}/10.0.0.214"));
        s.get(&format!("{ADDRESSES}/10.0.0.214"));
        s.delete("services/a");
    }),
    ("the default range", |s| {
        let one = format!("{RANGES}/kubernetes");
        s.get(&one);
        s.merge(&format!("{one}?dryRun=All"), json!({ "spec": { "cidrs": ["10.1.0.0/16"] } }));
        s.merge(&format!("{one}?dryRun=All"), json!({ "spec": { "cidrs": ["10.0.0.0/16", "fd00::/108"] } }));
    }),
    ("a range", |s| {
        s.replace(RANGE, range(&["192.168.7.0/24"]));
        s.create("services", service("a", "192.168.7.5"));
        s.create(RANGES, range(&["192.168.7.0/24"]));
        s.pause();
        s.create("services", service("a", "192.168.7.5"));
        s.get(&format!("{ADDRESSES}/192.168.7.5"));
        s.merge(RANGE, json!({ "metadata": { "labels": { "a": "b" } }, "status": { "conditions": [] } }));
        s.merge(&format!("{RANGE}/status"), json!({
            "metadata": { "labels": { "c": "d" } }, "spec": { "cidrs": ["192.168.8.0/24"] },
            "status": { "conditions": [{ "type": "Ready", "status": "False", "reason": "r", "message": "", "lastTransitionTime": "2024-05-06T07:08:09Z" }] },
        }));
        s.pause();
        s.create("services", service("b", "192.168.7.6"));
        s.delete("services/a");
        s.get(&format!("{ADDRESSES}/192.168.7.5"));
        s.merge(RANGE, json!({ "spec": { "cidrs": ["192.168.8.0/24"] } }));
        s.merge(RANGE, json!({ "spec": { "cidrs": null } }));
        s.merge(RANGE, json!({ "spec": { "cidrs": ["192.168.8.0/24", "fd00::/7"] } }));
        s.merge(RANGE, json!({ "spec": { "cidrs": ["192.168.7.0/24", "fd00::/108"] } }));
        s.merge(RANGE, json!({ "spec": { "cidrs": ["192.168.7.0/24"] } }));
        s.replace(RANGE, range(&["192.168.7.0/24", "fd00::/108"]));
        s.delete(RANGE);
        s.get(RANGE);
    }),
    ("ranges are checked", |s| {
        let all = format!("{RANGES}?dryRun=All");
        s.create(&all, json!({ "metadata": { "name": "{ns}" } }));
        for cidrs in [
            &[][..],
            &["10.0.0.0/8", "fd00::/64", "11.0.0.0/8"],
            &["10.0.0.0/8", "11.0.0.0/8"],
            &["10.0.0.0/8", "x"],
            &["a"],
            &["10.0.0.0"],
            &["10.0.0.0/33"],
            &["10.0.0.1/8"],
            &["010.0.0.0/8"],
            &["10.0.0.0/08"],
            &["FD00::/64"],
            &["fd00:0::/64"],
            &["::ffff:10.0.0.0/104"],
            &["fd00::/64"],
            &["0.0.0.0/0"],
        ] {
            s.create(&all, range(cidrs));
        }
        s.create(&all, json!({
            "metadata": { "name": "{ns}" }, "spec": { "cidrs": ["10.9.0.0/16"] }, "status": { "conditions": [{ "type": "a" }] },
        }));
    }),
];

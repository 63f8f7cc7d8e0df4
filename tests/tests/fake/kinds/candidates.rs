//! Candidates for leases: in a version that a server has if it is told to.

use serde_json::{Value, json};

use super::Scenario;

const CANDIDATES: &str = "coordination.k8s.io/v1beta1:leasecandidates";
const ONE: &str = "coordination.k8s.io/v1beta1:leasecandidates/a";

fn candidate(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

fn whole() -> Value {
    json!({
        "leaseName": "l", "binaryVersion": "1.37.0", "emulationVersion": "1.36.0", "strategy": "OldestEmulationVersion",
        "pingTime": "2024-05-06T07:08:09.123456Z",
    })
}

pub const SCENARIOS: &[Scenario] = &[
    ("a candidate for a lease", |s| {
        s.replace(ONE, candidate("a", whole()));
        s.create(CANDIDATES, candidate("A_", whole()));
        s.create(CANDIDATES, candidate("a b", whole()));
        s.create(CANDIDATES, candidate("..", whole()));
        s.replace(ONE, candidate("a", whole()));
        s.merge(
            ONE,
            json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "renewTime": "2024-05-06T07:08:10.000000Z" } }),
        );
        s.merge(ONE, json!({ "spec": { "leaseName": "other" } }));
        s.merge(ONE, json!({ "spec": { "strategy": "example.com/s", "emulationVersion": null } }));
        s.get(&format!("{CANDIDATES}?fieldSelector=metadata.name%3Da"));
        s.get(&format!("{CANDIDATES}?fieldSelector=spec.leaseName%3Dl"));
        s.delete(ONE);
        s.get(ONE);
    }),
    ("candidates for leases are checked", |s| {
        s.create(CANDIDATES, candidate("b", json!({})));
        for (binary, emulated) in [
            ("1", "1.0.0"),
            ("1.0.0", "v1.0.0"),
            ("1.0", "x"),
            ("1.0.0", "1.0.1"),
            ("1.0.0-alpha", "1.0.0"),
            ("1.0.0-alpha.1", "1.0.0-alpha"),
            ("1.0.0+build.01", "1.0.0"),
            ("1.0.0", "0.0.0"),
            ("01.0.0", "0.0.1"),
        ] {
            let mut spec = whole();
            (spec["binaryVersion"], spec["emulationVersion"]) = (json!(binary), json!(emulated));
            s.create(&format!("{CANDIDATES}?dryRun=All"), candidate("b", spec));
        }
        for strategy in ["Bogus", "example.com/A b", "example.com/ok", "a/b/c"] {
            let mut spec = whole();
            spec["strategy"] = json!(strategy);
            s.create(&format!("{CANDIDATES}?dryRun=All"), candidate("b", spec));
        }
        let mut no_emulation = whole();
        no_emulation["emulationVersion"] = Value::Null;
        s.create(&format!("{CANDIDATES}?dryRun=All"), candidate("b", no_emulation));
    }),
];

//! Discovery against a real server, and against what kubectl makes of it.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::sync::OnceLock;

use kubewright_runtime::{Api, Scope};
use kubewright_testbed::{Binaries, Cluster, Options, or_skip};
use kubewright_tests::client;
use serde_json::json;

/// A cluster of these tests' own, so that no other test's kinds come and go.
fn own() -> Option<&'static Cluster> {
    static OWN: OnceLock<Option<Cluster>> = OnceLock::new();
    let start = || {
        let options = Options { nodes: 0, ..Default::default() };
        let binaries = or_skip(Binaries::find(options.minor))?;
        Some(Cluster::start_from(&binaries, &options).expect("a cluster"))
    };
    OWN.get_or_init(start).as_ref()
}

#[tokio::test]
async fn it_lists_what_kubectl_lists() {
    let Some(bed) = own() else { return };
    let client = client(bed.kubeconfig());
    // Another test makes a kind while this one looks: those of the server itself do not change.
    let is_built_in = |group: &str| !group.contains("example");
    let found = client.discovery().await.expect("discovery");
    let ours: BTreeSet<_> = found
        .preferred_resources()
        .filter(|resource| is_built_in(&resource.group) && !resource.verbs.is_empty())
        .map(|resource| {
            let short = resource.short_names.join(",");
            let row =
                [&resource.plural, &short, &resource.api_version(), &resource.namespaced.to_string(), &resource.kind];
            row.map(String::as_str).into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let told = bed.kubectl(&["api-resources", "--no-headers"]).expect("a table");
    let theirs: BTreeSet<_> = told
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| is_built_in(line))
        .collect();
    assert!(theirs.len() > 50, "{told}");
    assert_eq!(ours, theirs);
    assert_eq!(found.stale().count(), 0);
}

#[tokio::test]
async fn names_mean_what_they_mean_to_kubectl_and_lead_to_objects() {
    let Some(bed) = own() else { return };
    let client = client(bed.kubeconfig());
    let found = client.discovery().await.expect("discovery");
    for name in [
        "po",
        "pods",
        "Pod",
        "svc",
        "deploy",
        "deployments.apps",
        "deployments.v1.apps",
        "ev",
        "events.events.k8s.io",
        "sc",
        "crd",
        "hpa",
        "cm",
        "netpol",
        "leases",
        "ns",
        "no",
        "csr",
        "pdb",
    ] {
        let resource = found.find(name).unwrap_or_else(|| panic!("{name} is not found"));
        bed.kubectl(&["get", name, "--all-namespaces"]).expect("known to kubectl");
        Api::dynamic(&client, &resource.into(), Scope::Cluster)
            .list()
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        // What has more than one dot is a path of fields to it.
        if name.matches('.').count() > 1 {
            continue;
        }
        let told = bed.kubectl(&["explain", name]).expect("an explanation");
        assert!(told.contains(&format!("KIND:       {}\n", resource.kind)), "{name}: {told}");
        let group = told.lines().find_map(|line| line.strip_prefix("GROUP:")).unwrap_or_default().trim();
        assert_eq!(resource.group, group, "{name}");
    }
}

#[tokio::test]
async fn a_new_kind_is_found_though_the_answers_are_kept() {
    let Some(bed) = own() else { return };
    let client = client(bed.kubeconfig());
    let before = client.discovery().await.expect("discovery");
    assert_eq!(before.find("lanterns.discovery.example"), None);
    let schema = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let manifest = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "lanterns.discovery.example" },
        "spec": {
            "group": "discovery.example", "scope": "Cluster",
            "names": { "plural": "lanterns", "singular": "lantern", "kind": "Lantern", "shortNames": ["ltn"], "categories": ["lights"] },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": schema } }],
        },
    });
    bed.kubectl_with_input(&["apply", "-f", "-"], &manifest.to_string()).expect("applied");
    // The server lists it a moment later.
    let found = loop {
        let found = client.discovery().await.expect("discovery");
        if found.find("ltn").is_some() {
            break found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let lantern = found.find("Lantern.discovery.example").expect("by its kind");
    assert!(!lantern.namespaced && lantern.supports("watch"));
    assert_eq!(found.category("lights").map(|resource| &*resource.kind).collect::<Vec<_>>(), ["Lantern"]);
    bed.kubectl(&["delete", "crd", "lanterns.discovery.example"]).expect("deleted");
}

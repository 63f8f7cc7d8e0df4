//! Aggregated APIs against real servers: what they serve comes out as built-ins do, and one that is down is reported
//! and does not spoil the rest.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::io::Write as _;

use kubewright_codegen::documents::Documents;
use kubewright_codegen::{Options, Target, Tree, generate};
use kubewright_runtime::{Api, Client, DynamicObject, DynamicResource, Scope};
use kubewright_testbed::{Binaries, Cluster, or_skip};
use kubewright_tests::{client, documents_when};
use serde_json::json;

/// Registers a group-version whose server does not exist.
const ABSENT: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: absent, namespace: kube-system}
spec: {type: ExternalName, externalName: localhost}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.absent.example.com}
spec:
  group: absent.example.com
  version: v1
  groupPriorityMinimum: 1000
  versionPriority: 10
  insecureSkipTLSVerify: true
  service: {namespace: kube-system, name: absent, port: 1}
"#;

/// The documents of what the sample serves.
const SAMPLE: [&str; 2] = ["apis/wardle.example.com/v1alpha1", "apis/wardle.example.com/v1beta1"];

/// What both versions of both kinds can do.
const VERBS: &str = "Get, List, Watch, Create, Replace, Patch, Delete, DeleteCollection";

#[test]
fn an_aggregated_api_comes_out_like_the_others_and_one_that_is_down_does_not_spoil_them() {
    // A cluster of its own: what is registered here would be in the way of other tests.
    let options = kubewright_testbed::Options { nodes: 0, ..Default::default() };
    let Some(binaries) = or_skip(Binaries::find(options.minor)) else { return };
    if binaries.sample_apiserver.is_none() {
        // Somebody's own binaries, which need not have it. Written past the harness's capture.
        let _ = writeln!(std::io::stderr(), "SKIPPED: aggregated APIs: KUBEBUILDER_ASSETS has no sample-apiserver");
        return;
    }
    let mut cluster = Cluster::start_from(&binaries, &options).expect("a cluster");
    let client = client(cluster.kubeconfig());
    let sound = block_on(documents_with(&client, |documents| documents.problems.is_empty()));
    cluster.start_sample_apiserver().expect("an aggregated API server");
    let without_sample = generate_from(&sound);

    block_on(async {
        let documents = documents_with(&client, |documents| {
            SAMPLE.iter().all(|path| documents.openapi.contains_key(*path)) && documents.problems.is_empty()
        });
        let with_sample = generate_from(&documents.await);
        has_exactly_what_the_sample_serves(&with_sample);
        let mut roots_and_sample = differing(&with_sample, &without_sample);
        roots_and_sample.retain(|name| !name.starts_with("wardle/"));
        assert_eq!(roots_and_sample, ["api_groups.rs", "mod.rs"]);
        works_with_flunders(&client).await;

        cluster.kubectl_with_input(&["create", "-f", "-"], ABSENT).expect("create");
        let documents =
            documents_with(&client, |documents| problems(documents) == ["apis/absent.example.com/v1"]).await;
        assert_eq!(differing(&generate_from(&documents), &with_sample), [""; 0]);

        // The sample was reached before, and now it is not: the cluster still lists its documents, and answers 503.
        for version in ["v1alpha1", "v1beta1"] {
            let registration = format!("apiservice/{version}.wardle.example.com");
            let nowhere = r#"{"spec": {"service": {"port": 1}}}"#;
            cluster.kubectl(&["patch", &registration, "--type=merge", "-p", nowhere]).expect("patch");
        }
        let documents = documents_with(&client, |documents| {
            let fails = |path: &&str| {
                let about = documents.problems.iter().filter(|problem| problem.document == **path);
                about.map(ToString::to_string).any(|problem| problem.contains("503 Service Unavailable"))
            };
            SAMPLE.iter().all(fails)
        });
        assert_eq!(differing(&generate_from(&documents.await), &without_sample), [""; 0]);
    });
}

fn has_exactly_what_the_sample_serves(tree: &Tree) {
    let files: Vec<_> = tree.files.keys().filter(|name| name.starts_with("wardle/")).collect();
    assert_eq!(
        files,
        [
            "wardle/mod.rs",
            "wardle/v1alpha1/fischers.rs",
            "wardle/v1alpha1/flunders.rs",
            "wardle/v1alpha1/mod.rs",
            "wardle/v1beta1/flunders.rs",
            "wardle/v1beta1/mod.rs",
        ]
    );
    for (file, kind, namespaced) in [
        ("v1alpha1/fischers", "Fischer", false),
        ("v1alpha1/flunders", "Flunder", true),
        ("v1beta1/flunders", "Flunder", true),
    ] {
        let text = &tree.files[&format!("wardle/{file}.rs")];
        assert!(text.contains(&format!("\nverbs!({kind} : {VERBS});\n")), "{text}");
        assert!(text.contains(&format!("    namespaced: {namespaced},\n")), "{text}");
        assert!(text.contains(&format!("pub struct {kind} {{\n")), "{text}");
    }
}

async fn works_with_flunders(client: &Client) {
    let version = |version: &str| {
        let resource = DynamicResource {
            group: "wardle.example.com".into(),
            version: version.into(),
            kind: "Flunder".into(),
            plural: "flunders".into(),
            namespaced: true,
        };
        (Api::dynamic(client, &resource, Scope::Namespace("default")), resource)
    };
    let ((old, _), (flunders, resource)) = (version("v1alpha1"), version("v1beta1"));

    let mut flunder = DynamicObject::new(&resource, "one");
    flunder.set("spec", json!({ "referenceType": "Fischer", "fischerReference": "two" })).expect("JSON");
    let created = flunders.create(&flunder).await.expect("created");
    assert!(created.metadata.uid.is_some());
    assert!(flunders.create(&flunder).await.expect_err("it is there").is_already_exists());

    let read = old.get("one").await.expect("it is there");
    let reference = read.pointer("/spec/reference").expect("JSON");
    assert_eq!(reference, Some(json!("two")), "the aggregated server converts between its versions");
    let names: Vec<_> =
        flunders.list().await.expect("a list").items.into_iter().map(|item| item.metadata.name).collect();
    assert_eq!(names, [Some("one".into())]);

    flunders.delete("one").await.expect("deleted");
    assert!(flunders.get("one").await.expect_err("it is gone").is_not_found());
}

/// Which documents have problems, each once.
fn problems(documents: &Documents) -> Vec<&str> {
    let mut names: Vec<_> = documents.problems.iter().map(|problem| problem.document.as_str()).collect();
    names.dedup();
    names
}

/// The files that are not the same in both.
fn differing(one: &Tree, other: &Tree) -> Vec<String> {
    let names: BTreeSet<_> = one.files.keys().chain(other.files.keys()).collect();
    names.into_iter().filter(|name| one.files.get(*name) != other.files.get(*name)).cloned().collect()
}

/// The cluster's documents, once they are as they should be.
async fn documents_with(client: &Client, ready: impl Fn(&Documents) -> bool) -> Documents {
    let lack = |documents: &Documents| format!("{:?} have problems", problems(documents));
    documents_when(client, |documents| if ready(documents) { Ok(()) } else { Err(lack(documents)) }).await
}

fn generate_from(documents: &Documents) -> Tree {
    let options = Options::new(Target::Tree, "kubewright_runtime", "the test");
    generate(documents, &options).expect("a client")
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

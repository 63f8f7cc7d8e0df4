//! What is pinned in `spec/` is what a real server of that minor says.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;

use kubewright_codegen::cluster::{Answers, Request, read};
use kubewright_codegen::documents::Cache;
use kubewright_codegen::spec::normalize;
use kubewright_runtime::Client;
use kubewright_tests::client;
use serde_json::Value;

#[tokio::test]
async fn the_pinned_spec_of_each_minor_is_what_a_server_says_and_says_again() {
    for minor in kubewright_testbed::minors() {
        let Some(bed) = kubewright_testbed::shared_of_or_skip(minor.name) else { continue };
        compare(&client(bed.kubeconfig()), minor.name).await;
    }
}

async fn compare(client: &Client, minor: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let pinned = root.join(format!("spec/v{minor}"));
    let first = files(client).await;
    if first["version.json"] != read_file(&pinned.join("version.json")) {
        eprintln!("SKIPPED: the server is not of the release that is pinned: {}", first["version.json"]);
        return;
    }
    let second = files(client).await;
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    let mut compared = 0;
    for entry in std::fs::read_dir(pinned.join("openapi")).expect("a folder") {
        let path = entry.expect("a file").path();
        let name = format!("openapi/{}", path.file_name().expect("a name").to_string_lossy());
        let said = first.get(&name).unwrap_or_else(|| panic!("{minor}: the server has no {name}"));
        // `apis` lists whatever groups there are: CRDs of other tests, too.
        assert!(name == "openapi/apis.json" || *said == read_file(&path), "{minor}: {name} is not what it says");
        assert!(name == "openapi/apis.json" || *said == second[&name], "{minor}: {name} is not what it said before");
        compared += 1;
    }
    assert!(compared > 30, "{minor}: {compared} documents");
    assert_eq!(
        built_in(&first["discovery.json"], &pinned),
        built_in(&read_file(&pinned.join("discovery.json")), &pinned)
    );
}

/// The groups of a discovery file that are pinned.
fn built_in(discovery: &str, pinned: &Path) -> BTreeMap<String, Value> {
    let groups = |text: &str| -> BTreeMap<String, Value> {
        let all: Value = serde_json::from_str(text).expect("JSON");
        let groups = all["groups"].as_array().expect("groups").clone();
        groups.into_iter().map(|group| (group["name"].as_str().unwrap_or_default().to_owned(), group)).collect()
    };
    let wanted = groups(&read_file(&pinned.join("discovery.json")));
    assert!(wanted.len() > 20, "{} groups", wanted.len());
    groups(discovery).into_iter().filter(|(name, _)| wanted.contains_key(name)).collect()
}

async fn files(client: &Client) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path());
    let answers: Answers =
        read(client, Request { groups: &[], cache: &cache, progress: &mut |_, _| {} }).await.expect("documents");
    let discovery: Vec<_> = answers.discovery.iter().map(|(path, answer)| (*path, answer.as_slice())).collect();
    normalize(&kubewright_codegen::spec::Answers {
        version: &answers.version,
        discovery: &discovery,
        openapi: &answers.openapi_by_name(),
    })
    .expect("facts")
}

fn read_file(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

//! `cargo kubewright gen --from-cluster`: what it writes for a real API server is what it writes for the server's definitions
//! in files.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;

use kubewright_cli::generate::{Arguments, Outcome, run};
use kubewright_testbed::{Binaries, Cluster, Options, or_skip};

/// The files of a folder, by their path in it.
fn files(folder: &Path, below: &Path, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(below).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(folder, &path, found);
        } else {
            let name = path.strip_prefix(folder).expect("below").display().to_string();
            found.insert(name, std::fs::read_to_string(&path).expect("a file"));
        }
    }
}

#[test]
fn a_client_of_a_cluster_is_that_of_its_definitions_and_a_check_sees_when_they_change() {
    let options = Options { nodes: 0, everything: false, ..Default::default() };
    let Some(binaries) = or_skip(Binaries::find(options.minor)) else { return };
    let cluster = Cluster::start_from(&binaries, &options).expect("a cluster");
    let crds = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds/webshops.yaml");
    cluster.kubectl(&["create", "-f", &crds.to_string_lossy()]).expect("created");
    let folder = tempfile::tempdir().expect("a folder");
    let [from_cluster, from_files] = ["cluster", "files"].map(|name| folder.path().join(name));
    let of_cluster = Arguments {
        from_cluster: true,
        kubeconfig: Some(cluster.kubeconfig().to_owned()),
        groups: vec!["demo.kubewright.dev".to_owned()],
        out: Some(from_cluster.clone()),
        ..Arguments::default()
    };
    assert_eq!(run(&of_cluster, "the test").expect("generated"), Outcome::Complete);
    let of_files = Arguments { crds: vec![crds], out: Some(from_files.clone()), ..Arguments::default() };
    assert_eq!(run(&of_files, "the test").expect("generated"), Outcome::Complete);
    let read = |folder: &Path| {
        let mut found = BTreeMap::new();
        files(folder, folder, &mut found);
        found
    };
    assert_eq!(read(&from_cluster), read(&from_files));

    let check = Arguments { check: true, ..of_cluster };
    assert_eq!(run(&check, "the test").expect("up to date"), Outcome::Complete);
    let regions = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds/regions.yaml");
    cluster.kubectl(&["create", "-f", &regions.to_string_lossy()]).expect("created");
    let error = run(&check, "the test").expect_err("another definition").to_string();
    assert!(error.contains("regions.rs") && error.contains("run `the test --from-cluster --kubeconfig"), "{error}");
}

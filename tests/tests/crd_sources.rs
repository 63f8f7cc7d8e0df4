//! A tree is the same, byte for byte, whether it is made from files of definitions, from the definitions that a real API
//! server stores, or from what it publishes of them.
//!
//! The definitions are those of `tests/crds`, and those of a folder that `KUBEWRIGHT_CRDS` names. Those that the server
//! refuses are left out on both sides, and told of.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kubewright_codegen::cluster::read_crds;
use kubewright_codegen::crds::Crds;
use kubewright_codegen::documents::{Documents, GroupVersion};
use kubewright_codegen::{Options, Target, Tree, generate};
use kubewright_testbed::{Binaries, Cluster, or_skip};
use kubewright_tests::{client, documents_when};

/// The folder of definitions that is named from outside.
fn named() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("KUBEWRIGHT_CRDS") else {
        eprintln!("SKIPPED in part: KUBEWRIGHT_CRDS names no folder of further definitions");
        return None;
    };
    Some(folder.into())
}

/// Every file of a folder and below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn tree(documents: &Documents, groups: &BTreeSet<String>) -> Tree {
    let groups = groups.iter().cloned().collect();
    // With what schemas check: that is published, too.
    let options = Options::new(Target::Tree, "kubewright_runtime", "the test").groups(groups).validation();
    generate(documents, &options).expect("generated")
}

fn assert_same(files: &Tree, other: &Tree, what: &str) {
    let names = |tree: &Tree| tree.files.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(files), names(other), "{what}");
    for (name, text) in &files.files {
        let difference = text.lines().zip(other.files[name].lines()).find(|(one, two)| one != two);
        assert!(*text == other.files[name], "{what}: {name}: {difference:#?}");
    }
    assert_eq!(files.shared, other.shared, "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_files_a_tree_is_the_same_as_from_a_cluster_that_has_them() {
    let options = kubewright_testbed::Options { nodes: 0, everything: false, ..Default::default() };
    let Some(binaries) = or_skip(Binaries::find(options.minor)) else { return };
    let cluster = Cluster::start_from(&binaries, &options).expect("a cluster");
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    let mut all = files(&own);
    all.extend(named().iter().flat_map(|folder| files(folder)));

    // Document by document, since the server may refuse one of a file.
    let mut crds = Crds::default();
    let mut refused = Vec::new();
    let mut taken = BTreeSet::new();
    for file in &all {
        let path = file.to_string_lossy();
        let told = match cluster.kubectl(&["create", "-f", &path]) {
            Ok(told) => told,
            Err(error) => {
                refused.push(format!("{path}: {error}"));
                error.to_string()
            }
        };
        taken.extend(told.lines().filter_map(|line| {
            let created = line.trim().strip_prefix("customresourcedefinition.apiextensions.k8s.io/")?;
            Some((file.clone(), created.strip_suffix(" created")?.to_owned()))
        }));
    }
    for file in &all {
        let mut own = Crds::default();
        own.read_path(file).expect("it is there");
        for name in own.names() {
            if taken.contains(&(file.clone(), name.clone())) {
                crds.take(&mut own, &name);
            }
        }
    }
    for refused in &refused {
        eprintln!("refused: {}", refused.lines().take(3).collect::<Vec<_>>().join(" "));
    }
    eprintln!("{} definitions, {} files with something refused", crds.len(), refused.len());
    assert!(crds.len() > 50, "{refused:#?}");

    let from_files = crds.documents();
    assert!(from_files.problems.is_empty(), "{:?}", from_files.problems);
    let groups: BTreeSet<String> = from_files.discovery.groups.iter().map(|group| group.name.clone()).collect();
    let expected = tree(&from_files, &groups);

    let client = client(cluster.kubeconfig());
    let published = documents_when(&client, |documents| {
        for (path, document) in &from_files.openapi {
            let known = documents.openapi.get(path).ok_or_else(|| format!("{path} is missing"))?;
            let missing = document.schemas.keys().find(|name| !known.schemas.contains_key(*name));
            let group_version = GroupVersion::from_document(path).expect("a group-version");
            let discovered = documents.discovery.version(&group_version).map(|version| version.resources.len());
            let all = from_files.discovery.version(&group_version).map(|version| version.resources.len());
            if let (Some(missing), _) | (None, Some(missing)) = (missing, (discovered != all).then_some(path)) {
                return Err(format!("{path}: {missing} is missing"));
            }
        }
        Ok(())
    })
    .await;
    // What definitions say beside their schemas is published nowhere.
    assert!(from_files.definitions.values().any(|definition| !definition.columns.is_empty()));
    let mut schemas_alone = crds.documents();
    schemas_alone.definitions.clear();
    let expected_of_published = tree(&schemas_alone, &groups);
    assert_same(&expected_of_published, &tree(&published, &groups), "what the server publishes");

    let wanted: Vec<String> = groups.iter().cloned().collect();
    let stored = read_crds(&client, &wanted).await.expect("definitions").expect("they may be read");
    assert_eq!(stored.len(), crds.len());
    assert_same(&expected, &tree(&stored.documents(), &groups), "what the server stores");
}

//! The pinned documents of real Kubernetes minors: complete, stable, and small.

use std::{fs, path::Path, sync::LazyLock};

use kubewright_codegen::{
    Options, Target, Tree,
    diff::{self, Change, Kind},
    documents::Documents,
    generate_merged, mended, spec,
};

/// Every pinned minor, oldest first.
static MINORS: LazyLock<Vec<Documents>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let folders = fs::read_dir(folder).expect("spec/").map(|entry| entry.expect("a folder").path());
    let mut minors: Vec<Documents> = folders.map(|folder| spec::load(&folder).expect("the pinned documents")).collect();
    minors.sort_by_key(|documents| documents.server.minor());
    minors
});

/// What the crate is made of: made once, for it takes a while.
static CRATE: LazyLock<Tree> = LazyLock::new(|| tree(Target::Crate));

fn tree(target: Target) -> Tree {
    let options = Options::new(target, "kubewright_runtime", "cargo xtask gen");
    generate_merged(&MINORS, &options).expect("generated: every fix-up and every rule found what it is for")
}

#[test]
fn nothing_of_kubernetes_is_left_out() {
    let tree = &*CRATE;
    assert!(tree.notes.is_empty(), "{:#?}", tree.notes);
    for file in [
        "src/core/v1/pods.rs",
        "src/rbac/v1/roles.rs",
        "src/apiserverinternal/v1alpha1/storage_versions.rs",
        "src/api_tree.rs",
    ] {
        assert!(tree.files.contains_key(file), "{file}");
    }
}

#[test]
fn generated_source_stays_small() {
    let size: usize = CRATE.files.iter().filter(|(name, _)| name.starts_with("src/")).map(|(_, text)| text.len()).sum();
    assert!(size < 1_500_000, "{size} bytes for all minors");
}

#[test]
fn generating_is_deterministic() {
    assert_eq!(CRATE.files, tree(Target::Crate).files);
    assert_eq!(tree(Target::Meta).files, tree(Target::Meta).files);
}

#[test]
fn no_parameter_of_kubernetes_is_unknown_to_the_runtime() {
    assert!(!tree(Target::Crate).files.contains_key("src/parameters.rs"));
}

#[test]
fn what_only_go_tells_is_in_the_tables() {
    let tree = &*CRATE;
    let has = |file: &str, text: &str| assert!(tree.files[file].contains(text), "{file} has no {text}");
    // The order of the fields, the names of enums and where they live, and how protobuf writes what JSON shows inline.
    has("src/core/v1/shared.rs", "    0 name \"name\" { required: true, number: 1, };\n    1 image \"image\"");
    has("src/core/v1/shared.rs", "pub enum Protocol {");
    has("src/networking/v1/network_policies.rs", "pub protocol: Option<core_v1::Protocol>,");
    has(
        "src/core/v1/shared.rs",
        "empty_dir \"emptyDir\" { optional: true, number: 2, wire: Wire::Within(&[2]), message: Some(EmptyDirVolumeSource::table), };",
    );
    has(
        "src/apiextensions/v1/custom_resource_definitions.rs",
        "Wire::SchemaOrBool(|| Box::new(JSONSchemaProps::default()))",
    );
    has("src/core/v1/secrets.rs", "\"data\" { secret: true, number: 2, };");
}

#[test]
fn every_call_is_in_the_test_of_urls() {
    let tree = &*CRATE;
    let urls = &tree.files["tests/urls.rs"];
    for call in [
        "pods(\"ns\").log(\"name\")",
        "nodes().get(\"name\")",
        "service_accounts(\"ns\").create_token(",
        "pods_in_all_namespaces().list()",
    ] {
        assert!(urls.contains(call), "{call}");
    }
}

#[test]
fn what_is_deprecated_and_still_served_is_told() {
    let minor = |minor| MINORS.iter().find(|documents| documents.server.minor() == minor).expect("a pinned minor");
    let (older, newer) = (minor(36), minor(37));
    let (older_model, newer_model) = (mended(older).expect("a model"), mended(newer).expect("a model"));
    let all = diff::deprecated(&newer_model, &newer.facts);
    let find = |changes: &[Change], module: &str, name: &str| {
        changes
            .iter()
            .find(|change| change.change == Kind::Deprecated && change.module == module && change.name == name)
            .map(|change| change.detail.clone())
    };
    assert_eq!(
        find(&all, "core/v1", "endpoints").as_deref(),
        Some("since 1.33; use discovery.k8s.io/v1 EndpointSlice")
    );
    assert_eq!(find(&all, "core/v1", "PodSpec.serviceAccount").as_deref(), Some(""));
    // Go has it in a struct that JSON shows inline.
    assert_eq!(find(&all, "core/v1", "Volume.gitRepo").as_deref(), Some(""));
    for none in ["pods", "Volume.emptyDir", "PodSpec.serviceAccountName", "Endpoints"] {
        assert_eq!(find(&all, "core/v1", none), None, "{none}");
    }
    // Go's types know of kinds that are to be deprecated.
    assert_eq!(find(&all, "scheduling/v1beta1", "podgroups"), None);

    let changes = diff::diff((&older_model, &older.facts), (&newer_model, &newer.facts)).changes;
    let told = find(&changes, "certificates/v1beta1", "clustertrustbundles").expect("deprecated in 1.37");
    assert_eq!(told, "since 1.37, to be removed in 1.40; use certificates.k8s.io/v1 ClusterTrustBundle");
    assert_eq!(find(&changes, "core/v1", "endpoints"), None, "it was before");

    let text = &CRATE.files["src/core/v1/endpoints.rs"];
    let line = "/// **Deprecated** since Kubernetes 1.33; use discovery.k8s.io/v1 EndpointSlice.";
    assert_eq!(text.matches(line).count(), 2, "the handle and the struct");
    assert!(CRATE.files["src/core/v1/shared.rs"].contains("/// `gitRepo`. **Deprecated.**"));
}

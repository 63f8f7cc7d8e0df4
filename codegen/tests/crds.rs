//! Definitions from texts, files and folders.
#![allow(missing_docs)]

use std::fs;

use kubewright_codegen::crds::Crds;
use kubewright_codegen::documents::Documents;
use kubewright_codegen::{Options, Target, Tree, generate};
use serde_json::json;

fn yaml(kind: &str, versions: &str) -> String {
    let plural = format!("{}s", kind.to_lowercase());
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {plural}.example.com}}\n\
         spec:\n  group: example.com\n  scope: Namespaced\n  names: {{kind: {kind}, plural: {plural}}}\n  versions:\n{versions}"
    )
}

fn version(name: &str, schema: &str) -> String {
    format!("  - {{name: {name}, served: true, storage: true, schema: {{openAPIV3Schema: {schema}}}}}\n")
}

const SPEC: &str = "{type: object, properties: {spec: {type: object, properties: {a: {type: string}}}}}";

fn tree(documents: &Documents) -> Tree {
    generate(documents, &Options::new(Target::Tree, "kubewright_runtime", "a test")).expect("generated")
}

fn read(text: &str) -> Crds {
    let mut crds = Crds::default();
    crds.read_text("a text", text);
    crds
}

#[test]
fn a_stream_may_have_comments_lists_other_kinds_and_empty_documents() {
    let own = yaml("Own", &version("v1", SPEC));
    let listed: serde_json::Value = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}},
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "listeds.example.com"},
            "spec": {"group": "example.com", "scope": "Cluster", "names": {"kind": "Listed", "plural": "listeds"},
                "versions": [{"name": "v1", "served": true, "storage": true}]}}]});
    let text = format!(
        "\u{feff}# Copyright.\n---\n# Source: chart/crds/own.yaml\n{own}---\n---\n# nothing\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {{name: x}}\n---\n{listed}\n"
    );
    let crds = read(&text);
    assert_eq!(crds.names(), ["listeds.example.com", "owns.example.com"]);
    assert_eq!(crds.skipped(), 2);
    let tree = tree(&crds.documents());
    assert!(
        tree.files["example_com/v1/listeds.rs"].contains("pub struct Listed {"),
        "a kind without a schema has metadata"
    );
    assert!(tree.files["example_com/v1/owns.rs"].contains("pub struct OwnSpec {"));
}

#[test]
fn json_and_yaml_give_the_same_tree_and_a_folder_is_read_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = yaml("Own", &version("v1", SPEC));
    fs::create_dir(folder.path().join("below")).expect("a folder");
    fs::write(folder.path().join("below/own.yml"), &text).expect("a file");
    fs::write(folder.path().join("README.md"), "kind: [").expect("a file");
    let mut from_folder = Crds::default();
    from_folder.read_path(folder.path()).expect("read");
    let json = r#"{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "owns.example.com"}, "spec": {"group": "example.com", "scope": "Namespaced",
        "names": {"kind": "Own", "plural": "owns"}, "versions": [{"name": "v1", "served": true, "storage": true,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object",
        "properties": {"a": {"type": "string"}}}}}}}]}}"#;
    assert_eq!(tree(&from_folder.documents()).files, tree(&read(json).documents()).files);
    assert!(Crds::default().read_path(&folder.path().join("absent")).is_err());
}

#[cfg(unix)]
#[test]
fn a_link_back_is_not_followed_and_a_file_that_cannot_be_read_is_named_and_left_out() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("own.yaml"), yaml("Own", &version("v1", SPEC))).expect("a file");
    fs::create_dir(folder.path().join("below")).expect("a folder");
    symlink("..", folder.path().join("below/back")).expect("a link");
    // As editors lock files.
    symlink("nobody@nowhere", folder.path().join(".#own.yaml")).expect("a link");
    let mut crds = Crds::default();
    crds.read_path(folder.path()).expect("read");
    let documents = crds.documents();
    let [problem] = documents.problems.as_slice() else { panic!("{:?}", documents.problems) };
    assert!(problem.document.ends_with(".#own.yaml") && problem.problem.starts_with("it can't be read: "), "{problem}");
    assert!(documents.notes.is_empty(), "read once: {:?}", documents.notes);
    assert!(tree(&documents).files.contains_key("example_com/v1/owns.rs"));
}

#[test]
fn a_definition_that_serves_no_version_is_noted() {
    let old = yaml("Old", &version("v1", SPEC).replace("served: true", "served: false"));
    let tree = tree(&read(&format!("{}---\n{old}", yaml("Own", &version("v1", SPEC)))).documents());
    assert!(tree.files.contains_key("example_com/v1/owns.rs") && !tree.files.contains_key("example_com/v1/olds.rs"));
    assert_eq!(tree.notes, ["olds.example.com serves no version: it has no types"]);
}

#[test]
fn one_bad_schema_file_or_definition_spoils_no_other() {
    let mut crds = read(&yaml("Good", &version("v1", SPEC)));
    crds.read_text("broken.yaml", "kind: [\n");
    crds.read_text(
        "no-names.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {group: x.y}\n",
    );
    crds.read_text("old.yaml", "apiVersion: apiextensions.k8s.io/v9\nkind: CustomResourceDefinition\n");
    crds.read_text("types.yaml", &yaml("Bad", &version("v1", "{type: object, properties: {spec: {type: [a, b]}}}")));
    let documents = crds.documents();
    let problems: Vec<String> = documents.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 4, "{problems:#?}");
    for part in [
        "broken.yaml",
        "no-names.yaml: CustomResourceDefinition (without a name): missing field `names`",
        "v9",
        "properties.spec",
    ] {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{part}: {problems:#?}");
    }
    let tree = tree(&documents);
    assert!(tree.files["example_com/v1/goods.rs"].contains("pub struct GoodSpec {"));
    assert!(!tree.files.contains_key("example_com/v1/bads.rs"));
}

#[test]
fn versions_of_one_definition_in_several_files_are_put_together() {
    let mut crds = read(&yaml("Own", &version("v1", SPEC)));
    crds.read_text("beta.yaml", &yaml("Own", &version("v1beta1", SPEC)));
    crds.read_text(
        "again.yaml",
        &yaml(
            "Own",
            &version("v1", "{type: object, properties: {spec: {type: object, properties: {b: {type: string}}}}}"),
        ),
    );
    let tree = tree(&crds.documents());
    assert!(tree.files.contains_key("example_com/v1beta1/owns.rs"));
    assert!(tree.files["example_com/v1/owns.rs"].contains("pub b: "), "the last counts");
    assert_eq!(tree.notes, ["owns.example.com has v1 more than once: the one in again.yaml is taken"]);
}

#[test]
fn kinds_are_chosen_by_kind_or_resource_with_or_without_their_group() {
    let mut crds = read(&yaml("Own", &version("v1", SPEC)));
    crds.read_text("other", &yaml("Other", &version("v1", SPEC)));
    crds.read_text("third", &yaml("Third", &version("v1", SPEC)));
    let kinds = ["Own", "others.example.com", "thirds.example.org"].map(str::to_owned).to_vec();
    let options = Options::new(Target::Tree, "kubewright_runtime", "a test").kinds(kinds);
    let tree = generate(&crds.documents(), &options).expect("generated");
    let modules: Vec<&str> = tree.files.keys().filter_map(|name| name.strip_prefix("example_com/v1/")).collect();
    assert_eq!(modules, ["mod.rs", "others.rs", "owns.rs"]);
    assert_eq!(tree.notes, ["no resource is called thirds.example.org"]);
}

#[test]
fn a_definition_of_v1beta1_has_its_schema_for_all_versions() {
    let text = "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: {name: owns.example.com}\n\
        spec:\n  group: example.com\n  version: v1\n  names: {kind: Own, plural: owns}\n  subresources: {status: {}}\n  \
        validation:\n    openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {a: {type: string}}}}}\n";
    let own = &tree(&read(text).documents()).files["example_com/v1/owns.rs"];
    assert!(own.contains("pub struct OwnSpec {") && own.contains("pub fn replace_status"), "{own}");
}

#[test]
fn what_is_raw_json_is_told_with_its_place() {
    let schema = "{type: object, properties: {spec: {type: object, properties: {a: {type: array, items: \
        {x-kubernetes-preserve-unknown-fields: true}}, b: {type: string}}}}}";
    let tree = tree(&read(&yaml("Own", &version("v1", schema))).documents());
    assert_eq!(tree.raw_json, ["example.com/v1 Own: spec.a[]"]);
}

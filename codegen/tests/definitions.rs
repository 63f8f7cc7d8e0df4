//! What definitions say beside the types of fields: what schemas check, columns, subresources, selectable fields,
//! deprecations, unions.
#![allow(missing_docs)]

use kubewright_codegen::crds::Crds;
use kubewright_codegen::{Options, Target, Tree, generate};
use serde_json::{Value, json};

/// A definition with this version, below a few facts that all have.
fn crd(version: Value) -> Value {
    let mut all = json!({"name": "v1", "served": true, "storage": true});
    for (key, value) in version.as_object().expect("facts") {
        all[key] = value.clone();
    }
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "valves.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced",
            "names": {"kind": "Valve", "plural": "valves", "shortNames": ["vl"], "categories": ["all"]}, "versions": [all]}})
}

fn schema(spec: Value) -> Value {
    json!({"schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}})
}

fn tree(crd: &Value, change: impl Fn(Options) -> Options) -> Tree {
    let mut crds = Crds::default();
    crds.add("a test", crd);
    let documents = crds.documents();
    assert!(documents.problems.is_empty(), "{:?}", documents.problems);
    generate(&documents, &change(Options::new(Target::Tree, "kubewright_runtime", "a test"))).expect("generated")
}

/// The text of the kind's file, with each run of white space as one space.
fn valves(tree: &Tree) -> String {
    tree.files["example_com/v1/valves.rs"].split_whitespace().collect::<Vec<_>>().join(" ")
}

fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\n\n{text}");
    }
}

#[test]
fn what_a_schema_checks_is_a_table_if_it_is_asked_for() {
    let crd = crd(schema(json!({"type": "object", "required": ["size"], "properties": {
        "size": {"type": "integer", "minimum": 1, "description": "Its \"#size\"#."},
        "note": {"type": "string", "pattern": "^(?!\"#)"}},
        "x-kubernetes-validations": [{"rule": "self.size > 1", "message": "\"# and \"##"}]})));
    assert!(!valves(&tree(&crd, |options| options)).contains("validation!"));
    let tree = tree(&crd, Options::validation);
    let text = &tree.files["example_com/v1/valves.rs"];
    assert_has(text, &["use kubewright_runtime::validation;", "\nvalidation! { Valve, r###\"\n", "\"minimum\":1"]);
    assert_has(text, &["\n{\"properties\":{\"spec\":2},\"type\":\"object\"}\n\"### }\n"]);
    let told: Vec<&String> = tree.notes.iter().filter(|note| note.contains("pattern")).collect();
    assert_eq!(told.len(), 1, "{:?}", tree.notes);
    assert_has(told[0], &["example.com/v1 Valve: spec.note: the pattern", "is not checked"]);
}

#[test]
fn columns_subresources_and_the_stored_version_are_constants_of_the_kind() {
    let tree = tree(
        &crd(json!({
            "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas",
                "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector"}},
            "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size", "priority": 1,
                "description": "How large.", "format": "int32"}],
        })),
        |options| options,
    );
    let text = valves(&tree);
    assert_has(
        &text,
        &[
            "impl Defined for Valve",
            "status: true",
            "spec_replicas: \".spec.replicas\"",
            "label_selector: Some(\".status.selector\")",
            "name: \"Size\", kind: \"integer\", json_path: \".spec.size\", description: Some(\"How large.\"), format: Some(\"int32\"), priority: 1",
            "Objects are stored in this version.",
            "short_names: &[\"vl\"]",
            "categories: &[\"all\"]",
            // The subresources themselves.
            "pub fn replace_status",
            "pub fn scale",
        ],
    );
    assert!(!text.contains("storage: false"), "{text}");
}

#[test]
fn a_deprecated_version_warns_with_the_definitions_words_or_the_servers() {
    let own =
        tree(&crd(json!({"storage": false, "deprecated": true, "deprecationWarning": "use v2"})), |options| options);
    let text = valves(&own);
    assert_has(&text, &["#[deprecated(note = \"use v2\")]", "storage: false", "deprecation_warning: Some(\"use v2\")"]);
    assert_has(&own.files["example_com/v1/mod.rs"], &["#[deprecated(note = \"use v2\")]"]);
    assert_has(&own.files["mod.rs"], &["#![allow(dead_code, deprecated, unused_imports)]"]);
    let servers = tree(&crd(json!({"deprecated": true})), |options| options);
    assert_has(&valves(&servers), &["example.com/v1 Valve is deprecated"]);
    assert!(!tree(&crd(json!({})), |options| options).files["mod.rs"].contains("deprecated"));
}

#[test]
fn selectable_fields_are_constants_for_field_selectors() {
    let fields = json!([{"jsonPath": ".spec.color"}, {"jsonPath": ".spec.source.kind"}]);
    let text = valves(&tree(&crd(json!({"selectableFields": fields})), |options| options));
    assert_has(
        &text,
        &[
            "pub const SPEC_COLOR: SelectableField = SelectableField::new(\"spec.color\");",
            "pub const SPEC_SOURCE_KIND: SelectableField = SelectableField::new(",
            "selectable: &[\".spec.color\", \".spec.source.kind\"]",
        ],
    );
}

#[test]
fn a_definition_of_v1beta1_has_its_columns_for_all_versions() {
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "valves.example.com"}, "spec": {"group": "example.com", "version": "v1",
            "names": {"kind": "Valve", "plural": "valves"},
            "additionalPrinterColumns": [{"name": "Size", "type": "integer", "JSONPath": ".spec.size"}]}});
    assert_has(&valves(&tree(&crd, |options| options)), &["json_path: \".spec.size\""]);
}

#[test]
fn docs_of_fields_say_what_is_checked_unless_it_differs_between_places() {
    let level = json!({"type": "integer", "enum": [1, 2, 3]});
    let port = |most: i64| json!({"type": "object", "properties": {"number": {"type": "integer", "minimum": 1, "maximum": most}}});
    let text = valves(&tree(
        &crd(schema(json!({"type": "object", "properties": {"level": level, "a": port(9), "b": port(8)}}))),
        |options| options,
    ));
    assert_has(
        &text,
        &["/// `level`. Valid: one of `1`, `2`, `3`. pub level: Option<i64>", "/// `number`. pub number"],
    );
}

/// An object with these fields, each an object with a text.
fn union(rest: Value) -> Value {
    let arm = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    let mut union =
        json!({"type": "object", "properties": {"git": arm("url"), "s3": arm("bucket"), "note": {"type": "string"}}});
    for (key, value) in rest.as_object().expect("keywords") {
        union[key] = value.clone();
    }
    json!({"type": "object", "properties": {"source": union}})
}

#[test]
fn an_object_of_which_one_field_is_required_is_shown_as_an_enum() {
    let one_of = json!({"oneOf": [{"required": ["git"]}, {"required": ["s3"]}]});
    let text = valves(&tree(&crd(schema(union(one_of))), |options| options));
    assert_has(
        &text,
        &[
            "pub git: Option<Box<SourceGit>>",
            "pub fn one_of(&self) -> Option<unions::ValveSource<&SourceGit, &SourceS3>>",
            "pub fn set_one_of(&mut self, one: unions::ValveSource<SourceGit, SourceS3>)",
            "pub mod unions {",
            "pub enum ValveSource<Git, S3>",
        ],
    );
}

#[test]
fn an_object_that_may_have_one_field_at_most_is_shown_as_an_enum() {
    let text = valves(&tree(&crd(schema(union(json!({"maxProperties": 1})))), |options| options));
    assert_has(
        &text,
        &["pub enum ValveSource<Git, Note, S3>", "unions::ValveSource<&SourceGit, &CompactString, &SourceS3>"],
    );
}

#[test]
fn where_the_schema_leaves_doubt_there_are_plain_fields_alone() {
    for rest in [
        json!({"anyOf": [{"required": ["git"]}, {"required": ["s3"]}]}),
        json!({"oneOf": [{"required": ["git"]}, {"required": ["s3", "note"]}]}),
        json!({"oneOf": [{"required": ["git"]}, {"required": ["s3"], "properties": {"note": {"enum": ["x"]}}}]}),
        json!({"oneOf": [{"required": ["git"]}, {"required": ["nothing"]}]}),
        json!({"oneOf": [{"required": ["git"]}]}),
        json!({"oneOf": [{"required": ["git"]}, {"required": ["s3"]}], "required": ["git"]}),
        json!({"maxProperties": 2}),
    ] {
        let text = valves(&tree(&crd(schema(union(rest.clone()))), |options| options));
        assert!(!text.contains("unions"), "{rest}\n{text}");
    }
}

#[test]
fn a_union_that_several_kinds_share_is_in_the_module_of_each() {
    let mut crds = Crds::default();
    let first = crd(schema(union(json!({"maxProperties": 1}))));
    let mut second = first.clone();
    second["metadata"]["name"] = "pumps.example.com".into();
    second["spec"]["names"] = json!({"kind": "Pump", "plural": "pumps"});
    crds.add("a test", &first);
    crds.add("a test", &second);
    let options = Options::new(Target::Tree, "kubewright_runtime", "a test");
    let tree = generate(&crds.documents(), &options).expect("generated");
    let shared = &tree.files["example_com/shared.rs"];
    let (_, name) = shared.split_once("pub enum ").expect("an enum");
    let name = name.split('<').next().expect("a name");
    let pumps = tree.files["example_com/v1/pumps.rs"].split_whitespace().collect::<Vec<_>>().join(" ");
    assert_has(&pumps, &["pub mod unions {", &format!("pub use super::super::super::shared::unions::{name}")]);
}

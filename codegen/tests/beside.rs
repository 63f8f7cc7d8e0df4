//! A tree beside the crate of the built-in kinds: what a definition has alike is of the crate's types, and only that.
#![allow(missing_docs)]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use kubewright_codegen::crds::Crds;
use kubewright_codegen::{Beside, Builtins, Options, Target, Tree, generate, spec};
use serde_json::{Value, json};

static BUILTINS: LazyLock<Arc<Builtins>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let folders = std::fs::read_dir(folder).expect("spec/").map(|entry| entry.expect("a folder").path());
    let mut minors: Vec<_> = folders.map(|folder| spec::load(&folder).expect("the pinned documents")).collect();
    minors.sort_by_key(|documents| documents.server.minor());
    Arc::new(Builtins::new(&minors).expect("built-in types"))
});

/// The module of a kind whose spec has these fields, and the tree.
fn module(properties: Value) -> (String, Tree) {
    let mut crds = Crds::default();
    crds.add(
        "a test",
        &json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "jobs.example.com"},
            "spec": {"group": "example.com", "scope": "Namespaced", "names": {"kind": "Job", "plural": "jobs"},
                "versions": [{"name": "v1", "served": true, "storage": true,
                    "subresources": {"scale": {"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.a"}},
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                        "spec": {"type": "object", "properties": properties}}}}}]}}),
    );
    let beside = Beside { path: "kubewright".to_owned(), builtins: BUILTINS.clone() };
    let options = Options::new(Target::Tree, "kubewright::runtime", "a test").beside(Some(beside));
    let tree = generate(&crds.documents(), &options).expect("generated");
    (tree.files["example_com/v1/jobs.rs"].clone(), tree)
}

fn toleration() -> Value {
    json!({"type": "object", "properties": {
        "effect": {"type": "string"}, "key": {"type": "string"}, "operator": {"type": "string"},
        "tolerationSeconds": {"type": "integer", "format": "int64"}, "value": {"type": "string"},
    }})
}

#[test]
fn an_installed_generator_knows_the_built_in_types_as_the_pinned_documents_have_them() {
    let embedded = Builtins::of_kubewright().expect("the embedded text");
    assert!(embedded == **BUILTINS, "codegen/src/plan/shared/builtins.txt is out of date; run `cargo xtask gen`");
    assert!(embedded.to_text().lines().count() > 1_000);
}

#[test]
fn a_structure_that_is_a_built_in_type_is_that_type() {
    let (jobs, tree) = module(json!({"tolerations": {"type": "array", "items": toleration()}}));
    assert!(jobs.contains("use ::kubewright::core::v1 as core_v1;"), "{jobs}");
    assert!(jobs.contains("pub tolerations: Option<Vec<core_v1::Toleration>>,"), "{jobs}");
    assert_eq!(tree.shared.builtin, 1);
    // So is what a subresource has.
    assert!(!tree.files.keys().any(|name| name.starts_with("autoscaling")), "{:?}", tree.files.keys());
    assert!(jobs.contains("autoscaling_v1::Scale"), "{jobs}");
}

#[test]
fn what_is_in_a_built_in_type_alone_is_not_written() {
    let terms = json!({"type": "array", "x-kubernetes-list-type": "atomic", "items": {"type": "object",
        "x-kubernetes-map-type": "atomic", "properties": {"matchExpressions": {"type": "array", "x-kubernetes-list-type": "atomic",
        "items": {"type": "object", "required": ["key", "operator"], "properties": {"key": {"type": "string"},
            "operator": {"type": "string"}, "values": {"type": "array", "items": {"type": "string"}}}}}}}});
    let required = json!({"type": "object", "required": ["nodeSelectorTerms"], "x-kubernetes-map-type": "atomic",
        "properties": {"nodeSelectorTerms": terms}});
    let affinity = json!({"type": "object", "properties": {
        "requiredDuringSchedulingIgnoredDuringExecution": required,
        "preferredDuringSchedulingIgnoredDuringExecution": {"type": "array", "items": {"type": "object",
            "required": ["preference", "weight"], "properties": {"weight": {"type": "integer", "format": "int32"},
            "preference": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"matchExpressions": {"type": "array",
                "items": {"type": "object", "required": ["key", "operator"], "properties": {"key": {"type": "string"},
                "operator": {"type": "string"}, "values": {"type": "array", "items": {"type": "string"}}}}}}}}}},
    }});
    let (jobs, tree) = module(json!({"nodeAffinity": affinity}));
    assert!(jobs.contains("core_v1::NodeAffinity"), "{jobs}");
    let structs: Vec<&str> =
        jobs.lines().filter(|line| line.starts_with("pub struct ") && line.ends_with('{')).collect();
    assert_eq!(structs, ["pub struct Job {", "pub struct JobSpec {"]);
    assert_eq!(tree.shared.builtin, 1);
}

#[test]
fn a_label_selector_is_the_runtimes() {
    let (jobs, _) = module(json!({"selector": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {
        "matchLabels": {"type": "object", "additionalProperties": {"type": "string"}},
        "matchExpressions": {"type": "array", "x-kubernetes-list-type": "atomic", "items": {"type": "object",
            "required": ["key", "operator"], "properties": {"key": {"type": "string"}, "operator": {"type": "string"},
            "values": {"type": "array", "x-kubernetes-list-type": "atomic", "items": {"type": "string"}}}}},
    }}}));
    assert!(jobs.contains("pub selector: Option<Box<LabelSelector>>,"), "{jobs}");
}

#[test]
fn an_older_form_is_the_type_too_and_a_form_with_something_else_is_not() {
    let with = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut toleration = toleration();
        change(toleration["properties"].as_object_mut().expect("properties"));
        module(json!({"toleration": toleration})).0.contains("core_v1::Toleration")
    };
    assert!(with(&|_| {}));
    assert!(with(&|fields| drop(fields.remove("tolerationSeconds"))), "before it had them");
    assert!(!with(&|fields| drop(fields.insert("more".into(), json!({"type": "string"})))), "another field");
    assert!(!with(&|fields| drop(fields.insert("key".into(), json!({"type": "integer"})))), "another type");
    assert!(!with(&|fields| drop(fields.insert("key".into(), json!({"type": "string", "nullable": true})))), "null");
    assert!(
        with(&|fields| drop(fields.insert("key".into(), json!({"type": "string", "default": "a"})))),
        "it is optional there"
    );
    for left in ["key", "value"] {
        let few = |fields: &mut serde_json::Map<String, Value>| fields.retain(|name, _| name == left);
        assert!(!with(&few), "too little to tell");
    }
}

#[test]
fn what_would_not_be_written_alike_is_a_type_of_its_own() {
    let port = |port: Value, required: &[&str]| {
        let fields = json!({"containerPort": port, "hostIP": {"type": "string"}, "hostPort": {"type": "integer", "format": "int32"},
            "name": {"type": "string"}, "protocol": {"type": "string", "default": "TCP"}});
        module(json!({"port": {"type": "object", "required": required, "properties": fields}}))
            .0
            .contains("core_v1::ContainerPort")
    };
    let int = json!({"type": "integer", "format": "int32"});
    assert!(port(int.clone(), &["containerPort"]));
    assert!(!port(int.clone(), &[]), "the built-in type would write a zero that was absent");
    assert!(
        !port(json!({"type": "integer", "format": "int32", "default": 80}), &["containerPort"]),
        "and so it would here"
    );
    assert!(!port(json!({"type": "integer"}), &["containerPort"]), "64 bits don't fit into 32");

    let selector = |rule: Option<&str>| {
        let mut values = json!({"type": "array", "items": {"type": "string"}});
        if let (Value::Object(values), Some(rule)) = (&mut values, rule) {
            values.insert("x-kubernetes-list-type".to_owned(), rule.into());
        }
        let fields = json!({"key": {"type": "string"}, "operator": {"type": "string"}, "values": values});
        let items = json!({"type": "object", "required": ["key", "operator"], "properties": fields});
        let labels = json!({"type": "object", "additionalProperties": {"type": "string"}});
        module(json!({"x": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {
            "matchLabels": labels, "matchExpressions": {"type": "array", "items": items}}}}))
        .0
        .contains("Option<Box<LabelSelector>>")
    };
    // A list of which nothing is said is atomic. A set is merged in another way, by the server and by `extract`.
    assert!(selector(None));
    assert!(selector(Some("atomic")));
    assert!(!selector(Some("set")));
}

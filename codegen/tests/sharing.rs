//! Types of custom resources: one for each structure, and names that do not depend on what else is generated.
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};

use kubewright_codegen::crds::Crds;
use kubewright_codegen::{Options, Target, Tree, generate};
use serde_json::{Value, json};

fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn text() -> Value {
    json!({"type": "string"})
}

/// A definition of a kind, with the spec of each version.
fn crd(group: &str, kind: &str, versions: &[(&str, Value)]) -> Value {
    let plural = format!("{}s", kind.to_lowercase());
    let versions: Vec<Value> = versions
        .iter()
        .enumerate()
        .map(|(index, (name, spec))| {
            json!({"name": name, "served": true, "storage": index == 0,
                "schema": {"openAPIV3Schema": object(json!({"spec": spec}))}})
        })
        .collect();
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": kind, "plural": plural}, "versions": versions}})
}

fn tree(crds: &[Value]) -> Tree {
    let mut read = Crds::default();
    for crd in crds {
        read.add("a test", crd);
    }
    let documents = read.documents();
    assert!(documents.problems.is_empty(), "{:?}", documents.problems);
    generate(&documents, &Options::new(Target::Tree, "kubewright_runtime", "a test")).expect("generated")
}

/// The structs and enums that a module defines, and the names under which it hands on others.
fn names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in text.lines() {
        let item = line.trim().strip_prefix("pub struct ").or_else(|| line.trim().strip_prefix("pub enum "));
        let word = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned);
        names.extend(item.and_then(word));
    }
    for list in text.split("pub use ").skip(1) {
        let list = list.split(';').next().unwrap_or_default();
        let list = list.rsplit("::").next().unwrap_or_default().trim_matches(['{', '}', '\n']);
        let handed = list.split(',').map(|name| name.rsplit(" as ").next().unwrap_or_default().trim().to_owned());
        names.extend(handed.filter(|name| !name.is_empty()));
    }
    names
}

/// How many structs a tree defines.
fn structs(tree: &Tree) -> usize {
    tree.files
        .values()
        .flat_map(|text| text.lines())
        .filter(|line| line.starts_with("pub struct ") && line.ends_with('{'))
        .count()
}

fn container() -> Value {
    let env =
        object(json!({"name": text(), "valueFrom": object(json!({"secretKeyRef": object(json!({"key": text()}))}))}));
    object(json!({"image": text(), "env": list(env), "ports": list(object(json!({"port": {"type": "integer"}})))}))
}

fn pods() -> Value {
    object(json!({"template": object(json!({"spec": object(json!({
        "containers": list(container()), "initContainers": list(container())
    }))}))}))
}

#[test]
fn a_structure_is_one_type_over_all_kinds_versions_and_groups() {
    let described = |words: &str| {
        let mut pods = pods();
        pods["description"] = words.into();
        pods["properties"]["template"]["description"] = words.into();
        pods
    };
    let tree = tree(&[
        crd("a.example.com", "Job", &[("v1", described("Jobs.")), ("v1beta1", described("Jobs, soon."))]),
        crd("a.example.com", "Task", &[("v1", described("Tasks."))]),
        crd("b.example.com", "Flow", &[("v1", described("Flows."))]),
    ]);
    let container = |text: &&String| text.contains("pub struct Container {");
    assert_eq!(tree.files.values().filter(container).count(), 1);
    assert_eq!(structs(&tree), 4 + 8, "four kinds; spec, template, its spec, container, port, variable, source, key");
    assert_eq!(tree.shared.objects, 4 * 13);
    assert_eq!(tree.shared.structs, 8);
    for module in
        ["a_example_com/v1/jobs", "a_example_com/v1beta1/jobs", "a_example_com/v1/tasks", "b_example_com/v1/flows"]
    {
        let names = names(&tree.files[&format!("{module}.rs")]);
        for name in ["Container", "ContainerPort", "ContainerEnv", "ValueFrom", "SecretKeyRef"] {
            assert!(names.contains(name), "{module}: {names:?}");
        }
    }
}

#[test]
fn what_a_kind_has_alone_stands_in_its_module_and_what_a_group_has_in_the_groups() {
    let own = object(json!({"issuerRef": object(json!({"name": text()})), "pods": pods()}));
    let alone = tree(&[crd("a.example.com", "Job", &[("v1", own.clone())])]);
    assert!(!alone.files.keys().any(|name| name.ends_with("shared.rs")), "{:?}", alone.files.keys());
    assert!(alone.files["a_example_com/v1/jobs.rs"].contains("pub struct IssuerRef {"));
    let two = tree(&[crd("a.example.com", "Job", &[("v1", own)]), crd("a.example.com", "Task", &[("v1", pods())])]);
    assert!(two.files["a_example_com/v1/jobs.rs"].contains("pub struct IssuerRef {"));
    assert!(two.files["a_example_com/shared.rs"].contains("pub struct Container {"));
    assert!(two.files["a_example_com/v1/jobs.rs"].contains("pub use super::super::shared::"));
}

#[test]
fn another_crd_version_or_group_changes_no_name_of_a_kind() {
    let job = object(json!({"port": object(json!({"number": text()})), "pods": pods()}));
    let alone = tree(&[crd("a.example.com", "Job", &[("v1", job.clone())])]);
    let expected = names(&alone.files["a_example_com/v1/jobs.rs"]);
    // The same words for other structures, the same structures under other words.
    let other =
        object(json!({"port": object(json!({"name": text()})), "containers": list(object(json!({"port": text()}))),
        "socket": object(json!({"number": text()})), "x": pods()}));
    for others in [
        vec![crd("a.example.com", "Task", &[("v1", other.clone())])],
        vec![
            crd("a.example.com", "Age", &[("v1", other.clone())]),
            crd("b.example.com", "Job", &[("v1", job.clone())]),
        ],
        vec![
            crd("a.example", "Jobport", &[("v1", other.clone())]),
            crd("z.example.com", "Flow", &[("v2", other.clone())]),
        ],
    ] {
        let mut all = others;
        all.push(crd("a.example.com", "Job", &[("v1", job.clone()), ("v2", other.clone())]));
        for _ in 0..all.len() {
            all.rotate_left(1);
            assert_eq!(names(&tree(&all).files["a_example_com/v1/jobs.rs"]), expected);
        }
    }
}

#[test]
fn the_order_of_the_definitions_does_not_matter() {
    let crds = [
        crd("b.example.com", "Flow", &[("v1", pods())]),
        crd("a.example.com", "Task", &[("v1", object(json!({"container": container()})))]),
        crd("a.example.com", "Job", &[("v1", pods()), ("v1beta1", pods())]),
    ];
    let mut backwards = crds.clone();
    backwards.reverse();
    assert_eq!(tree(&crds).files, tree(&backwards).files);
}

#[test]
fn what_is_written_otherwise_is_another_type() {
    let variants = BTreeMap::from([
        ("plain", json!({"type": "object", "required": ["a"], "properties": {"a": text()}})),
        ("optional", object(json!({"a": text()}))),
        ("nullable", object(json!({"a": {"type": "string", "nullable": true}}))),
        ("set", object(json!({"a": {"type": "array", "items": text(), "x-kubernetes-list-type": "set"}}))),
        ("list", object(json!({"a": {"type": "array", "items": text()}}))),
        ("number", object(json!({"a": {"type": "integer"}}))),
        ("secret", object(json!({"a": {"type": "string", "format": "password"}}))),
    ]);
    let tree = tree(&[crd("a.example.com", "Job", &[("v1", object(json!(variants)))])]);
    assert_eq!(tree.shared.structs, 1 + variants.len());
    let same = object(json!({
        "default": object(json!({"a": {"type": "integer", "default": 3}})),
        "other": object(json!({"a": {"type": "integer", "default": 4, "description": "Other."}})),
        "atomic": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": {"type": "integer"}}},
    }));
    assert_eq!(self::tree(&[crd("a.example.com", "Job", &[("v1", same)])]).shared.structs, 2);
}

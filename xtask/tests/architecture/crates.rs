//! Crates: who may depend on whom.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// The crates of the workspace, and what each of them may depend on, in programs (tests may use anything).
const ARROWS: &[(&str, &[&str])] = &[
    ("kubewright-core", &[]),
    ("kubewright-runtime", &["kubewright-core"]),
    // A macro: what it writes stands on the core.
    ("kubewright-derive", &[]),
    ("kubewright", &["kubewright-core", "kubewright-derive", "kubewright-runtime"]),
    ("kubewright-ops", &["kubewright", "kubewright-runtime"]),
    ("kubewright-fake", &["kubewright", "kubewright-core"]),
    ("kubewright-controller", &["kubewright", "kubewright-runtime"]),
    // Of the core, the reader of YAML alone; of the runtime, the part that fetches documents from a cluster alone.
    ("kubewright-codegen", &["kubewright-core", "kubewright-runtime"]),
    ("kubewright-cli", &["kubewright-codegen", "kubewright-fake", "kubewright-runtime"]),
    ("kubewright-testbed", &["kubewright-runtime"]),
    ("kubewright-fuzz", &["kubewright"]),
    (
        "kubewright-tests",
        &["kubewright", "kubewright-codegen", "kubewright-fuzz", "kubewright-runtime", "kubewright-testbed"],
    ),
    ("kubewright-examples", &["kubewright"]),
    // The generator in its build script.
    ("kubewright-example-build-script", &["kubewright", "kubewright-codegen"]),
    ("kubewright-example-tested", &["kubewright", "kubewright-controller"]),
    // Who tries kubewright waits for what it compiles.
    ("launcher", &[]),
    ("xtask", &["kubewright-cli", "kubewright-codegen", "kubewright-runtime", "kubewright-testbed", "launcher"]),
];

/// What does IO, and what needs a C compiler: none of it may come with the core.
const NOT_IN_THE_CORE: &[&str] = &["tokio", "hyper", "mio", "socket2", "rustls", "ring", "aws-lc-sys", "tower", "cc"];

fn metadata(arguments: &[&str]) -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .output()
        .expect("cargo metadata starts");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().expect("packages").iter()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().expect("a name")
}

#[test]
fn crates_depend_along_the_arrows_alone() {
    let metadata = metadata(&["--no-deps"]);
    let members: BTreeSet<&str> = packages(&metadata).map(name).collect();
    let known: BTreeSet<&str> = ARROWS.iter().map(|(member, _)| *member).collect();
    assert_eq!(members, known, "the table of arrows has exactly the crates of the workspace");
    for package in packages(&metadata) {
        let (_, allowed) = ARROWS.iter().find(|(member, _)| *member == name(package)).expect("a known crate");
        let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
        for dependency in dependencies.filter(|dependency| dependency["kind"].as_str() != Some("dev")) {
            let to = name(dependency);
            assert!(
                !members.contains(to) || allowed.contains(&to),
                "{} -> {to} goes against the arrows: see docs/architecture.md",
                name(package)
            );
        }
    }
}

#[test]
fn the_core_brings_neither_io_nor_a_runtime_nor_c_code() {
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let node = |id: &str| nodes.iter().find(|node| node["id"].as_str() == Some(id)).expect("a resolved package");
    let package_name = |id: &str| packages(&metadata).find(|package| package["id"].as_str() == Some(id)).map(name);
    let core = packages(&metadata).find(|package| name(package) == "kubewright-core").expect("the core");

    let mut seen = BTreeSet::new();
    let mut open = vec![core["id"].as_str().expect("an id")];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let normal = |dependency: &&Value| {
            dependency["dep_kinds"].as_array().expect("kinds").iter().any(|kind| kind["kind"].as_str() != Some("dev"))
        };
        let next = node(id)["deps"].as_array().expect("deps").iter().filter(normal);
        open.extend(next.map(|dependency| dependency["pkg"].as_str().expect("an id")));
    }
    let names: BTreeSet<&str> = seen.iter().filter_map(|id| package_name(id)).collect();
    assert!(names.contains("serde"), "the walk reached the core's dependencies: {names:?}");
    for unwanted in NOT_IN_THE_CORE {
        assert!(!names.contains(unwanted), "kubewright-core brings {unwanted}, and it must do without");
    }
}

#[test]
fn the_types_of_the_kinds_alone_bring_neither_io_nor_a_runtime_nor_c_code() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package", "kubewright", "--no-default-features", "--features", "latest,registry,yaml"])
        .args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"])
        .output()
        .expect("cargo tree starts");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let names: BTreeSet<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("kubewright-core"), "the tree has the core: {names:?}");
    for unwanted in NOT_IN_THE_CORE.iter().chain(&["kubewright-runtime"]) {
        assert!(!names.contains(unwanted), "kubewright without `client` brings {unwanted}, and it must do without");
    }
}

#[test]
fn each_crate_that_is_published_says_what_it_is_and_is_packaged_by_ci() {
    let metadata = metadata(&["--no-deps"]);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let ci = std::fs::read_to_string(format!("{root}/.ci/run")).expect("the steps of CI");
    let packaged = ci.lines().find(|line| line.starts_with("step cargo package ")).expect("a step that packages");
    let packaged: BTreeSet<&str> =
        packaged.split(' ').skip_while(|word| *word != "-p").filter(|word| !word.starts_with('-')).collect();
    let published: BTreeSet<&str> =
        packages(&metadata).filter(|package| package["publish"].is_null()).map(name).collect();
    assert_eq!(packaged, published);
    for package in packages(&metadata).filter(|package| package["publish"].is_null()) {
        for key in ["description", "license", "repository", "readme", "rust_version"] {
            assert!(package[key].as_str().is_some_and(|text| !text.is_empty()), "{} has no {key}", name(package));
        }
        for key in ["keywords", "categories"] {
            let count = package[key].as_array().map_or(0, Vec::len);
            assert!((1..=5).contains(&count), "{}: {count} {key}, where a registry takes one to five", name(package));
        }
    }
}

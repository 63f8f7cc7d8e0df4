//! What is generated from odd definitions compiles without a warning: kinds, plurals, fields and values that are Rust's own
//! words, or collide, or hide; objects nested deeper than rustc looks. It is as rustfmt writes it, and clean under clippy's
//! pedantic lints but for those that are named. `KUBEWRIGHT_CRDS` names a folder of more.
#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use kubewright_codegen::crds::Crds;
use kubewright_codegen::{Beside, Builtins, Options, Target, generate, spec, write};

/// Compiles a client for definitions, with warnings denied.
fn compile(name: &str, crds: &Crds, beside: Option<Beside>) {
    cargo(&program(name, crds, beside), &["check", "--quiet"]);
}

/// Writes a program with a client for definitions, and gives its folder.
fn program(name: &str, crds: &Crds, beside: Option<Beside>) -> PathBuf {
    let documents = crds.documents();
    assert!(documents.problems.is_empty(), "{:?}", documents.problems);
    let (runtime, dependency, path) = match &beside {
        Some(_) => ("kubewright::runtime", "kubewright", "generated"),
        None => ("kubewright_runtime", "kubewright-runtime", "runtime"),
    };
    let options = Options::new(Target::Tree, runtime, "the test").beside(beside).validation();
    let tree = generate(&documents, &options).expect("generated");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    write::write(&tree, &folder.join("src/kube"), &[""]).expect("files");
    let manifest = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\n\n[dependencies]\n\
         {dependency} = {{ path = {:?}, features = [\"validate\"] }}\n\n[workspace]\n",
        root.join(path)
    );
    fs::write(folder.join("Cargo.toml"), manifest).expect("a file");
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a file");
    fs::write(
        folder.join("src/lib.rs"),
        "//! A client.\n#![deny(warnings, missing_docs)]\n#[rustfmt::skip]\npub mod kube;\n",
    )
    .expect("a file");
    folder
}

fn cargo(folder: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn read(folder: &Path) -> Crds {
    let mut crds = Crds::default();
    crds.read_path(folder).expect("it is there");
    crds
}

/// The definitions of these tests.
fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crds")
}

#[test]
fn a_client_beside_the_crate_of_the_built_in_kinds_compiles_without_a_warning() {
    let mut minors: Vec<_> = fs::read_dir(own().join("../../spec"))
        .expect("spec/")
        .map(|entry| spec::load(&entry.expect("a folder").path()).expect("the pinned documents"))
        .collect();
    minors.sort_by_key(|documents| documents.server.minor());
    let builtins = Arc::new(Builtins::new(&minors).expect("built-in types"));
    compile("beside", &read(&own()), Some(Beside { path: "kubewright".to_owned(), builtins }));
}

#[test]
fn a_client_of_odd_definitions_compiles_without_a_warning() {
    compile("odd-names", &read(&own()), None);
}

/// rustdoc goes through all types that a type is made of, for each of its automatic traits: deeper than a check does.
#[test]
fn a_client_of_odd_definitions_is_documented_without_a_warning() {
    cargo(&program("documented", &read(&own()), None), &["doc", "--quiet", "--no-deps"]);
}

/// Whether cargo has a command that is a component of its own.
fn has(command: &str) -> bool {
    let output = Command::new(env!("CARGO")).args([command, "--version"]).output();
    let is_there = output.is_ok_and(|output| output.status.success());
    if !is_there {
        eprintln!("SKIPPED: cargo {command} is not installed (rustup component add)");
    }
    is_there
}

#[test]
fn a_client_is_clean_under_the_pedantic_lints_but_for_those_that_its_root_names() {
    if !has("clippy") {
        return;
    }
    let folder = program("pedantic", &read(&own()), None);
    cargo(&folder, &["clippy", "--quiet", "--", "-Wclippy::pedantic"]);
}

#[test]
fn a_client_is_as_rustfmt_writes_it_whatever_its_settings() {
    if !has("fmt") {
        return;
    }
    let folder = program("formatted", &read(&own()), None);
    // The program need not say that it is not to be formatted.
    fs::write(folder.join("src/lib.rs"), "//! A client.\npub mod kube;\n").expect("a file");
    for settings in ["max_width = 60\n", "max_width = 140\nuse_small_heuristics = \"Max\"\nhard_tabs = true\n"] {
        fs::write(folder.join("rustfmt.toml"), settings).expect("a file");
        cargo(&folder, &["fmt", "--check"]);
    }
}

#[test]
fn a_client_of_named_definitions_compiles_without_a_warning() {
    match std::env::var_os("KUBEWRIGHT_CRDS") {
        Some(folder) => compile("named-definitions", &read(Path::new(&folder)), None),
        None => eprintln!("SKIPPED: KUBEWRIGHT_CRDS names no folder of definitions"),
    }
}

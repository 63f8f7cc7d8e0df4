//! What is generated from odd definitions compiles without a warning: kinds, plurals, fields and values that are Rust's own
//! words, or collide, or hide; objects nested deeper than rustc looks. `KUBEWRIGHT_CRDS` names a folder of more.
//!
//! Where clippy is installed, its lints are denied too, the pedantic ones among them.
#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use kubewright_codegen::crds::Crds;
use kubewright_codegen::{Beside, Builtins, Options, Target, generate, spec, write};

/// Pedantic lints that generated code may not satisfy, each with the reason.
const EXCEPTIONS: &[&str] = &[
    // Docs are descriptions of the definitions: what is a word of code in them is not known.
    "doc_markdown",
    // Handles are values that are named where they are used.
    "must_use_candidate",
    // A field whose name starts with a digit.
    "pub_underscore_fields",
    // What a file of a kind needs of the runtime is one module, made for that.
    "wildcard_imports",
];

/// The command of cargo that checks a client.
fn command() -> &'static str {
    let output = Command::new(env!("CARGO")).args(["clippy", "--version"]).output();
    if output.is_ok_and(|output| output.status.success()) {
        return "clippy";
    }
    eprintln!("SKIPPED in part: clippy is not installed (rustup component add clippy)");
    "check"
}

/// Compiles a client for definitions, with warnings denied.
fn compile(name: &str, crds: &Crds, beside: Option<Beside>) {
    let documents = crds.documents();
    assert!(documents.problems.is_empty(), "{:?}", documents.problems);
    let (runtime, dependency, path) = match &beside {
        Some(_) => ("kubewright::runtime", "kubewright", "generated"),
        None => ("kubewright_runtime", "kubewright-runtime", "runtime"),
    };
    let options = Options::new(Target::Tree, runtime, "the test").beside(beside);
    let tree = generate(&documents, &options).expect("generated");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    write::write(&tree, &folder.join("src/kube"), &[""]).expect("files");
    let manifest = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\n\n[dependencies]\n\
         {dependency} = {{ path = {:?} }}\n\n[workspace]\n",
        root.join(path)
    );
    fs::write(folder.join("Cargo.toml"), manifest).expect("a file");
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a file");
    let exceptions: String = EXCEPTIONS.iter().map(|lint| format!("#![allow(clippy::{lint})]\n")).collect();
    let lib = format!(
        "//! A client.\n#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]\n{exceptions}\
         #[rustfmt::skip]\npub mod kube;\n"
    );
    fs::write(folder.join("src/lib.rs"), lib).expect("a file");
    let output = Command::new(env!("CARGO"))
        .args([command(), "--quiet"])
        .current_dir(&folder)
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

/// The crate of the built-in kinds.
fn kubewright() -> Beside {
    let mut minors: Vec<_> = fs::read_dir(own().join("../../spec"))
        .expect("spec/")
        .map(|entry| spec::load(&entry.expect("a folder").path()).expect("the pinned documents"))
        .collect();
    minors.sort_by_key(|documents| documents.server.minor());
    let builtins = Arc::new(Builtins::new(&minors).expect("built-in types"));
    Beside { path: "kubewright".to_owned(), builtins }
}

#[test]
fn a_client_beside_the_crate_of_the_built_in_kinds_compiles_without_a_warning() {
    compile("beside", &read(&own()), Some(kubewright()));
}

#[test]
fn a_client_of_odd_definitions_compiles_without_a_warning() {
    compile("odd-names", &read(&own()), None);
}

#[test]
fn a_client_of_named_definitions_compiles_without_a_warning() {
    match std::env::var_os("KUBEWRIGHT_CRDS") {
        Some(folder) => {
            let named = read(Path::new(&folder));
            compile("named-definitions", &named, None);
            compile("named-beside", &named, Some(kubewright()));
        }
        None => eprintln!("SKIPPED: KUBEWRIGHT_CRDS names no folder of definitions"),
    }
}

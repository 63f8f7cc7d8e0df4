//! One generator for commands, build scripts and programs: the same bytes however often it runs, and however its sources lie.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};

use kubewright_codegen::{Error, FieldOverride, Generator, Overrides, Run, TypeOverride};

/// The folders of definitions: that of the repository, and the one that is named from outside.
fn folders() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/crds")];
    match std::env::var_os("KUBEWRIGHT_CRDS") {
        Some(folder) => folders.push(folder.into()),
        None => eprintln!("SKIPPED in part: KUBEWRIGHT_CRDS names no folder of further definitions"),
    }
    folders
}

fn run(generator: Generator) -> Run {
    generator.beside("kubewright").command("the test").run().expect("generated")
}

#[test]
fn the_same_definitions_give_the_same_bytes_in_whatever_order_they_are_read() {
    for folder in folders() {
        let first = run(Generator::new().crds(&folder));
        assert!(!first.report().is_incomplete(), "{}", first.report());
        let mut files: Vec<PathBuf> = Vec::new();
        let mut next = vec![folder];
        while let Some(path) = next.pop() {
            if path.is_dir() {
                next.extend(std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()));
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                files.push(path);
            }
        }
        files.sort();
        files.reverse();
        let second = run(files.iter().fold(Generator::new(), |generator, file| generator.crds(file)));
        assert_eq!(first.report().crds, second.report().crds);
        for (name, text) in &first.tree().files {
            assert_eq!(Some(text), second.tree().files.get(name), "{name}");
        }
        assert_eq!(first.tree().files.len(), second.tree().files.len());
    }
}

#[test]
fn a_report_says_what_was_shared_and_what_is_raw_json_and_where() {
    let run = run(Generator::new().crds(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/crds/webshops.yaml")));
    let report = run.report().to_string();
    assert!(report.contains("1 CustomResourceDefinitions, 0 other documents skipped"), "{report}");
    assert!(report.contains("nested objects"), "{report}");
    assert!(report.contains("values are raw JSON"), "{report}");
    assert!(report.contains("  demo.kubewright.dev/v1 WebShop: spec.settings"), "{report}");
}

/// A generator for the definition of one kind, `WebShop`.
fn webshops() -> Generator {
    Generator::new().crds(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/crds/webshops.yaml"))
}

#[test]
fn the_core_group_goes_by_core_and_is_reported_so_where_it_is_missing() {
    let run = run(webshops().groups(["core", "demo.kubewright.dev"]));
    assert_eq!(run.report().missing, ["no resource is of the group \"core\""]);
    assert!(run.tree().files.contains_key("demo_kubewright_dev/v1/web_shops.rs"), "{:?}", run.tree().files.keys());
}

#[test]
fn an_override_that_is_not_rust_is_reported_and_ignored() {
    let (kind, path) = ("WebShop".to_owned(), "spec.settings".to_owned());
    let field = FieldOverride { kind: kind.clone(), path, name: Some("a b".to_owned()), ty: Some("Vec<".to_owned()) };
    let name = TypeOverride { kind, path: "spec".to_owned(), name: "struct".to_owned() };
    let (plain, overridden) = (run(webshops()), run(webshops().overrides(overrides(name, field))));
    assert_eq!(overridden.tree().files, plain.tree().files);
    assert_eq!(
        overridden.report().missing,
        [
            "`struct` is not a name in Rust, and is ignored at spec of WebShop",
            "`a b` is not a name in Rust, and is ignored at spec.settings of WebShop",
            "`Vec<` is not a type in Rust, and is ignored at spec.settings of WebShop",
        ]
    );
}

fn overrides(name: TypeOverride, field: FieldOverride) -> Overrides {
    Overrides { types: vec![name], fields: vec![field] }
}

#[test]
fn a_path_that_is_none_in_rust_is_an_error_that_names_it() {
    for (generator, what) in [
        (webshops().beside("my crate"), "the crate beside the tree is `my crate`"),
        (webshops().runtime(""), "the path to the runtime is ``"),
        (webshops().derives(["Clone,"]), "what structs derive is `Clone,`"),
    ] {
        let error = generator.run().expect_err("it is no path");
        assert!(matches!(error, Error::NotAPath { .. }), "{error}");
        assert!(error.to_string().starts_with(what), "{error}");
    }
    let error = webshops().derives(["my_crate::Checksum", "PartialEq"]).run().expect_err("structs have it");
    assert!(matches!(error, Error::DerivedAlready { name: "PartialEq" }), "{error}");
}

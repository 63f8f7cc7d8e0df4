//! One generator for commands, build scripts and programs: the same bytes however often it runs, and however its sources lie.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};

use kubewright_codegen::{Generator, Run};

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
    assert!(report.contains("nested objects are"), "{report}");
    assert!(report.contains("values are raw JSON"), "{report}");
    assert!(report.contains("  demo.kubewright.dev/v1 WebShop: spec.settings"), "{report}");
}

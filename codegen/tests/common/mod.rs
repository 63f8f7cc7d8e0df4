//! The made-up documents that tests generate from: one group, with one of every oddity.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kubewright_codegen::{
    documents::{Assembly, Documents, Fetch},
    spec,
};

/// A folder of this crate's tests.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The documents of two minors.
#[allow(dead_code)]
pub fn minors() -> Vec<Documents> {
    let load = |name: &str| spec::load(&folder("minors").join(name)).expect("a minor's documents");
    vec![load("v1.36"), load("v1.37")]
}

/// The documents.
pub fn documents() -> Documents {
    documents_with("", "")
}

/// The documents with one word in place of another.
pub fn documents_with(word: &str, other: &str) -> Documents {
    let read = |name: &str| {
        let text = fs::read_to_string(folder("documents").join(name)).expect("a test document");
        if word.is_empty() { text.into_bytes() } else { text.replace(word, other).into_bytes() }
    };
    let mut assembly = Assembly::new();
    assembly.version(br#"{"major": "1", "minor": "37", "gitVersion": "v1.37.1"}"#).expect("a version");
    assembly.discovery("/apis", &read("discovery.json")).expect("discovery");
    let fetch = Fetch { document: "apis/example.com/v1".into(), path: String::new(), hash: None };
    assembly.document::<String>(&fetch, Ok(&read("apis_example.com_v1.json")));
    let documents = assembly.finish();
    assert!(documents.problems.is_empty(), "{:?}", documents.problems);
    documents
}

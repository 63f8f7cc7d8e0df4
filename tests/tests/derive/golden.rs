//! The CRDs of the corpus, and what objects of its kinds come back as.

use std::collections::BTreeSet;
use std::path::Path;

use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::yaml;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::corpus::{self, attributes};

const UPDATE: &str = "UPDATE_GOLDEN=1 cargo test -p kubewright-tests --test derive golden";

#[test]
fn the_crds_of_the_corpus_are_those_of_the_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/derive/golden");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut names = BTreeSet::new();
    let mut crds: Vec<_> = corpus::all().iter().map(|case| (case.plural.to_owned(), (case.crd)())).collect();
    let versions = [attributes::BridgeV1Alpha1::crd().expect("a CRD"), attributes::Bridge::crd().expect("a CRD")];
    crds.push(("bridges-of-two-versions".into(), kubewright::crd::merge(&versions, "v1").expect("one CRD")));
    for (name, crd) in crds {
        let text = yaml::to_string(&crd).expect("YAML");
        let file = folder.join(format!("{name}.yaml"));
        if update {
            std::fs::write(&file, &text).expect("a file");
        }
        let known = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
        assert!(known == text, "{name} is another; look at the change after {UPDATE}");
        assert_eq!(yaml::from_str::<CustomResourceDefinition>(&text).expect("YAML"), crd, "{name}");
        assert!(names.insert(format!("{name}.yaml")), "{name} stands twice");
    }
    let files = std::fs::read_dir(&folder).expect("the folder");
    let files: BTreeSet<String> =
        files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(files, names, "a file for each kind, and no other");
}

/// An object of a sample: a spec, or the whole of it.
pub fn object(api_version: &str, kind: &str, name: &str, sample: &Value) -> Value {
    let mut object = match sample.get("$root") {
        Some(root) => root.clone(),
        None => json!({ "spec": sample }),
    };
    object["apiVersion"] = api_version.into();
    object["kind"] = kind.into();
    object["metadata"] = json!({ "name": name });
    object
}

#[test]
fn objects_that_are_read_and_written_are_as_they_were_with_what_the_structs_do_not_know() {
    for case in corpus::all() {
        let crd = (case.crd)();
        let (kind, version) = (&crd.spec.names.kind, &crd.spec.versions[0].name);
        for sample in (case.samples)() {
            let mut object = object(&format!("derive.example.com/{version}"), kind, "a", &sample);
            let rewrite = |object: &Value| -> Value {
                let text = (case.rewrite)(&object.to_string()).expect("an object");
                serde_json::from_str(&text).expect("JSON")
            };
            assert_eq!(rewrite(&object), object, "{kind}");
            unknown(&mut object, true);
            assert_eq!(rewrite(&object), object, "{kind}");
        }
    }
}

/// Puts an unknown field into every object.
fn unknown(value: &mut Value, root: bool) {
    match value {
        Value::Object(members) => {
            members
                .iter_mut()
                .filter(|(key, _)| !root || *key != "metadata")
                .for_each(|(_, value)| unknown(value, false));
            members.insert("neverHeardOf".into(), json!([{ "x": null }, 12345678901_i64, 1.5]));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| unknown(value, false)),
        _ => {}
    }
}

/// A kind of a program that has the core alone.
#[derive(kubewright::CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Small", crate = kubewright_core)]
struct SmallSpec {
    size: Option<i32>,
}

#[test]
fn a_program_that_has_the_core_alone_derives_a_kind_and_has_its_crd_as_a_dynamic_object() {
    let crd: kubewright_core::DynamicObject = Small::crd().expect("a CRD");
    assert_eq!(
        (crd.kind.as_str(), crd.metadata.name.as_deref()),
        ("CustomResourceDefinition", Some("smalls.derive.example.com"))
    );
    let small = Small::new("a", SmallSpec { size: Some(1) });
    let text = kubewright_core::json::to_vec(&small).expect("JSON");
    let expected = r#"{"apiVersion":"derive.example.com/v1","kind":"Small","metadata":{"name":"a"},"spec":{"size":1}}"#;
    assert_eq!(String::from_utf8_lossy(&text), expected);
}

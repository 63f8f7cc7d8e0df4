//! `kubewright.toml`: what it may say, and what comes of it.
#![allow(missing_docs)]

use std::fs;
use std::path::Path;

use kubewright_codegen::{Generator, Run};

const CRDS: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Boat, plural: boats}
  versions:
  - name: v1
    served: true
    storage: true
    schema: &schema
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [owner]
            properties:
              owner: {type: string}
              crew:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items: {type: object, required: [name], properties: {name: {type: string}, shoe: {type: object, properties: {size: {type: integer}}}}}
              spare: {type: object, properties: {size: {type: integer}}}
              flag: {type: string, enum: [red, green]}
          status: {type: object, properties: {owner: {type: string}}}
  - {name: v1beta1, served: true, storage: false, schema: *schema}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rafts.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Raft, plural: rafts}
  versions:
  - {name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {owner: {type: string}}}}}}}
";

/// A folder with definitions and a configuration, and the path of the latter.
fn written(config: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("crds")).expect("a folder");
    fs::write(folder.path().join("crds/boats.yaml"), CRDS).expect("a file");
    let path = folder.path().join("kubewright.toml");
    fs::write(&path, format!("crds = [\"crds\"]\nout = \"src/kube\"\n{config}")).expect("a file");
    (folder, path)
}

fn run(config: &str) -> Run {
    let (_folder, path) = written(config);
    Generator::from_config(path).expect("a configuration").run().expect("generated")
}

fn refused(config: &str) -> String {
    let (_folder, path) = written(config);
    Generator::from_config(path).expect_err("a mistake").to_string()
}

fn boats(run: &Run) -> &str {
    &run.tree().files["example_com/v1/boats.rs"]
}

#[test]
fn a_key_that_is_unknown_is_an_error_with_its_line() {
    for (config, key) in [
        ("kindz = [\"Boat\"]\n", "kindz"),
        ("[kind.Boat]\nversion = [\"v1\"]\n", "version"),
        ("[kind.Boat.fields]\n\"spec.owner\" = { typ = \"crate::Owner\" }\n", "typ"),
        ("[cluster]\ncontext = \"a\"\nuser = \"b\"\n", "user"),
    ] {
        let error = refused(config);
        let before = config.lines().position(|line| line.contains(key)).expect("the line");
        let line = before + 3;
        assert!(error.contains(&format!("line {line}")) && error.contains(&format!("`{key}`")), "{error}");
        assert!(error.contains("kubewright.toml"), "{error}");
    }
}

#[test]
fn a_name_or_type_that_is_none_in_rust_is_an_error_with_its_line() {
    for config in [
        "[kind.Boat.fields]\n\"spec.owner\" = { name = \"the owner\" }\n",
        "[kind.Boat.fields]\n\"spec.owner\" = { type = \"Vec<\" }\n",
        "[kind.Boat.types]\n\"spec.crew\" = \"fn\"\n",
    ] {
        let error = refused(config);
        assert!(error.contains("line 4") && error.contains("in Rust"), "{error}");
    }
    let error = refused("derives = [\"a b\"]\n");
    assert!(error.contains("line 3") && error.contains("in Rust"), "{error}");
    let error = refused("derives = [\"serde::Serialize\"]\n");
    assert!(error.contains("line 3") && error.contains("all structs have Serialize"), "{error}");
}

#[test]
fn paths_are_relative_to_the_file() {
    let (folder, path) = written("");
    let run = Generator::from_config(path).expect("a configuration").run().expect("generated");
    assert_eq!(run.out().expect("a folder"), folder.path().join("src/kube"));
    assert_eq!(run.report().crds, 2);
}

#[test]
fn types_and_fields_have_the_names_that_they_are_given() {
    let run = run("[kind.Boat.types]\n\"spec.crew\" = \"Sailor\"\n\"spec.flag\" = \"Colour\"\n\n\
         [kind.Boat.fields]\n\"spec.flag\" = { name = \"ensign\" }\n\"*.owner\" = { name = \"holder\" }\n");
    assert!(!run.report().is_incomplete(), "{}", run.report());
    let boats = boats(&run);
    // A second version has the same schema, so the types are shared, and each kind's module hands them on.
    let all: String = run.tree().files.values().map(String::as_str).collect();
    assert!(all.contains("pub struct Sailor {") && all.contains("pub enum Colour {"), "{all}");
    assert!(boats.contains("Sailor") && boats.contains("Colour"), "{boats}");
    assert!(all.contains("pub ensign: Option<Colour>,") && !all.contains("pub flag:"), "{all}");
    assert_eq!(all.matches("pub holder: ").count(), 2, "spec and status: {all}");
    assert!(all.contains(" holder \"owner\" {"), "the name in JSON stays: {all}");
    assert_eq!(all.matches("pub owner: ").count(), 1, "that of another kind: {all}");
}

#[test]
fn a_field_of_a_users_type_is_that_type_and_what_it_held_is_not_generated() {
    let run =
        run("[kind.Boat]\nversions = [\"v1\"]\n\n[kind.Boat.fields]\n\"spec.owner\" = { type = \"crate::Owner\" }\n\
         \"spec.crew\" = { type = \"Vec<crate::Sailor>\" }\n");
    assert!(!run.report().is_incomplete(), "{}", run.report());
    let boats = boats(&run);
    assert!(boats.contains("pub owner: crate::Owner,"), "{boats}");
    assert!(boats.contains("pub crew: Option<Vec<crate::Sailor>>,"), "{boats}");
    assert!(boats.contains("serde 2 crew \"crew\" if ::core::option::Option::is_some {"), "{boats}");
    let structs = boats.lines().filter(|line| line.starts_with("pub struct ") && line.ends_with('{')).count();
    assert_eq!(structs, 3, "the kind, its spec, what is spare (its status is another kind's spec, too): {boats}");
}

#[test]
fn versions_that_are_not_named_are_left_out_of_the_kind_that_names_some() {
    let run = run("[kind.\"boats.example.com\"]\nversions = [\"v1\"]\n");
    let names: Vec<&str> =
        run.tree().files.keys().map(String::as_str).filter(|name| name.matches('/').count() == 2).collect();
    assert_eq!(
        names,
        [
            "example_com/v1/boats.rs",
            "example_com/v1/mod.rs",
            "example_com/v1beta1/mod.rs",
            "example_com/v1beta1/rafts.rs"
        ]
    );
}

#[test]
fn structs_derive_what_is_asked_for_besides() {
    let run = run("derives = [\"my_crate::Checksum\", \"Extra\"]\n");
    let boats = boats(&run);
    assert!(boats.contains("#[derive(Clone, Default, my_crate::Checksum, Extra)]\npub struct Boat {"), "{boats}");
}

#[test]
fn an_override_that_can_not_be_followed_is_told_of_and_the_rest_is_generated() {
    let run = run("[kind.Boat.types]\n\"spec.crew\" = \"Boat\"\n\"spec.mast\" = \"Mast\"\n\n\
         [kind.Boot.fields]\n\"spec.owner\" = { name = \"holder\" }\n\n\
         [kind.Boat.fields]\n\"spec.owner\" = { name = \"unknown_fields\" }\n");
    let mut told = run.report().missing.clone();
    told.sort();
    told.dedup();
    assert_eq!(
        told,
        [
            "example.com/v1 Boat: spec.crew[] can't be called Boat: another type is",
            "example.com/v1beta1 Boat: spec.crew[] can't be called Boat: another type is",
            "no field stands at spec.owner of Boot",
            "no type stands at spec.mast of Boat",
            "owner can't be called unknown_fields: another field is",
        ]
    );
    assert!(run.report().is_incomplete());
    assert!(boats(&run).contains("pub struct Boat {"));
}

#[test]
fn a_group_kind_or_version_that_is_not_there_is_told_of() {
    let run = run(
        "groups = [\"example.com\", \"example.org\"]\nkinds = [\"Boat\", \"Boot\"]\n[kind.Boat]\nversions = [\"v1\", \"v2\"]\n",
    );
    let missing =
        ["no resource is of the group \"example.org\"", "no resource is called Boot", "Boat has no version v2"];
    assert_eq!(run.report().missing, missing);
    assert!(run.tree().files.contains_key("example_com/v1/boats.rs"));
    let report = run.report().to_string();
    assert_eq!(report.matches("no resource is called Boot").count(), 1, "{report}");
}

#[test]
fn what_nobody_reads_is_an_error_and_not_an_empty_client() {
    let (folder, path) = written("[cluster]\n");
    let error = Generator::from_config(&path).expect("a configuration").run().expect_err("a cluster").to_string();
    assert!(error.contains("[cluster]"), "{error}");
    fs::write(&path, "").expect("a file");
    let error = Generator::from_config(&path).expect("a configuration").run().expect_err("no source").to_string();
    assert!(error.contains("no source"), "{error}");
    fs::write(folder.path().join("crds/boats.yaml"), "kind: Service\napiVersion: v1\n").expect("a file");
    let generator = Generator::new().crds(folder.path().join("crds"));
    assert!(generator.run().expect_err("no definition").to_string().contains("no CustomResourceDefinition"));
    let missing = Generator::from_config(Path::new("/does/not/exist.toml")).expect_err("no file").to_string();
    assert!(missing.contains("exist.toml"), "{missing}");
}

#[test]
fn what_is_said_of_kinds_that_are_not_selected_is_not_missing() {
    let (_folder, path) = written(
        "[kind.Boat]\nversions = [\"v1\"]\n\n[kind.Boat.types]\n\"spec.crew\" = \"Sailor\"\n\n\
         [kind.Boat.fields]\n\"spec.flag\" = { name = \"ensign\" }\n\n[kind.Ghost.fields]\n\"spec.a\" = { name = \"b\" }\n",
    );
    let generator = Generator::from_config(path).expect("a configuration").kinds(["Raft"]);
    let run = generator.run().expect("generated");
    assert_eq!(run.report().missing, ["no field stands at spec.a of Ghost"], "a kind that is not there at all");
}

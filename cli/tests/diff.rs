//! `cargo kubewright diff`: its report, and its exit status, which are those of `kubectl diff`.
#![allow(missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

fn crd(name: &str, fields: &str) -> String {
    format!(
        "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {name}s.example.com}}\n\
         spec:\n  group: example.com\n  scope: Namespaced\n  names: {{kind: {name}, plural: {name}s}}\n  versions:\n  \
         - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object, properties: {{spec: \
         {{type: object, properties: {{{fields}}}}}}}}}}}}}\n"
    )
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-kubewright"));
    command.args(["kubewright", "diff"]).args(arguments).current_dir(folder).stdin(Stdio::null());
    let output = command.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_breaks_is_listed_with_who_suffers_and_what_is_compatible_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).expect("a file");
    write("old.yaml", crd("boat", "a: {type: string}, b: {type: integer}"));
    write("more.yaml", crd("boat", "a: {type: string}, b: {type: integer}, c: {type: string}"));
    write("less.yaml", crd("boat", "a: {type: string, maxLength: 3}"));
    let (status, out, errors) = run(folder.path(), &["old.yaml", "old.yaml"]);
    assert_eq!((status, out.as_str()), (Some(0), "boats.example.com: nothing breaks\n"), "{errors}");
    assert_eq!(run(folder.path(), &["old.yaml", "more.yaml"]).0, Some(0), "what is added breaks nothing");
    let (status, out, _) = run(folder.path(), &["old.yaml", "less.yaml"]);
    assert_eq!(status, Some(1));
    assert_eq!(
        out,
        "boats.example.com:\n  lost     v1 .spec.b: the field is removed: its values are dropped\n  \
         invalid  v1 .spec.a: maxLength is 3, and was not bound: objects beyond it are invalid\n"
    );
}

#[test]
fn folders_with_several_definitions_are_compared_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("old/a.yaml", crd("boat", "a: {type: string}") + &crd("ship", "a: {type: string}")),
        ("new/boat.yaml", crd("boat", "a: {type: string}")),
        ("new/deep/raft.yaml", crd("raft", "a: {type: string}")),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    let (status, out, _) = run(folder.path(), &["old", "new"]);
    assert_eq!(status, Some(1), "a definition is gone");
    assert_eq!(
        out,
        "boats.example.com: nothing breaks\nships.example.com:\n  lost     the definition is removed: deleting it deletes its \
         objects\nrafts.example.com: new\n"
    );
}

#[test]
fn what_can_not_be_compared_has_a_status_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("boat.yaml"), crd("boat", "a: {type: string}")).expect("a file");
    fs::write(folder.path().join("service.yaml"), "apiVersion: v1\nkind: Service\n").expect("a file");
    fs::write(folder.path().join("broken.yaml"), crd("boat", "a: {type: string}") + "---\n{").expect("a file");
    for (other, wanted) in [
        ("missing.yaml", "missing.yaml"),
        ("service.yaml", "no CustomResourceDefinition"),
        ("broken.yaml", "broken.yaml"),
    ] {
        let (status, _, errors) = run(folder.path(), &["boat.yaml", other]);
        assert!(status == Some(2) && errors.contains(wanted), "{other}: {status:?} {errors}");
    }
    assert_eq!(run(folder.path(), &["boat.yaml"]).0, Some(2), "there are two");
}

#[test]
fn what_may_stand_in_a_file_that_cannot_be_read_is_not_called_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let boats = crd("boat", "a: {type: string}");
    let ships = crd("ship", "a: {type: string}");
    for (name, text) in [("old/a.yaml", boats.clone() + &ships), ("new/a.yaml", boats), ("new/b.yaml", "a: [".into())] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    let (status, out, errors) = run(folder.path(), &["old", "new"]);
    assert_eq!((status, out.as_str()), (Some(2), "boats.example.com: nothing breaks\n"), "{errors}");
    assert!(errors.contains("new/b.yaml"), "{errors}");
}

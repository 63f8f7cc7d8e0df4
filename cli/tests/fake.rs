//! `cargo kubewright fake` as a program: what it prints, where it listens, how it ends.
#![cfg(all(unix, feature = "fake"))]
#![allow(missing_docs)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use kubewright_cli::cluster;
use kubewright_runtime::{Api, DynamicObject, DynamicResource, Scope};

const CRD: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Boat, plural: boats}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
";

/// A fake that runs, and the kubeconfig that it printed.
struct Running {
    child: Child,
    kubeconfig: PathBuf,
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-kubewright"));
    command.args(["kubewright", "fake"]).args(arguments).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn start(folder: &Path, arguments: &[&str]) -> Running {
    start_with(Stdio::null(), folder, arguments)
}

fn start_with(input: Stdio, folder: &Path, arguments: &[&str]) -> Running {
    let mut child = command(folder, arguments).stdin(input).spawn().expect("it runs");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("a line");
    let kubeconfig = line.trim().strip_prefix("export KUBECONFIG=").expect("a kubeconfig");
    let kubeconfig = folder.join(kubeconfig);
    Running { child, kubeconfig }
}

impl Running {
    /// Ends it by a signal. Returns what else it printed.
    fn end(mut self, signal: &str) -> String {
        let killed = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(killed.success());
        let mut printed = String::new();
        for mut pipe in [
            Box::new(self.child.stdout.take().expect("a pipe")) as Box<dyn std::io::Read>,
            Box::new(self.child.stderr.take().expect("a pipe")),
        ] {
            pipe.read_to_string(&mut printed).expect("text");
        }
        assert!(self.child.wait().expect("it ends").success(), "{printed}");
        printed
    }

    /// The namespaces and the boats by their names; a boat is made before, if one is named.
    fn names(&self, made: Option<&str>) -> (Vec<String>, Vec<String>) {
        let resource = |group: &str, kind: &str, plural: &str, namespaced| DynamicResource {
            group: group.to_owned(),
            version: "v1".to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            namespaced,
        };
        let client = cluster::client(Some(&self.kubeconfig), None).expect("a client");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let boat = resource("example.com", "Boat", "boats", true);
            let boats = Api::<DynamicObject>::dynamic(&client, &boat, Scope::Namespace("default"));
            if let Some(name) = made {
                boats.create(&DynamicObject::new(&boat, name)).await.expect("created");
            }
            let namespace = resource("", "Namespace", "namespaces", false);
            let namespaces = Api::<DynamicObject>::dynamic(&client, &namespace, Scope::Cluster);
            let names = |objects: Vec<DynamicObject>| -> Vec<String> {
                objects.into_iter().filter_map(|object| object.metadata.name).map(|name| name.to_string()).collect()
            };
            let namespaces = namespaces.list().await.expect("a list").into_iter().collect();
            (names(namespaces), names(boats.list().await.expect("a list").into_iter().collect()))
        })
    }
}

#[test]
fn it_listens_until_it_is_interrupted_and_prints_one_line_in_a_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("boats.yaml"), CRD).expect("a file");
    let fake = start(folder.path(), &["--crds", "boats.yaml", "--kubernetes", "1.37"]);
    let kubeconfig = fake.kubeconfig.clone();
    let (namespaces, boats) = fake.names(Some("one"));
    assert!(namespaces.contains(&"kube-system".to_owned()), "{namespaces:?}");
    assert_eq!(boats, ["one"]);
    assert_eq!(fake.end("-INT"), "");
    assert!(!kubeconfig.exists(), "its file is removed");
}

#[test]
fn it_ends_with_standard_input_if_that_is_asked_for_and_takes_its_kubeconfig_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let Running { mut child, kubeconfig } = start_with(Stdio::piped(), folder.path(), &["--until-stdin-closes"]);
    assert!(kubeconfig.exists() && child.try_wait().expect("its state").is_none());
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
    assert!(!kubeconfig.exists());
}

#[test]
fn a_file_keeps_the_objects() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("boats.yaml"), CRD).expect("a file");
    let arguments = ["--crds", "boats.yaml", "--file", "objects", "--kubeconfig", "config"];
    let fake = start(folder.path(), &arguments);
    fake.names(Some("one"));
    fake.end("-TERM");
    assert!(folder.path().join("config").exists(), "a named kubeconfig stays");
    let fake = start(folder.path(), &arguments);
    assert_eq!(fake.names(Some("two")).1, ["one", "two"]);
    fake.end("-INT");
}

#[test]
fn what_is_wrong_is_said_and_nothing_listens() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("none.yaml"), "a: b").expect("a file");
    fs::write(folder.path().join("config"), "apiVersion: v1").expect("a file");
    for (arguments, expected) in [
        (&["--kubernetes", "1.2"][..], "no documents of Kubernetes 1.2 are built in"),
        (&["--crds", "none.yaml"][..], "there is no CustomResourceDefinition"),
        (&["--file", "none.yaml"][..], "cannot read none.yaml"),
        (&["--kubeconfig", "config"][..], "is not the kubeconfig of a fake cluster"),
    ] {
        let output = command(folder.path(), arguments).output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && errors.contains(expected), "{arguments:?}: {errors}");
        assert!(output.stdout.is_empty());
    }
}

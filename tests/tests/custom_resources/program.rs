//! The program that works with the kinds, through a client that is generated for them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kubewright_codegen::cluster::{Request, read};
use kubewright_codegen::documents::Cache;
use kubewright_codegen::{Options, Target, Tree, generate, write};
use kubewright_runtime::Client;
use serde_json::Value;

use super::kind::{GROUP, Kind, MODULE};

/// The error of each action, if there was one, by the kind and the name that it was about.
pub type Outcomes = BTreeMap<(String, String), Option<String>>;

/// A type of the client.
pub struct Type {
    /// Its path in the program.
    pub path: String,
    /// Its own handle, if its status is to be applied through that.
    pub handle: Option<String>,
}

/// The client for random kinds, from the cluster that serves them.
pub async fn client(client: &Client) -> Tree {
    let cache = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(cache.path());
    let groups = [GROUP.to_owned()];
    let request = Request { groups: &groups, cache: &cache, progress: &mut |_, _| {} };
    let answers = read(client, request).await.expect("documents");
    let documents = answers.documents(&groups).expect("documents");
    assert!(documents.problems.is_empty(), "{:?}", documents.problems);
    let options = Options::new(Target::Tree, "kubewright_runtime", "the test").groups(groups.to_vec());
    generate(&documents, &options).expect("a client")
}

/// The types of random kinds.
pub fn types(kinds: &[Kind]) -> Vec<Type> {
    let types = kinds.iter().map(|kind| {
        let super::target::Target { kind, plural, namespaced, status, .. } = &kind.target;
        let scope = if *namespaced { "NAMESPACE" } else { "" };
        let handle = status.then(|| format!("client.{MODULE}_v1().{plural}({scope})"));
        Type { path: format!("kube::{MODULE}::v1::{kind}"), handle }
    });
    types.collect()
}

/// Writes the program, with a client of these types, and its manifest into a folder.
pub fn create(name: &str, tree: &Tree, types: &[Type], root: &Path, folder: &Path) {
    write::write(tree, &folder.join("src/kube"), &[""]).expect("files");
    let manifest = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\n\n[dependencies]\n\
         futures-util = {{ version = \"0.3\", default-features = false }}\n\
         kubewright-runtime = {{ path = {:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
         serde_json = {{ version = \"1\", features = [\"raw_value\"] }}\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt\", \"sync\", \"time\"] }}\n\n\
         [workspace]\n",
        root.join("runtime")
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("a file");
    // The versions that the workspace is tested with.
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a file");
    for name in ["main.rs", "fields.rs"] {
        let from = root.join("tests/programs/custom_resources").join(name);
        std::fs::copy(from, folder.join("src").join(name)).expect("a file");
    }
    std::fs::write(folder.join("src/kinds.rs"), dispatch(types)).expect("a file");
}

/// The module that goes from what an action is about to its type.
fn dispatch(types: &[Type]) -> String {
    let mut arms = String::new();
    for Type { path, handle } in types {
        let request = match handle {
            Some(handle) => format!("{handle}.apply_status(object, MANAGER)"),
            None => format!("api_of::<crate::{path}>(client).apply_subresource(object, \"status\", MANAGER)"),
        };
        writeln!(
            arms,
            "    if action.is_about::<crate::{path}>() {{\n        \
             return Box::pin(perform::<crate::{path}>(client, action, |object| {request})).await;\n    }}"
        )
        .expect("text takes text");
    }
    format!(
        "//! From what an action is about to its type.\n\n\
         #[allow(unused_imports)]\nuse crate::{{Action, Client, MANAGER, NAMESPACE, api_of, kube::ApiGroups as _, perform}};\n\n\
         pub async fn perform_any(client: &Client, action: &Action) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {{\n\
         {arms}    Err(format!(\"there is no {{}}\", action.kind()).into())\n}}\n"
    )
}

/// Compiles it; gives the path of the program.
pub fn build(name: &str, folder: &Path) -> PathBuf {
    // Shared with the other programs, so that their dependencies are compiled once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "the client does not compile: {}", String::from_utf8_lossy(&output.stderr));
    target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Runs it on a list of actions, and gives what it prints.
pub fn run(program: &Path, kubeconfig: &Path, folder: &Path, actions: &[Value]) -> Outcomes {
    let lines: Vec<String> = actions.iter().map(ToString::to_string).collect();
    let file = folder.join("actions.jsonl");
    std::fs::write(&file, lines.join("\n")).expect("a file");
    let output = Command::new(program).arg(&file).env("KUBECONFIG", kubeconfig).output().expect("the program runs");
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let outcomes: Outcomes = told
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let about = (text(&line["kind"]).expect("a kind"), text(&line["name"]).expect("a name"));
            (about, text(&line["error"]))
        })
        .collect();
    assert_eq!(outcomes.len(), actions.len(), "{errors}");
    outcomes
}

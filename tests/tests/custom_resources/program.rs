//! The program that works with the kinds, through a client that is generated from the cluster.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kubewright_codegen::cluster::{Request, read};
use kubewright_codegen::documents::Cache;
use kubewright_codegen::{Options, Target, generate, write};
use kubewright_runtime::Client;

use super::kind::{GROUP, Kind, MODULE};

/// Writes the program, its client and its manifest into a folder.
pub async fn create(client: &Client, kinds: &[Kind], root: &Path, folder: &Path) {
    let cache = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(cache.path());
    let groups = [GROUP.to_owned()];
    let request = Request { groups: &groups, cache: &cache, progress: &mut |_, _| {} };
    let answers = read(client, request).await.expect("documents");
    let documents = answers.documents(&groups).expect("documents");
    assert!(documents.problems.is_empty(), "{:?}", documents.problems);
    let options = Options::new(Target::Tree, "kubewright_runtime", "the test").groups(groups.to_vec());
    let tree = generate(&documents, &options).expect("a client");
    write::write(&tree, &folder.join("src/kube"), &[""]).expect("files");

    let manifest = format!(
        "[package]\nname = \"custom-resources\"\nedition = \"2024\"\n\n[dependencies]\n\
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
    std::fs::write(folder.join("src/kinds.rs"), dispatch(kinds)).expect("a file");
}

/// The module that goes from a kind's name to its type.
fn dispatch(kinds: &[Kind]) -> String {
    let mut arms = String::new();
    for Kind { name, plural, namespaced, status, .. } in kinds {
        let scope = if *namespaced { "NAMESPACE" } else { "" };
        let status = if *status {
            format!("Some(client.{MODULE}_v1().{plural}({scope}).apply_status(object, MANAGER))")
        } else {
            "{ let _ = object; None }".to_owned()
        };
        writeln!(arms, "        {name:?} => perform::<api::{name}>(client, action, |object| {status}).await,")
            .expect("text takes text");
    }
    format!(
        "//! From a kind's name to its type.\n\n\
         #[allow(unused_imports)]\nuse crate::{{Action, Client, MANAGER, NAMESPACE, kube::{MODULE}::v1 as api, kube::ApiGroups as _, perform}};\n\n\
         pub async fn perform_any(client: &Client, action: &Action) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {{\n    \
         match action.kind() {{\n{arms}        kind => Err(format!(\"no kind is called {{kind}}\").into()),\n    }}\n}}\n"
    )
}

/// Compiles it; gives the path of the program.
pub fn build(folder: &Path) -> PathBuf {
    // Shared with the other programs, so that their dependencies are compiled once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "the client does not compile: {}", String::from_utf8_lossy(&output.stderr));
    target.join("debug").join(format!("custom-resources{}", std::env::consts::EXE_SUFFIX))
}

/// Runs it on a list of actions, and gives what it prints.
pub fn run(program: &Path, kubeconfig: &Path, folder: &Path, actions: &[serde_json::Value]) -> Vec<serde_json::Value> {
    let lines: Vec<String> = actions.iter().map(ToString::to_string).collect();
    let file = folder.join("actions.jsonl");
    std::fs::write(&file, lines.join("\n")).expect("a file");
    let output = Command::new(program).arg(&file).env("KUBECONFIG", kubeconfig).output().expect("the program runs");
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}");
    let outcomes: Vec<_> = told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(outcomes.len(), actions.len(), "{errors}");
    outcomes
}

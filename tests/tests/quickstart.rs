//! The README's first command, as a person would type it: with a fake API server, and with a real one.
#![allow(missing_docs)]

use std::path::Path;
use std::process::Command;

/// Where the packages are written: not where those of people are, who may have changed them.
const FOLDER: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/quickstart");
const FOLDER_OF_CLUSTER: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/quickstart-cluster");

#[test]
fn quickstart_without_a_cluster_starts_a_fake_one_and_shows_a_controller_at_work() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let output = Command::new(env!("CARGO"))
        .args(["xtask", "quickstart", "--folder", FOLDER])
        .current_dir(root)
        .env("KUBECONFIG", "/nowhere")
        .output()
        .expect("cargo runs");
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}\n{errors}");
    for step in
        ["[1/5] compiling", "[2/5] starting a fake API server", "[3/5] generating", "[4/5] compiling", "[5/5] done"]
    {
        assert!(told.contains(step), "{step}: {told}\n{errors}");
    }
    for line in [
        "namespace kube-system",
        "wrote the config map tea-page: <h1 style=\"color: green\">Green tea</h1>",
        "read <h1 style=\"color: green\">Black tea</h1>",
        "spec.title: Invalid value",
        "deleted the config map tea-page",
    ] {
        assert!(told.contains(line), "{line}: {told}\n{errors}");
    }
}

#[test]
fn quickstart_generates_compiles_and_runs_telling_each_step() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let output = Command::new(env!("CARGO"))
        .args(["xtask", "quickstart", "--cluster", "--folder", FOLDER_OF_CLUSTER])
        .current_dir(root)
        .env("KUBECONFIG", bed.kubeconfig())
        .output()
        .expect("cargo runs");
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}\n{errors}");
    for step in [
        "[1/5] compiling",
        "[2/5] using the cluster of your kubeconfig",
        "[3/5] generating",
        "[4/5] compiling",
        "[5/5] done",
    ] {
        assert!(told.contains(step), "{step}: {told}\n{errors}");
    }
    assert!(told.contains("namespace kube-system") && told.contains("pods in all"), "{told}");
    assert!(told.contains("observes the namespace kube-system"), "{told}");
}

/// What is read first.
const CANNOT_READ: &str = "error: cannot read /apis/apiextensions.k8s.io/v1/customresourcedefinitions of the cluster";

#[test]
fn a_cluster_that_cant_be_reached_is_one_clear_error() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("config");
    // A port that was free a moment ago: nobody listens there.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
         clusters: [{{name: k, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\n\
         users: [{{name: u, user: {{}}}}]\ncontexts: [{{name: c, context: {{cluster: k, user: u}}}}]\n"
    );
    std::fs::write(&kubeconfig, text).expect("a file");
    let output = Command::new(env!("CARGO"))
        .args(["xtask", "gen", "--from-cluster", "--out"])
        .arg(folder.path().join("kube"))
        .current_dir(root)
        .env("KUBECONFIG", &kubeconfig)
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains(CANNOT_READ), "{errors}");
    assert!(errors.contains(&format!("127.0.0.1:{port}")) && errors.contains("refused"), "{errors}");
    assert!(!folder.path().join("kube").exists(), "nothing is written");
}

#[test]
fn an_unchanged_cluster_is_a_no_op_that_says_so() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = std::fs::read_to_string(bed.kubeconfig()).expect("a kubeconfig");
    let context =
        kubeconfig.lines().find_map(|line| line.trim().strip_prefix("current-context:")).expect("a context").trim();
    let r#gen = |groups: &str| {
        let output = Command::new(env!("CARGO"))
            .args([
                "xtask",
                "gen",
                "--from-cluster",
                "--context",
                context.trim_matches('"'),
                "--groups",
                groups,
                "--out",
            ])
            .arg(folder.path())
            .current_dir(root)
            .env("KUBECONFIG", bed.kubeconfig())
            .output()
            .expect("cargo runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), told, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (done, told, errors) = r#gen("apps,core");
    assert!(done && told.contains("a client for Kubernetes v"), "{told}\n{errors}");
    assert!(folder.path().join("apps/v1/deployments.rs").exists() && !folder.path().join("batch").exists());
    let deployments = std::fs::read_to_string(folder.path().join("apps/v1/deployments.rs")).expect("a file");
    assert!(deployments.contains("/// Deployment enables declarative updates"), "the server's words are the docs");

    let (done, told, errors) = r#gen("apps,core");
    assert!(done && told.contains("unchanged"), "{told}\n{errors}");
    let (done, _, errors) = r#gen("apps,nope");
    assert!(!done && errors.contains(r#"has no group "nope"; it has: "#), "{errors}");
}

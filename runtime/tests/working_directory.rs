//! A relative `$KUBECONFIG` with relative paths in it, in a program that changes its working directory.
//!
//! The test runs itself as another process, since environment and working directory belong to the whole process.

use std::process::Command;

use kubewright_runtime::config::{Config, Credentials, ExecConfig, Kubeconfig, KubeconfigOptions};

const INSIDE: &str = "KUBEWRIGHT_TEST_INSIDE";

const KUBECONFIG: &str = "clusters: [{name: c, cluster: {server: 'https://c', certificate-authority: pki/ca.crt}}]\n\
    users:\n\
    - {name: u, user: {tokenFile: token}}\n\
    - name: e\n  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/login, interactiveMode: Never}}\n\
    contexts: [{name: x, context: {cluster: c, user: u}}, {name: z, context: {cluster: c, user: e}}]\n\
    current-context: x\n";

#[test]
fn a_relative_kubeconfig_with_relative_files_survives_a_change_of_the_working_directory() {
    if let Ok(root) = std::env::var(INSIDE) {
        return inside(root.as_ref());
    }
    let folder = tempfile::tempdir().expect("a folder");
    // As the working directory will be called: temporary folders may be behind a link.
    let root = folder.path().canonicalize().expect("a path");
    for name in ["start/kube/pki", "elsewhere"] {
        std::fs::create_dir_all(root.join(name)).expect("a folder");
    }
    for (name, text) in [("config", KUBECONFIG), ("token", "tok\n"), ("pki/ca.crt", "ca")] {
        std::fs::write(root.join("start/kube").join(name), text).expect("a file");
    }
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_relative_kubeconfig_with_relative_files_survives_a_change_of_the_working_directory"])
        .current_dir(root.join("start"))
        .env("KUBECONFIG", "no/such/file:kube/config")
        .env(INSIDE, &root)
        .env_remove("KUBERNETES_SERVICE_HOST")
        .output()
        .expect("it is run");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
}

fn inside(root: &std::path::Path) {
    let kubeconfig = Kubeconfig::load().expect("a kubeconfig");
    let inferred = Config::infer().expect("a configuration");
    std::env::set_current_dir(root.join("elsewhere")).expect("a folder");

    // What was made a configuration before.
    let kube = root.join("start/kube");
    let Credentials::TokenFile { path, .. } = &inferred.credentials else { panic!("{inferred:?}") };
    assert_eq!(path, &kube.join("token"));
    let ca = inferred.ca.expect("a CA");
    assert_eq!(ca.file(), Some(kube.join("pki/ca.crt").as_path()));
    assert_eq!(ca.reread().expect("it is still found").as_bytes(), b"ca");

    // And what is made one afterwards.
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("its files are found");
    assert_eq!(config.credentials, inferred.credentials);
    let z = KubeconfigOptions { context: Some("z".to_owned()), ..KubeconfigOptions::default() };
    let config = Config::from_kubeconfig(&kubeconfig, &z).expect("good");
    let expected = ExecConfig { command: kube.join("bin/login"), ..ExecConfig::new("") };
    assert_eq!(config.credentials, Credentials::Exec(Box::new(expected)));

    // Changes go to the file that was read.
    Kubeconfig::modify_files(kubeconfig.files(), |kubeconfig| kubeconfig.current_context = Some("z".to_owned()))
        .expect("writable");
    let text = std::fs::read_to_string(kube.join("config")).expect("a file");
    assert!(text.contains("current-context: z") && text.contains("pki/ca.crt"), "{text}");
}

//! Kubeconfigs, good and broken, and service accounts.

mod broken;
mod clientcmd;
mod encodings;
mod infer;
mod kuberc;
mod modify;
mod properties;
mod secrets;
mod servers;
mod users;
mod view;

use std::error::Error as _;
use std::path::Path;

use tempfile::TempDir;

use super::environment::Environment;
use super::*;

const GOOD: &str = r#"
apiVersion: v1
kind: Config
preferences: {colors: true}
current-context: shop
clusters:
- name: prod
  cluster:
    server: https://10.0.0.1:6443/k8s/clusters/c-1
    certificate-authority: pki/ca.crt
    tls-server-name: kubernetes
    proxy-url: http://ann:s3cret@proxy.example:3128
    disable-compression: true
    future-field: {kept: [1, 2]}
users:
- name: ann
  user:
    client-certificate-data: Y2VydA==
    client-key-data: |
      a2
      V5
    token: t0ps3cret
    as: robot
    as-uid: "7"
    as-groups: [dev, ops]
    as-user-extra: {reason: [audit]}
contexts:
- name: shop
  context: {cluster: prod, user: ann, namespace: web}
- name: bare
  context: {cluster: prod}
extensions:
- {name: tool, extension: {a: 1}}
"#;

fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

fn environment(root: &Path) -> Environment {
    Environment {
        kubeconfig: None,
        home: Some(root.join("home")),
        service_host: None,
        service_port: None,
        service_account: root.join("sa"),
        pod_namespace: None,
        kuberc: None,
        kuberc_disabled: false,
    }
}

fn context(name: &str) -> KubeconfigOptions {
    KubeconfigOptions { context: Some(name.into()), ..Default::default() }
}

#[test]
fn a_kubeconfig_gives_everything_that_its_context_names() {
    let folder = folder_with(&[("config", GOOD), ("pki/ca.crt", "the ca")]);
    let kubeconfig = Kubeconfig::read(folder.path().join("config")).expect("a good kubeconfig");
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("a good context");

    assert_eq!(config.server, "https://10.0.0.1:6443/k8s/clusters/c-1");
    assert_eq!(config.namespace, "web");
    // Relative to the file, not to the working directory.
    assert_eq!(config.ca.expect("a CA").as_bytes(), b"the ca");
    assert_eq!(config.tls_server_name.as_deref(), Some("kubernetes"));
    assert!(!config.compression);
    let proxy = config.proxy.expect("a proxy");
    assert_eq!(proxy.url(), "http://proxy.example:3128/");
    assert_eq!(proxy.login(), Some(("ann", &SecretString::from("s3cret"))));
    let identity = config.client_identity.expect("a client certificate");
    assert_eq!((identity.certificate.as_bytes(), identity.key.as_bytes()), (&b"cert"[..], &b"key"[..]));
    assert_eq!(config.credentials, Credentials::Token("t0ps3cret".into()));
    let who = config.impersonate.expect("somebody to impersonate");
    assert_eq!((who.user.as_str(), who.uid.as_deref()), ("robot", Some("7")));
    assert_eq!(who.groups, ["dev", "ops"]);
    assert_eq!(who.extra["reason"], ["audit"]);
}

#[test]
fn another_context_cluster_or_user_can_be_asked_for() {
    let text = r#"
clusters: [{name: a, cluster: {server: "https://a"}}, {name: b, cluster: {server: "https://b:8080"}}]
users: [{name: one, user: {username: ann, password: pw}}, {name: two, user: {tokenFile: tok, token: old}}]
contexts: [{name: x, context: {cluster: a, user: one}}, {name: y, context: {cluster: b, user: two, namespace: ns}}]
current-context: x
"#;
    let kubeconfig = Kubeconfig::from_yaml(text).expect("a good kubeconfig");
    let get = |options| Config::from_kubeconfig(&kubeconfig, &options).expect("a good context");

    let current = get(KubeconfigOptions::default());
    assert_eq!((current.server.host(), current.namespace.as_str()), (Some("a"), "default"));
    assert_eq!(current.credentials, Credentials::Basic { username: "ann".into(), password: "pw".into() });

    let y = get(context("y"));
    assert_eq!((y.server.host(), y.namespace.as_str()), (Some("b"), "ns"));
    assert_eq!(y.credentials, Credentials::TokenFile { path: "tok".into(), fallback: Some("old".into()) });

    let mixed = get(KubeconfigOptions { cluster: Some("b".into()), user: Some("two".into()), ..Default::default() });
    assert_eq!(mixed.server.host(), Some("b"));
    assert!(matches!(mixed.credentials, Credentials::TokenFile { .. }));

    let anonymous = get(KubeconfigOptions { cluster: Some("b".into()), ..context("x") });
    assert_eq!(anonymous.server.host(), Some("b"));
}

#[test]
fn a_cluster_can_be_used_without_any_context() {
    let kubeconfig = Kubeconfig::from_yaml("clusters: [{name: a, cluster: {server: 'https://a'}}]").expect("good");
    let options = KubeconfigOptions { cluster: Some("a".into()), ..Default::default() };
    let config = Config::from_kubeconfig(&kubeconfig, &options).expect("a cluster is enough");
    assert_eq!(config.credentials, Credentials::None);
}

#[test]
fn unknown_fields_survive_reading_and_writing() {
    let kubeconfig = Kubeconfig::from_yaml(GOOD).expect("good");
    let written = kubeconfig.to_yaml().expect("writable");
    assert_eq!(Kubeconfig::from_yaml(&written).expect("readable"), kubeconfig);
    for kept in ["future-field", "colors", "extension", "t0ps3cret"] {
        assert!(written.contains(kept), "{kept} is lost in:\n{written}");
    }
}

#[test]
fn what_kubectl_writes_for_an_empty_config_is_empty() {
    for text in [
        "",
        "\n# nothing\n",
        "null",
        "apiVersion: v1\nkind: Config\nclusters: null\nusers: null\ncontexts: []\ncurrent-context: \"\"\n",
    ] {
        assert!(Kubeconfig::from_yaml(text).expect("good").is_empty(), "{text:?}");
    }
}

#[test]
fn the_first_file_that_sets_something_wins_and_missing_files_are_passed_over() {
    let folder = folder_with(&[
        (
            "a/config",
            "users: [{name: red, user: {token: a}}]\nclusters: [{name: c, cluster: {server: 'https://a', certificate-authority: ca}}]",
        ),
        ("a/ca", "ca of a"),
        (
            "b/config",
            "current-context: x\nusers: [{name: red, user: {token: b, as: someone}}, {name: blue, user: {token: blue}}]\ncontexts: [{name: x, context: {cluster: c, user: red}}]",
        ),
        ("c/config", "current-context: y\ncontexts: [{name: y, context: {cluster: c, user: blue}}]"),
    ]);
    let list = ["a", "missing", "b", "c"].map(|name| folder.path().join(name).join("config"));
    let environment = Environment {
        kubeconfig: Some(std::env::join_paths(list.iter().chain([&"".into()])).expect("a list")),
        ..environment(folder.path())
    };
    let kubeconfig = Kubeconfig::load_from(&environment).expect("good files");
    assert_eq!(kubeconfig.files().len(), 3);

    let config = Config::infer_from(&environment).expect("a good context");
    assert_eq!(config.credentials, Credentials::Token("a".into()));
    // The whole entry of the first file: what only the second one says of `red` does not count.
    assert_eq!(config.impersonate, None);
    assert_eq!(config.ca.expect("a CA").as_bytes(), b"ca of a");

    let y = Config::from_kubeconfig(&kubeconfig, &context("y")).expect("a context of the third file");
    assert_eq!(y.credentials, Credentials::Token("blue".into()));
}

#[test]
fn without_kubeconfig_variable_the_one_at_home_is_read() {
    let folder = folder_with(&[("home/.kube/config", GOOD)]);
    let kubeconfig = Kubeconfig::load_from(&environment(folder.path())).expect("good");
    assert_eq!(kubeconfig.files(), [folder.path().join("home/.kube/config")]);
}

#[test]
fn debug_shows_no_secret() {
    let text = "
users:
- name: a
  user: {token: sek1, password: sek2, client-key-data: sek3, exec: {env: [{value: sek4}]}, auth-provider: {config: {x: sek5}}, new: sek6}
clusters:
- {name: c, cluster: {server: 'https://c', proxy-url: 'http://u:sek7@p'}}
";
    let kubeconfig = Kubeconfig::from_yaml(text).expect("good");
    let options = KubeconfigOptions { cluster: Some("c".into()), ..Default::default() };
    let mut config = Config::from_kubeconfig(&kubeconfig, &options).expect("good");
    config.credentials = Credentials::TokenFile { path: "p".into(), fallback: Some("sek8".into()) };
    config.client_identity = Some(ClientIdentity { certificate: Pem::from_bytes("x"), key: Pem::from_bytes("sek9") });
    config.headers.insert("cookie", "sek10".parse().expect("a header"));
    config.server = "https://u:sek11@c".parse().expect("a URL");
    let shown = format!("{kubeconfig:?} {kubeconfig:#?} {config:?}");
    assert!(!shown.contains("sek") && shown.contains("cookie") && shown.contains("https://c"), "{shown}");
    // With the login it is refused.
    config.server = "https://c".parse().expect("a URL");
    let layer = crate::transport::layers::BaseLayer::new(&config).expect("good");
    assert!(!format!("{layer:?}").contains("sek"), "{layer:?}");
}

#[test]
fn of_a_kubeconfig_of_several_documents_the_first_counts() {
    let one =
        "apiVersion: v1\nkind: Config\ncurrent-context: one\nclusters: [{name: one, cluster: {server: 'https://a'}}]\n";
    let two = one.replace("one", "two");
    for text in [
        format!("{one}---\n"),
        format!("{one}---\n# the end\n"),
        format!("---\n{one}---\n{two}"),
        format!("# before\n---\n# between\n---\n{one}...\n"),
        // What follows is not even checked.
        format!("{one}---\n: [not YAML"),
    ] {
        let folder = folder_with(&[("config", &text)]);
        let kubeconfig = Kubeconfig::read(folder.path().join("config")).expect(&text);
        assert_eq!(kubeconfig.current_context.as_deref(), Some("one"), "{text}");
        assert_eq!(kubeconfig.clusters.len(), 1, "{text}");
    }
}

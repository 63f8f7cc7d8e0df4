//! What is used where nobody says what: kubeconfig or service account.

use super::*;

const CLUSTER: &str = "clusters: [{name: c, cluster: {server: 'https://c'}}]\n";
const CONTEXT: &str = "contexts: [{name: x, context: {cluster: c}}]\n";

fn pod(folder: &TempDir) -> Environment {
    Environment { service_host: Some("pod".into()), service_port: Some("443".into()), ..environment(folder.path()) }
}

#[test]
fn in_a_pod_a_kubeconfig_without_a_cluster_in_use_gives_way_to_the_service_account() {
    let current = "current-context: x\n";
    for (kubeconfig, host) in [
        (String::new(), "pod"),
        ("apiVersion: v1\nkind: Config\n".to_owned(), "pod"),
        // No context is current.
        (format!("{CLUSTER}{CONTEXT}"), "pod"),
        (format!("{CLUSTER}{CONTEXT}current-context: ''\n"), "pod"),
        ("users: [{name: u, user: {token: t}}]\n".to_owned(), "pod"),
        // It names no cluster that is there.
        (format!("{CONTEXT}{current}"), "pod"),
        (format!("{CLUSTER}contexts: [{{name: x, context: {{namespace: n}}}}]\n{current}"), "pod"),
        (format!("{CLUSTER}{CONTEXT}{current}"), "c"),
        // For client-go the empty name is one.
        (format!("{CLUSTER}contexts: [{{name: '', context: {{cluster: c}}}}]\n"), "c"),
    ] {
        let folder = folder_with(&[("home/.kube/config", &kubeconfig), ("sa/token", "tok"), ("sa/ca.crt", "ca")]);
        let config = Config::infer_from(&pod(&folder)).unwrap_or_else(|error| panic!("{kubeconfig}: {error}"));
        assert_eq!(config.server.host(), Some(host), "{kubeconfig}");
    }
}

#[test]
fn in_a_pod_a_kubeconfig_that_is_broken_is_an_error_all_the_same() {
    for kubeconfig in [
        "current-context: y\n".to_owned(),
        "clusters: [".to_owned(),
        format!("clusters: [{{name: c, cluster: {{}}}}]\n{CONTEXT}current-context: x\n"),
        format!("{CLUSTER}{}current-context: x\n", CONTEXT.replace("cluster: c", "cluster: c, user: u")),
    ] {
        let folder = folder_with(&[("home/.kube/config", &kubeconfig), ("sa/token", "tok"), ("sa/ca.crt", "ca")]);
        assert!(Config::infer_from(&pod(&folder)).is_err(), "{kubeconfig}");
    }
}

#[test]
fn outside_of_a_pod_the_error_says_what_the_kubeconfig_lacks() {
    for (kubeconfig, words) in [
        (format!("{CLUSTER}{CONTEXT}"), "current-context is not set"),
        (format!("{CONTEXT}current-context: x\n"), "cluster \"c\""),
    ] {
        let folder = folder_with(&[("home/.kube/config", &kubeconfig)]);
        let error = Config::infer_from(&environment(folder.path())).expect_err("no cluster");
        assert!(error.is_incomplete() && error.to_string().contains(words), "{error:?}");
        // Half of a pod is none.
        let error = Config::infer_from(&pod(&folder)).expect_err("no token");
        assert!(error.to_string().contains(words), "{error:?}");
    }
}

#[test]
fn in_a_pod_the_namespace_is_the_pods_where_the_context_names_none() {
    for (context, variable, namespace) in [
        ("{cluster: c}", None, "shop"),
        ("{cluster: c}", Some("variable"), "variable"),
        ("{cluster: c, namespace: web}", Some("variable"), "web"),
        ("{cluster: c, namespace: default}", None, "default"),
    ] {
        let kubeconfig = format!("{CLUSTER}contexts: [{{name: x, context: {context}}}]\ncurrent-context: x\n");
        let folder =
            folder_with(&[("home/.kube/config", &kubeconfig), ("sa/token", "tok"), ("sa/namespace", "shop\n")]);
        let inside = Environment { pod_namespace: variable.map(str::to_owned), ..pod(&folder) };
        let config = Config::infer_from(&inside).expect("good");
        assert_eq!((config.server.host(), config.namespace.as_str()), (Some("c"), namespace));
        let outside = Environment { service_host: None, ..inside };
        let config = Config::infer_from(&outside).expect("good");
        assert_eq!(config.namespace, if namespace == "web" { "web" } else { "default" });
    }
    let folder = folder_with(&[("sa/token", "tok"), ("sa/namespace", "shop\n"), ("sa/ca.crt", "ca")]);
    let inside = Environment { pod_namespace: Some("variable".into()), ..pod(&folder) };
    assert_eq!(Config::infer_from(&inside).expect("good").namespace, "variable");
}

#[test]
fn a_service_account_without_a_ca_leaves_the_systems_authorities() {
    let folder = folder_with(&[("sa/token", "tok")]);
    let config = Config::infer_from(&pod(&folder)).expect("good");
    assert_eq!((config.ca, config.namespace.as_str()), (None, "default"));
    let folder = folder_with(&[("sa/token", "tok"), ("sa/ca.crt/a-folder", "")]);
    assert!(Config::infer_from(&pod(&folder)).expect_err("a folder is no file").is_unreadable());
    // Its CA can be read again when it changes.
    let folder = folder_with(&[("sa/token", "tok"), ("sa/ca.crt", "ca")]);
    let ca = Config::infer_from(&pod(&folder)).expect("good").ca.expect("a CA");
    assert_eq!(ca.file(), Some(folder.path().join("sa/ca.crt").as_path()));
}

#[test]
fn a_list_of_empty_paths_names_no_kubeconfig_and_does_not_mean_the_one_at_home() {
    let folder = folder_with(&[("home/.kube/config", GOOD)]);
    let environment = Environment { kubeconfig: Some(":".into()), ..environment(folder.path()) };
    let error = Config::infer_from(&environment).expect_err("nothing is named");
    assert!(error.is_not_found() && error.to_string().contains("$KUBECONFIG names no file"), "{error:?}");
}

#[test]
fn in_a_pod_the_service_account_is_used_when_there_is_no_kubeconfig() {
    let cases = [("10.96.0.1", "10.96.0.1:443"), ("fd00::1", "[fd00::1]:443"), ("[fd00::1]", "[fd00::1]:443")];
    for (host, authority) in cases {
        let folder = folder_with(&[("sa/token", "tok\n"), ("sa/ca.crt", "ca"), ("sa/namespace", "shop\n")]);
        let pod = Environment {
            service_host: Some(host.into()),
            service_port: Some("443".into()),
            ..environment(folder.path())
        };
        let config = Config::infer_from(&pod).expect("a pod");
        assert_eq!(config.server.scheme_str(), Some("https"));
        assert_eq!(config.server.authority().map(|authority| authority.as_str()), Some(authority));
        assert_eq!(config.namespace, "shop");
        assert!(config.proxy.is_none() && config.proxy_from_environment, "its proxy is the one of the environment");
        assert_eq!(config.ca.expect("a CA").as_bytes(), b"ca");
        let path = folder.path().join("sa/token");
        assert_eq!(config.credentials, Credentials::TokenFile { path, fallback: Some("tok".into()) });
    }
}

#[test]
fn a_kubeconfig_goes_before_the_service_account_unless_it_is_empty() {
    let server = "clusters: [{name: c, cluster: {server: 'https://c'}}]\ncontexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n";
    for (text, host) in [(server, "c"), ("apiVersion: v1\nkind: Config\n", "pod")] {
        let folder = folder_with(&[("home/.kube/config", text), ("sa/token", "tok"), ("sa/ca.crt", "ca")]);
        let pod = Environment {
            service_host: Some("pod".into()),
            service_port: Some("443".into()),
            ..environment(folder.path())
        };
        assert_eq!(Config::infer_from(&pod).expect("good").server.host(), Some(host));
    }
}

#[test]
fn a_pod_without_a_readable_service_account_is_told_so() {
    let folder = folder_with(&[("sa/ca.crt", "ca")]);
    let pod =
        Environment { service_host: Some("h".into()), service_port: Some("1".into()), ..environment(folder.path()) };
    let error = Config::infer_from(&pod).expect_err("no token");
    assert!(error.is_unreadable(), "{error:?}");
    assert!(error.to_string().contains("automountServiceAccountToken"), "{error}");
    std::fs::write(folder.path().join("sa/token"), "\n").expect("a file");
    let error = Config::infer_from(&pod).expect_err("an empty token");
    assert!(error.is_invalid() && error.to_string().contains("empty"), "{error:?}");
}

#[test]
fn without_any_configuration_both_places_are_named() {
    let folder = folder_with(&[]);
    let error = Config::infer_from(&environment(folder.path())).expect_err("nothing there");
    assert!(error.is_not_found(), "{error:?}");
    for word in [".kube/config", "KUBECONFIG", "KUBERNETES_SERVICE_HOST"] {
        assert!(error.to_string().contains(word), "{word} is not in {error}");
    }
}

//! Whatever a file holds, reading it ends in a value or an error.

use proptest::prelude::*;

use super::*;

/// Pieces of kubeconfigs, put together in any way.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("clusters:"),
        Just("users:"),
        Just("contexts:"),
        Just("current-context: x"),
        Just("- name: x"),
        Just("- name: ''"),
        Just("  cluster: {server: 'https://h', proxy-url: 'socks5://p'}"),
        Just("  cluster: {server: 'h:1', certificate-authority-data: '%'}"),
        Just("  cluster: {server: '://'}"),
        Just("  context: {cluster: x, user: x}"),
        Just("  user: {exec: {command: ./x, apiVersion: client.authentication.k8s.io/v1}}"),
        Just("  user: {exec: {env: [{}], args: null}}"),
        Just("  user: {auth-provider: {name: oidc, config: {client-id: 1}}}"),
        Just("  user: {as-groups: [a], as-user-extra: {a: null}}"),
        Just("  user: null"),
        Just("---"),
        Just("# comment"),
        Just("<<: *a"),
        Just("x: &a {b: *a}"),
        Just("extensions: [1, {name: 2}]"),
        Just("preferences: !!binary A"),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|lines| lines.join("\n"))
}

/// The same for kubercs.
fn kubercs() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("apiVersion: kubectl.config.k8s.io/v1beta1"),
        Just("apiVersion: kubectl.config.k8s.io/v1alpha1"),
        Just("kind: Preference"),
        Just("credentialPluginPolicy: Allowlist"),
        Just("credentialPluginPolicy: [1]"),
        Just("credentialPluginAllowlist: [{command: a}, {name: ../b}]"),
        Just("credentialPluginAllowlist: [null, {}]"),
        Just("credentialPluginAllowlist:"),
        Just("- command: /a/b"),
        Just("---"),
        Just("- 1"),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|lines| lines.join("\n"))
}

fn read(bytes: &[u8]) {
    let Ok(kubeconfig) = Kubeconfig::from_slice(bytes) else { return };
    let _ = format!("{kubeconfig:?}");
    let names: Vec<_> = kubeconfig.contexts.iter().map(|entry| Some(entry.name.clone())).chain([None]).collect();
    for context in names {
        let options = KubeconfigOptions { context, ..Default::default() };
        if let Ok(config) = Config::from_kubeconfig(&kubeconfig, &options) {
            let _ = format!("{config:?}");
        }
    }
    // What can be read can be written, and is then the same.
    let written = kubeconfig.to_yaml().expect("writable");
    assert_eq!(Kubeconfig::from_yaml(&written).expect("readable"), kubeconfig, "{written}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_reading_a_kubeconfig_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }

    #[test]
    fn no_pieces_of_kubeconfigs_make_reading_one_panic(text in pieces()) {
        read(text.as_bytes());
        for mark in [[0xff, 0xfe], [0xfe, 0xff]] {
            read(&[&mark, text.as_bytes()].concat());
        }
    }

    #[test]
    fn no_pieces_of_a_kuberc_make_reading_it_panic(text in kubercs()) {
        let folder = folder_with(&[("kuberc", &text)]);
        let _ = ExecPolicy::read_kuberc(folder.path().join("kuberc"));
    }

    #[test]
    fn no_server_or_proxy_makes_reading_it_panic(server in "\\PC*|https?://[\\[\\]:/?#@%a0-9.-]*", proxy in "\\PC*") {
        let cluster = Cluster { server: Some(server), proxy_url: Some(proxy.clone()), ..Default::default() };
        let mut kubeconfig = Kubeconfig::default();
        kubeconfig.clusters.push(NamedCluster::new("", cluster));
        let _ = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default());
        let _ = Proxy::parse(&proxy);
    }
}
